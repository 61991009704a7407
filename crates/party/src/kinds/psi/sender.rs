//! The side that answers: decides, runs, records.

use std::sync::Arc;
use std::time::Instant;

use ::psi::{Learned, RECEIVER, SENDER};
use audit::{Counts, Event};
use domain::{PartyId, RunId, RunKind, RunRole};
use session::Role;
use wire::{PsiOutput, PsiProtocol, PsiTerms, peer};

use super::offer::{Offer, OfferedProtocol};
use super::protocol::{self, OTHER_PROTOCOL, RunTerms, Sizes};
use super::report::{Account, Report};
use super::{CONTEXT, items_of, write_matches};
use crate::config;
use crate::drive::{Driven, Link};
use crate::governance::alignment::{self, Alignment};
use crate::node::Node;
use crate::register_cache::Loaded;
use crate::runs::agreed::{self, AgreedRun, Answer};
use crate::runs::driving::{Outcome, drive_run_keeping, record};
use crate::runs::journal::{ReleaseGate, RunJournal};
use crate::runs::kind::Proposed;
use crate::runs::record::new_run;
use crate::runs::{Run, context, not_offered};
use crate::{Trouble, setup};

/// A peer's intersection that we have agreed to.
pub(crate) struct Accepted {
    run: Run,
    terms: RunTerms,
    output: PsiOutput,
    register: String,
    listed: Arc<Loaded>,
    alignment: Alignment,
}

/// Decides on a peer's proposal.
pub(crate) async fn accept(
    node: &Arc<Node>,
    Proposed { peer, run: id, purpose, terms, message }: Proposed<'_, PsiTerms>,
) -> Result<Answer, Trouble> {
    let register = offered(node, peer, &terms)?;
    protocol::check(terms.protocol, terms.output)?;
    let alignment = alignment::decide(node, peer, id, register, &terms, purpose).await?;
    let listed = node.registers.answering(register, &[]).await?;
    let size = listed.subjects().len() as u64;
    let agreed = terms.pad_to.unwrap_or(size);
    // Each item of padding costs as much as one of ours: no peer makes us pay for what it likes.
    let most = size.saturating_mul(PADDING).max(PADDING_LEAST);
    if agreed < size || agreed > most.min(node.config.limits.max_items) {
        return Err(Trouble::us(
            "PADDING",
            "the padded size does not fit this party's register or limit: agree on another",
            "填充后的规模与本方登记表或上限不符：请另行约定",
        ));
    }
    let agreement = peer::PsiAgreement { items: agreed }.into();
    let line = node.line(peer)?;
    let context = context(
        CONTEXT,
        (message, &agreement),
        &line.peer.fingerprint(),
        &node.identity.fingerprint(),
    );
    let sizes = Sizes { receiver: terms.items, sender: agreed };
    let run_terms = RunTerms::new(terms.protocol, sizes, terms.output, context)?;
    let json = serde_json::json!({
        "register": terms.register,
        "items": agreed,
        "peer_items": terms.items,
        "protocol": run_terms.word(),
    });
    let new =
        new_run(id, RunKind::Psi, RunRole::Sender, vec![peer.clone()], false, json.to_string());
    alignment.begin(node, &new, size).await?;
    let run = Run::unseen(&node.store, id);
    let accepted = Accepted {
        run,
        terms: run_terms,
        output: terms.output,
        register: terms.register,
        listed,
        alignment,
    };
    Ok(agreed::agreed(accepted, agreement))
}

/// Writes down how intersections ended that an earlier process left in the middle of returning tags.
pub(super) async fn record_interrupted(node: &Node) -> Result<(), Trouble> {
    for run in node.store.interrupted_intersections().await? {
        node.record_intersection_over(run, Event::AlignmentNotCompleted { run }).await?;
    }
    Ok(())
}

#[tonic::async_trait]
impl AgreedRun for Accepted {
    fn proposer(&self) -> Role {
        RECEIVER
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }

