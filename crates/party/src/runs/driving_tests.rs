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
    let new =
        new_run(id, RunKind::Table, RunRole::Holder, vec![party("platform")], false, "{}".into());
    Run::begin_unseen(&node.store, new).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_is_kept_stays_kept_when_its_peer_is_cut_off_before_the_close() {
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
    let driven = drive_run_keeping(&node, journal, peer, (Has(true), link), keep).await.unwrap();
    assert_eq!((driven.output, driven.confirmed), ("kept", false));
    let id = run.id;
    record(run, Ok(Outcome { confirmed: false, report: "{}".into(), result: None })).await;
    assert_eq!(stored(&node.store, id).await.unwrap().state, RunState::Unconfirmed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_is_not_kept_and_a_cut_then_ends_the_run() {
    let keeping = Keeping::<()>::default();
    let failing = async { Err(Trouble::from_error("STORE", &"disk full")) };
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
    let conducting = drive_with_peer(&node, journal, (PEER, &platform), Has(false), link);
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
        drive_keeping_for(&node, journal, whom, (Has(false), link), keep).await
    };
    let cutting = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        suspend(&node, "bank").await;
    };
    let both = async { tokio::join!(conducting, cutting).0 };
    let ended = tokio::time::timeout(Duration::from_secs(5), both).await.unwrap();
    assert_eq!(ended.err().unwrap().code, Refusal::MemberState.code());
}
