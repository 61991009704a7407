//! What a lender's questions about a subject could have told.

use domain::PartyId;
use sqlx::{Row, SqliteConnection};

use crate::{Error, Store};

/// The questions of one lender about one subject in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDisclosure {
    /// When the period began: with its first question.
    pub began_ms: i64,
    /// What was asked, as JSON, by field.
    pub asked: String,
}

impl Store {
    /// What this lender has asked about this subject in the period that it last began.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn disclosure(
        &self,
        lender: &PartyId,
        subject: &[u8; 32],
    ) -> Result<Option<StoredDisclosure>, Error> {
        let row =
            sqlx::query("SELECT began_ms, asked FROM disclosures WHERE lender = ? AND subject = ?")
                .bind(lender.as_str())
                .bind(subject.as_slice())
                .fetch_optional(&self.pool)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let (began_ms, asked) = (row.try_get("began_ms")?, row.try_get("asked")?);
        Ok(Some(StoredDisclosure { began_ms, asked }))
    }
}

pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    lender: &PartyId,
    subject: &[u8; 32],
    disclosure: &StoredDisclosure,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO disclosures (lender, subject, began_ms, asked) VALUES (?, ?, ?, ?)
         ON CONFLICT (lender, subject) DO UPDATE SET began_ms = excluded.began_ms, asked = excluded.asked",
    )
    .bind(lender.as_str())
    .bind(subject.as_slice())
    .bind(disclosure.began_ms)
    .bind(&disclosure.asked)
    .execute(connection)
    .await?;
    Ok(())
}
