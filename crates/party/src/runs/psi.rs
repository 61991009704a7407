//! Private set intersection: this party asks, or answers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use ::psi::{Items, Learned, Output, RECEIVER, Receiver, SENDER, Sender, Terms};
use audit::Counts;
use domain::{CheckMode, PartyId, Purpose, RunId, Subject, SubjectKind};
use serde::{Deserialize, Serialize};
use store::{RunState, StoredRun};
use wire::{PsiOutput, PsiTerms, peer};

use crate::config::{self, Offer};
use crate::data::{self, Source};
use crate::drive::{Driven, Link};
use crate::governance::alignment::{self, Alignment};
use crate::node::Node;
use crate::register_cache::Loaded;
use crate::runs::conduct::{Outcome, conduct_keeping, record};
use crate::runs::journal::{Gate, RunJournal};
use crate::runs::psi_report::{Account, Report};
use crate::runs::record::{new_run, stored};
use crate::runs::{self, Run, Watcher, context, not_offered, phase, result_file};
use crate::{Trouble, setup};

/// What the hash of an agreed intersection is bound to.
const CONTEXT: &str = "tacit/party/v1/psi-context";

/// What the operator asks for; stored, so that the run can be asked for again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ask {
    pub(crate) peer: PartyId,
    pub(crate) their_register: String,
    pub(crate) file: PathBuf,
    pub(crate) column: String,
    pub(crate) kind: SubjectKind,
    pub(crate) check: CheckMode,
    pub(crate) skip_bad: bool,
    pub(crate) output: config::Output,
    pub(crate) pad_to: Option<u64>,
    pub(crate) result: Option<PathBuf>,
    pub(crate) purpose: Purpose,
}

impl Ask {
    fn source(&self) -> Source {
        let Self { file, column, kind, check, skip_bad, .. } = self;
        Source::new(file.clone(), column.clone(), *kind, *check, *skip_bad)
    }
}

/// Runs the intersection that the operator asks for, from file to file.
pub(crate) async fn ask(
    node: &Arc<Node>,
    ask: Ask,
    watcher: Watcher,
) -> Result<StoredRun, Trouble> {
    let _permit = node.permit()?;
    node.line(&ask.peer)?;
    let id = node.new_run_id()?;
    let terms = serde_json::to_string(&ask).map_err(|error| Trouble::said("OURS", &error))?;
    let new = new_run(id, "psi", "receiver", vec![ask.peer.clone()], true, terms);
    let run = Run::begin(&node.store, new, watcher).await?;
    match receive(node, &ask, &run).await {
        Ok((confirmed, report, result)) => {
            run.finish(confirmed, report, result).await?;
            stored(&node.store, id).await
        }
        Err(trouble) => Err(run.fail(trouble).await),
    }
}

/// A peer's intersection that we have agreed to.
pub(crate) struct Accepted {
    pub(crate) run: Run,
    terms: Terms,
    output: PsiOutput,
    register: String,
    listed: Arc<Loaded>,
    alignment: Alignment,
}

/// Decides on a peer's proposal.
pub(crate) async fn accept(
    node: &Arc<Node>,
    peer: &PartyId,
    id: RunId,
    terms: &PsiTerms,
    message: &peer::Proposal,
    purpose: Purpose,
) -> Result<(runs::Accepted, peer::Agreement), Trouble> {
    let register = offered(node, peer, terms)?;
    let alignment = alignment::decide(node, peer, id, register, terms, purpose).await?;
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
    let agreement = peer::Agreement { items: agreed, ..peer::Agreement::default() };
    let line = node.line(peer)?;
    let context = context(
        CONTEXT,
        (message, &agreement),
        &line.peer.fingerprint(),
        &node.identity.fingerprint(),
    );
    let json = serde_json::json!({ "register": terms.register, "items": agreed, "peer_items": terms.items });
    let new = new_run(id, "psi", "sender", vec![peer.clone()], false, json.to_string());
    alignment.begin(node, &new, size).await?;
    let run = Run::unseen(&node.store, id);
    let output = terms.output;
    let terms_of_run = Terms {
        receiver_items: terms.items,
        sender_items: agreed,
        output: of_protocol(output),
        context,
    };
    let accepted = Accepted {
        run,
        terms: terms_of_run,
        output,
        register: terms.register.clone(),
        listed,
        alignment,
    };
    Ok((runs::Accepted::Psi(Box::new(accepted)), agreement))
}

