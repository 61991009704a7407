//! Batch runs: the one run seed of a holder, and how far a lender has come.

use domain::{PartyId, RunId};
use sqlx::{Connection, Row, SqliteConnection};

use crate::commit::detached;
use crate::log::{signed, unsigned};
use crate::{Error, NewRun, Store, runs};

/// What it takes to go on with a batch run after a crash.
pub struct StoredBatch {
    /// Hash of the agreed terms.
    pub terms: [u8; 32],
    /// Holder: the run seed as it was kept, from the first block until the run is over.
    pub run_seed: Option<Vec<u8>>,
    /// Lender: how many blocks from the first are in the result.
    pub blocks: u32,
    /// Lender: bytes of the unfinished result up to there.
    pub written: u64,
    /// Whether the lender has every score.
    pub over: bool,
}

impl Store {
    /// Begins a batch run: its record, and what it takes to go on with it.
    ///
    /// # Errors
    ///
    /// [`Error::RunExists`] for a repeated number, or when SQLite fails.
    pub async fn begin_batch(
        &self,
        run: &NewRun,
        terms: &[u8; 32],
        now_ms: i64,
    ) -> Result<(), Error> {
        let (store, run, terms) = (self.clone(), run.clone(), *terms);
        detached(async move {
            let mut connection = store.pool.acquire().await?;
            let mut together = connection.begin().await?;
            runs::begin(&mut together, &run, now_ms).await?;
            sqlx::query("INSERT INTO batches (run, terms) VALUES (?, ?)")
                .bind(run.id.to_string())
                .bind(terms.as_slice())
                .execute(&mut *together)
                .await?;
            Ok(together.commit().await?)
        })
        .await
    }

    /// A batch run, if there is one of this number.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn batch(&self, run: RunId) -> Result<Option<StoredBatch>, Error> {
        let row = sqlx::query("SELECT * FROM batches WHERE run = ?")
            .bind(run.to_string())
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let terms: Vec<u8> = row.try_get("terms")?;
        Ok(Some(StoredBatch {
            terms: terms.as_slice().try_into().map_err(|_| Error::Garbled("batches.terms"))?,
            run_seed: row.try_get("run_seed")?,
            blocks: row.try_get("blocks")?,
            written: unsigned(row.try_get("written")?)?,
            over: row.try_get("over")?,
        }))
    }

    /// Keeps a holder's run seed, which its keeper has sealed: the first of this run, or it is refused.
    ///
    /// # Errors
    ///
    /// [`Error::RunSeedBefore`], or when SQLite fails.
    pub async fn keep_run_seed(&self, run: RunId, sealed: &[u8]) -> Result<(), Error> {
        let kept = sqlx::query(
            "UPDATE batches SET run_seed = ?
             WHERE run = ? AND run_seed IS NULL AND over = 0",
        )
        .bind(sealed)
        .bind(run.to_string())
        .execute(&self.pool)
        .await?;
        if kept.rows_affected() == 1 { Ok(()) } else { Err(Error::RunSeedBefore) }
    }

    /// Records how many blocks of a result are on disk.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn reach_block(&self, run: RunId, blocks: u32, written: u64) -> Result<(), Error> {
        sqlx::query("UPDATE batches SET blocks = ?, written = ? WHERE run = ?")
            .bind(blocks)
            .bind(signed(written)?)
            .bind(run.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Records that the lender has every score, and forgets the run seed. The run's number stays used.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn end_batch(&self, run: RunId) -> Result<(), Error> {
        sqlx::query("UPDATE batches SET over = 1, run_seed = NULL WHERE run = ?")
            .bind(run.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The batch form of a model: at a platform the lender's batch key, at a holder encrypted points.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn batch_model(&self, digest: &[u8; 32]) -> Result<Option<Vec<u8>>, Error> {
        let row = sqlx::query("SELECT content FROM batch_models WHERE digest = ?")
            .bind(hex::encode(digest))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get("content")).transpose()?)
    }

    /// Records that a lender's batch key has passed a key check here.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn keep_checked_key(
        &self,
        fingerprint: &[u8; 32],
        lender: &PartyId,
        now_ms: i64,
    ) -> Result<(), Error> {
        sqlx::query(
            "INSERT OR IGNORE INTO checked_keys (fingerprint, lender, checked_ms) VALUES (?, ?, ?)",
        )
        .bind(hex::encode(fingerprint))
        .bind(lender.as_str())
        .bind(now_ms)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether a batch key has passed a key check here.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn is_checked_key(&self, fingerprint: &[u8; 32]) -> Result<bool, Error> {
        let row = sqlx::query("SELECT 1 FROM checked_keys WHERE fingerprint = ?")
            .bind(hex::encode(fingerprint))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }
}

