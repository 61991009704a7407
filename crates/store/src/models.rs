//! Models as published to lenders, and each party's part in them.

use std::fmt;
use std::str::FromStr;

use domain::{ModelId, PartyId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::{Error, Store};

/// A party's part in a published model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelPart {
    /// Holds the scorecard and the lender's public key.
    Platform,
    /// Opens the scores.
    Lender,
    /// Holds the encrypted points of its features.
    Holder,
}

/// A model as published to one lender.
#[derive(Clone)]
pub struct StoredModel {
    /// Salted hash of the scorecard: the publication's name.
    pub digest: [u8; 32],
    /// This party's part.
    pub part: ModelPart,
    /// The model.
    pub model: ModelId,
    /// For whom.
    pub lender: PartyId,
    /// By whom.
    pub platform: PartyId,
    /// The registration that it publishes.
    pub registration: [u8; 32],
    /// Lender: whether the platform has said that it is out of use.
    pub retired: bool,
    /// Every holder, in the order of the sum.
    pub holders: Vec<PartyId>,
    /// JSON: what this part may know of the scorecard.
    pub facts: String,
    /// Platform: the lender's public key. Holder: the encrypted points. Lender: nothing.
    pub content: Vec<u8>,
}

impl Store {
    /// Keeps a published model, in place of an earlier one with the same digest.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn keep_model(&self, model: &StoredModel, now_ms: i64) -> Result<(), Error> {
        keep(&mut *self.pool.acquire().await?, model, now_ms).await
    }

    /// The model with this digest.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn model(&self, digest: &[u8; 32]) -> Result<Option<StoredModel>, Error> {
        let row = sqlx::query("SELECT * FROM models WHERE digest = ?")
            .bind(hex::encode(digest))
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(stored).transpose()
    }

    /// Remembers that a platform has taken what hangs on this registration out of use.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn retire_models(
        &self,
        platform: &PartyId,
        registration: &[u8; 32],
    ) -> Result<(), Error> {
        sqlx::query("UPDATE models SET retired = 1 WHERE platform = ? AND registration = ?")
            .bind(platform.as_str())
            .bind(hex::encode(registration))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Every model, newest first, without its content.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn models(&self) -> Result<Vec<StoredModel>, Error> {
        let rows = sqlx::query(
            "SELECT digest, part, model, lender, platform, registration, retired, holders, facts,
               x'' AS content
             FROM models ORDER BY created_ms DESC, rowid DESC",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(stored).collect()
    }
}

/// Writes a published model inside a commit.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    model: &StoredModel,
    now_ms: i64,
) -> Result<(), Error> {
    let holders = serde_json::to_string(&model.holders).map_err(|_| Error::Garbled("holders"))?;
    sqlx::query(
        "INSERT OR REPLACE INTO models
         (digest, part, model, lender, platform, registration, retired, holders, facts, content,
          created_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(hex::encode(model.digest))
    .bind(model.part.to_string())
    .bind(model.model.to_string())
    .bind(model.lender.as_str())
    .bind(model.platform.as_str())
    .bind(hex::encode(model.registration))
    .bind(model.retired)
    .bind(holders)
    .bind(&model.facts)
    .bind(&model.content)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

fn stored(row: &SqliteRow) -> Result<StoredModel, Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let party = |column: &'static str| {
        text(column)?.parse::<PartyId>().map_err(|_| Error::Garbled("a party's name"))
    };
    let mut digest = [0; 32];
    hex::decode_to_slice(text("digest")?, &mut digest)
        .map_err(|_| Error::Garbled("models.digest"))?;
    // Zeroes for what was published before there was a registry: no registration is called that.
    let mut registration = [0; 32];
    let digits = text("registration")?;
    if !digits.is_empty() {
        hex::decode_to_slice(digits, &mut registration)
            .map_err(|_| Error::Garbled("models.registration"))?;
    }
    Ok(StoredModel {
        digest,
        part: text("part")?.parse()?,
        model: text("model")?.parse().map_err(|_| Error::Garbled("models.model"))?,
        lender: party("lender")?,
        platform: party("platform")?,
        registration,
        retired: row.try_get("retired")?,
        holders: serde_json::from_str(&text("holders")?)
            .map_err(|_| Error::Garbled("models.holders"))?,
        facts: text("facts")?,
        content: row.try_get("content")?,
    })
}

impl fmt::Display for ModelPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Platform => "platform",
            Self::Lender => "lender",
            Self::Holder => "holder",
        })
    }
}

impl FromStr for ModelPart {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "platform" => Self::Platform,
            "lender" => Self::Lender,
            "holder" => Self::Holder,
            _ => return Err(Error::Garbled("models.part")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_model_is_found_by_its_digest_with_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("party.db")).await.unwrap();
        let model = StoredModel {
            digest: [9; 32],
            part: ModelPart::Holder,
            model: "uci-default@1".parse().unwrap(),
            lender: "bank".parse().unwrap(),
            platform: "platform".parse().unwrap(),
            registration: [7; 32],
            retired: false,
            holders: vec!["tax".parse().unwrap(), "social".parse().unwrap()],
            facts: "{}".into(),
            content: vec![1, 2, 3],
        };
        store.keep_model(&model, 5).await.unwrap();
        let found = store.model(&[9; 32]).await.unwrap().unwrap();
        assert_eq!((found.content, found.holders), (model.content, model.holders));
        assert!(store.model(&[8; 32]).await.unwrap().is_none());
        assert!(store.models().await.unwrap()[0].content.is_empty());
        let (platform, other) = ("platform".parse().unwrap(), "other".parse().unwrap());
        store.retire_models(&other, &[7; 32]).await.unwrap();
        assert!(!store.models().await.unwrap()[0].retired, "another platform's word");
        store.retire_models(&platform, &[7; 32]).await.unwrap();
        assert!(store.models().await.unwrap()[0].retired);
    }
}
