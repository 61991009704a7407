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
use crate::runs::journal::RunJournal;
use crate::runs::verdict::{Cast, verdict};

/// Drives our side of a run, and says what a failure means. A member of the cast that is cut off
/// ends it.
pub(crate) async fn conduct<S: Session>(
    node: &Node,
    journal: RunJournal<'_>,
    cast: &Cast,
    session: S,
    links: Vec<Link>,
) -> Result<Driven<S::Output>, Trouble> {
    conduct_for(node, journal, (cast, None), session, links).await
}

/// [`conduct`] for a lender that is not in the cast: a platform stands between, and the run ends all
/// the same when the lender is cut off.
pub(crate) async fn conduct_for<S: Session>(
    node: &Node,
    journal: RunJournal<'_>,
    (cast, lender): (&Cast, Option<&PartyId>),
    session: S,
    links: Vec<Link>,
) -> Result<Driven<S::Output>, Trouble> {
    let run = journal.run();
    let mut journal = node.cancellations.heeded(journal);
    let driving = drive(session, links, node.config.limits.idle(), &mut journal);
    while_admitted(node, cast.values().chain(lender), driving)
        .await?
        .map_err(|error| verdict(&error, cast, &run.phase()))
}

/// [`conduct`] with one peer, and with `keep` storing the output before our farewell: what the peer
/// then takes for done here is on disk.
pub(crate) async fn conduct_keeping<S: Session, T, F>(
    node: &Node,
    journal: RunJournal<'_>,
    peer: (Role, &PartyId),
    session: (S, Link),
    keep: impl FnOnce(S::Output) -> F,
) -> Result<Driven<T>, Trouble>
where
    F: Future<Output = Result<T, Trouble>>,
{
    conduct_keeping_for(node, journal, (peer, None), session, keep).await
}

/// [`conduct_keeping`] for a lender that is not in the cast, as [`conduct_for`]. An output that is kept
/// stays kept, whoever is cut off afterwards: such a run is unconfirmed.
pub(crate) async fn conduct_keeping_for<S: Session, T, F>(
    node: &Node,
    journal: RunJournal<'_>,
    ((role, peer), lender): ((Role, &PartyId), Option<&PartyId>),
    (session, link): (S, Link),
    keep: impl FnOnce(S::Output) -> F,
) -> Result<Driven<T>, Trouble>
where
    F: Future<Output = Result<T, Trouble>>,
{
    let cast = Cast::from([(role, peer.clone())]);
    conduct_all_keeping(node, journal, (&cast, lender), (session, vec![link]), keep).await
}

