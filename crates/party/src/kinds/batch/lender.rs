//! The lender's side: brings the list, opens the blocks, writes them down one by one.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{CheckMode, ModelId, PartyId, Purpose, RunId, RunKind, RunRole, Subject, SubjectKind};
use scoring::PLATFORM;
use scoring::batch::{Lender, Opened, Span, Terms};
use serde::{Deserialize, Serialize};
use session::{Chunk, Role, Session, Turn};
use sha2::{Digest, Sha256};
use store::StoredRun;
use tokio::sync::mpsc;
use wire::{BatchStep, BatchTerms};

use super::rounds;
use crate::Trouble;
use crate::clock::now_ms;
use crate::data::{self, Source};
use crate::governance::questions;
use crate::kinds::batch::result::{self, Part};
use crate::kinds::batch::{
    bring_list, check_size, no_batch_form, over, question, reached, research_only, subjects_of,
    terms, without_bin,
};
use crate::kinds::issue::own::OwnPoints;
use crate::kinds::score::ModelView;
use crate::node::Node;
use crate::runs::asking::Asking;
use crate::runs::driving::Outcome;
use crate::runs::journal::RunJournal;
use crate::runs::record::{new_run, stored};
use crate::runs::{Run, Watcher, list, result_file};

/// What an operator asks for.
pub(crate) struct Ask {
    pub(crate) model: ModelId,
    pub(crate) file: PathBuf,
    /// The column of the identifiers; none: the file has one a line, and nothing else.
    pub(crate) column: Option<String>,
    pub(crate) kind: SubjectKind,
    pub(crate) check: CheckMode,
    pub(crate) skip_bad: bool,
    /// Where the result goes; into the party's results where nothing is said.
    pub(crate) result: Option<PathBuf>,
    pub(crate) purpose: Purpose,
}

/// What it takes to go on with a batch of ours, beside its list.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    model: ModelId,
    digest: String,
    platform: PartyId,
    kind: SubjectKind,
    list: String,
    subjects: u32,
    purpose: Purpose,
    result: PathBuf,
    /// A hash of the lender's own points of the list: it goes on with these and no others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own: Option<String>,
}

/// Scores a whole list.
pub(crate) async fn ask(
    node: &Arc<Node>,
    ask: Ask,
    watcher: Watcher,
) -> Result<StoredRun, Trouble> {
    research_only(ask.kind)?;
    let _permit = node.permit()?;
    let view = ModelView::open(node, &ask.model).await?;
    let id = node.new_run_id()?;
    let path = list::path(&node.dir, id);
    let (kind, purpose) = (ask.kind, ask.purpose);
    let result = ask.result.clone();
    let result = result.unwrap_or_else(|| node.dir.join("results").join(format!("{id}.csv")));
    let (agreed, own) = {
        let (path, node, own) = (path.clone(), Arc::clone(node), view.own.clone());
        let read = move || {
            let subjects = subjects(&ask)?;
            check_size(&node, u32::try_from(subjects.len()).unwrap_or(u32::MAX))?;
            let agreed = list::write(&path, ask.kind, subjects)?;
            let own = own_hash(id, (&path, ask.kind), own.as_deref());
            let own = own.inspect_err(|_| list::forget(&node.dir, id))?;
            Ok::<_, Trouble>((agreed, own))
        };
        let read = tokio::task::spawn_blocking(read).await;
        read.map_err(|error| Trouble::from_error("OURS", &error))??
    };
    let kept = Kept {
        model: view.model.model.clone(),
        digest: hex::encode(view.model.digest),
        platform: view.model.platform.clone(),
        kind,
        list: hex::encode(agreed.hash),
        subjects: agreed.subjects,
        purpose,
        result,
        own,
    };
    let batch = Batch::of(node, view, id, kept)?;
    let json = serde_json::to_string(&batch.kept).map_err(|e| Trouble::from_error("OURS", &e))?;
    let platform = batch.kept.platform.clone();
    let new = new_run(id, RunKind::Batch, RunRole::Lender, vec![platform], true, json);
    node.store.begin_batch(&new, &batch.terms.digest(), now_ms()).await?;
    batch.carry_out(Run::taken_up(&node.store, id, watcher), (0, 0)).await
}

