//! Runs: what was proposed, how far it went, how it ended.

use std::fmt;
use std::str::FromStr;

use domain::{PartyId, RunId, RunKind, RunRole};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::{Error, Store};

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// We have asked the peer, and have no answer.
    Proposed,
    /// Both sides hold the same terms; nothing has flowed.
    Agreed,
    /// Chunks flow.
    Running,
    /// The output is here, and the peer has hung up in order.
    Done,
    /// The output is here; the peer went away before it said so too.
    Unconfirmed,
    /// There is no output, and never will be; but a batch may be taken up again.
    Failed,
}

/// A run that begins.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Its number.
    pub id: RunId,
    /// What its parties do.
    pub kind: RunKind,
    /// This party's part in it.
    pub role: RunRole,
    /// The other parties.
    pub peers: Vec<PartyId>,
    /// Whether this party proposed it.
    pub ours: bool,
    /// The terms, as JSON.
    pub terms: String,
    /// The state that it begins in.
    pub state: RunState,
}

/// What is happening, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phase {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// What went wrong, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Stable, the same in every language.
    pub code: String,
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
    /// `us`, a peer's name, or empty.
    pub side: String,
}

/// How a run ends.
#[derive(Clone, Debug)]
pub enum Ending {
    /// With an output.
    Output {
        /// Whether every peer hung up in order.
        confirmed: bool,
        /// The report, as JSON.
        report: String,
        /// The result's path, if there is a file.
        result: Option<String>,
    },
    /// Without one.
    Failed(Trouble),
}

/// A run as the store knows it.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// Its number.
    pub id: RunId,
    /// What its parties do; nothing where another version wrote a word that this one does not know.
    pub kind: Option<RunKind>,
    /// This party's part in it, likewise.
    pub role: Option<RunRole>,
    /// The other parties.
    pub peers: Vec<PartyId>,
    /// Whether this party proposed it.
    pub ours: bool,
    /// The terms, as JSON.
    pub terms: String,
    /// When it began.
    pub created_ms: i64,
    /// How far it has come.
    pub state: RunState,
    /// What was happening last.
    pub phase: Phase,
    /// When it last changed.
    pub updated_ms: i64,
    /// What went wrong, if it failed.
    pub trouble: Option<Trouble>,
    /// The report as JSON, once it is done.
    pub report: Option<String>,
    /// The result's path, if there is a file.
    pub result: Option<String>,
}

impl Store {
    /// Records a run that begins.
    ///
    /// # Errors
    ///
    /// [`Error::RunExists`] when the number is taken: what looks new is a replay.
    pub async fn begin(&self, run: &NewRun, now_ms: i64) -> Result<(), Error> {
        begin(&mut *self.pool.acquire().await?, run, now_ms).await
    }