/// [`conduct_keeping_for`] with several peers.
pub(crate) async fn conduct_all_keeping<S: Session, T, F>(
    node: &Node,
    journal: RunJournal<'_>,
    (cast, lender): (&Cast, Option<&PartyId>),
    (session, links): (S, Vec<Link>),
    keep: impl FnOnce(S::Output) -> F,
) -> Result<Driven<T>, Trouble>
where
    F: Future<Output = Result<T, Trouble>>,
{
    let run = journal.run();
    let mut journal = node.cancellations.heeded(journal);
    let idle = node.config.limits.idle();
    let watch = node.members.watch(cast.values().chain(lender).cloned().collect())?;
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
        (Ok(Err(error)), _) => Err(verdict(&error, cast, &run.phase())),
        (Ok(Ok(_)), None) => Err(Trouble::said("OURS", &"an output that nobody has kept")),
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

/// [`conduct`] with one peer.
pub(crate) async fn conduct_with<S: Session>(
    node: &Node,
    journal: RunJournal<'_>,
    peer: (Role, &PartyId),
    session: S,
    link: Link,
) -> Result<Driven<S::Output>, Trouble> {
    let (role, peer) = peer;
    conduct(node, journal, &Cast::from([(role, peer.clone())]), session, vec![link]).await
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
    pub(crate) fn told(confirmed: bool, report: impl Into<String>) -> Self {
        Self { confirmed, report: report.into(), result: None }
    }

    /// A run that leaves nothing but its record.
    pub(crate) fn of(driven: Driven<()>) -> Self {
        Self::told(driven.confirmed, "{}")
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
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use domain::{Duty, MemberChange, RunKind, RunRole};
    use session::{Chunk, Turn};
    use store::{Phase, RunState};
    use tokio_stream::{StreamExt, pending};
    use wire::Frame;

    use super::*;
    use crate::drive::Journal;
    use crate::governance::made::{made, party};
    use crate::governance::members;
    use crate::runs::record::{new_run, stored};
    use crate::runs::{cancel, phase};
    use crate::setup::add_peer;

    const PEER: Role = Role(7);

    fn of_round(round: u32) -> Phase {
        phase::round(round, "a round", "一轮")
    }

    /// A session that has its output at once, or never.
    struct Has(bool);

    impl Session for Has {
        type Output = ();
        type Error = scoring::Error;

        fn advance(&mut self) -> Result<Turn<()>, scoring::Error> {
            Ok(if self.0 { Turn::Done(()) } else { Turn::Await })
        }

        fn receive(&mut self, _: Role, _: Chunk) -> Result<(), scoring::Error> {
            Ok(())
        }
    }

    /// A holder whose peers are a platform and a bank, both admitted.
    async fn holder(root: &tempfile::TempDir) -> Arc<Node> {
        let dir = |name: &str| root.path().join(name);
        made(&dir("tax"), "tax", Duty::Holder);
        for (name, duty) in [("platform", Duty::Platform), ("bank", Duty::Lender)] {
            made(&dir(name), name, duty);
            add_peer(&dir("tax"), &dir(name).join(format!("{name}.party"))).unwrap();
        }
        let node = Node::open(dir("tax")).await.unwrap();
        for name in ["platform", "bank"] {
            let last = MemberChange::Assess(time::macros::date!(2199 - 12 - 31));
            for change in [last, MemberChange::Admit] {
                members::change(&node, &party(name), change, String::new()).await.unwrap();
            }
        }
        node
    }

    async fn suspend(node: &Node, name: &str) {
        let suspend = MemberChange::Suspend;
        members::change(node, &party(name), suspend, String::new()).await.unwrap();
    }

    async fn run(node: &Node, number: u8) -> Run {
        let id = domain::RunId::from_bytes([number; 16]);
        let new = new_run(
            id,
            RunKind::Table,
            RunRole::Holder,
            vec![party("platform")],
            false,
            "{}".into(),
        );
        Run::begin_unseen(&node.store, new).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_output_that_is_kept_stays_kept_when_its_peer_is_cut_off_before_the_farewell() {
        let root = tempfile::tempdir().unwrap();
        let node = holder(&root).await;
        let run = run(&node, 1).await;
        let keep = async |()| {
            // Cut off while it is being kept: what is begun goes to its end.
            suspend(&node, "platform").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            run.keep("{}", None).await?;
            Ok("kept")
        };
        let (link, _outgoing) = Link::new(PEER, pending());
        let journal = RunJournal::new(&run, of_round);
        let peer = (PEER, &party("platform"));
        let driven = conduct_keeping(&node, journal, peer, (Has(true), link), keep).await.unwrap();
        assert_eq!((driven.output, driven.confirmed), ("kept", false));
        let id = run.id;
        record(run, Ok(Outcome { confirmed: false, report: "{}".into(), result: None })).await;
        assert_eq!(stored(&node.store, id).await.unwrap().state, RunState::Unconfirmed);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_cannot_be_kept_is_not_kept_and_a_cut_then_ends_the_run() {
        let keeping = Keeping::<()>::default();
        let failing = async { Err(Trouble::said("STORE", &"disk full")) };
        let work = async {
            let failed = keeping.until_kept(failing).await;
            assert!(failed.is_err());
            std::future::pending::<()>().await
        };
        let cut = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            party("bank")
        };
        assert_eq!(keeping.unless_cut(work, cut).await, Err(party("bank")));
        assert!(keeping.kept().is_none());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_run_that_the_operator_ends_has_a_code_of_its_own_and_its_peer_is_told() {
        let root = tempfile::tempdir().unwrap();
        let node = holder(&root).await;
        let run = run(&node, 3).await;
        let (link, mut outgoing) = Link::new(PEER, pending());
        let journal = RunJournal::new(&run, of_round);
        let platform = party("platform");
        let conducting = conduct_with(&node, journal, (PEER, &platform), Has(false), link);
        let ending = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            cancel::cancel(&node, &run.id.to_string()).await.unwrap();
            let frame = outgoing.next().await.unwrap();
            Frame::try_from(frame).unwrap()
        };
        let both = async { tokio::join!(conducting, ending) };
        let (ended, told) = tokio::time::timeout(Duration::from_secs(5), both).await.unwrap();
        let trouble = ended.err().unwrap();
        assert_eq!(trouble.code, cancel::CANCELLED);
        let Frame::Abort(why) = told else { panic!("{told:?}") };
        assert_eq!(why.code, cancel::CANCELLED);
        let id = run.id;
        record(run, Err(trouble)).await;
        // What is over is not ended once more.
        let over = cancel::cancel(&node, &id.to_string()).await.unwrap_err();
        assert_eq!(over.code, "RUN_OVER");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_leaves_of_a_run_that_was_ended_before_it_began_to_talk() {
        let root = tempfile::tempdir().unwrap();
        let node = holder(&root).await;
        let run = run(&node, 4).await;
        cancel::cancel(&node, &run.id.to_string()).await.unwrap();
        let mut journal = node.cancellations.heeded(RunJournal::new(&run, of_round));
        assert_eq!(journal.before_round(PEER, 1).await.unwrap_err().code, cancel::CANCELLED);
        assert_eq!(journal.ended().await.code, cancel::CANCELLED);
        // Asked for anew, it may go on under the same number.
        node.cancellations.forget(run.id);
        let mut journal = node.cancellations.heeded(RunJournal::new(&run, of_round));
        journal.before_round(PEER, 1).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_run_over_a_platform_ends_when_the_lender_that_it_is_for_is_cut_off() {
        let root = tempfile::tempdir().unwrap();
        let node = holder(&root).await;
        let run = run(&node, 2).await;
        let (platform, bank) = (party("platform"), party("bank"));
        let conducting = async {
            let (link, _outgoing) = Link::new(PEER, pending());
            let journal = RunJournal::new(&run, of_round);
            let whom = ((PEER, &platform), Some(&bank));
            let keep = async |()| Ok(());
            conduct_keeping_for(&node, journal, whom, (Has(false), link), keep).await
        };
        let cutting = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            suspend(&node, "bank").await;
        };
        let both = async { tokio::join!(conducting, cutting).0 };
        let ended = tokio::time::timeout(Duration::from_secs(5), both).await.unwrap();
        assert_eq!(ended.err().unwrap().code, Refusal::MemberState.code());
    }
}
