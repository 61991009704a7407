//! What it takes to host a kind of run, shown by one that is no protocol: two parties tell one another a
//! number, and both have the sum. No secret would be safe with it.
//!
//! It stands alone in a table of its own, and rides on the message of a kind that is not in it.

use std::sync::Arc;

use bytes::Bytes;
use domain::{Duty, MemberChange, PartyId, Purpose, RunKind, RunRole};
use session::{Blame, Chunk, Culprit, Role, Session, Turn};
use store::{Phase, RunState, StoredRun};
use tokio::net::TcpListener;
use wire::peer::{self, proposal};
use wire::{KeyCheckTerms, Terms};

use crate::Trouble;
use crate::drive::Link;
use crate::governance::made::{made_at, party};
use crate::governance::members;
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::asking::Asking;
use crate::runs::diagnosis::MISBEHAVED;
use crate::runs::driving::{Outcome, drive_with_peer, record};
use crate::runs::journal::RunJournal;
use crate::runs::kind::{Kind, Kinds, Proposed};
use crate::runs::record::{new_run, unseen};
use crate::runs::{Run, again, phase};
use crate::serve::serve_peers;
use crate::setup::add_peer;

/// The table that the toy stands in.
const TOYS: Kinds = Kinds(&[&Sum]);
/// Who proposes, and who answers.
const ASKER: Role = Role(0);
const ANSWERER: Role = Role(1);
/// What the answerer tells.
const ANSWER: u64 = 30;

/// The toy.
struct Sum;

/// That no number larger than this is told.
struct SumTerms {
    most: u64,
}

impl Terms for SumTerms {
    const KIND: RunKind = RunKind::KeyCheck;
    type Agreement = peer::KeyCheckAgreement;

    fn read(terms: proposal::Terms) -> Result<Self, wire::Error> {
        let KeyCheckTerms { lender_key } = KeyCheckTerms::read(terms)?;
        let (most, _) = lender_key.split_first_chunk().expect("32 bytes are more than 8");
        Ok(Self { most: u64::from_be_bytes(*most) })
    }

    fn write(self) -> proposal::Terms {
        let mut lender_key = [0; 32];
        lender_key[..8].copy_from_slice(&self.most.to_be_bytes());
        KeyCheckTerms { lender_key }.write()
    }
}

/// Tells the other its number, and adds the one that comes.
struct Adding {
    peer: Role,
    own: u64,
    most: u64,
    told: bool,
    sum: Option<u64>,
}

#[derive(Debug, thiserror::Error)]
#[error("{from} told no number that was agreed on")]
struct NoNumber {
    from: Role,
}

impl Blame for NoNumber {
    fn blame(&self) -> Culprit {
        Culprit::Peer(self.from)
    }
}

impl Adding {
    fn with(peer: Role, own: u64, most: u64) -> Self {
        Self { peer, own, most, told: false, sum: None }
    }
}

impl Session for Adding {
    type Output = u64;
    type Error = NoNumber;

    fn advance(&mut self) -> Result<Turn<u64>, NoNumber> {
        if !self.told {
            self.told = true;
            let number = Bytes::copy_from_slice(&self.own.to_be_bytes());
            return Ok(Turn::Send(self.peer, Chunk::whole(1, number)));
        }
        Ok(self.sum.map_or(Turn::Await, Turn::Done))
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), NoNumber> {
        let number = chunk.body.as_ref().try_into().map(u64::from_be_bytes).ok();
        let number = number.filter(|number| self.sum.is_none() && *number <= self.most);
        let sum = number.and_then(|number| self.own.checked_add(number));
        self.sum = Some(sum.ok_or(NoNumber { from })?);
        Ok(())
    }
}

fn round(round: u32) -> Phase {
    phase::round(round, "a number", "一个数")
}

#[tonic::async_trait]
impl Kind for Sum {
    type Terms = SumTerms;

    async fn accept(
        &self,
        node: &Arc<Node>,
        Proposed { peer, run, terms, .. }: Proposed<'_, SumTerms>,
    ) -> Result<Answer, Trouble> {
        let (kind, role) = (RunKind::KeyCheck, RunRole::Holder);
        let new = new_run(run, kind, role, vec![peer.clone()], false, "{}".into());
        let run = Run::begin_unseen(&node.store, new).await?;
        Ok(agreed(AgreedSum { run, most: terms.most }, peer::KeyCheckAgreement {}))
    }
}

struct AgreedSum {
    run: Run,
    most: u64,
}

#[tonic::async_trait]
impl AgreedRun for AgreedSum {
    fn proposer(&self) -> Role {
        ASKER
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }

