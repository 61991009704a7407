//! Models as they are registered, and what holders have said of them.

use domain::{ModelId, ModelState, PartyId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::{Error, ModelPart, Store};

/// A registered model, seen from this party's part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRegistration {
    /// Salted hash of the scorecard: the registration's name.
    pub digest: [u8; 32],
    /// Platform or holder.
    pub part: ModelPart,
    /// The model.
    pub model: ModelId,
    /// Who registers it.
    pub platform: PartyId,
    /// JSON. Platform: the scorecard and who fills its slots. Holder: its part.
    pub document: String,
    /// Holder: the registration as signed so far. Platform: nothing.
    pub envelope: Vec<u8>,
    /// Where it stands.
    pub state: ModelState,
    /// Why it was refused or retired, in an operator's words.
    pub reason: String,
    /// When that was last decided.
    pub changed_ms: i64,
}

/// What a holder has said of a registered model, as its platform knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countersignature {
    /// The registration.
    pub registration: [u8; 32],
    /// The holder.
    pub holder: PartyId,
    /// Asked, countersigned or refused.
    pub state: ModelState,
    /// The registration as signed so far.
    pub envelope: Vec<u8>,
    /// Why it refuses.
    pub reason: String,
    /// When it said so.
    pub changed_ms: i64,
}

impl Store {
    /// The registration with this digest.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn registration(
        &self,
        digest: &[u8; 32],
    ) -> Result<Option<StoredRegistration>, Error> {
        let row = sqlx::query("SELECT * FROM registrations WHERE digest = ?")
            .bind(hex::encode(digest))
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(stored).transpose()
    }

    /// Every registration, newest first.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn registrations(&self) -> Result<Vec<StoredRegistration>, Error> {
        let rows = sqlx::query("SELECT * FROM registrations ORDER BY created_ms DESC, rowid DESC")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(stored).collect()
    }

    /// What each holder has said of a registration, by name.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn countersignatures(
        &self,
        registration: &[u8; 32],
    ) -> Result<Vec<Countersignature>, Error> {
        let rows =
            sqlx::query("SELECT * FROM countersignatures WHERE registration = ? ORDER BY holder")
                .bind(hex::encode(registration))
                .fetch_all(&self.pool)
                .await?;
        rows.iter().map(countersignature).collect()
    }
}

/// Writes a registration inside a commit; a name that is taken by another one is refused.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    registration: &StoredRegistration,
) -> Result<(), Error> {
    let StoredRegistration { digest, part, model, platform, .. } = registration;
    let StoredRegistration { document, envelope, state, reason, changed_ms, .. } = registration;
    let written = sqlx::query(
        "INSERT INTO registrations
         (digest, part, model, platform, document, envelope, state, reason, created_ms, changed_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (digest) DO UPDATE SET
           envelope = excluded.envelope, state = excluded.state, reason = excluded.reason,
           changed_ms = excluded.changed_ms",
    )
    .bind(hex::encode(digest))
    .bind(part.to_string())
    .bind(model.to_string())
    .bind(platform.as_str())
    .bind(document)
    .bind(envelope)
    .bind(state.code())
    .bind(reason)
    .bind(*changed_ms)
    .bind(*changed_ms)
    .execute(connection)
    .await;
    match written {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(Error::ModelExists),
        Err(error) => Err(error.into()),
    }
}

/// Writes what a holder has said, inside a commit.
pub(crate) async fn keep_countersignature(
    connection: &mut SqliteConnection,
    said: &Countersignature,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT OR REPLACE INTO countersignatures
         (registration, holder, state, envelope, reason, changed_ms) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(hex::encode(said.registration))
    .bind(said.holder.as_str())
    .bind(said.state.code())
    .bind(&said.envelope)
    .bind(&said.reason)
    .bind(said.changed_ms)
    .execute(connection)
    .await?;
    Ok(())
}

fn stored(row: &SqliteRow) -> Result<StoredRegistration, Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let garbled = Error::Garbled;
    Ok(StoredRegistration {
        digest: digest(row, "digest")?,
        part: text("part")?.parse()?,
        model: text("model")?.parse().map_err(|_| garbled("registrations.model"))?,
        platform: text("platform")?.parse().map_err(|_| garbled("registrations.platform"))?,
        document: text("document")?,
        envelope: row.try_get("envelope")?,
        state: text("state")?.parse().map_err(|_| garbled("registrations.state"))?,
        reason: text("reason")?,
        changed_ms: row.try_get("changed_ms")?,
    })
}

fn countersignature(row: &SqliteRow) -> Result<Countersignature, Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let garbled = Error::Garbled;
    Ok(Countersignature {
        registration: digest(row, "registration")?,
        holder: text("holder")?.parse().map_err(|_| garbled("countersignatures.holder"))?,
        state: text("state")?.parse().map_err(|_| garbled("countersignatures.state"))?,
        envelope: row.try_get("envelope")?,
        reason: text("reason")?,
        changed_ms: row.try_get("changed_ms")?,
    })
}

pub(crate) fn digest(row: &SqliteRow, column: &'static str) -> Result<[u8; 32], Error> {
    let mut digest = [0; 32];
    let digits: String = row.try_get(column)?;
    hex::decode_to_slice(digits, &mut digest).map_err(|_| Error::Garbled(column))?;
    Ok(digest)
}