impl Accepted {
    /// Answers the run that `peer` has begun.
    pub(crate) async fn drive(self, node: &Arc<Node>, peer: PartyId, link: Link) {
        let started = Instant::now();
        let Self { run, terms, output, register, listed, alignment } = self;
        let done = async {
            // Not before it is asked for: what is agreed and never begun costs nothing.
            let items = items_of(listed.subjects())?;
            let mut rng = setup::chacha()?;
            let sender =
                Sender::new(terms, items, &mut rng).map_err(|e| Trouble::said("OURS", &e))?;
            let gate = Gate::Alignment { round: TAGS, node, alignment: &alignment };
            let journal = RunJournal::new(&run, phase::psi).with_gate(gate);
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
            let driven = conduct_keeping(node, journal, to, (sender, link), keep).await;
            if driven.is_err() {
                alignment.over(node, run.id, None).await?;
            }
            let Driven { output: (report, result), confirmed } = driven?;
            Ok::<_, Trouble>(Outcome { confirmed, report, result })
        };
        let done = done.await;
        record(run, done).await;
    }
}

/// The asking side: reads, agrees, runs, writes.
async fn receive(
    node: &Arc<Node>,
    ask: &Ask,
    run: &Run,
) -> Result<(bool, String, Option<String>), Trouble> {
    let started = Instant::now();
    let counts = ask.output == config::Output::Cardinality;
    if counts && ask.kind != SubjectKind::Opaque && ask.pad_to.is_some() {
        return Err(alignment::padded_aggregate());
    }
    run.advance(RunState::Proposed, phase::named("reading our file", "读取本方文件")).await?;
    let (subjects, loaded) = data::load(ask.source()).await?;
    let items = items_of(&subjects)?;
    let size = items.len() as u64;
    let agreed = ask.pad_to.unwrap_or(size);
    check_size(size, agreed, node.config.limits.max_items)?;
    run.advance(RunState::Proposed, phase::named("asking the peer", "征询对方")).await?;
    let output = PsiOutput::from(ask.output);
    let proposed = PsiTerms {
        register: ask.their_register.clone(),
        subjects: ask.kind,
        output,
        items: agreed,
        pad_to: ask.pad_to,
    };
    let (proposal, agreement) =
        node.propose(&ask.peer, run.id, ask.purpose, wire::Terms::Psi(proposed)).await?;
    check_theirs(&ask.peer, &agreement, ask.pad_to, node.config.limits.max_items)?;
    let theirs = node.line(&ask.peer)?.peer.fingerprint();
    let context = context(CONTEXT, (&proposal, &agreement), &node.identity.fingerprint(), &theirs);
    let terms = Terms {
        receiver_items: agreed,
        sender_items: agreement.items,
        output: of_protocol(output),
        context,
    };
    run.advance(RunState::Agreed, phase::named("agreed", "已约定")).await?;
    run.show(|progress| progress.total = terms.bytes_from(RECEIVER) + terms.bytes_from(SENDER));
    let receiver = Receiver::new(terms, items, &mut setup::chacha()?)
        .map_err(|error| Trouble::said("OURS", &error))?;
    let link = node.exchange(&ask.peer, SENDER, run.id).await?;
    let results = node.dir.join("results");
    let path = ask.result.clone().unwrap_or_else(|| results.join(format!("{}.csv", run.id)));
    let keep = async |learned: Learned| {
        let account = Account {
            node,
            run,
            role: RECEIVER,
            peer: &ask.peer,
            their_register: &ask.their_register,
            terms: &terms,
            output,
            loaded: &loaded,
            learned: &learned,
            started,
        };
        let report = Report::of(&account).to_json()?;
        let result = match &learned {
            Learned::Items(matches) => {
                write_matches(&path, &ask.column, &subjects, matches)?;
                Some(path.display().to_string())
            }
            Learned::Nothing | Learned::Count(_) => None,
        };
        result_file::write(&path.with_extension("json"), |file| file.write_all(report.as_bytes()))?;
        run.keep(&report, result.as_deref()).await?;
        Ok((report, result))
    };
    let journal = RunJournal::new(run, phase::psi);
    let from = (SENDER, &ask.peer);
    let driven = conduct_keeping(node, journal, from, (receiver, link), keep).await?;
    let Driven { output: (report, result), confirmed } = driven;
    Ok((confirmed, report, result))
}

