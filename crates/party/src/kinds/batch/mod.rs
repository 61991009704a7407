//! A whole list scored in blocks of 4096 subjects: a lender asks, a platform adds, holders answer.
//!
//! One run, many steps. Each step is a proposal under the run's one number, and names all of the
//! terms:
//!
//! | step | what flows | who keeps what before it counts |
//! |---|---|---|
//! | list | the list of subjects, once to each party | every party: the list, whole |
//! | span | up to 64 blocks: answers, sums | holder: its run seed, before the first answer; lender: each block, before the next span |
//! | over | nothing | everybody forgets the list; holders forget the run seed |
//!
//! A crash of anybody ends the step and fails the run in everybody's record. The lender takes it up
//! again (`tacit runs again`) with the first block that is not in its result; a holder that is asked
//! for a block twice sends the same bytes twice, for that is what a run seed is. Where the register has
//! changed since, the holder refuses: a new run is needed then.
//!
//! Batches are for research data: a register of firms or persons needs a decision, a receipt and a
//! record for every subject, which this form does not make.
//!
//! A subject for whom some holder has no bin does not end the list: the holder says in clear, as it
//! agrees to a span, which of its subjects these are, and the lender marks them in its result. Platform
//! and lender learn that much of research data; of firms and persons no model is without such bins.

mod holder;
mod lender;
mod live;
mod platform;
mod request;
mod result;
mod rounds;

use std::sync::Arc;

use consent::{Asks, Question};
use domain::{Digest, PartyId, Purpose, RunId, RunKind, RunRole, SubjectKind};
use scoring::batch::{BLOCK, ListDigest, Span, Terms};
use scoring::{Fingerprint, MaskPublicKey, ModelDigest};
use serde_json::json;
use session::Role;
use store::{RunState, StoredBatch, StoredModel, StoredRun};
use wire::{BatchStep, BatchTerms, WithoutBin, peer};

pub(crate) use lender::{Ask, ask};
pub(crate) use live::Batches;

use crate::Trouble;
use crate::clock::now_ms;
use crate::drive::Link;
use crate::governance::release::hashed;
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed, without_exchange};
use crate::runs::asking::Asking;
use crate::runs::diagnosis::RoleAssignment;
use crate::runs::driving::drive_run_for;
use crate::runs::journal::RunJournal;
use crate::runs::kind::{Kind, Proposed};
use crate::runs::record::new_run;
use crate::runs::{Run, Watcher, list, phase};

/// A step that we have agreed to and whose proposer has not come yet.
enum Step {
    List(AcceptedList),
    Answers(holder::AcceptedAnswers),
    Relay(platform::AcceptedRelay),
}

#[tonic::async_trait]
impl AgreedRun for Step {
    fn proposer(&self) -> Role {
        match self {
            Self::List(accepted) => accepted.from,
            Self::Answers(_) => scoring::PLATFORM,
            Self::Relay(_) => scoring::LENDER,
        }
    }

    /// Takes the step. Its end is the run's only where it fails.
    async fn drive(self: Box<Self>, node: &Arc<Node>, peer: PartyId, link: Link) {
        let (run, done) = match *self {
            Self::List(accepted) => accepted.drive(node, &peer, link).await,
            Self::Answers(accepted) => accepted.drive(node, &peer, link).await,
            Self::Relay(accepted) => accepted.drive(node, &peer, link).await,
        };
        match done {
            Ok(()) => node.await_step(run, peer),
            Err(trouble) => {
                run.fail(trouble).await;
            }
        }
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        let run = match *self {
            Self::List(accepted) => accepted.run,
            Self::Answers(accepted) => accepted.run,
            Self::Relay(accepted) => accepted.run,
        };
        run.fail(why).await;
    }
}

/// The scores of a whole list.
pub(crate) struct Batch;

#[tonic::async_trait]
impl Kind for Batch {
    type Terms = BatchTerms;

    fn lender<'a>(&self, asked: &'a BatchTerms) -> Option<&'a PartyId> {
        Some(&asked.lender)
    }

    /// Decides on a step, as a holder or as a platform. Where nothing is to flow, nothing is accepted.
    async fn accept(
        &self,
        node: &Arc<Node>,
        proposed: Proposed<'_, BatchTerms>,
    ) -> Result<Answer, Trouble> {
        research_only(proposed.terms.kind)?;
        if proposed.terms.lender == *proposed.peer {
            return platform::accept(node, proposed).await;
        }
        holder::accept(node, proposed).await
    }

    /// Takes the list up after its last block that is on disk.
    async fn again(
        &self,
        node: &Arc<Node>,
        run: StoredRun,
        watcher: Watcher,
    ) -> Result<StoredRun, Trouble> {
        lender::resume(node, run, watcher).await
    }
}