/// Goes on with a batch of ours after its last block that is on disk.
pub(super) async fn resume(
    node: &Arc<Node>,
    run: StoredRun,
    watcher: Watcher,
) -> Result<StoredRun, Trouble> {
    let _permit = node.permit()?;
    let garbled = |error: serde_json::Error| Trouble::from_error("STORE", &error);
    let kept: Kept = serde_json::from_str(&run.terms).map_err(garbled)?;
    let mut digest = [0; 32];
    hex::decode_to_slice(&kept.digest, &mut digest)
        .map_err(|e| Trouble::from_error("STORE", &e))?;
    // The publication that the batch began with, whatever was published since.
    let view = ModelView::of(node, &digest).await?;
    let standing = node.store.batch(run.id).await?.filter(|batch| !batch.over).ok_or_else(over)?;
    let batch = Batch::of(node, view, run.id, kept)?;
    if standing.terms != batch.terms.digest() {
        return Err(Trouble::us(
            "BATCH_OTHER_KEYS",
            "a key of ours or of a holder has changed since this batch began: score the list in a new run",
            "该批量运行开始后，本方或数据方的密钥已更换：请另起运行",
        ));
    }
    let own = {
        let (path, own) = (list::path(&node.dir, run.id), batch.view.own.clone());
        let (id, kind) = (run.id, batch.kept.kind);
        let read = move || own_hash(id, (&path, kind), own.as_deref());
        let read = tokio::task::spawn_blocking(read).await;
        read.map_err(|error| Trouble::from_error("OURS", &error))??
    };
    if own != batch.kept.own {
        return Err(Trouble::us(
            "BATCH_OTHER_REGISTER",
            "this lender's own register has changed since this batch began: put the old one back, or score the list in a new run",
            "该批量运行开始后，本方自有登记表已变更：请恢复原表，或另起运行",
        ));
    }
    node.store.reopen(run.id, now_ms()).await?;
    let reached = (standing.blocks, standing.written);
    batch.carry_out(Run::taken_up(&node.store, run.id, watcher), reached).await
}

/// The hash of the lender's own points of a whole list, subject by subject; nothing where there is no
/// own block. It stays here.
fn own_hash(
    id: RunId,
    (list, kind): (&Path, SubjectKind),
    own: Option<&OwnPoints>,
) -> Result<Option<String>, Trouble> {
    let Some(own) = own else { return Ok(None) };
    let mut hasher = Sha256::new().chain_update(b"tacit/party/v1/own").chain_update(id.to_bytes());
    let subjects = list::Subjects::open(list, kind, 0);
    for subject in subjects.map_err(|error| Trouble::file(list, &error))? {
        let subject = subject.map_err(|error| Trouble::file(list, &error))?;
        // No bin: no own points are as many.
        hasher.update(own.points(&subject)?.unwrap_or(u16::MAX).to_be_bytes());
    }
    Ok(Some(hex::encode(hasher.finalize())))
}

/// The subjects of the operator's file.
fn subjects(ask: &Ask) -> Result<Vec<Subject>, Trouble> {
    let Ask { file, column, kind, check, skip_bad, .. } = ask;
    if let Some(column) = column {
        let source = Source::new(file.clone(), column.clone(), *kind, *check, *skip_bad);
        let read = registers::subjects(&source.file, &source.key, source.on_bad);
        return read.map(|(subjects, _)| subjects).map_err(|error| data::unreadable(&error));
    }
    let lines = fs::File::open(file).map_err(|error| Trouble::file(file, &error))?;
    let mut subjects = Vec::new();
    for (line, text) in BufReader::new(lines).lines().enumerate() {
        let text = text.map_err(|error| Trouble::file(file, &error))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            continue;
        }
        match Subject::parse(*kind, text, *check) {
            Ok(subject) => subjects.push(subject.value),
            Err(_) if *skip_bad => {}
            Err(error) => {
                let (file, line) = (file.display(), line + 1);
                return Err(Trouble::us(
                    "DATA",
                    format!("{file}, line {line}: {error}"),
                    format!("{file} 第 {line} 行：{error}"),
                ));
            }
        }
    }
    Ok(subjects)
}

/// A batch of ours under way. There is one a run.
struct Batch {
    node: Arc<Node>,
    view: ModelView,
    id: RunId,
    kept: Kept,
    terms: Terms,
    asked: BatchTerms,
}

impl Batch {
    fn of(node: &Arc<Node>, view: ModelView, id: RunId, kept: Kept) -> Result<Self, Trouble> {
        let key = node.identity.batch_key.as_ref().ok_or_else(no_batch_form)?;
        let mut list = [0; 32];
        hex::decode_to_slice(&kept.list, &mut list)
            .map_err(|e| Trouble::from_error("STORE", &e))?;
        let asked = BatchTerms {
            digest: view.model.digest,
            lender: node.config.name.clone(),
            kind: kept.kind,
            list,
            subjects: kept.subjects,
            step: BatchStep::List,
            question: Vec::new(),
        };
        let most = view.card.most_points;
        let terms = terms(key.public().fingerprint(), id, &asked, most, view.holders.clone())?;
        if !node.batches.locked().own.insert(id) {
            return Err(Trouble::us(
                "BATCH_UNDER_WAY",
                "this batch is under way: `tacit runs` shows how far it is",
                "该批量运行正在进行：`tacit runs` 可查看进度",
            ));
        }
        Ok(Self { node: Arc::clone(node), view, id, kept, terms, asked })
    }

    async fn carry_out(self, run: Run, reached: (u32, u64)) -> Result<StoredRun, Trouble> {
        let done = self.go_on(&run, reached).await.map(|(confirmed, without_bin)| {
            let Kept { model, subjects, result, .. } = &self.kept;
            let report = serde_json::json!({
                "model": model, "subjects": subjects, "without_bin": without_bin,
            });
            let result = Some(result.display().to_string());
            Outcome { confirmed, report: report.to_string(), result }
        });
        run.end(done).await?;
        stored(&self.node.store, self.id).await
    }

