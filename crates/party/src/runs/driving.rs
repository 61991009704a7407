//! One way to drive a session, and one way to record its end.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use domain::{PartyId, Refusal};
use session::{Role, Session};

use crate::Trouble;
use crate::drive::{Driven, Link, drive, drive_keeping};
use crate::node::Node;
use crate::runs::Run;
use crate::runs::diagnosis::{RoleAssignment, diagnose};
use crate::runs::journal::RunJournal;

/// Drives our side of a run, and says what a failure means. A party of the assignment that is cut off
/// ends it.
pub(crate) async fn drive_run<S: Session>(
    node: &Node,
    journal: RunJournal<'_>,
    assignment: &RoleAssignment,
    session: S,
    links: Vec<Link>,
) -> Result<Driven<S::Output>, Trouble> {
    drive_run_for(node, journal, (assignment, None), session, links).await
}

/// [`drive_run`] for a lender that is not in the assignment: a platform stands between, and the run ends all
/// the same when the lender is cut off.
pub(crate) async fn drive_run_for<S: Session>(
    node: &Node,
    journal: RunJournal<'_>,
    (assignment, lender): (&RoleAssignment, Option<&PartyId>),
    session: S,
    links: Vec<Link>,
) -> Result<Driven<S::Output>, Trouble> {
    let run = journal.run();
    let mut journal = node.cancellations.heeded(journal);
    let driving = drive(session, links, node.config.limits.idle(), &mut journal);
    while_admitted(node, assignment.values().chain(lender), driving)
        .await?
        .map_err(|error| diagnose(&error, assignment, &run.phase()))
}

/// [`drive_run`] with one peer, and with `keep` storing the output before our closing frame: what the peer
/// then takes for done here is on disk.
pub(crate) async fn drive_run_keeping<S: Session, T, F>(
    node: &Node,
    journal: RunJournal<'_>,
    peer: (Role, &PartyId),
    session: (S, Link),
    keep: impl FnOnce(S::Output) -> F,
) -> Result<Driven<T>, Trouble>
where
    F: Future<Output = Result<T, Trouble>>,
{
    drive_keeping_for(node, journal, (peer, None), session, keep).await
}

/// [`drive_run_keeping`] for a lender that is not in the assignment, as [`drive_run_for`]. An output that is kept
/// stays kept, whoever is cut off afterwards: such a run is unconfirmed.
pub(crate) async fn drive_keeping_for<S: Session, T, F>(
    node: &Node,
    journal: RunJournal<'_>,
    ((role, peer), lender): ((Role, &PartyId), Option<&PartyId>),
    (session, link): (S, Link),
    keep: impl FnOnce(S::Output) -> F,
) -> Result<Driven<T>, Trouble>
where
    F: Future<Output = Result<T, Trouble>>,
{
    let assignment = RoleAssignment::from([(role, peer.clone())]);
    drive_all_keeping(node, journal, (&assignment, lender), (session, vec![link]), keep).await
}

/// [`drive_keeping_for`] with several peers.
pub(crate) async fn drive_all_keeping<S: Session, T, F>(
    node: &Node,
    journal: RunJournal<'_>,
    (assignment, lender): (&RoleAssignment, Option<&PartyId>),
    (session, links): (S, Vec<Link>),
    keep: impl FnOnce(S::Output) -> F,
) -> Result<Driven<T>, Trouble>
where
    F: Future<Output = Result<T, Trouble>>,
{
    let run = journal.run();
    let mut journal = node.cancellations.heeded(journal);
    let idle = node.config.limits.idle();
    let watch = node.members.watch(assignment.values().chain(lender).cloned().collect())?;
    let keeping = Keeping::default();
    let driving = drive_keeping(session, links, idle, &mut journal, |output| {
        keeping.until_kept(keep(output))
    });
    let driven = keeping.unless_cut(driving, watch.cut_off()).await;
    match (driven, keeping.kept()) {
        (Ok(Ok(Driven { output: (), confirmed, refused })), Some(output)) => {
            Ok(Driven { output, confirmed, refused })
        }
        (Err(party), Some(output)) => {
            tracing::warn!(%party, run = %run.id, "cut off once the output was kept");
            Ok(Driven { output, confirmed: false, refused: None })
        }
        (Err(party), None) => Err(Trouble::refused(Refusal::MemberState).by(&party)),
        (Ok(Err(error)), _) => Err(diagnose(&error, assignment, &run.phase())),
        (Ok(Ok(_)), None) => Err(Trouble::from_error("OURS", &"an output that nobody has kept")),
    }
}