/// The question that a lender signs for a step of a batch.
fn question(asked: &BatchTerms, model: &StoredModel, run: RunId, purpose: Purpose) -> Question {
    Question {
        lender: asked.lender.clone(),
        platform: model.platform.clone(),
        holders: model.holders.clone(),
        run,
        purpose,
        asks: Asks::List {
            model: model.model.clone(),
            publication: Digest::from_bytes(model.digest),
        },
        subject: Digest::from_bytes(asked.list),
        terms: hashed("tacit/party/v1/batch-terms", &asked.signed_bytes()),
    }
}

/// The terms of a run, the same at every party.
fn terms(
    lender_key: Fingerprint,
    run: RunId,
    asked: &BatchTerms,
    max_points: u16,
    holders: Vec<MaskPublicKey>,
) -> Result<Terms, Trouble> {
    let list = (ListDigest(asked.list), asked.subjects);
    let (model, run) = (ModelDigest(asked.digest), scoring::RunId(run.to_bytes()));
    Terms::new(lender_key, model, run, list, max_points, holders)
        .map_err(|error| Trouble::from_error("MODEL", &error))
}

/// The place of the first subject of a span, and how many subjects it has.
fn subjects_of(terms: &Terms, span: Span) -> (usize, usize) {
    let subjects = (span.from()..span.to()).map(|block| terms.subjects_in(block)).sum();
    (usize::try_from(span.from()).map_or(usize::MAX, |from| from.saturating_mul(BLOCK)), subjects)
}

/// The run of this number as it stands here, if it is known and these are its terms.
async fn standing(node: &Node, id: RunId, terms: &Terms) -> Result<Option<StoredBatch>, Trouble> {
    let batch = node.store.batch(id).await?;
    match batch {
        Some(batch) if batch.terms != terms.digest() => Err(Trouble::us(
            "BATCH_OTHER_TERMS",
            "this batch was agreed on with another list, model or holders: one run has one list; ask for another list in a run of its own",
            "该批量运行此前约定的名单、模型或数据方与此不同：一个运行只有一份名单；请为其他名单另起运行",
        )),
        batch => Ok(batch),
    }
}

/// The run of this number, which must be known, not over, and have its list: it goes on.
async fn under_way(node: &Node, id: RunId, terms: &Terms) -> Result<StoredBatch, Trouble> {
    let batch = standing(node, id, terms).await?;
    let batch = batch.filter(|_| list::path(&node.dir, id).exists());
    let batch = batch.ok_or_else(|| {
        Trouble::us(
            "BATCH_NO_LIST",
            "this party does not have the list of this batch, or the batch is over",
            "本方没有该批量运行的名单，或该运行已结束",
        )
    })?;
    if batch.over {
        return Err(over());
    }
    node.begin_step(id);
    node.store.reopen(id, now_ms()).await?;
    Ok(batch)
}

/// A list that this party has agreed to take.
pub(crate) struct AcceptedList {
    run: Run,
    from: Role,
    lender: PartyId,
    agreed: list::Agreed,
}

/// Who brings a list, and what the record says of the run.
struct Bringer<'a> {
    peer: &'a PartyId,
    from: Role,
    role: RunRole,
    peers: Vec<PartyId>,
    model: String,
}

/// Agrees to take a list, unless it is here already.
async fn accept_list(
    node: &Arc<Node>,
    id: RunId,
    asked: &BatchTerms,
    terms: &Terms,
    bringer: Bringer<'_>,
) -> Result<Answer, Trouble> {
    check_size(node, asked.subjects)?;
    match standing(node, id, terms).await? {
        Some(batch) if batch.over => return Err(over()),
        Some(_) => node.store.reopen(id, now_ms()).await?,
        None => {
            let Bringer { role, peers, model, .. } = &bringer;
            let json = json!({
                "model": model, "lender": asked.lender, "subjects": asked.subjects,
                "list": hex::encode(asked.list),
            });
            let new = new_run(id, RunKind::Batch, *role, peers.clone(), false, json.to_string());
            node.store.begin_batch(&new, &terms.digest(), now_ms()).await?;
        }
    }
    node.begin_step(id);
    let run = Run::unseen(&node.store, id);
    if list::path(&node.dir, id).exists() {
        node.await_step(run, bringer.peer.clone());
        let added = peer::BatchAgreement { has_list: true, ..peer::BatchAgreement::default() };
        return Ok(without_exchange(added));
    }
    let BatchTerms { kind, subjects, list: hash, .. } = *asked;
    let list = list::Agreed { kind, subjects, hash };
    let (from, lender) = (bringer.from, asked.lender.clone());
    let accepted = AcceptedList { run, from, lender, agreed: list };
    Ok(agreed(Step::List(accepted), peer::BatchAgreement::default()))
}

