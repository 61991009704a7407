//! What this party has released about subjects, and what others have released to it.

use domain::{ModelId, Output, PartyId, RunId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::log::{signed, unsigned};
use crate::{Error, Store, StoredDisclosure, disclosures};

/// A release that is to stand in the store before it leaves.
#[derive(Clone)]
pub struct NewRelease {
    /// The run that it answers.
    pub run: RunId,
    /// When.
    pub released_ms: i64,
    /// For whom.
    pub lender: PartyId,
    /// Over whom.
    pub platform: PartyId,
    /// About whom, as a pseudonym.
    pub subject: [u8; 32],
    /// The authorisation's number, where one is needed.
    pub authorisation: Option<String>,
    /// What came of it.
    pub output: Output,
    /// Through which model.
    pub model: Option<ModelId>,
    /// The publication of it that was asked.
    pub model_digest: [u8; 32],
    /// Keyed hash of the register's content that it was computed from.
    pub batch: [u8; 32],
    /// The run whose answer it hands over again, where it computes none.
    pub repeats: Option<RunId>,
    /// The answer as it leaves: a ciphertext; of a verification its SHA-256 alone.
    pub answer: Vec<u8>,
    /// Opens the receipt's commitment to the answer.
    pub salt: [u8; 32],
    /// The receipt: a DSSE envelope, as JSON.
    pub receipt: Vec<u8>,
    /// What the release rests on, as JSON.
    pub evidence: String,
    /// What it may not exceed: looked at in the moment in which it is written.
    pub limits: ReleaseLimits,
    /// What its lender has asked about its subject once it has left; as stored, none.
    pub disclosure: Option<StoredDisclosure>,
}

/// How often something may be released.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReleaseLimits {
    /// Uses of the authorisation, this one among them.
    pub uses: Option<u64>,
    /// Releases of this output to this lender about this subject, this one among them, since this
    /// time.
    pub questions: Option<(u64, i64)>,
    /// Models through which this lender has had this output about this subject since this time, this
    /// one among them.
    pub models: Option<(u64, i64)>,
}

/// A release as the store has it.
#[derive(Clone)]
pub struct StoredRelease {
    /// What was released.
    pub release: NewRelease,
    /// Its record's number in the audit log.
    pub seq: u64,
}

impl Store {
    /// What a run released, if it did.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn release(&self, run: RunId) -> Result<Option<StoredRelease>, Error> {
        let row = sqlx::query("SELECT * FROM releases WHERE run = ?")
            .bind(run.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(stored).transpose()
    }

    /// Releases from this record on, at most `limit`, in the order of their records.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn releases(&self, from: u64, limit: u32) -> Result<Vec<StoredRelease>, Error> {
        let rows = sqlx::query("SELECT * FROM releases WHERE seq >= ? ORDER BY seq LIMIT ?")
            .bind(signed(from)?)
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(stored).collect()
    }

    /// How often an authorisation was used here, and when last.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn uses(&self, authorisation: &str) -> Result<(u64, Option<i64>), Error> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS uses, MAX(released_ms) AS last FROM releases
             WHERE authorisation = ?",
        )
        .bind(authorisation)
        .fetch_one(&self.pool)
        .await?;
        Ok((unsigned(row.try_get("uses")?)?, row.try_get("last")?))
    }

    /// The first answer to a question, to be handed over again: its run and its bytes.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn earlier(
        &self,
        lender: &PartyId,
        subject: &[u8; 32],
        model_digest: &[u8; 32],
        batch: &[u8; 32],
    ) -> Result<Option<(RunId, Vec<u8>)>, Error> {
        let row = sqlx::query(
            "SELECT run, answer FROM releases
             WHERE lender = ? AND subject = ? AND model_digest = ? AND batch = ? AND repeats IS NULL
             ORDER BY released_ms DESC, seq DESC LIMIT 1",
        )
        .bind(lender.as_str())
        .bind(subject.as_slice())
        .bind(hex::encode(model_digest))
        .bind(batch.as_slice())
        .fetch_optional(&self.pool)
        .await?;
        let found = |row: SqliteRow| {
            let run: String = row.try_get("run")?;
            let run = run.parse().map_err(|_| Error::Garbled("releases.run"))?;
            Ok((run, row.try_get("answer")?))
        };
        row.map(found).transpose()
    }

    /// How often this lender had this output about this subject since then. One that was handed over
    /// again tells nothing new and does not count.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn questions(
        &self,
        lender: &PartyId,
        subject: &[u8; 32],
        output: Output,
        since_ms: i64,
    ) -> Result<u64, Error> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS asked FROM releases
             WHERE lender = ? AND subject = ? AND output = ? AND released_ms >= ?
               AND repeats IS NULL",
        )
        .bind(lender.as_str())
        .bind(subject.as_slice())
        .bind(output.code())
        .bind(since_ms)
        .fetch_one(&self.pool)
        .await?;
        unsigned(row.try_get("asked")?)
    }

    /// Through how many models but this one this lender had this output about this subject since then.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn other_models(
        &self,
        lender: &PartyId,
        subject: &[u8; 32],
        output: Output,
        (model, since_ms): (&ModelId, i64),
    ) -> Result<u64, Error> {
        let mut connection = self.pool.acquire().await?;
        other_models(&mut connection, (lender, subject), output, (model, since_ms)).await
    }

    /// Keeps the proof of what `holder` released to us in a run.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn keep_proof(&self, run: RunId, holder: &str, proof: &str) -> Result<(), Error> {
        sqlx::query("INSERT OR REPLACE INTO proofs (run, holder, proof) VALUES (?, ?, ?)")
            .bind(run.to_string())
            .bind(holder)
            .bind(proof)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The proofs of a run, by holder.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn proofs(&self, run: RunId) -> Result<Vec<String>, Error> {
        let rows = sqlx::query("SELECT proof FROM proofs WHERE run = ? ORDER BY holder")
            .bind(run.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(row.try_get("proof")?)).collect()
    }
}

