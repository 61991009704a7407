//! The holder's side: run seeds once, then answers each block with the same bytes however often.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use audit::Event;
use domain::{Duty, Output, PartyId, Purpose, Refusal, RunId, RunRole, SubjectKind};
use scoring::batch::{BLOCK, Holder, Picks, RunSeed, Span, Terms};
use scoring::{PLATFORM, holder};
use session::Role;
use sha2::{Digest, Sha256};
use store::{StoredBatch, StoredModel};
use wire::{BatchStep, BatchTerms, WithoutBin, peer};
use zeroize::Zeroizing;

use super::rounds;
use crate::Trouble;
use crate::at_rest::DataKey;
use crate::config::Register;
use crate::drive::Link;
use crate::governance::models;
use crate::governance::questions;
use crate::governance::release::hashed;
use crate::kinds::batch::{
    Bringer, Step, accept_list, end, no_batch_form, question, reached, research_only, standing,
    under_way,
};
use crate::kinds::issue::holder_cache::{Blocks, Known};
use crate::kinds::issue::table;
use crate::kinds::score::mask_keys;
use crate::node::Node;
use crate::runs::agreed::{Answer, agreed, without_exchange};
use crate::runs::diagnosis::RoleAssignment;
use crate::runs::driving::drive_run_for;
use crate::runs::journal::RunJournal;
use crate::runs::kind::Proposed;
use crate::runs::list::{self, Subjects};
use crate::runs::{Run, not_offered};
use crate::setup;

/// A run seed, and the register that holds the bins which were committed.
pub(super) struct Pledged {
    run_seed: Arc<RunSeed>,
    blocks: Arc<Blocks>,
    /// The subjects of the whole list that fall into no bin here.
    without_bin: WithoutBin,
}

/// A span that this holder has agreed to answer.
pub(crate) struct AcceptedAnswers {
    pub(super) run: Run,
    known: Arc<Known>,
    committed: Arc<Pledged>,
    span: Span,
}

/// Decides on a step of a batch that `platform` relays.
pub(super) async fn accept(
    node: &Arc<Node>,
    Proposed { peer: platform, run: id, purpose, terms: asked, .. }: Proposed<'_, BatchTerms>,
) -> Result<Answer, Trouble> {
    let register = table::answering(node, platform, &asked.lender)?;
    research_only(register.kind)?;
    let known = node.holder_cache.known(node, &asked.digest).await?;
    let model = &known.model;
    if model.lender != asked.lender || model.platform != *platform || asked.kind != register.kind {
        return Err(not_offered());
    }
    verified(node, id, &asked, model, purpose).await?;
    let key = node.line(&asked.lender)?.peer.batch_key.ok_or_else(no_batch_form)?;
    let holders = mask_keys(node, &model.holders)?;
    let me = model.holders.iter().position(|holder| *holder == node.config.name);
    let me = holder(me.ok_or_else(not_offered)?);
    let terms = super::terms(key, id, &asked, known.max_points, holders)?;
    match asked.step {
        BatchStep::List => {
            node.members.admitted(&asked.lender)?;
            let bringer = Bringer {
                peer: platform,
                from: PLATFORM,
                role: RunRole::Holder,
                peers: vec![platform.clone()],
                model: model.model.to_string(),
            };
            accept_list(node, id, &asked, &terms, bringer).await
        }
        BatchStep::Span { from, to } => {
            node.members.admitted(&asked.lender)?;
            let stored = under_way(node, id, &terms).await?;
            let span = Span::new(from, to).map_err(|error| Trouble::from_error("TERMS", &error))?;
            let committed = match committed(node, id, terms, me, stored, register).await {
                Ok(committed) => committed,
                Err(trouble) => return Err(Run::unseen(&node.store, id).fail(trouble).await),
            };
            let run = Run::unseen(&node.store, id);
            let (place, subjects) = super::subjects_of(committed.run_seed.terms(), span);
            let added = committed.without_bin.of_span(place, subjects).into_agreement();
            let accepted = AcceptedAnswers { run, known, committed, span };
            Ok(agreed(Step::Answers(accepted), added))
        }
        BatchStep::Over => {
            if standing(node, id, &terms).await?.is_some() {
                end(node, id, true).await?;
            }
            Ok(without_exchange(peer::BatchAgreement::default()))
        }
    }
}

