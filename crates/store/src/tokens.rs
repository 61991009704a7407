//! Tokens of the party's own staff, each by the hash of its secret.

use domain::{StaffRole, TokenName};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::{Error, Store};

/// A token as the store knows it: never its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// What the log calls whoever bears it.
    pub name: TokenName,
    /// What whoever bears it may do.
    pub role: StaffRole,
    /// The hash of its secret.
    pub hash: [u8; 32],
    /// When it was made.
    pub made_ms: i64,
    /// The token under which it was made, if it was made under one.
    pub made_by: Option<TokenName>,
    /// When it ends.
    pub expires_ms: i64,
    /// When it was revoked, if it was.
    pub revoked_ms: Option<i64>,
    /// The last call under it, as far as that was written down.
    pub used_ms: Option<i64>,
}

impl Store {
    /// Every token that was ever made, newest first.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn tokens(&self) -> Result<Vec<StoredToken>, Error> {
        let rows = sqlx::query("SELECT * FROM tokens ORDER BY made_ms DESC, rowid DESC")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(stored).collect()
    }

    /// Writes down when a token was last used.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn token_used(&self, name: &TokenName, used_ms: i64) -> Result<(), Error> {
        sqlx::query("UPDATE tokens SET used_ms = ? WHERE name = ?")
            .bind(used_ms)
            .bind(name.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// Writes a new token inside a commit, or that one has been revoked. Of a token that is there nothing
/// else changes: a name stands for one secret and one role for good.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    token: &StoredToken,
) -> Result<(), Error> {
    let StoredToken { name, role, hash, made_ms, made_by, expires_ms, revoked_ms, used_ms } = token;
    let written = sqlx::query(
        "INSERT INTO tokens
         (name, role, hash, made_ms, made_by, expires_ms, revoked_ms, used_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET revoked_ms = excluded.revoked_ms
         WHERE hash = excluded.hash AND revoked_ms IS NULL",
    )
    .bind(name.as_str())
    .bind(role.code())
    .bind(hash.as_slice())
    .bind(made_ms)
    .bind(made_by.as_ref().map(TokenName::as_str))
    .bind(expires_ms)
    .bind(revoked_ms)
    .bind(used_ms)
    .execute(connection)
    .await?;
    if written.rows_affected() == 0 { Err(Error::TokenExists) } else { Ok(()) }
}

fn stored(row: &SqliteRow) -> Result<StoredToken, Error> {
    let garbled = Error::Garbled;
    let text = |column: &str| row.try_get::<String, _>(column);
    let made_by: Option<String> = row.try_get("made_by")?;
    let hash: Vec<u8> = row.try_get("hash")?;
    Ok(StoredToken {
        name: text("name")?.parse().map_err(|_| garbled("tokens.name"))?,
        role: text("role")?.parse().map_err(|_| garbled("tokens.role"))?,
        hash: hash.try_into().map_err(|_| garbled("tokens.hash"))?,
        made_ms: row.try_get("made_ms")?,
        made_by: made_by
            .map(|name| name.parse())
            .transpose()
            .map_err(|_| garbled("tokens.made_by"))?,
        expires_ms: row.try_get("expires_ms")?,
        revoked_ms: row.try_get("revoked_ms")?,
        used_ms: row.try_get("used_ms")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Draft, Drafted};

    fn token(name: &str, hash: u8) -> StoredToken {
        StoredToken {
            name: name.parse().unwrap(),
            role: StaffRole::Auditor,
            hash: [hash; 32],
            made_ms: hash.into(),
            made_by: None,
            expires_ms: 1_000,
            revoked_ms: None,
            used_ms: None,
        }
    }

    fn keeping(token: StoredToken) -> Draft {
        Box::new(move |_| Drafted { token: Some(token), ..b"record".to_vec().into() })
    }

    #[tokio::test]
    async fn a_token_is_revoked_once_and_its_name_never_stands_for_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("party.db");
        let store = Store::open(&path).await.unwrap();
        let (li, made) = (token("li", 1), token("li", 2));
        store.append(keeping(li.clone())).await.unwrap();
        for taken in [made.clone(), StoredToken { role: StaffRole::Operator, ..made }] {
            assert!(matches!(store.append(keeping(taken)).await, Err(Error::TokenExists)));
        }
        let under = StoredToken { made_by: Some(li.name.clone()), ..token("wang", 3) };
        store.append(keeping(under.clone())).await.unwrap();
        store.token_used(&li.name, 70).await.unwrap();
        let revoked = StoredToken { revoked_ms: Some(90), role: StaffRole::Operator, ..li.clone() };
        store.append(keeping(revoked.clone())).await.unwrap();
        let again = StoredToken { revoked_ms: None, ..revoked };
        assert!(matches!(store.append(keeping(again)).await, Err(Error::TokenExists)));
        store.close().await;
        let store = Store::open(&path).await.unwrap();
        let gone = StoredToken { revoked_ms: Some(90), used_ms: Some(70), ..li };
        assert_eq!(store.tokens().await.unwrap(), [under, gone]);
        assert_eq!(store.head(crate::Log::Audit).await.unwrap().size, 3, "none without its record");
    }
}
