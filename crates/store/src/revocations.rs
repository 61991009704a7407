//! Lists of keys that identity issuers have revoked.

use domain::PartyId;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::log::{signed, unsigned};
use crate::{Error, Store};

/// The newest list of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRevocations {
    /// Whose list.
    pub issuer: PartyId,
    /// Its number.
    pub number: u64,
    /// A DSSE envelope, as JSON.
    pub envelope: Vec<u8>,
    /// When this party took it in.
    pub taken_ms: i64,
}

impl Store {
    /// The newest list of every issuer that has one.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn key_revocations(&self) -> Result<Vec<StoredRevocations>, Error> {
        let rows = sqlx::query("SELECT * FROM key_revocations ORDER BY issuer")
            .fetch_all(&self.pool)
            .await?;
        let read = |row: &SqliteRow| {
            let issuer: String = row.try_get("issuer")?;
            Ok(StoredRevocations {
                issuer: issuer.parse().map_err(|_| Error::Garbled("key_revocations.issuer"))?,
                number: unsigned(row.try_get("number")?)?,
                envelope: row.try_get("envelope")?,
                taken_ms: row.try_get("taken_ms")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// An issuer's list, as it was signed, if its number is higher than this one.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn newer_key_revocations(
        &self,
        issuer: &str,
        number: u64,
    ) -> Result<Option<Vec<u8>>, Error> {
        // No list has a number that does not fit.
        let Ok(number) = signed(number) else { return Ok(None) };
        let newer = sqlx::query_scalar(
            "SELECT envelope FROM key_revocations WHERE issuer = ? AND number > ?",
        );
        Ok(newer.bind(issuer).bind(number).fetch_optional(&self.pool).await?)
    }

    /// Keeps an issuer's list, unless one with as high a number is there.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn keep_key_revocations(&self, list: &StoredRevocations) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO key_revocations (issuer, number, envelope, taken_ms)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (issuer) DO UPDATE SET number = ?2, envelope = ?3, taken_ms = ?4
               WHERE number < ?2",
        )
        .bind(list.issuer.as_str())
        .bind(signed(list.number)?)
        .bind(&list.envelope)
        .bind(list.taken_ms)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_list_gives_way_to_a_higher_number_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("party.db")).await.unwrap();
        for (number, content) in [(2, b"two"), (1, b"one"), (2, b"too")] {
            let list = StoredRevocations {
                issuer: "licences".parse().unwrap(),
                number,
                envelope: content.to_vec(),
                taken_ms: 0,
            };
            store.keep_key_revocations(&list).await.unwrap();
        }
        let kept = store.key_revocations().await.unwrap();
        assert_eq!((kept.len(), kept[0].number, &*kept[0].envelope), (1, 2, &b"two"[..]));
    }

    #[tokio::test]
    async fn a_list_is_found_for_whoever_has_an_older_one_of_its_issuer() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("party.db")).await.unwrap();
        for (issuer, number, content) in [("licences", 2, b"two"), ("notaries", 9, b"nin")] {
            let list = StoredRevocations {
                issuer: issuer.parse().unwrap(),
                number,
                envelope: content.to_vec(),
                taken_ms: 0,
            };
            store.keep_key_revocations(&list).await.unwrap();
        }
        let newer = async |issuer, number| store.newer_key_revocations(issuer, number).await;
        assert_eq!(newer("licences", 1).await.unwrap().as_deref(), Some(&b"two"[..]));
        assert_eq!(newer("licences", 0).await.unwrap().as_deref(), Some(&b"two"[..]));
        for (issuer, number) in [("licences", 2), ("licences", u64::MAX), ("nobody", 0)] {
            assert_eq!(newer(issuer, number).await.unwrap(), None, "{issuer} {number}");
        }
    }
}