    /// Records that an unfinished run has come further.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn advance(
        &self,
        id: RunId,
        state: RunState,
        phase: &Phase,
        now_ms: i64,
    ) -> Result<(), Error> {
        sqlx::query(
            "UPDATE runs SET state = ?, phase_en = ?, phase_zh = ?, updated_ms = ?
             WHERE id = ? AND state IN ('proposed', 'agreed', 'running')",
        )
        .bind(state.to_string())
        .bind(&phase.en)
        .bind(&phase.zh)
        .bind(now_ms)
        .bind(id.to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Records how an unfinished run ended. A run ends once; an output that was unconfirmed may be
    /// confirmed afterwards.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn end(&self, id: RunId, ending: &Ending, now_ms: i64) -> Result<(), Error> {
        let (state, trouble, report, result) = match ending {
            Ending::Output { confirmed: true, report, result } => {
                (RunState::Done, None, Some(report), result.as_ref())
            }
            Ending::Output { confirmed: false, report, result } => {
                (RunState::Unconfirmed, None, Some(report), result.as_ref())
            }
            Ending::Failed(trouble) => {
                let json = serde_json::to_string(trouble).map_err(|_| Error::Garbled("trouble"))?;
                (RunState::Failed, Some(json), None, None)
            }
        };
        sqlx::query(
            "UPDATE runs SET state = ?1, trouble = ?2, report = ?3, result = ?4, updated_ms = ?5,
               -- Where a failed run stood is worth keeping; one that is over stands nowhere.
               phase_en = CASE WHEN ?1 = 'failed' THEN phase_en ELSE '' END,
               phase_zh = CASE WHEN ?1 = 'failed' THEN phase_zh ELSE '' END
             WHERE id = ?6 AND (state IN ('proposed', 'agreed', 'running')
               OR (state = 'unconfirmed' AND ?1 = 'done'))",
        )
        .bind(state.to_string())
        .bind(trouble)
        .bind(report)
        .bind(result)
        .bind(now_ms)
        .bind(id.to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes back an output that is unconfirmed: the run has failed, and leaves nothing.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn withdraw(&self, id: RunId, trouble: &Trouble, now_ms: i64) -> Result<(), Error> {
        let json = serde_json::to_string(trouble).map_err(|_| Error::Garbled("trouble"))?;
        sqlx::query(
            "UPDATE runs SET state = 'failed', trouble = ?1, report = NULL, result = NULL,
               updated_ms = ?2 WHERE id = ?3 AND state = 'unconfirmed'",
        )
        .bind(json)
        .bind(now_ms)
        .bind(id.to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Every unfinished run.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn unfinished(&self) -> Result<Vec<StoredRun>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM runs WHERE state IN ('proposed', 'agreed', 'running') ORDER BY rowid",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(stored).collect()
    }

    /// Ends every unfinished run: the party that would have gone on with them is gone.
    ///
    /// Returns how many there were.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn fail_unfinished(&self, trouble: &Trouble, now_ms: i64) -> Result<u64, Error> {
        let json = serde_json::to_string(trouble).map_err(|_| Error::Garbled("trouble"))?;
        let failed = sqlx::query(
            "UPDATE runs SET state = 'failed', trouble = ?, updated_ms = ?
             WHERE state IN ('proposed', 'agreed', 'running')",
        )
        .bind(json)
        .bind(now_ms)
        .execute(&self.pool)
        .await?;
        Ok(failed.rows_affected())
    }

    /// Takes a failed run up again.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn reopen(&self, run: RunId, now_ms: i64) -> Result<(), Error> {
        sqlx::query(
            "UPDATE runs SET state = 'running', trouble = NULL, updated_ms = ?
             WHERE id = ? AND state = 'failed'",
        )
        .bind(now_ms)
        .bind(run.to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether there is a run of this number.
    ///
    /// # Errors
    ///
    /// When SQLite fails.
    pub async fn has_run(&self, id: RunId) -> Result<bool, Error> {
        let found = sqlx::query_scalar::<_, i64>("SELECT 1 FROM runs WHERE id = ?")
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        Ok(found.is_some())
    }

    /// The newest runs, newest first, at most `limit`; only those whose number starts with `prefix`.
    ///
    /// # Errors
    ///
    /// When SQLite fails or the file has been written to by somebody else.
    pub async fn runs(&self, prefix: &str, limit: u32) -> Result<Vec<StoredRun>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM runs WHERE substr(id, 1, length(?1)) = ?1
             ORDER BY created_ms DESC, rowid DESC LIMIT ?2",
        )
        .bind(prefix.to_ascii_lowercase())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(stored).collect()
    }
}

pub(crate) async fn begin(
    connection: &mut SqliteConnection,
    run: &NewRun,
    now_ms: i64,
) -> Result<(), Error> {
    let peers = serde_json::to_string(&run.peers).map_err(|_| Error::Garbled("peers"))?;
    let inserted = sqlx::query(
        "INSERT INTO runs (id, protocol, role, peers, ours, terms, created_ms, state, updated_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    )
    .bind(run.id.to_string())
    .bind(run.kind.code())
    .bind(run.role.code())
    .bind(peers)
    .bind(run.ours)
    .bind(&run.terms)
    .bind(now_ms)
    .bind(run.state.to_string())
    .bind(now_ms)
    .execute(connection)
    .await?;
    if inserted.rows_affected() == 0 { Err(Error::RunExists) } else { Ok(()) }
}

fn stored(row: &SqliteRow) -> Result<StoredRun, Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let trouble: Option<String> = row.try_get("trouble")?;
    Ok(StoredRun {
        id: text("id")?.parse().map_err(|_| Error::Garbled("runs.id"))?,
        kind: text("protocol")?.parse().ok(),
        role: text("role")?.parse().ok(),
        peers: serde_json::from_str(&text("peers")?).map_err(|_| Error::Garbled("runs.peers"))?,
        ours: row.try_get("ours")?,
        terms: text("terms")?,
        created_ms: row.try_get("created_ms")?,
        state: text("state")?.parse()?,
        phase: Phase { en: text("phase_en")?, zh: text("phase_zh")? },
        updated_ms: row.try_get("updated_ms")?,
        trouble: trouble
            .map(|json| serde_json::from_str(&json).map_err(|_| Error::Garbled("runs.trouble")))
            .transpose()?,
        report: row.try_get("report")?,
        result: row.try_get("result")?,
    })
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Proposed => "proposed",
            Self::Agreed => "agreed",
            Self::Running => "running",
            Self::Done => "done",
            Self::Unconfirmed => "unconfirmed",
            Self::Failed => "failed",
        })
    }
}

