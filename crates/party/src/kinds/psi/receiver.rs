//! The side that asks: reads, agrees, runs, writes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use ::psi::{Learned, RECEIVER, SENDER};
use domain::{CheckMode, PartyId, Purpose, RunKind, RunRole, SubjectKind};
use serde::{Deserialize, Serialize};
use store::{RunState, StoredRun};
use wire::{PsiOutput, PsiProtocol, PsiTerms, peer};

use super::protocol::{self, OTHER_PROTOCOL, RunTerms, Sizes};
use super::report::{Account, Report};
use super::{CONTEXT, Output, items_of, write_matches};
use crate::data::{self, Source};
use crate::drive::Driven;
use crate::governance::alignment;
use crate::node::Node;
use crate::runs::agreed::Agreed;
use crate::runs::asking::Asking;
use crate::runs::driving::Outcome;
use crate::runs::journal::RunJournal;
use crate::runs::record::stored;
use crate::runs::{Run, Watcher, phase, result_file};
use crate::{Trouble, setup};

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
    pub(crate) output: Output,
    pub(crate) pad_to: Option<u64>,
    pub(crate) result: Option<PathBuf>,
    pub(crate) purpose: Purpose,
    /// Older records leave it open.
    #[serde(default)]
    pub(crate) protocol: Protocol,
}

/// By which protocol an asker wants an intersection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    /// By size and output.
    #[default]
    Auto,
    Ecdh,
    Vole,
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
    let terms = serde_json::to_string(&ask).map_err(|error| Trouble::from_error("OURS", &error))?;
    let (kind, peers) = ((RunKind::Psi, RunRole::Receiver), vec![ask.peer.clone()]);
    let run = Run::ours(node, kind, peers, terms, watcher).await?;
    let id = run.id;
    let done = receive(node, &ask, &run).await;
    run.end(done).await?;
    stored(&node.store, id).await
}

async fn receive(node: &Arc<Node>, ask: &Ask, run: &Run) -> Result<Outcome, Trouble> {
    let started = Instant::now();
    let counts = ask.output == Output::Cardinality;
    if counts && ask.kind != SubjectKind::Opaque && ask.pad_to.is_some() {
        return Err(alignment::padded_aggregate());
    }
    // Before anything is read.
    protocol::proposed(ask.protocol, ask.output, 0)?;
    run.advance(RunState::Proposed, phase::named("reading our file", "读取本方文件")).await?;
    let (subjects, loaded) = data::load(ask.source()).await?;
    let items = items_of(&subjects)?;
    let size = items.len() as u64;
    let ours = ask.pad_to.unwrap_or(size);
    check_size(size, ours, node.config.limits.max_items)?;
    run.advance(RunState::Proposed, phase::named("asking the peer", "征询对方")).await?;
    let output = PsiOutput::from(ask.output);
    let proposed = PsiTerms {
        register: ask.their_register.clone(),
        subjects: ask.kind,
        output,
        items: ours,
        pad_to: ask.pad_to,
        protocol: protocol::proposed(ask.protocol, ask.output, ours)?,
    };
    let asked = Asking::new(node, run, (SENDER, &ask.peer), ask.purpose);
    let (protocol, agreed) = propose(&asked, ask, proposed).await?;
    let theirs = agreed.added.items;
    check_theirs(&ask.peer, theirs, ask.pad_to, node.config.limits.max_items)?;
    let there = node.line(&ask.peer)?.peer.fingerprint();
    let context = agreed.context(CONTEXT, &node.identity.fingerprint(), &there);
    let sizes = Sizes { receiver: ours, sender: theirs };
    let terms = RunTerms::new(protocol, sizes, output, context)?;
    run.agreed().await?;
    run.show(|progress| progress.total = terms.bytes());
    let receiver = terms.receiver(items, &mut setup::chacha()?)?;
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
    let journal = RunJournal::new(run, terms.phase());
    let driven = asked.drive_run_keeping(journal, receiver, keep).await?;
    let Driven { output: (report, result), confirmed, .. } = driven;
    Ok(Outcome { confirmed, report, result })
}

/// Proposes the run; where the peer takes another protocol and the operator leaves it open, that one.
async fn propose(
    asked: &Asking<'_>,
    ask: &Ask,
    terms: PsiTerms,
) -> Result<(PsiProtocol, Agreed<peer::PsiAgreement>), Trouble> {
    let once = async |terms: PsiTerms| {
        let protocol = terms.protocol;
        asked.propose(terms).await.map(|agreed| (protocol, agreed))
    };
    match once(terms.clone()).await {
        Err(trouble) if trouble.code == OTHER_PROTOCOL => {
            let protocol = protocol::instead(ask, terms.protocol).ok_or(trouble)?;
            once(PsiTerms { protocol, ..terms }).await
        }
        proposed => proposed,
    }
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
    items: u64,
    pad_to: Option<u64>,
    limit: u64,
) -> Result<(), Trouble> {
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
