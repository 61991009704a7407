//! What lies on disk of a training: uploads and checkpoints, sealed.
//!
//! An upload and a checkpoint are shares: alone they say nothing, and beside another party's they say
//! everything. So each is sealed under the party's data key, piece by piece, in its place.

use std::fs::{self, DirBuilder, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use audit::{Counts, TrainingChange};
use domain::{Digest, RunId};
use store::{RunState, StoredRun};
use training::Checkpoint;
use wire::BinnedColumn;
use zeroize::Zeroizing;

use crate::Trouble;
use crate::clock::today;
use crate::governance::jobs;
use crate::node::Node;
use crate::runs::result_file;

use super::compute::event;
use super::gathering::What;

/// Where trainings lie inside the party's directory.
const FOLDER: &str = "trainings";
/// Names the job of a training.
const JOB: &str = "job";
/// How many checkpoints are kept: a party that died may be one pass behind.
const KEPT: usize = 2;
/// The longest sealed piece: a chunk and what seals it.
const LONGEST: usize = session::MAX_CHUNK + (1 << 10);

/// The folder of one training at this party.
#[derive(Clone)]
pub(super) struct Folder {
    node: Arc<Node>,
    training: RunId,
    path: PathBuf,
}

impl Folder {
    pub(super) fn of(node: &Arc<Node>, training: RunId) -> Self {
        let path = node.dir.join(FOLDER).join(training.to_string());
        Self { node: Arc::clone(node), training, path }
    }

    /// Makes the folder, under a job.
    pub(super) fn create(&self, job: Digest) -> Result<(), Trouble> {
        let make = || {
            DirBuilder::new().recursive(true).mode(0o700).create(&self.path)?;
            fs::write(self.path.join(JOB), hex::encode(job.as_bytes()))
        };
        make().map_err(|error| Trouble::file(&self.path, &error))
    }

    /// Whether the folder is there, and under this job.
    pub(super) fn is_of(&self, job: Digest) -> bool {
        fs::read_to_string(self.path.join(JOB))
            .is_ok_and(|kept| kept == hex::encode(job.as_bytes()))
    }

    /// Removes all that is kept of the training.
    pub(super) fn forget(&self) {
        if let Err(error) = fs::remove_dir_all(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("{} cannot be removed: {error}", self.path.display());
        }
    }

    /// Where an upload lies once it is whole: of this place among the job's contributions, or after
    /// the last the labels'.
    fn upload(&self, place: usize, what: What) -> PathBuf {
        self.path.join(called(place, what))
    }

    /// Whether the uploads of all these places are here.
    pub(super) fn has_uploads(&self, places: usize, what: What) -> bool {
        (0..places).all(|place| self.upload(place, what).exists())
    }

    /// Removes what was uploaded to be trained on, and what came of it.
    pub(super) fn forget_columns(&self) -> Result<(), Trouble> {
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("upload-") || name.starts_with("checkpoint-") {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Keeps what a party tells the lender of its bins.
    pub(super) fn keep_told(&self, place: usize, told: &[u8]) -> Result<(), Trouble> {
        self.keep_small(&format!("told-{place}"), told)
    }

    /// What the parties in these places have told of their bins; nothing where one has not.
    pub(super) fn told(&self, places: usize) -> Option<Vec<Vec<BinnedColumn>>> {
        let read = |place: usize| self.read_small(&format!("told-{place}"));
        let told = (0..places).map(|place| BinnedColumn::decode_all(&read(place)?).ok());
        told.collect()
    }

    /// Keeps a hash of the outcomes that are counted.
    pub(super) fn keep_outcomes(&self, hash: &[u8; 32]) -> Result<(), Trouble> {
        self.keep_small("outcomes", hash)
    }

    /// A hash of the outcomes that were counted.
    pub(super) fn outcomes(&self) -> Option<[u8; 32]> {
        self.read_small("outcomes")?.as_slice().try_into().ok()
    }

    fn keep_small(&self, name: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let sealed = self.node.at_rest.seal(&self.name(name), bytes)?;
        result_file::write(&self.path.join(name), |file| file.write_all(&sealed))
    }

    fn read_small(&self, name: &str) -> Option<Zeroizing<Vec<u8>>> {
        let sealed = fs::read(self.path.join(name)).ok()?;
        self.node.at_rest.open_sealed(&self.name(name), &sealed)
    }

    /// A file that takes an upload, piece by piece.
    pub(super) fn take_upload(&self, place: usize, what: What) -> Result<UploadWriter, Trouble> {
        let path = self.upload(place, what);
        let part = path.with_extension("part");
        let file = File::create(&part).map_err(|error| Trouble::file(&part, &error))?;
        let name = self.name(&called(place, what));
        let file = BufWriter::with_capacity(LONGEST, file);
        Ok(UploadWriter { node: Arc::clone(&self.node), name, pieces: 0, file, part, path })
    }

    /// Reads an upload that was taken before.
    pub(super) fn read_upload(
        &self,
        place: usize,
        what: What,
    ) -> Result<impl Read + use<>, Trouble> {
        let path = self.upload(place, what);
        let file = File::open(&path).map_err(|error| Trouble::file(&path, &error))?;
        Ok(UploadReader {
            node: Arc::clone(&self.node),
            name: self.name(&called(place, what)),
            pieces: 0,
            file: BufReader::with_capacity(LONGEST, file),
            piece: Zeroizing::default(),
            read: 0,
        })
    }

    /// Keeps a checkpoint, and of those before it the last.
    pub(super) fn keep(&self, checkpoint: &Checkpoint) -> Result<(), Trouble> {
        let passes = checkpoint.steps().unwrap_or_default();
        let name = self.name(&format!("checkpoint-{passes}"));
        let sealed = self.node.at_rest.seal(&name, checkpoint.expose())?;
        let path = self.checkpoint(passes);
        result_file::write(&path, |file| file.write_all(&sealed))?;
        let kept = self.passes();
        for passes in kept.iter().rev().skip(KEPT) {
            // One too many is no harm.
            let _ = fs::remove_file(self.checkpoint(*passes));
        }
        Ok(())
    }

    /// After how many passes a checkpoint is kept, ascending.
    pub(super) fn passes(&self) -> Vec<u8> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let passes = entries.filter_map(|entry| {
            entry.file_name().to_string_lossy().strip_prefix("checkpoint-")?.parse().ok()
        });
        let mut passes: Vec<u8> = passes.collect();
        passes.sort_unstable();
        passes
    }

    /// The checkpoint after so many passes.
    pub(super) fn read_checkpoint(&self, passes: u8) -> Result<Checkpoint, Trouble> {
        let path = self.checkpoint(passes);
        let sealed = fs::read(&path).map_err(|error| Trouble::file(&path, &error))?;
        let name = self.name(&format!("checkpoint-{passes}"));
        let opened = self.node.at_rest.open_sealed(&name, &sealed);
        opened.map(|bytes| Checkpoint::parse(&bytes)).ok_or_else(|| damaged(&path))
    }

    fn checkpoint(&self, passes: u8) -> PathBuf {
        self.path.join(format!("checkpoint-{passes}"))
    }

    fn name(&self, what: &str) -> String {
        format!("training/{}/{what}", self.training)
    }
}

/// What the upload of a place is called on disk.
fn called(place: usize, what: What) -> String {
    match what {
        What::Bins => format!("bins-{place}"),
        What::Columns => format!("upload-{place}"),
    }
}

/// An upload on its way to disk: under its name as a whole, or not at all.
pub(super) struct UploadWriter {
    node: Arc<Node>,
    name: String,
    pieces: u64,
    file: BufWriter<File>,
    part: PathBuf,
    path: PathBuf,
}

impl UploadWriter {
    /// Takes the next bytes of what is kept.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        for piece in bytes.chunks(session::MAX_CHUNK) {
            let sealed =
                self.node.at_rest.seal(&format!("{}/{}", self.name, self.pieces), piece)?;
            self.pieces += 1;
            let length =
                u32::try_from(sealed.len()).map_err(|e| Trouble::from_error("OURS", &e))?;
            let mut write = || {
                self.file.write_all(&length.to_be_bytes())?;
                self.file.write_all(&sealed)
            };
            write().map_err(|error| Trouble::file(&self.part, &error))?;
        }
        Ok(())
    }

    /// Gives the whole its name. It survives this process; a machine that loses its power may lose it,
    /// and then the training is begun anew.
    pub(super) fn finish(mut self) -> Result<(), Trouble> {
        let mut finish = || {
            self.file.flush()?;
            fs::rename(&self.part, &self.path)
        };
        finish().map_err(|error| Trouble::file(&self.path, &error))
    }
}

