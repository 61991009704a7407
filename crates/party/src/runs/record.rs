//! A run's record: in the store first, then shown.

use std::sync::Arc;

use domain::{PartyId, RunId, RunKind, RunRole};
use store::{Ending, NewRun, Phase, RunState, Store, StoredRun};
use tokio::sync::watch;

use crate::Trouble;
use crate::clock::now_ms;
use crate::node::Node;
use crate::runs::driving::Outcome;
use crate::runs::phase;

/// How far a run has come, for those who watch it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// The run's number, once it is recorded.
    pub(crate) run: Option<RunId>,
    pub(crate) phase: Phase,
    /// Of chunk bodies, both ways.
    pub(crate) done: u64,
    /// What `done` will be at the end; 0: not known.
    pub(crate) total: u64,
    pub(crate) sent: u64,
    pub(crate) received: u64,
}

/// The record of a run under way.
pub(crate) struct Run {
    pub(crate) id: RunId,
    store: Store,
    progress: Watcher,
}

/// Where a run's progress is shown.
pub(crate) type Watcher = Arc<watch::Sender<Progress>>;

/// A watcher of what nobody sees while it goes on.
pub(crate) fn unseen() -> Watcher {
    Arc::new(watch::Sender::new(Progress::default()))
}

impl Run {
    /// Records a run of ours that begins under a new number.
    pub(crate) async fn ours(
        node: &Node,
        (kind, role): (RunKind, RunRole),
        peers: Vec<PartyId>,
        terms: String,
        watcher: Watcher,
    ) -> Result<Self, Trouble> {
        let new = new_run(node.new_run_id()?, kind, role, peers, true, terms);
        Self::begin(&node.store, new, watcher).await
    }

    /// Records a run that begins.
    pub(crate) async fn begin(
        store: &Store,
        run: NewRun,
        watcher: Watcher,
    ) -> Result<Self, Trouble> {
        store.begin(&run, now_ms()).await?;
        Ok(Self::taken_up(store, run.id, watcher))
    }

    /// The same, seen by nobody while it goes on.
    pub(crate) async fn begin_unseen(store: &Store, run: NewRun) -> Result<Self, Trouble> {
        Self::begin(store, run, unseen()).await
    }

    /// A run that is in the store already.
    pub(crate) fn taken_up(store: &Store, id: RunId, watcher: Watcher) -> Self {
        watcher
            .send_modify(|progress| *progress = Progress { run: Some(id), ..Progress::default() });
        Self { id, store: store.clone(), progress: watcher }
    }

    /// The same, seen by nobody while it goes on.
    pub(crate) fn unseen(store: &Store, id: RunId) -> Self {
        Self::taken_up(store, id, unseen())
    }

    /// Records that the peer has agreed.
    pub(crate) async fn agreed(&self) -> Result<(), Trouble> {
        self.advance(RunState::Agreed, phase::named("agreed", "已约定")).await
    }

    /// Records that the run has come further.
    pub(crate) async fn advance(&self, state: RunState, phase: Phase) -> Result<(), Trouble> {
        self.store.advance(self.id, state, &phase, now_ms()).await?;
        self.progress.send_modify(|progress| progress.phase = phase);
        Ok(())
    }

    /// Shows a phase that is too short to be recorded.
    pub(crate) fn show(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(change);
    }

    /// Where its progress is shown.
    pub(crate) fn watcher(&self) -> Watcher {
        Arc::clone(&self.progress)
    }

    /// The same record, for work that goes on beside.
    pub(crate) fn beside(&self) -> Self {
        Self { id: self.id, store: self.store.clone(), progress: self.watcher() }
    }

    /// What is happening.
    pub(crate) fn phase(&self) -> Phase {
        self.progress.borrow().phase.clone()
    }

    /// Bytes of chunk bodies sent and received.
    pub(crate) fn moved(&self) -> (u64, u64) {
        let progress = self.progress.borrow();
        (progress.sent, progress.received)
    }

    /// Records the output before the peers are told that it is here: unconfirmed, until
    /// [`Run::finish`] says otherwise.
    pub(crate) async fn keep(&self, report: &str, result: Option<&str>) -> Result<(), Trouble> {
        let (report, result) = (report.to_owned(), result.map(str::to_owned));
        let ending = Ending::Output { confirmed: false, report, result };
        Ok(self.store.end(self.id, &ending, now_ms()).await?)
    }

    /// Records the output.
    pub(crate) async fn finish(
        self,
        confirmed: bool,
        report: String,
        result: Option<String>,
    ) -> Result<(), Trouble> {
        let ending = Ending::Output { confirmed, report, result };
        Ok(self.store.end(self.id, &ending, now_ms()).await?)
    }

    /// Records how a run of ours ended.
    pub(crate) async fn end(self, done: Result<Outcome, Trouble>) -> Result<(), Trouble> {
        self.end_with(done.map(|outcome| ((), outcome))).await
    }

    /// Records how a run of ours ended, and returns what came of it.
    pub(crate) async fn end_with<T>(
        self,
        done: Result<(T, Outcome), Trouble>,
    ) -> Result<T, Trouble> {
        match done {
            Ok((output, Outcome { confirmed, report, result })) => {
                self.finish(confirmed, report, result).await?;
                Ok(output)
            }
            Err(trouble) => Err(self.fail(trouble).await),
        }
    }

    /// Records that there is no output, and returns why.
    pub(crate) async fn fail(self, trouble: Trouble) -> Trouble {
        tracing::warn!(run = %self.id, code = trouble.code, side = %trouble.side, "run failed: {trouble}");
        let ending = Ending::Failed(trouble.to_stored());
        if let Err(error) = self.store.end(self.id, &ending, now_ms()).await {
            // The next start lists it as failed all the same.
            tracing::error!(run = %self.id, "cannot record the failure: {error}");
        }
        trouble
    }
}

/// The run as the store has it.
pub(crate) async fn stored(store: &Store, id: RunId) -> Result<StoredRun, Trouble> {
    let mut found = store.runs(&id.to_string(), 1).await?;
    found.pop().ok_or_else(|| Trouble::from_error("STORE", &"the run is not in the store"))
}

/// A run that begins, for [`Run::begin`].
pub(crate) fn new_run(
    id: RunId,
    kind: RunKind,
    role: RunRole,
    peers: Vec<PartyId>,
    ours: bool,
    terms: String,
) -> NewRun {
    let state = if ours { RunState::Proposed } else { RunState::Agreed };
    NewRun { id, kind, role, peers, ours, terms, state }
}