async fn other_models(
    connection: &mut SqliteConnection,
    (lender, subject): (&PartyId, &[u8; 32]),
    output: Output,
    (model, since_ms): (&ModelId, i64),
) -> Result<u64, Error> {
    let row = sqlx::query(
        "SELECT COUNT(DISTINCT model) AS models FROM releases
         WHERE lender = ? AND subject = ? AND output = ? AND released_ms >= ? AND model != ?",
    )
    .bind(lender.as_str())
    .bind(subject.as_slice())
    .bind(output.code())
    .bind(since_ms)
    .bind(model.to_string())
    .fetch_one(connection)
    .await?;
    unsigned(row.try_get("models")?)
}

/// Whether a release stays within its limits: two that are decided at once must not both pass.
async fn within_limits(
    connection: &mut SqliteConnection,
    release: &NewRelease,
) -> Result<(), Error> {
    let count = |row: SqliteRow| unsigned(row.try_get::<i64, _>("made")?);
    if let (Some(limit), Some(authorisation)) = (release.limits.uses, &release.authorisation) {
        let made = sqlx::query("SELECT COUNT(*) AS made FROM releases WHERE authorisation = ?")
            .bind(authorisation)
            .fetch_one(&mut *connection)
            .await?;
        if count(made)? >= limit {
            return Err(Error::UsedUp);
        }
    }
    if let Some((limit, since_ms)) = release.limits.questions
        && release.repeats.is_none()
    {
        let made = sqlx::query(
            "SELECT COUNT(*) AS made FROM releases
             WHERE lender = ? AND subject = ? AND output = ? AND released_ms >= ?
               AND repeats IS NULL",
        )
        .bind(release.lender.as_str())
        .bind(release.subject.as_slice())
        .bind(release.output.code())
        .bind(since_ms)
        .fetch_one(&mut *connection)
        .await?;
        if count(made)? >= limit {
            return Err(Error::AskedEnough);
        }
    }
    if let (Some((limit, since_ms)), Some(model)) = (release.limits.models, &release.model) {
        let of = (&release.lender, &release.subject);
        let others = other_models(connection, of, release.output, (model, since_ms)).await?;
        if others >= limit {
            return Err(Error::AskedEnough);
        }
    }
    Ok(())
}

pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    release: &NewRelease,
    seq: u64,
) -> Result<(), Error> {
    within_limits(connection, release).await?;
    sqlx::query(
        "INSERT INTO releases (run, released_ms, lender, platform, subject, authorisation, output,
           model, model_digest, batch, repeats, answer, salt, receipt, evidence, seq)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(release.run.to_string())
    .bind(release.released_ms)
    .bind(release.lender.as_str())
    .bind(release.platform.as_str())
    .bind(release.subject.as_slice())
    .bind(release.authorisation.as_deref())
    .bind(release.output.code())
    .bind(release.model.as_ref().map(ToString::to_string).unwrap_or_default())
    .bind(hex::encode(release.model_digest))
    .bind(release.batch.as_slice())
    .bind(release.repeats.map(|run| run.to_string()))
    .bind(&release.answer)
    .bind(release.salt.as_slice())
    .bind(&release.receipt)
    .bind(&release.evidence)
    .bind(signed(seq)?)
    .execute(&mut *connection)
    .await?;
    if let Some(disclosure) = &release.disclosure {
        disclosures::keep(connection, &release.lender, &release.subject, disclosure).await?;
    }
    Ok(())
}

fn stored(row: &SqliteRow) -> Result<StoredRelease, Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let bytes = |column: &'static str| -> Result<[u8; 32], Error> {
        let bytes: Vec<u8> = row.try_get(column)?;
        bytes.try_into().map_err(|_| Error::Garbled(column))
    };
    let party = |column: &'static str| text(column)?.parse().map_err(|_| Error::Garbled(column));
    let model = match text("model")? {
        none if none.is_empty() => None,
        model => Some(model.parse().map_err(|_| Error::Garbled("releases.model"))?),
    };
    let release = NewRelease {
        run: text("run")?.parse().map_err(|_| Error::Garbled("releases.run"))?,
        released_ms: row.try_get("released_ms")?,
        lender: party("lender")?,
        platform: party("platform")?,
        subject: bytes("subject")?,
        authorisation: row.try_get("authorisation")?,
        output: text("output")?.parse().map_err(|_| Error::Garbled("releases.output"))?,
        model,
        model_digest: padded(hex::decode(text("model_digest")?).unwrap_or_default())?,
        batch: padded(row.try_get("batch")?)?,
        repeats: row
            .try_get::<Option<String>, _>("repeats")?
            .map(|run| run.parse().map_err(|_| Error::Garbled("releases.repeats")))
            .transpose()?,
        answer: row.try_get("answer")?,
        salt: bytes("salt")?,
        receipt: row.try_get("receipt")?,
        evidence: text("evidence")?,
        limits: ReleaseLimits::default(),
        disclosure: None,
    };
    Ok(StoredRelease { release, seq: unsigned(row.try_get("seq")?)? })
}

/// A hash, or zeroes in a row from before it was kept.
fn padded(bytes: Vec<u8>) -> Result<[u8; 32], Error> {
    if bytes.is_empty() {
        return Ok([0; 32]);
    }
    bytes.try_into().map_err(|_| Error::Garbled("a hash of a release"))
}