/// To how many times its own size this party pads its set at most, and to how many items in any case.
const PADDING: u64 = 10;
const PADDING_LEAST: u64 = 10_000;

/// The round in which a sender returns tags: with them the receiver can tell what is shared.
const TAGS: u32 = 6;

/// What an intersection took.
fn counts(run: &Run, terms: &Terms, started: Instant) -> Counts {
    let (sent, received) = run.moved();
    Counts {
        rows_in: terms.receiver_items,
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
    let fits = |offer: &Offer| match offer {
        Offer::Psi { register, to, outputs, max_items } => {
            *register == terms.register
                && to.contains(peer)
                && outputs.iter().any(|output| PsiOutput::from(*output) == terms.output)
                && terms.items <= max_items.unwrap_or(limit).min(limit)
        }
        Offer::Score { .. } | Offer::Verify { .. } | Offer::Match { .. } | Offer::Key { .. } => {
            false
        }
    };
    let register = node.config.register(&terms.register);
    match register {
        Some(register)
            if register.kind == terms.subjects && node.config.offers.iter().any(fits) =>
        {
            Ok(register)
        }
        Some(_) | None => Err(not_offered()),
    }
}

fn items_of(subjects: &[Subject]) -> Result<Items, Trouble> {
    Items::new(subjects.iter().map(Subject::psi_item))
        .map_err(|error| Trouble::said("DATA", &error))
}

fn check_size(size: u64, agreed: u64, limit: u64) -> Result<(), Trouble> {
    if agreed < size {
        return Err(Trouble::us(
            "PADDING",
            format!("the file has {size} items, more than the {agreed} that it shall be padded to"),
            format!("文件有 {size} 条，超过填充规模 {agreed}"),
        ));
    }
    if agreed > limit {
        return Err(Trouble::us(
            "TOO_MANY",
            format!("{agreed} items exceed limits.max_items = {limit} of this party"),
            format!("{agreed} 条超过本方上限 limits.max_items = {limit}"),
        ));
    }
    Ok(())
}

fn check_theirs(
    peer: &PartyId,
    agreement: &peer::Agreement,
    pad_to: Option<u64>,
    limit: u64,
) -> Result<(), Trouble> {
    let items = agreement.items;
    if items > limit || pad_to.is_some_and(|pad_to| pad_to != items) {
        return Err(Trouble::us(
            "TERMS",
            format!("{peer} wants to send {items} items, which is not what was proposed or exceeds limits.max_items = {limit}"),
            format!("{peer} 拟发送 {items} 条，与提议不符或超过上限 limits.max_items = {limit}"),
        )
        .by(peer));
    }
    Ok(())
}

fn write_matches(
    path: &std::path::Path,
    column: &str,
    subjects: &[Subject],
    matches: &[u32],
) -> Result<(), Trouble> {
    let matched = matches.iter().filter_map(|&index| subjects.get(index as usize));
    result_file::write(path, |file| registers::write_subjects(file, column, matched))
}

fn of_protocol(output: PsiOutput) -> Output {
    match output {
        PsiOutput::OneSided => Output::OneSided,
        PsiOutput::TwoSided => Output::TwoSided,
        PsiOutput::Cardinality => Output::Cardinality,
    }
}
