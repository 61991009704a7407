//! Checkpoints that other parties have deposited here.

use domain::PartyId;
use sqlx::Row;

use crate::log::{signed, unsigned};
use crate::{Error, Store};

/// The last checkpoint that this party has of another's audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDeposit {
    /// Whose log.
    pub origin: PartyId,
    /// How many records it had.
    pub size: u64,
    /// The signed note.
    pub note: String,
    /// When it came.
    pub kept_ms: i64,
    /// What was wrong with a later one, once something was.
    pub alarm: Option<String>,
}

impl Store {
    /// The last checkpoint of every party that has deposited one.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn deposits(&self) -> Result<Vec<StoredDeposit>, Error> {
        let rows =
            sqlx::query("SELECT * FROM deposits ORDER BY origin").fetch_all(&self.pool).await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            let origin: String = row.try_get("origin")?;
            Ok(StoredDeposit {
                origin: origin.parse().map_err(|_| Error::Garbled("deposits.origin"))?,
                size: unsigned(row.try_get("size")?)?,
                note: row.try_get("note")?,
                kept_ms: row.try_get("kept_ms")?,
                alarm: row.try_get("alarm")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Keeps a checkpoint in place of the last one of the same party.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn keep_deposit(&self, deposit: &StoredDeposit) -> Result<(), Error> {
        sqlx::query(
            "INSERT OR REPLACE INTO deposits (origin, size, note, kept_ms, alarm)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(deposit.origin.as_str())
        .bind(signed(deposit.size)?)
        .bind(&deposit.note)
        .bind(deposit.kept_ms)
        .bind(deposit.alarm.as_deref())
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