/// Verifies that the lender has asked for this step; a refusal is written down.
async fn verified(
    node: &Node,
    run: RunId,
    asked: &BatchTerms,
    model: &StoredModel,
    purpose: Purpose,
) -> Result<(), Trouble> {
    let brought = question(asked, model, run, purpose);
    let Err(trouble) = questions::verify(node, &asked.question, &brought) else { return Ok(()) };
    if let Ok(refusal) = trouble.code.parse::<Refusal>() {
        let told = audit::Asked {
            request: hashed(
                "tacit/party/v1/question",
                &[run.as_bytes().as_slice(), &asked.list].concat(),
            ),
            run,
            fields: audit::Fields::new(BTreeSet::new())
                .map_err(|e| Trouble::from_error("OURS", &e))?,
            output: Output::Score,
            purpose,
            question: audit::Question::Model {
                id: model.model.clone(),
                hash: domain::Digest::from_bytes(model.digest),
            },
            platform: model.platform.clone(),
            receiver: asked.lender.clone(),
        };
        let refused = Event::Refused { refusal, asked: told, subject: None, operator: None };
        node.record_refusals(Duty::Holder, &model.platform, vec![refused]).await;
    }
    Err(trouble)
}

/// The run's one run_seed: as it is in memory, as it is in the store, or new.
async fn committed(
    node: &Arc<Node>,
    id: RunId,
    terms: Terms,
    me: Role,
    stored: StoredBatch,
    register: &Register,
) -> Result<Arc<Pledged>, Trouble> {
    let digest = terms.model().0;
    let blocks = in_memory(node, &digest, register).await?;
    let kept = node.batches.locked().committed.get(&id).cloned();
    if let Some(kept) = kept.filter(|kept| Arc::ptr_eq(&kept.blocks, &blocks)) {
        return Ok(kept);
    }
    let all = terms.clone();
    let list = list::path(&node.dir, id);
    let register = Arc::clone(&blocks);
    let stored = stored.run_seed.map(|sealed| unsealed(&node.at_rest, id, &sealed)).transpose()?;
    let read = move || {
        let mut picks = BlockPicks::open(&list, register, &all, 0, all.blocks())?;
        let run_seed = match stored {
            None => {
                let mut rng = setup::chacha()?;
                let shape = picks.register.points.terms().shape().clone();
                let run_seed = RunSeed::new(all, me, &shape, picks.by_ref(), &mut rng);
                picks.fault()?;
                (run_seed.map_err(|error| Trouble::from_error("OURS", &error))?, None)
            }
            Some((run_seed, bins)) => {
                picks.by_ref().for_each(drop);
                let run_seed = RunSeed::from_secret_bytes(&run_seed, all, me)
                    .map_err(|error| Trouble::from_error("STORE", &error))?;
                (run_seed, Some(bins))
            }
        };
        let (bins, without_bin) = picks.hash();
        Ok::<_, Trouble>((run_seed, bins, without_bin))
    };
    let read = tokio::task::spawn_blocking(read).await;
    let ((run_seed, before), bins, without_bin) =
        read.map_err(|error| Trouble::from_error("OURS", &error))??;
    match before {
        // Before anything is sent, and never another.
        None => {
            let bytes =
                Zeroizing::new([run_seed.to_secret_bytes().as_slice(), bins.as_slice()].concat());
            let sealed = node.at_rest.seal(&sealed_name(id), &bytes)?;
            node.store.keep_run_seed(id, &sealed).await?;
        }
        Some(before) if before == bins => {}
        Some(_) => return Err(other_register()),
    }
    let committed = Arc::new(Pledged { run_seed: Arc::new(run_seed), blocks, without_bin });
    node.batches.locked().committed.insert(id, Arc::clone(&committed));
    Ok(committed)
}

/// What a run's run seed is sealed as: no other run's opens in its place.
fn sealed_name(run: RunId) -> String {
    format!("run seed/{run}")
}

/// A run seed's bytes, and the hash of the bins that it is about.
type Kept = (Zeroizing<Vec<u8>>, Zeroizing<[u8; 32]>);

/// Opens a run seed that was kept.
fn unsealed(at_rest: &DataKey, run: RunId, sealed: &[u8]) -> Result<Kept, Trouble> {
    let opened = at_rest.open_sealed(&sealed_name(run), sealed);
    let opened = opened.and_then(|bytes| {
        let (run_seed, bins) = bytes.split_last_chunk::<32>()?;
        Some((Zeroizing::new(run_seed.to_vec()), Zeroizing::new(*bins)))
    });
    opened.ok_or_else(|| {
        Trouble::from_error("STORE", &"a run seed is not sealed under this party's key")
    })
}

/// The model's batch table and the register's bins.
async fn in_memory(
    node: &Arc<Node>,
    digest: &[u8; 32],
    register: &Register,
) -> Result<Arc<Blocks>, Trouble> {
    let (ready, loaded) = node.holder_cache.ready(node, digest, register).await?;
    if let Some(blocks) = ready.blocks(&loaded) {
        return Ok(blocks);
    }
    let content = node.store.batch_model(digest).await?.ok_or_else(no_batch_form)?;
    let made = tokio::task::spawn_blocking(move || ready.with_blocks(&content, loaded)).await;
    made.map_err(|error| Trouble::from_error("OURS", &error))?
}

