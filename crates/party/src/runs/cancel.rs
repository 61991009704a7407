//! Runs that the operator ends.

use std::collections::HashSet;

use domain::RunId;
use session::Role;
use store::{RunState, StoredRun};
use tokio::sync::watch;

use crate::Trouble;
use crate::drive::{Journal, Moved};
use crate::node::Node;
use crate::runs::again::found;
use crate::runs::journal::RunJournal;
use crate::runs::record::stored;

/// The code of a run that an operator has ended, here or at a peer.
pub(crate) const CANCELLED: &str = "CANCELLED";

/// The runs that the operator has ended since this process began.
#[derive(Debug)]
pub(crate) struct Cancellations(watch::Sender<HashSet<RunId>>);

impl Default for Cancellations {
    fn default() -> Self {
        Self(watch::Sender::new(HashSet::new()))
    }
}

impl Cancellations {
    /// A run's journal that also hears when the operator ends the run, or has ended it.
    pub(crate) fn heeded<'a>(&self, journal: RunJournal<'a>) -> Cancellable<'a> {
        Cancellable { journal, cancelled: self.0.subscribe() }
    }

    /// Refuses to go on with a run that the operator has ended.
    pub(crate) fn heed(&self, run: RunId) -> Result<(), Trouble> {
        refuse_ended(&self.0.borrow(), run)
    }

    fn end(&self, run: RunId) {
        self.0.send_modify(|cancelled| {
            cancelled.insert(run);
        });
    }

    /// The operator wants this run after all.
    pub(crate) fn forget(&self, run: RunId) {
        self.0.send_modify(|cancelled| {
            cancelled.remove(&run);
        });
    }
}

/// Ends a run that is asked or under way here, whoever has begun it, and returns its record so far.
///
/// It ends before anything more of it leaves, and its peers are told. One that a peer has proposed and
/// not begun is not waited for any longer.
///
/// # Errors
///
/// `RUN_OVER` for one that has ended by itself; when there is none of this number, or more than one.
pub(crate) async fn cancel(node: &Node, id: &str) -> Result<StoredRun, Trouble> {
    let run = found(node, id).await?;
    match run.state {
        RunState::Proposed | RunState::Agreed | RunState::Running => {}
        RunState::Done | RunState::Unconfirmed | RunState::Failed => {
            return Err(Trouble::us(
                "RUN_OVER",
                "this run is over already: nothing of it is under way",
                "该运行已经结束，没有正在进行的部分",
            ));
        }
    }
    node.cancellations.end(run.id);
    for peer in &run.peers {
        node.drop_pending(run.id, peer, cancelled()).await;
    }
    stored(&node.store, run.id).await
}

fn refuse_ended(ended: &HashSet<RunId>, run: RunId) -> Result<(), Trouble> {
    if ended.contains(&run) { Err(cancelled()) } else { Ok(()) }
}

fn cancelled() -> Trouble {
    Trouble::us(
        CANCELLED,
        "the operator has ended this run. What had flowed by then is of no use to anybody; it may be asked for again.",
        "运维人员已终止本次运行。此前传输的内容对任何一方均无用处；可重新发起。",
    )
}

/// The journal of a run that the operator may end.
pub(crate) struct Cancellable<'a> {
    journal: RunJournal<'a>,
    cancelled: watch::Receiver<HashSet<RunId>>,
}

impl Journal for Cancellable<'_> {
    fn passes_on(&self, code: &str) -> bool {
        code == CANCELLED || self.journal.passes_on(code)
    }

    async fn before_round(&mut self, to: Role, round: u32) -> Result<(), Trouble> {
        refuse_ended(&self.cancelled.borrow(), self.journal.run().id)?;
        self.journal.before_round(to, round).await
    }

    fn moved(&mut self, chunk: Moved) {
        self.journal.moved(chunk);
    }

    async fn ended(&mut self) -> Trouble {
        let run = self.journal.run().id;
        let ended = self.cancelled.wait_for(|cancelled| cancelled.contains(&run)).await.is_ok();
        if !ended {
            // The party is gone, and with it whoever could end a run.
            std::future::pending::<()>().await;
        }
        cancelled()
    }
}