impl AcceptedList {
    async fn drive(
        self,
        node: &Arc<Node>,
        peer: &PartyId,
        link: Link,
    ) -> (Run, Result<(), Trouble>) {
        let Self { run, from, lender, agreed } = self;
        let assignment = RoleAssignment::from([(from, peer.clone())]);
        let path = list::path(&node.dir, run.id);
        let taken = async {
            let receiver = list::Receiver::new(&path, agreed)?;
            let journal = RunJournal::new(&run, |_| phase::named("the list", "名单"));
            drive_run_for(node, journal, (&assignment, Some(&lender)), receiver, vec![link]).await
        };
        let done = taken.await.map(|_| ());
        (run, done)
    }
}

/// The subjects of a span that a peer says have no bin.
fn without_bin(
    added: &peer::BatchAgreement,
    subjects: usize,
    peer: &PartyId,
) -> Result<WithoutBin, Trouble> {
    WithoutBin::from_agreement(added, subjects)
        .map_err(|error| Trouble::from_error("UNREADABLE", &error).by(peer))
}

/// Hands the list of a run to a party that does not have it.
async fn bring_list(
    node: &Arc<Node>,
    (role, party): (Role, &PartyId),
    run: &Run,
    asked: &BatchTerms,
    purpose: Purpose,
) -> Result<(), Trouble> {
    let bring = Asking::new(node, run, (role, party), purpose);
    let terms = BatchTerms { step: BatchStep::List, ..asked.clone() };
    if bring.propose(terms).await?.added.has_list {
        return Ok(());
    }
    let sender = list::Sender::new(&list::path(&node.dir, run.id), role)?;
    let journal = RunJournal::brief(run, |_| phase::named("the list", "名单"));
    let sent = bring.drive_run(journal, sender).await?;
    // Without the closing frame it is not known whether the list was kept; the next step tells.
    if sent.confirmed {
        Ok(())
    } else {
        Err(Trouble::us(
            "LOST",
            format!(
                "{party} went away before it had kept the list: run this again (`tacit runs again`)"
            ),
            format!("{party} 在保存名单之前断开：请重新运行（`tacit runs again`）"),
        )
        .by(party))
    }
}

/// Ends a run that the lender has every score of; ends it again where it was ended before.
async fn end(node: &Node, id: RunId, confirmed: bool) -> Result<(), Trouble> {
    node.store.reopen(id, now_ms()).await?;
    node.store.end_batch(id).await?;
    list::forget(&node.dir, id);
    {
        let mut live = node.batches.locked();
        live.steps.remove(&id);
        live.committed.remove(&id);
    }
    Run::unseen(&node.store, id).finish(confirmed, "{}".into(), None).await
}

/// Refuses a list that is longer than this party takes.
fn check_size(node: &Node, subjects: u32) -> Result<(), Trouble> {
    let limit = node.config.limits.max_items;
    if u64::from(subjects) <= limit {
        return Ok(());
    }
    Err(Trouble::us(
        "TOO_MANY",
        format!("{subjects} subjects exceed limits.max_items = {limit} of this party"),
        format!("{subjects} 个主体超过本方上限 limits.max_items = {limit}"),
    ))
}

/// Refuses lists of firms and persons.
fn research_only(kind: SubjectKind) -> Result<(), Trouble> {
    if kind == SubjectKind::Opaque {
        return Ok(());
    }
    Err(Trouble::us(
        "BATCH_RESEARCH_ONLY",
        "batches are for research data (kind opaque): firms and persons are scored one by one (`tacit score CODE`), each under its own authorisation",
        "批量评分仅用于研究数据（标识类型 opaque）：企业和个人须逐个评分（`tacit score 代码`），各凭其授权",
    ))
}

/// A model that has no batch form here.
fn no_batch_form() -> Trouble {
    Trouble::us(
        "BATCH_NO_TABLE",
        "this model is not published in the batch form: its lender needs a batch key in its .party file, then `tacit model publish` again",
        "该模型没有批量形式：贷款方的 .party 文件须含批量密钥，然后重新运行 `tacit model publish`",
    )
}

fn over() -> Trouble {
    Trouble::us(
        "BATCH_OVER",
        "this batch is over: nothing of it is answered any more",
        "该批量运行已结束：不再作答",
    )
}

/// What the record of a run says between two steps.
async fn reached(run: &Run, blocks: u32, all: u32) -> Result<(), Trouble> {
    let phase =
        phase::named(&format!("block {blocks} of {all}"), &format!("第 {blocks} 块，共 {all} 块"));
    run.advance(RunState::Running, phase).await
}