/// An upload as it is read again.
struct UploadReader {
    node: Arc<Node>,
    name: String,
    pieces: u64,
    file: BufReader<File>,
    piece: Zeroizing<Vec<u8>>,
    read: usize,
}

impl Read for UploadReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.read == self.piece.len() {
            let mut length = [0; 4];
            match self.file.read_exact(&mut length) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                read => read?,
            }
            let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
            if length > LONGEST {
                return Err(io::Error::other("a piece of an upload is damaged"));
            }
            let mut sealed = vec![0; length];
            self.file.read_exact(&mut sealed)?;
            let name = format!("{}/{}", self.name, self.pieces);
            self.pieces += 1;
            self.piece = (self.node.at_rest.open_sealed(&name, &sealed))
                .ok_or_else(|| io::Error::other("a piece of an upload is damaged"))?;
            self.read = 0;
        }
        let count = out.len().min(self.piece.len() - self.read);
        out[..count].copy_from_slice(&self.piece[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

/// Removes what is kept of trainings that nobody can take up again, and of rows that were being read
/// when this party stopped. Returns those of ours whose output is here.
pub(super) async fn sweep(node: &Arc<Node>) -> Result<Vec<StoredRun>, Trouble> {
    let mut over = Vec::new();
    for path in entries(node) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let run = node.store.runs(&name, 1).await?.pop();
        let run = run.filter(|run| run.ours && has_output(run));
        if run.is_none() && can_go_on(node, &path).await? {
            continue;
        }
        tracing::info!("{}: what was kept of a training is removed", path.display());
        remove(&path)?;
        over.extend(run);
    }
    Ok(over)
}

fn has_output(run: &StoredRun) -> bool {
    matches!(run.state, RunState::Done | RunState::Unconfirmed)
}

/// Whether a training can be taken up again: its job is in force, and every upload is here.
async fn can_go_on(node: &Arc<Node>, path: &Path) -> Result<bool, Trouble> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (Some(digest), Ok(training)) = (job_of(path), name.parse()) else { return Ok(false) };
    let Some(stored) = node.store.job(digest.as_bytes()).await? else { return Ok(false) };
    // A lender that is a peer no more has no job here.
    let Ok(job) = jobs::opened(node, &stored) else { return Ok(false) };
    let in_force = stored.state.is_in_force() && job.valid_until >= today();
    let (folder, places) = (Folder::of(node, training), job.contributions.len() + 1);
    let counted = job.scorecard.is_some() && folder.has_uploads(places, What::Bins);
    Ok(in_force && (counted || folder.has_uploads(places, What::Columns)))
}