    /// Everything from the block after those that are on disk; says whether all parties know the end,
    /// and how many subjects have no score, unless the result was taken away before it was told.
    async fn go_on(&self, run: &Run, written: (u32, u64)) -> Result<(bool, Option<u64>), Trouble> {
        let Self { node, kept, terms, .. } = self;
        let Kept { platform, purpose, result, .. } = kept;
        let path = list::path(&node.dir, self.id);
        let total = u64::from(terms.subjects());
        run.show(|progress| {
            (progress.total, progress.done) = (total, self.subjects_before(written.0));
        });
        let unfinished = result::part(&path);
        let without_bin = if written.0 < terms.blocks() || unfinished.exists() {
            result_file::writable(result)?;
            let from = (path.as_path(), kept.kind);
            let reading = (&self.view.card, self.view.own.clone());
            let mut part = Part::open(unfinished, from, reading, written)?;
            if written.0 < terms.blocks() {
                let asked = self.step(BatchStep::List)?;
                bring_list(node, (PLATFORM, platform), run, &asked, *purpose).await?;
                run.agreed().await?;
            }
            for span in terms.spans_from(written.0) {
                self.score(run, span, &mut part).await?;
            }
            let without_bin = part.without_bin();
            part.finish(result)?;
            Some(without_bin)
        } else {
            // An earlier process has given the result its name.
            result::without_bin(result)?
        };
        let over = self.step(BatchStep::Over)?;
        let told = node.propose(platform, self.id, *purpose, over).await;
        if let Err(trouble) = &told {
            tracing::warn!(run = %self.id, code = trouble.code, "not told of its end: {trouble}");
        }
        node.store.end_batch(self.id).await?;
        list::forget(&node.dir, self.id);
        Ok((told.is_ok(), without_bin))
    }

    /// Scores one span: each block is on disk and in the record before the next span begins.
    async fn score(&self, run: &Run, span: Span, part: &mut Part) -> Result<(), Trouble> {
        let Self { node, kept, terms, .. } = self;
        let Kept { platform, purpose, .. } = kept;
        node.cancellations.heed(run.id)?;
        let (from, to) = (span.from(), span.to());
        reached(run, from, terms.blocks()).await?;
        let proposed = self.step(BatchStep::Span { from, to })?;
        let ask = Asking::new(node, run, (PLATFORM, platform), *purpose);
        let agreed = ask.propose(proposed).await?;
        let (place, subjects) = subjects_of(terms, span);
        let marked = without_bin(&agreed.added, subjects, platform)?;
        let key = node.identity.batch_key.as_ref().ok_or_else(no_batch_form)?;
        let lender = Lender::new(terms.clone(), span, Arc::clone(key))
            .map_err(|error| Trouble::from_error("OURS", &error))?;
        let (opened, mut arriving) = mpsc::unbounded_channel();
        let session = Telling { lender, opened };
        let talking = ask.drive_run(RunJournal::blocks(run, rounds::round), session);
        let writing = async {
            let mut blocks = Vec::new();
            // At most a span of blocks waits here, 8 KiB each.
            while arriving.recv_many(&mut blocks, usize::MAX).await > 0 {
                tokio::task::block_in_place(|| part.append(&blocks, (place, &marked)))?;
                blocks.clear();
                let (reached, written) = part.reached();
                node.store.reach_block(self.id, reached, written).await?;
                run.show(|progress| progress.done = self.subjects_before(reached));
            }
            Ok::<_, Trouble>(())
        };
        let (talked, written) = tokio::join!(talking, writing);
        written?;
        talked.map(|_| ())
    }

    /// The terms of a step, signed for this moment: a batch may take days.
    fn step(&self, step: BatchStep) -> Result<BatchTerms, Trouble> {
        let mut asked = BatchTerms { step, ..self.asked.clone() };
        let question = question(&asked, &self.view.model, self.id, self.kept.purpose);
        asked.question = questions::sign(&self.node, question)?;
        Ok(asked)
    }

    fn subjects_before(&self, block: u32) -> u64 {
        let before = u64::from(block) * scoring::batch::BLOCK as u64;
        before.min(self.terms.subjects().into())
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.node.batches.locked().own.remove(&self.id);
    }
}

/// The lender's session, which hands out each block as it opens.
struct Telling {
    lender: Lender,
    opened: mpsc::UnboundedSender<Opened>,
}

impl Session for Telling {
    type Output = ();
    type Error = scoring::Error;

    fn advance(&mut self) -> Result<Turn<()>, scoring::Error> {
        Ok(match self.lender.advance()? {
            Turn::Send(to, chunk) => Turn::Send(to, chunk),
            Turn::Await => Turn::Await,
            Turn::Done(_) => Turn::Done(()),
        })
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), scoring::Error> {
        self.lender.receive(from, chunk)?;
        for opened in self.lender.take_opened() {
            // Nobody takes it once writing has failed; that ends the span in any case.
            let _ = self.opened.send(opened);
        }
        Ok(())
    }
}