impl AcceptedAnswers {
    pub(super) async fn drive(
        self,
        node: &Arc<Node>,
        platform: &PartyId,
        link: Link,
    ) -> (Run, Result<(), Trouble>) {
        let Self { run, known, committed, span } = self;
        let answered = async {
            // A model that is withdrawn while a list is under way answers no more of it.
            models::holder::revalidate(node, &known.model).await?;
            let Pledged { run_seed, blocks, .. } = &*committed;
            let terms = run_seed.terms();
            let list = list::path(&node.dir, run.id);
            let (from, to) = (span.from(), span.to());
            let picks = BlockPicks::open(&list, Arc::clone(blocks), terms, from, to)?;
            let (table, mask) = (Arc::clone(&blocks.points), &node.identity.mask_key);
            let session = Holder::new(Arc::clone(run_seed), table, mask, span, picks)
                .map_err(|error| Trouble::from_error("OURS", &error))?;
            let journal = RunJournal::brief(&run, rounds::round);
            let assignment = RoleAssignment::from([(PLATFORM, platform.clone())]);
            let whom = (&assignment, Some(&known.model.lender));
            drive_run_for(node, journal, whom, session, vec![link]).await?;
            reached(&run, to, terms.blocks()).await
        };
        let done = answered.await;
        (run, done)
    }
}

/// The bins of the subjects of a list, block after block.
struct BlockPicks {
    subjects: Subjects,
    register: Arc<Blocks>,
    terms: Terms,
    next: u32,
    to: u32,
    hasher: Sha256,
    /// Who falls into no bin, by the place after the first of these subjects.
    without_bin: WithoutBin,
    /// How many subjects were read.
    read: usize,
    /// The list, which was whole when it was kept, cannot be read.
    broken: Option<io::Error>,
}

impl BlockPicks {
    fn open(
        list: &Path,
        register: Arc<Blocks>,
        terms: &Terms,
        from: u32,
        to: u32,
    ) -> Result<Self, Trouble> {
        let place = u64::from(from) * BLOCK as u64;
        let subjects = Subjects::open(list, SubjectKind::Opaque, place)
            .map_err(|error| Trouble::file(list, &error))?;
        let hasher = Sha256::new().chain_update(b"tacit/party/v1/bins");
        let (next, terms) = (from, terms.clone());
        Ok(Self {
            subjects,
            register,
            terms,
            next,
            to,
            hasher,
            without_bin: WithoutBin::default(),
            read: 0,
            broken: None,
        })
    }

    fn block(&mut self, subjects: usize) -> io::Result<Vec<u8>> {
        let mut bins = vec![0; subjects * self.register.features];
        for at in 0..subjects {
            let subject = self.subjects.next();
            let subject = subject.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
            for (feature, bin) in self.register.bins(&subject).iter().enumerate() {
                if *bin == Blocks::NONE {
                    self.without_bin.mark(self.read);
                }
                bins[feature * subjects + at] = *bin;
            }
            self.read += 1;
        }
        Ok(bins)
    }

    /// What is to be said of picks of which there are too few.
    fn fault(&mut self) -> Result<(), Trouble> {
        self.broken.take().map_or(Ok(()), |error| Err(Trouble::from_error("LIST", &error)))
    }

    /// The hash of all bins that were picked, and who had none.
    fn hash(self) -> (Zeroizing<[u8; 32]>, WithoutBin) {
        (Zeroizing::new(self.hasher.finalize().into()), self.without_bin)
    }
}

impl Iterator for BlockPicks {
    type Item = Picks;

    fn next(&mut self) -> Option<Picks> {
        if self.next == self.to {
            return None;
        }
        let subjects = self.terms.subjects_in(self.next);
        self.next += 1;
        match self.block(subjects) {
            Ok(mut bins) => {
                self.hasher.update(&bins);
                // Every place of an answer has some points. The lender knows which it must not read.
                bins.iter_mut().filter(|bin| **bin == Blocks::NONE).for_each(|bin| *bin = 0);
                Some(Picks::new(subjects, bins))
            }
            Err(error) => {
                self.broken = Some(error);
                self.next = self.to;
                None
            }
        }
    }
}

fn other_register() -> Trouble {
    Trouble::us(
        "BATCH_OTHER_REGISTER",
        "the register has changed since this batch began, and the rest of it would not fit what was answered: put the old register back, or ask for the list in a new run",
        "该批量运行开始后登记表已变更，余下部分与已作答的不一致：请恢复原登记表，或另起运行",
    )
}