    async fn drive(self: Box<Self>, node: &Arc<Node>, peer: PartyId, link: Link) {
        let Self { run, most } = *self;
        let journal = RunJournal::new(&run, round);
        let session = Adding::with(ASKER, ANSWER, most);
        let driven = drive_with_peer(node, journal, (ASKER, &peer), session, link).await;
        let outcome =
            driven.map(|driven| Outcome::with_report(driven.confirmed, driven.output.to_string()));
        record(run, outcome).await;
    }
}

/// Asks a party for the sum of its number and ours.
async fn sum(node: &Arc<Node>, with: &PartyId, own: u64) -> Result<u64, Trouble> {
    let (kind, peers) = ((RunKind::KeyCheck, RunRole::Lender), vec![with.clone()]);
    let run = Run::ours(node, kind, peers, "{}".into(), unseen()).await?;
    let asked = async {
        let ask = Asking::new(node, &run, (ANSWERER, with), Purpose::ProductDevelopment);
        ask.propose(SumTerms { most: 100 }).await?;
        run.agreed().await?;
        let session = Adding::with(ANSWERER, own, 100);
        let driven = ask.drive_run(RunJournal::new(&run, round), session).await?;
        Ok((driven.output, Outcome::with_report(driven.confirmed, driven.output.to_string())))
    };
    let done = asked.await;
    run.end_with(done).await
}

/// A bank and a tax office that know and admit one another, each at a port of its own; the tax office
/// hosts these kinds of runs.
async fn bank_and_tax(root: &tempfile::TempDir, hosted: Kinds) -> [Arc<Node>; 2] {
    let dir = |name: &str| root.path().join(name);
    let mut listeners = Vec::new();
    for (name, duty) in [("bank", Duty::Lender), ("tax", Duty::Holder)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        made_at(&dir(name), name, duty, &listener.local_addr().unwrap().to_string());
        listeners.push(listener);
    }
    let mut nodes = Vec::new();
    for (name, other, kinds) in [("bank", "tax", TOYS), ("tax", "bank", hosted)] {
        add_peer(&dir(name), &dir(other).join(format!("{other}.party"))).unwrap();
        let node = Node::hosting(dir(name), kinds).await.unwrap();
        let last = MemberChange::Assess(time::macros::date!(2199 - 12 - 31));
        for change in [last, MemberChange::Admit] {
            members::change(&node, &party(other), change, String::new()).await.unwrap();
        }
        tokio::spawn(serve_peers(Arc::clone(&node), listeners.remove(0)).unwrap());
        nodes.push(node);
    }
    nodes.try_into().unwrap_or_else(|_| unreachable!("there are two"))
}

/// The one run of a party, once it is over.
async fn ended(node: &Node) -> StoredRun {
    loop {
        let run = node.store.runs("", 1).await.unwrap().pop().unwrap();
        match run.state {
            RunState::Proposed | RunState::Agreed | RunState::Running => {
                tokio::task::yield_now().await
            }
            RunState::Done | RunState::Unconfirmed | RunState::Failed => return run,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_of_a_table_is_proposed_agreed_on_driven_and_recorded() {
    let root = tempfile::tempdir().unwrap();
    let [bank, tax] = bank_and_tax(&root, TOYS).await;
    assert_eq!(sum(&bank, &party("tax"), 12).await.unwrap(), 42);
    for (node, role, ours) in [(&bank, RunRole::Lender, true), (&tax, RunRole::Holder, false)] {
        let run = ended(node).await;
        assert_eq!((run.kind, run.role, run.ours), (Some(RunKind::KeyCheck), Some(role), ours));
        assert_eq!((run.state, run.report.as_deref()), (RunState::Done, Some("42")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_breaks_the_terms_of_a_kind_is_blamed_and_has_nothing_confirmed() {
    let root = tempfile::tempdir().unwrap();
    let [bank, tax] = bank_and_tax(&root, TOYS).await;
    // It may have the other's number before it is refused; that is no close.
    let _ = sum(&bank, &party("tax"), 101).await;
    assert_ne!(ended(&bank).await.state, RunState::Done);
    let blamed = ended(&tax).await.trouble.unwrap();
    assert_eq!((blamed.code.as_str(), blamed.side.as_str()), (MISBEHAVED, "bank"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_not_hosted_is_not_offered_and_not_run_again() {
    let root = tempfile::tempdir().unwrap();
    let [bank, _tax] = bank_and_tax(&root, Kinds(&[])).await;
    let refused = sum(&bank, &party("tax"), 12).await.unwrap_err();
    assert!(refused.code == "REFUSED" && refused.en.contains("NOT_OFFERED"), "{refused}");
    let run = ended(&bank).await;
    let again = again::again(&bank, &run.id.to_string(), unseen()).await;
    assert_eq!(again.unwrap_err().code, "NOT_AGAIN");
}