/// How far the keeping of an output is.
struct Keeping<T>(Mutex<Stage<T>>);

enum Stage<T> {
    Before,
    Begun,
    Kept(T),
}

impl<T> Default for Keeping<T> {
    fn default() -> Self {
        Self(Mutex::new(Stage::Before))
    }
}

impl<T> Keeping<T> {
    /// Keeps an output, and says meanwhile that it does.
    async fn until_kept(
        &self,
        keeping: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<(), Trouble> {
        *self.locked() = Stage::Begun;
        let kept = keeping.await;
        let (stage, done) = match kept {
            Ok(output) => (Stage::Kept(output), Ok(())),
            Err(trouble) => (Stage::Before, Err(trouble)),
        };
        *self.locked() = stage;
        done
    }

    /// Does work until a party is cut off. An output that is being kept by then is kept first: what is
    /// half in the store would be taken for nothing.
    async fn unless_cut<W>(
        &self,
        work: impl Future<Output = W>,
        cut: impl Future<Output = PartyId>,
    ) -> Result<W, PartyId> {
        let mut work = pin!(work);
        let party = tokio::select! {
            done = &mut work => return Ok(done),
            party = cut => party,
        };
        let kept = poll_fn(|context| {
            if !self.is_begun() {
                return Poll::Ready(None);
            }
            match work.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending if self.is_begun() => Poll::Pending,
                Poll::Pending => Poll::Ready(None),
            }
        });
        kept.await.ok_or(party)
    }

    fn is_begun(&self) -> bool {
        matches!(*self.locked(), Stage::Begun)
    }

    /// The output, where it was kept.
    fn kept(self) -> Option<T> {
        match self.0.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Stage::Kept(output) => Some(output),
            Stage::Before | Stage::Begun => None,
        }
    }

    fn locked(&self) -> MutexGuard<'_, Stage<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does work for as long as every one of these parties is admitted.
async fn while_admitted<T>(
    node: &Node,
    parties: impl Iterator<Item = &PartyId>,
    work: impl Future<Output = T>,
) -> Result<T, Trouble> {
    let watch = node.members.watch(parties.cloned().collect())?;
    tokio::select! {
        done = work => Ok(done),
        party = watch.cut_off() => Err(Trouble::refused(Refusal::MemberState).by(&party)),
    }
}

/// [`drive_run`] with one peer.
pub(crate) async fn drive_with_peer<S: Session>(
    node: &Node,
    journal: RunJournal<'_>,
    peer: (Role, &PartyId),
    session: S,
    link: Link,
) -> Result<Driven<S::Output>, Trouble> {
    let (role, peer) = peer;
    drive_run(node, journal, &RoleAssignment::from([(role, peer.clone())]), session, vec![link])
        .await
}

/// What a run that a peer has begun leaves behind.
pub(crate) struct Outcome {
    pub(crate) confirmed: bool,
    /// JSON.
    pub(crate) report: String,
    /// The result's path, if there is a file.
    pub(crate) result: Option<String>,
}

impl Outcome {
    /// A run that leaves a report and no file.
    pub(crate) fn with_report(confirmed: bool, report: impl Into<String>) -> Self {
        Self { confirmed, report: report.into(), result: None }
    }

    /// A run that leaves nothing but its record.
    pub(crate) fn of(driven: Driven<()>) -> Self {
        Self::with_report(driven.confirmed, "{}")
    }
}

/// Records how a run that a peer has begun ended: nobody here waits for it.
pub(crate) async fn record(run: Run, done: Result<Outcome, Trouble>) {
    match done {
        Ok(Outcome { confirmed, report, result }) => {
            if let Err(error) = run.finish(confirmed, report, result).await {
                tracing::error!("cannot record the end of a run: {error}");
            }
        }
        Err(trouble) => {
            run.fail(trouble).await;
        }
    }
}

#[cfg(test)]
#[path = "driving_tests.rs"]
mod tests;