    /// Answers the run that `peer` has begun.
    async fn drive(self: Box<Self>, node: &Arc<Node>, peer: PartyId, link: Link) {
        let started = Instant::now();
        let Self { run, terms, output, register, listed, alignment } = *self;
        let done = async {
            // Not before it is asked for: what is agreed and never begun costs nothing.
            let items = items_of(listed.subjects())?;
            let mut rng = setup::chacha()?;
            let sender = terms.sender(items, &mut rng)?;
            let round = terms.releasing_round();
            let gate = AnswerGate { node, alignment: &alignment, round };
            let journal = RunJournal::new(&run, terms.phase()).with_gate(gate);
            let keep = async |learned: Learned| {
                let result = match &learned {
                    Learned::Items(matches) => {
                        let path = node.dir.join("results").join(format!("{}.csv", run.id));
                        write_matches(&path, "id", listed.subjects(), matches)?;
                        Some(path.display().to_string())
                    }
                    Learned::Nothing | Learned::Count(_) => None,
                };
                let account = Account {
                    node,
                    run: &run,
                    role: SENDER,
                    peer: &peer,
                    their_register: &register,
                    terms: &terms,
                    output,
                    loaded: listed.report(),
                    learned: &learned,
                    started,
                };
                let report = Report::of(&account).to_json()?;
                alignment.over(node, run.id, Some(counts(&run, &terms, started))).await?;
                run.keep(&report, result.as_deref()).await?;
                Ok((report, result))
            };
            let to = (RECEIVER, &peer);
            let driven = drive_run_keeping(node, journal, to, (sender, link), keep).await;
            if driven.is_err() {
                alignment.over(node, run.id, None).await?;
            }
            let Driven { output: (report, result), confirmed, .. } = driven?;
            Ok::<_, Trouble>(Outcome { confirmed, report, result })
        };
        let done = done.await;
        record(run, done).await;
    }
}

/// To how many times its own size this party pads its set at most, and to how many items in any case.
const PADDING: u64 = 10;
const PADDING_LEAST: u64 = 10_000;

/// Decides again before the round in which the receiver is told what is shared.
struct AnswerGate<'a> {
    node: &'a Node,
    alignment: &'a Alignment,
    round: u32,
}

#[tonic::async_trait]
impl ReleaseGate for AnswerGate<'_> {
    async fn before_round(&mut self, run: RunId, round: u32) -> Result<(), Trouble> {
        if round != self.round {
            return Ok(());
        }
        self.alignment.before_release(self.node, run).await
    }
}

/// What an intersection took.
fn counts(run: &Run, terms: &RunTerms, started: Instant) -> Counts {
    let (sent, received) = run.moved();
    Counts {
        rows_in: terms.sizes().receiver,
        rows_dropped: 0,
        // How many are shared is the receiver's to know.
        rows_out: 0,
        bytes: sent + received,
        milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// The register that an offer opens to this peer on these terms.
fn offered<'a>(
    node: &'a Node,
    peer: &PartyId,
    terms: &PsiTerms,
) -> Result<&'a config::Register, Trouble> {
    let limit = node.config.limits.max_items;
    // The protocols of an offer that fits in all other respects; within, nothing for any.
    let protocols = |offer: &'a config::Offer| {
        let config::Offer::Psi(Offer { register, to, outputs, protocols, max_items }) = offer
        else {
            return None;
        };
        let fits = *register == terms.register
            && to.contains(peer)
            && outputs.iter().any(|output| PsiOutput::from(*output) == terms.output)
            && terms.items <= max_items.unwrap_or(limit).min(limit);
        fits.then_some(protocols.as_deref())
    };
    let register = node.config.register(&terms.register);
    let register = register.filter(|found| found.kind == terms.subjects).ok_or_else(not_offered)?;
    let fitting: Vec<_> = node.config.offers.iter().filter_map(protocols).collect();
    if fitting.is_empty() {
        return Err(not_offered());
    }
    let wanted = match terms.protocol {
        PsiProtocol::Ecdh => OfferedProtocol::Ecdh,
        PsiProtocol::Vole { .. } => OfferedProtocol::Vole,
    };
    let unsaid = wanted == OfferedProtocol::Ecdh || !register.is_governed();
    if fitting.iter().any(|said| said.map_or(unsaid, |all| all.contains(&wanted))) {
        return Ok(register);
    }
    let other = match wanted {
        OfferedProtocol::Ecdh => "vole",
        OfferedProtocol::Vole => "ecdh",
    };
    Err(Trouble::us(
        OTHER_PROTOCOL,
        format!("this register is offered to you by {other} alone: ask with `--protocol {other}`"),
        format!("该登记表仅以 {other} 协议向贵方提供：请用 `--protocol {other}` 发起"),
    ))
}