/// Writes down that a training which an earlier process was computing in did not come to its end there.
pub(super) async fn record_interrupted(node: &Node, run: &StoredRun) -> Result<(), Trouble> {
    let Some(digest) = job_of(&node.dir.join(FOLDER).join(run.id.to_string())) else {
        return Ok(());
    };
    let Some(stored) = node.store.job(digest.as_bytes()).await? else { return Ok(()) };
    let Ok(job) = jobs::opened(node, &stored) else { return Ok(()) };
    let event = event(&job, (digest, run.id), TrainingChange::NotCompleted, Counts::default());
    node.record_training(node.first_duty(), run.id, event, None).await
}

/// Forgets every training under a job that is not under way: the job is over, or the lender begins
/// anew.
pub(super) fn forget_failed(node: &Node, job: Digest) {
    for path in entries(node) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let under_way = name.parse().is_ok_and(|training| node.trainings.has(training));
        if job_of(&path) == Some(job)
            && !under_way
            && let Err(trouble) = remove(&path)
        {
            tracing::warn!("what was kept of a training cannot be removed: {trouble}");
        }
    }
}

fn entries(node: &Node) -> Vec<PathBuf> {
    let entries = fs::read_dir(node.dir.join(FOLDER)).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// The job that a folder is of.
fn job_of(path: &Path) -> Option<Digest> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(fs::read_to_string(path.join(JOB)).ok()?, &mut bytes).ok()?;
    Some(Digest::from_bytes(bytes))
}

/// Removes the folder of a training, or a file beside them.
fn remove(path: &Path) -> Result<(), Trouble> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Trouble::file(path, &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn damaged(path: &Path) -> Trouble {
    let path = path.display();
    Trouble::us(
        "TRAINING_DAMAGED",
        format!("{path} cannot be opened: begin the training anew (`tacit train`)"),
        format!("{path} 无法打开：请重新开始训练（`tacit train`）"),
    )
}
