//! Training jobs: proposed here, or laid before this party.

use domain::{ModelId, ModelState, PartyId};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::registrations::digest;
use crate::{Error, Store};

/// A training job, and where it stands at this party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredJob {
    /// SHA-256 of the job: its name between parties.
    pub digest: [u8; 32],
    /// The model that it makes.
    pub name: ModelId,
    /// Who proposes it.
    pub proposer: PartyId,
    /// The job as signed so far: by the proposer, then by this party.
    pub envelope: Vec<u8>,
    /// Where it stands.
    pub state: ModelState,
    /// Why it was refused or withdrawn, in an operator's words.
    pub reason: String,
    /// Whether its model has been opened: a job is trained once.
    pub trained: bool,
    /// Whether good and bad rows of its bins have been counted: that is done once, over one set of uploads.
    pub counted: bool,
    /// When that was last decided.
    pub changed_ms: i64,
}

impl Store {
    /// The job with this digest.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn job(&self, digest: &[u8; 32]) -> Result<Option<StoredJob>, Error> {
        let row = sqlx::query("SELECT * FROM jobs WHERE digest = ?")
            .bind(hex::encode(digest))
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(stored).transpose()
    }

    /// Every job, newest first.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn jobs(&self) -> Result<Vec<StoredJob>, Error> {
        let rows = sqlx::query("SELECT * FROM jobs ORDER BY created_ms DESC, rowid DESC")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(stored).collect()
    }
}

/// Writes a job inside a commit; a name that is taken by another one is refused.
pub(crate) async fn keep(connection: &mut SqliteConnection, job: &StoredJob) -> Result<(), Error> {
    let StoredJob { digest, name, proposer, envelope, state, reason, .. } = job;
    let StoredJob { trained, counted, changed_ms, .. } = job;
    let written = sqlx::query(
        "INSERT INTO jobs
         (digest, name, proposer, envelope, state, reason, trained, counted, created_ms, changed_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (digest) DO UPDATE SET
           envelope = excluded.envelope, state = excluded.state,
           reason = excluded.reason, trained = max(trained, excluded.trained),
           counted = max(counted, excluded.counted),
           changed_ms = excluded.changed_ms",
    )
    .bind(hex::encode(digest))
    .bind(name.to_string())
    .bind(proposer.as_str())
    .bind(envelope)
    .bind(state.code())
    .bind(reason)
    .bind(i64::from(*trained))
    .bind(i64::from(*counted))
    .bind(*changed_ms)
    .bind(*changed_ms)
    .execute(connection)
    .await;
    match written {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(Error::JobExists),
        Err(error) => Err(error.into()),
    }
}

fn stored(row: &SqliteRow) -> Result<StoredJob, Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let garbled = Error::Garbled;
    Ok(StoredJob {
        digest: digest(row, "digest")?,
        name: text("name")?.parse().map_err(|_| garbled("jobs.name"))?,
        proposer: text("proposer")?.parse().map_err(|_| garbled("jobs.proposer"))?,
        envelope: row.try_get("envelope")?,
        state: text("state")?.parse().map_err(|_| garbled("jobs.state"))?,
        reason: text("reason")?,
        trained: row.try_get::<i64, _>("trained")? != 0,
        counted: row.try_get::<i64, _>("counted")? != 0,
        changed_ms: row.try_get("changed_ms")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Draft, Drafted};

    fn job(digest: u8, name: &str) -> StoredJob {
        StoredJob {
            digest: [digest; 32],
            name: name.parse().unwrap(),
            proposer: "bank".parse().unwrap(),
            envelope: b"{}".to_vec(),
            state: ModelState::Asked,
            reason: String::new(),
            trained: false,
            counted: false,
            changed_ms: 1,
        }
    }

    fn keeping(job: StoredJob) -> Draft {
        Box::new(move |_| Drafted {
            records: vec![b"record".to_vec()],
            job: Some(job),
            ..Drafted::default()
        })
    }

    #[tokio::test]
    async fn a_job_is_kept_with_the_record_of_it_and_no_other_takes_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("party.db")).await.unwrap();
        store.append(keeping(job(1, "m@1"))).await.unwrap();
        let accepted = StoredJob { state: ModelState::Countersigned, ..job(1, "m@1") };
        store.append(keeping(accepted.clone())).await.unwrap();
        assert_eq!(store.job(&[1; 32]).await.unwrap(), Some(accepted.clone()));
        // What has been opened once is not forgotten, whoever writes from what was read before.
        let trained = StoredJob { trained: true, counted: true, ..accepted.clone() };
        store.append(keeping(trained.clone())).await.unwrap();
        store.append(keeping(accepted)).await.unwrap();
        assert_eq!(store.job(&[1; 32]).await.unwrap(), Some(trained));
        let other = store.append(keeping(job(2, "m@1"))).await;
        assert!(matches!(other, Err(Error::JobExists)));
        assert_eq!(store.jobs().await.unwrap().len(), 1);
        assert_eq!(store.head(crate::Log::Audit).await.unwrap().size, 4);
    }
}