impl FromStr for RunState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "proposed" => Self::Proposed,
            "agreed" => Self::Agreed,
            "running" => Self::Running,
            "done" => Self::Done,
            "unconfirmed" => Self::Unconfirmed,
            "failed" => Self::Failed,
            _ => return Err(Error::Garbled("runs.state")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(number: u8) -> NewRun {
        NewRun {
            id: RunId::from_bytes([number; 16]),
            kind: RunKind::Psi,
            role: RunRole::Receiver,
            peers: vec!["tax".parse().unwrap()],
            ours: true,
            terms: "{}".into(),
            state: RunState::Proposed,
        }
    }

    fn trouble() -> Trouble {
        Trouble {
            code: "STOPPED".into(),
            en: "stopped".into(),
            zh: "已停止".into(),
            side: "us".into(),
        }
    }

    async fn open() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("party.db")).await.unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn a_run_number_is_used_once() {
        let (_folder, store) = open().await;
        store.begin(&run(1), 10).await.unwrap();
        assert!(matches!(store.begin(&run(1), 11).await, Err(Error::RunExists)));
        assert!(store.has_run(run(1).id).await.unwrap());
        assert!(!store.has_run(run(2).id).await.unwrap());
    }

    #[tokio::test]
    async fn an_output_is_taken_back_only_until_it_is_confirmed() {
        let (_folder, store) = open().await;
        for (number, confirmed) in [(1, false), (2, true)] {
            let id = run(number).id;
            store.begin(&run(number), 10).await.unwrap();
            let (report, result) = ("{}".to_owned(), Some("a.csv".to_owned()));
            store.end(id, &Ending::Output { confirmed, report, result }, 20).await.unwrap();
            store.withdraw(id, &trouble(), 30).await.unwrap();
            let found = store.runs(&id.to_string(), 1).await.unwrap().remove(0);
            assert_eq!(found.trouble, (!confirmed).then(trouble));
            assert_eq!(found.report.is_some(), confirmed);
            assert_eq!(found.result.is_some(), confirmed);
            let state = if confirmed { RunState::Done } else { RunState::Failed };
            assert_eq!(found.state, state);
        }
    }

    #[tokio::test]
    async fn what_was_recorded_is_there_after_a_restart() {
        let (folder, store) = open().await;
        store.begin(&run(1), 10).await.unwrap();
        let phase = Phase { en: "masking".into(), zh: "盲化".into() };
        store.advance(run(1).id, RunState::Running, &phase, 20).await.unwrap();
        store.close().await;
        let store = Store::open(&folder.path().join("party.db")).await.unwrap();
        let found = store.runs("0101", 9).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].state, &found[0].phase, found[0].updated_ms),
            (RunState::Running, &phase, 20)
        );
    }

    #[tokio::test]
    async fn a_run_of_a_kind_that_another_version_wrote_is_listed_without_one() {
        let (_folder, store) = open().await;
        store.begin(&run(1), 10).await.unwrap();
        assert_eq!(store.runs("", 9).await.unwrap()[0].kind, Some(RunKind::Psi));
        sqlx::query("UPDATE runs SET protocol = 'tea', role = 'guest'")
            .execute(&store.pool)
            .await
            .unwrap();
        let found = store.runs("", 9).await.unwrap();
        assert_eq!((found[0].kind, found[0].role), (None, None));
        assert_eq!(store.fail_unfinished(&trouble(), 30).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_run_ends_once_and_does_not_reopen() {
        let (_folder, store) = open().await;
        store.begin(&run(1), 10).await.unwrap();
        let output = Ending::Output { confirmed: true, report: "{}".into(), result: None };
        store.end(run(1).id, &output, 20).await.unwrap();
        store.end(run(1).id, &Ending::Failed(trouble()), 30).await.unwrap();
        store.advance(run(1).id, RunState::Running, &Phase::default(), 40).await.unwrap();
        let found = store.runs("", 9).await.unwrap();
        assert_eq!((found[0].state, found[0].updated_ms), (RunState::Done, 20));
        assert!(found[0].trouble.is_none());
    }

    #[tokio::test]
    async fn a_restart_lists_unfinished_runs_as_failed_and_leaves_the_others() {
        let (_folder, store) = open().await;
        for number in 1..=4 {
            store.begin(&run(number), number.into()).await.unwrap();
        }
        let output = Ending::Output { confirmed: false, report: "{}".into(), result: None };
        store.end(run(2).id, &output, 20).await.unwrap();
        assert_eq!(store.unfinished().await.unwrap().len(), 3);
        assert_eq!(store.fail_unfinished(&trouble(), 30).await.unwrap(), 3);
        let states: Vec<_> = store.runs("", 9).await.unwrap().iter().map(|r| r.state).collect();
        assert_eq!(
            states,
            [RunState::Failed, RunState::Failed, RunState::Unconfirmed, RunState::Failed]
        );
    }
}
