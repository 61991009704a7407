//! A registry's authorisations, and the registry's statements at everybody else.

use domain::{ClassId, PartyId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::log::{signed, unsigned};
use crate::{Error, Store};

/// An authorisation as it stands after an event.
#[derive(Clone)]
pub struct NewAuthorisation {
    /// Its number.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// The hash of its record, as text.
    pub record_hash: String,
    /// Its state, as one word.
    pub state: String,
    /// About whom, as a pseudonym.
    pub subject: [u8; 32],
    /// For whom.
    pub lender: PartyId,
    /// Over whom.
    pub platform: PartyId,
    /// Which classes its scope has.
    pub classes: Vec<ClassId>,
    /// Its term, milliseconds since the Unix epoch.
    pub not_before_ms: i64,
    /// Its term's end, likewise.
    pub not_after_ms: i64,
    /// Everything that happened to it, as JSON.
    pub history: String,
    /// The record as the subject signed it.
    pub envelope: Vec<u8>,
    /// What the registry's log has about its state.
    pub leaf: Vec<u8>,
    /// When.
    pub changed_ms: i64,
}

/// An authorisation as the registry has it.
#[derive(Clone)]
pub struct StoredAuthorisation {
    /// Its number.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// The hash of its record, as text.
    pub record_hash: String,
    /// Its state, as one word.
    pub state: String,
    /// For whom.
    pub lender: PartyId,
    /// Over whom.
    pub platform: PartyId,
    /// Its term's end, milliseconds since the Unix epoch.
    pub not_after_ms: i64,
    /// Everything that happened to it, as JSON.
    pub history: String,
    /// The record as the subject signed it.
    pub envelope: Vec<u8>,
    /// Where its last event lies in the registry's log.
    pub seq: u64,
    /// When that was.
    pub changed_ms: i64,
}

/// A statement of the registry that a decision rests on.
#[derive(Clone)]
pub struct StoredStatement {
    /// When the registry made it, milliseconds since the Unix epoch.
    pub issued_ms: i64,
    /// Whether it came in a bundle.
    pub bundled: bool,
    /// A DSSE envelope, as JSON.
    pub envelope: Vec<u8>,
}

impl Store {
    /// The authorisation of this number.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn authorisation(&self, id: &str) -> Result<Option<StoredAuthorisation>, Error> {
        let row = sqlx::query("SELECT * FROM authorisations WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(stored).transpose()
    }

    /// Authorisations whose number comes after `after`, in order, at most `limit`; for one lender
    /// only, or for all.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn authorisations(
        &self,
        lender: Option<&PartyId>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<StoredAuthorisation>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM authorisations WHERE id > ?1 AND (?2 IS NULL OR lender = ?2)
             ORDER BY id LIMIT ?3",
        )
        .bind(after)
        .bind(lender.map(PartyId::as_str))
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(stored).collect()
    }

    /// How many subjects have an authorisation in this state for this lender that is in force now
    /// and has one of these classes in its scope.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn authorised_subjects(
        &self,
        lender: &PartyId,
        classes: &[ClassId],
        state: &str,
        now_ms: i64,
    ) -> Result<u64, Error> {
        let classes =
            serde_json::to_string(classes).map_err(|_| Error::Garbled("a class's number"))?;
        let row = sqlx::query(
            "SELECT COUNT(DISTINCT subject) AS subjects FROM authorisations
             WHERE lender = ? AND state = ? AND not_before_ms <= ?3 AND not_after_ms > ?3
               AND EXISTS (SELECT 1 FROM json_each(classes) AS held, json_each(?4) AS wanted
                           WHERE held.value = wanted.value)",
        )
        .bind(lender.as_str())
        .bind(state)
        .bind(now_ms)
        .bind(classes)
        .fetch_one(&self.pool)
        .await?;
        unsigned(row.try_get("subjects")?)
    }

    /// Keeps a registry's statement, unless a newer one of the same registry is there.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn keep_statement(
        &self,
        registry: &PartyId,
        authorisation: &str,
        statement: &StoredStatement,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO statements (registry, authorisation, issued_ms, bundled, envelope)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (registry, authorisation) DO UPDATE
               SET issued_ms = ?3, bundled = ?4, envelope = ?5 WHERE issued_ms <= ?3",
        )
        .bind(registry.as_str())
        .bind(authorisation)
        .bind(statement.issued_ms)
        .bind(statement.bundled)
        .bind(&statement.envelope)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A registry's newest statement about an authorisation.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn statement(
        &self,
        registry: &PartyId,
        authorisation: &str,
    ) -> Result<Option<StoredStatement>, Error> {
        let row = sqlx::query("SELECT * FROM statements WHERE registry = ? AND authorisation = ?")
            .bind(registry.as_str())
            .bind(authorisation)
            .fetch_optional(&self.pool)
            .await?;
        let read = |row: SqliteRow| {
            Ok(StoredStatement {
                issued_ms: row.try_get("issued_ms")?,
                bundled: row.try_get("bundled")?,
                envelope: row.try_get("envelope")?,
            })
        };
        row.map(read).transpose()
    }
}

pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    new: &NewAuthorisation,
    seq: u64,
) -> Result<(), Error> {
    let classes = serde_json::to_string(&new.classes).map_err(|_| Error::Garbled("classes"))?;
    sqlx::query(
        "INSERT INTO authorisations (id, version, record_hash, state, subject, lender, platform,
           classes, not_before_ms, not_after_ms, history, envelope, seq, changed_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         ON CONFLICT (id) DO UPDATE SET version = ?2, record_hash = ?3, state = ?4, classes = ?8,
           not_before_ms = ?9, not_after_ms = ?10, history = ?11, envelope = ?12, seq = ?13,
           changed_ms = ?14",
    )
    .bind(&new.id)
    .bind(new.version)
    .bind(&new.record_hash)
    .bind(&new.state)
    .bind(new.subject.as_slice())
    .bind(new.lender.as_str())
    .bind(new.platform.as_str())
    .bind(classes)
    .bind(new.not_before_ms)
    .bind(new.not_after_ms)
    .bind(&new.history)
    .bind(&new.envelope)
    .bind(signed(seq)?)
    .bind(new.changed_ms)
    .execute(connection)
    .await?;
    Ok(())
}

fn stored(row: &SqliteRow) -> Result<StoredAuthorisation, Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let party = |column: &'static str| text(column)?.parse().map_err(|_| Error::Garbled(column));
    Ok(StoredAuthorisation {
        id: text("id")?,
        version: row.try_get("version")?,
        record_hash: text("record_hash")?,
        state: text("state")?,
        lender: party("lender")?,
        platform: party("platform")?,
        not_after_ms: row.try_get("not_after_ms")?,
        history: text("history")?,
        envelope: row.try_get("envelope")?,
        seq: unsigned(row.try_get("seq")?)?,
        changed_ms: row.try_get("changed_ms")?,
    })
}
