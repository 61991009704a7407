//! Checkpoints that other parties have deposited here, what was wrong with any, and our own deposits.

use domain::PartyId;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::log::{signed, unsigned};
use crate::{Error, Store};

/// The last good checkpoint that this party has of another's audit log.
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
}

/// What was wrong with a log. It stays, whatever is deposited afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAlarm {
    /// Whose log.
    pub origin: PartyId,
    /// What was wrong, as one stable word.
    pub code: String,
    /// The first signed note that it was raised by.
    pub note: String,
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
    /// When it was first raised.
    pub first_ms: i64,
    /// When it was last raised.
    pub last_ms: i64,
    /// How often.
    pub times: u64,
}

impl Store {
    /// The last good checkpoint of every party that has deposited one.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn deposits(&self) -> Result<Vec<StoredDeposit>, Error> {
        let rows =
            sqlx::query("SELECT * FROM deposits ORDER BY origin").fetch_all(&self.pool).await?;
        let read = |row: &SqliteRow| {
            Ok(StoredDeposit {
                origin: origin(row)?,
                size: unsigned(row.try_get("size")?)?,
                note: row.try_get("note")?,
                kept_ms: row.try_get("kept_ms")?,
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
            "INSERT OR REPLACE INTO deposits (origin, size, note, kept_ms) VALUES (?, ?, ?, ?)",
        )
        .bind(deposit.origin.as_str())
        .bind(signed(deposit.size)?)
        .bind(&deposit.note)
        .bind(deposit.kept_ms)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Every alarm about a log, by party, the first first.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn alarms(&self) -> Result<Vec<StoredAlarm>, Error> {
        let rows = sqlx::query("SELECT * FROM deposit_alarms ORDER BY origin, first_ms, code")
            .fetch_all(&self.pool)
            .await?;
        let read = |row: &SqliteRow| {
            Ok(StoredAlarm {
                origin: origin(row)?,
                code: row.try_get("code")?,
                note: row.try_get("note")?,
                en: row.try_get("en")?,
                zh: row.try_get("zh")?,
                first_ms: row.try_get("first_ms")?,
                last_ms: row.try_get("last_ms")?,
                times: unsigned(row.try_get("times")?)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Raises an alarm: the first of a kind about a log stands, the others are counted.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn raise_alarm(&self, alarm: &StoredAlarm) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO deposit_alarms (origin, code, note, en, zh, first_ms, last_ms, times)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (origin, code) DO UPDATE SET last_ms = ?7, times = times + ?8",
        )
        .bind(alarm.origin.as_str())
        .bind(&alarm.code)
        .bind(&alarm.note)
        .bind(&alarm.en)
        .bind(&alarm.zh)
        .bind(alarm.first_ms)
        .bind(alarm.last_ms)
        .bind(signed(alarm.times)?)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// When this party last deposited a checkpoint with a supervisor, if it ever did.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn deposited(&self, supervisor: &PartyId) -> Result<Option<i64>, Error> {
        let row = sqlx::query("SELECT deposited_ms FROM own_deposits WHERE supervisor = ?")
            .bind(supervisor.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok(row.try_get("deposited_ms")?)).transpose()
    }

    /// Notes that a supervisor has kept a checkpoint of ours.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn note_deposited(
        &self,
        supervisor: &PartyId,
        size: u64,
        deposited_ms: i64,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT OR REPLACE INTO own_deposits (supervisor, size, deposited_ms) VALUES (?, ?, ?)",
        )
        .bind(supervisor.as_str())
        .bind(signed(size)?)
        .bind(deposited_ms)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

fn origin(row: &SqliteRow) -> Result<PartyId, Error> {
    let origin: String = row.try_get("origin")?;
    origin.parse().map_err(|_| Error::Garbled("deposits.origin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_alarm_stays_as_it_was_first_raised_and_no_good_checkpoint_takes_it_away() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("party.db")).await.unwrap();
        let origin: PartyId = "tax".parse().unwrap();
        for (note, at) in [("first", 5), ("second", 9)] {
            let alarm = StoredAlarm {
                origin: origin.clone(),
                code: "LOG_FORKED".into(),
                note: note.into(),
                en: "forked".into(),
                zh: "分叉".into(),
                first_ms: at,
                last_ms: at,
                times: 1,
            };
            store.raise_alarm(&alarm).await.unwrap();
        }
        let good = StoredDeposit { origin, size: 4, note: "good".into(), kept_ms: 11 };
        store.keep_deposit(&good).await.unwrap();
        let alarms = store.alarms().await.unwrap();
        assert_eq!(alarms.len(), 1);
        let alarm = &alarms[0];
        assert_eq!((&*alarm.note, alarm.first_ms, alarm.last_ms, alarm.times), ("first", 5, 9, 2));
        assert_eq!(store.deposits().await.unwrap(), [good]);
    }
}