/// Writes the batch form of a published model inside a commit.
pub(crate) async fn keep_model(
    connection: &mut SqliteConnection,
    digest: &[u8; 32],
    content: &[u8],
) -> Result<(), Error> {
    sqlx::query("INSERT OR REPLACE INTO batch_models (digest, content) VALUES (?, ?)")
        .bind(hex::encode(digest))
        .bind(content)
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::{RunKind, RunRole};

    use super::*;
    use crate::{Ending, RunState, Trouble};

    const RUN: RunId = RunId::from_bytes([5; 16]);

    fn run() -> NewRun {
        NewRun {
            id: RUN,
            kind: RunKind::Batch,
            role: RunRole::Holder,
            peers: vec!["platform".parse().unwrap()],
            ours: false,
            terms: "{}".into(),
            state: RunState::Agreed,
        }
    }

    async fn open(folder: &tempfile::TempDir) -> Store {
        Store::open(&folder.path().join("party.db")).await.unwrap()
    }

    #[tokio::test]
    async fn a_run_has_one_run_seed_through_restarts_and_none_after_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder).await;
        store.begin_batch(&run(), &[1; 32], 10).await.unwrap();
        assert!(matches!(store.begin_batch(&run(), &[2; 32], 11).await, Err(Error::RunExists)));
        store.keep_run_seed(RUN, &[7; 97]).await.unwrap();
        assert!(matches!(store.keep_run_seed(RUN, &[8; 97]).await, Err(Error::RunSeedBefore)));
        store.close().await;
        let store = open(&folder).await;
        let found = store.batch(RUN).await.unwrap().unwrap();
        assert_eq!((found.terms, found.over), ([1; 32], false));
        assert_eq!(found.run_seed.unwrap(), vec![7; 97]);
        store.end_batch(RUN).await.unwrap();
        let found = store.batch(RUN).await.unwrap().unwrap();
        assert!(found.over && found.run_seed.is_none());
        assert!(matches!(store.keep_run_seed(RUN, &[9; 97]).await, Err(Error::RunSeedBefore)));
    }

    #[tokio::test]
    async fn a_failed_batch_goes_on_and_a_finished_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder).await;
        store.begin_batch(&run(), &[1; 32], 10).await.unwrap();
        store.reach_block(RUN, 3, 70_000).await.unwrap();
        let [code, en, zh, side] = ["STOPPED", "stopped", "已停止", "us"].map(String::from);
        let failed = Ending::Failed(Trouble { code, en, zh, side });
        store.end(RUN, &failed, 20).await.unwrap();
        store.reopen(RUN, 30).await.unwrap();
        let found = store.runs("", 1).await.unwrap().remove(0);
        assert_eq!((found.state, found.trouble), (RunState::Running, None));
        let batch = store.batch(RUN).await.unwrap().unwrap();
        assert_eq!((batch.blocks, batch.written), (3, 70_000));
        let output = Ending::Output { confirmed: true, report: "{}".into(), result: None };
        store.end(RUN, &output, 40).await.unwrap();
        store.reopen(RUN, 50).await.unwrap();
        assert_eq!(store.runs("", 1).await.unwrap()[0].state, RunState::Done);
    }

    #[tokio::test]
    async fn a_checked_key_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder).await;
        assert!(!store.is_checked_key(&[1; 32]).await.unwrap());
        store.keep_checked_key(&[1; 32], &"bank".parse().unwrap(), 5).await.unwrap();
        assert!(store.is_checked_key(&[1; 32]).await.unwrap());
    }
}
