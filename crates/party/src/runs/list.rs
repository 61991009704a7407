//! The list of a batch or of a training: one identifier a line, in strictly ascending order.
//!
//! The order makes it canonical: a repeated subject shows without any memory of the others, and the
//! order of the lender's own file, which may say something, stays at home. The list travels once to
//! each party, under a hash that the terms name, and lies there until the run is over.

use std::cmp;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use domain::{CheckMode, RunId, Subject, SubjectKind};
use session::{Blame, Chunk, Culprit, Role, Session, Turn};
use sha2::{Digest, Sha256};

use crate::Trouble;

/// Where lists of batches lie inside the party's directory.
const FOLDER: &str = "batches";

/// The one round of a list's journey.
const ROUND: u32 = 1;

/// Bytes of a chunk.
const CHUNK: usize = 256 << 10;

/// The longest identifier of any kind, in bytes.
const LONGEST: usize = domain::OpaqueId::LONGEST;

/// What a list must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agreed {
    pub(crate) kind: SubjectKind,
    pub(crate) subjects: u32,
    pub(crate) hash: [u8; 32],
}

/// Why a list is not taken, or cannot be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the list cannot be kept or read here: {0}")]
    File(#[from] io::Error),
    #[error(
        "the list has more subjects than the {agreed} agreed on: send that many, or agree anew"
    )]
    TooMany { from: Role, agreed: u32 },
    #[error("the list ends after {found} of the {agreed} subjects agreed on")]
    TooFew { from: Role, found: u32, agreed: u32 },
    #[error("line {line} of the list repeats the one before it: every subject stands on it once")]
    Duplicate { from: Role, line: u32 },
    #[error("line {line} of the list is out of order: lists are strictly ascending")]
    Unordered { from: Role, line: u32 },
    #[error("line {line} of the list is no identifier of the kind agreed on, or not written out")]
    NoSubject { from: Role, line: u32 },
    #[error("this is another list than the one agreed on: its hash differs")]
    OtherList { from: Role },
    #[error("{from} sent a chunk that is no part of a list")]
    Misplaced { from: Role },
}

impl Blame for Error {
    fn blame(&self) -> Culprit {
        match self {
            Self::File(_) => Culprit::Us,
            Self::TooMany { from, .. }
            | Self::TooFew { from, .. }
            | Self::Duplicate { from, .. }
            | Self::Unordered { from, .. }
            | Self::NoSubject { from, .. }
            | Self::OtherList { from }
            | Self::Misplaced { from } => Culprit::Peer(*from),
        }
    }
}

/// Where the list of a batch lies in the party's directory; it is there as a whole or not at all.
pub(crate) fn path(dir: &Path, run: RunId) -> PathBuf {
    dir.join(FOLDER).join(format!("{run}.list"))
}

/// Removes a list that is no longer needed, and what a process that died left of it.
pub(crate) fn forget(dir: &Path, run: RunId) {
    let folder = dir.join(FOLDER);
    let run = run.to_string();
    // Nothing has been kept where there is no folder.
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        let of_run = entry.file_name().to_string_lossy().starts_with(&run);
        if of_run && let Err(error) = fs::remove_file(entry.path()) {
            tracing::warn!("{} cannot be removed: {error}", entry.path().display());
        }
    }
}

/// Writes the lender's own list: sorted, each subject once. Returns what the terms say of it.
pub(crate) fn write(
    path: &Path,
    kind: SubjectKind,
    mut subjects: Vec<Subject>,
) -> Result<Agreed, Trouble> {
    subjects.sort_unstable_by(|a, b| a.reveal().as_bytes().cmp(b.reveal().as_bytes()));
    subjects.dedup();
    let count = u32::try_from(subjects.len()).map_err(|_| {
        Trouble::us("TOO_MANY", "a list has at most 2^32 - 1 subjects", "名单最多 2^32 - 1 个主体")
    })?;
    let attempt = || -> io::Result<[u8; 32]> {
        let mut incoming = Incoming::create(path, kind)?;
        let mut bytes = Vec::with_capacity(CHUNK + LONGEST + 1);
        for subject in &subjects {
            bytes.extend_from_slice(subject.reveal().as_bytes());
            bytes.push(b'\n');
            if bytes.len() >= CHUNK {
                incoming.take(&bytes)?;
                bytes.clear();
            }
        }
        incoming.take(&bytes)?;
        incoming.keep(None)
    };
    let hash = attempt().map_err(|error| Trouble::file(path, &error))?;
    Ok(Agreed { kind, subjects: count, hash })
}

/// A list that is being written under another name.
struct Incoming {
    path: PathBuf,
    part: Scrap,
    file: File,
    hasher: Sha256,
}

impl Incoming {
    fn create(path: &Path, kind: SubjectKind) -> io::Result<Self> {
        let folder = path.parent().unwrap_or(path);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        // A name of its own: what two peers bring at once must not end up in one file.
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let part = Scrap(path.with_extension(format!("{number}.part")));
        let file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&part.0)?;
        let hasher = Sha256::new()
            .chain_update(b"tacit/party/v1/list")
            .chain_update(kind.code())
            .chain_update(b"\n");
        Ok(Self { path: path.to_owned(), part, file, hasher })
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.file.write_all(bytes)
    }

    /// Brings the list to disk and gives it its name; nothing happens when the hash is another.
    fn keep(self, agreed: Option<[u8; 32]>) -> io::Result<[u8; 32]> {
        let hash = self.hasher.finalize().into();
        if agreed.is_none_or(|agreed| agreed == hash) {
            self.file.sync_all()?;
            fs::rename(&self.part.0, &self.path)?;
        }
        Ok(hash)
    }
}

/// Numbers the unfinished files of this process.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A file that goes away unless it has got another name by then.
struct Scrap(PathBuf);

impl Drop for Scrap {
    fn drop(&mut self) {
        // It is not there any more where the list was kept.
        let _ = fs::remove_file(&self.0);
    }
}

/// Sends a list.
pub(crate) struct Sender {
    to: Role,
    file: File,
    left: u64,
}

impl Sender {
    pub(crate) fn new(path: &Path, to: Role) -> Result<Self, Trouble> {
        let open = || {
            let file = File::open(path)?;
            let left = file.metadata()?.len();
            Ok((file, left))
        };
        let (file, left) = open().map_err(|error| Trouble::file(path, &error))?;
        Ok(Self { to, file, left })
    }
}

impl Session for Sender {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        if self.left == 0 {
            return Ok(Turn::Done(()));
        }
        let length = usize::try_from(self.left).map_or(CHUNK, |left| left.min(CHUNK));
        let mut body = vec![0; length];
        self.file.read_exact(&mut body)?;
        self.left -= length as u64;
        Ok(Turn::Send(self.to, Chunk { round: ROUND, last: self.left == 0, body: body.into() }))
    }

    fn receive(&mut self, from: Role, _chunk: Chunk) -> Result<(), Error> {
        Err(Error::Misplaced { from })
    }
}

/// Takes a list, and keeps it when it is the one agreed on. In constant memory.
pub(crate) struct Receiver {
    agreed: Agreed,
    /// Gone once the list is kept.
    incoming: Option<Incoming>,
    found: u32,
    previous: Vec<u8>,
    /// The beginning of a line that the last chunk cut.
    rest: Vec<u8>,
}

impl Receiver {
    pub(crate) fn new(path: &Path, agreed: Agreed) -> Result<Self, Trouble> {
        let incoming =
            Incoming::create(path, agreed.kind).map_err(|error| Trouble::file(path, &error))?;
        Ok(Self {
            agreed,
            incoming: Some(incoming),
            found: 0,
            previous: Vec::with_capacity(LONGEST),
            rest: Vec::with_capacity(LONGEST),
        })
    }

    fn lines(&mut self, from: Role, body: &Bytes) -> Result<(), Error> {
        let mut lines = body.split_inclusive(|byte| *byte == b'\n');
        if !self.rest.is_empty()
            && let Some(first) = lines.next()
        {
            let whole = [std::mem::take(&mut self.rest).as_slice(), first].concat();
            self.line(from, &whole)?;
        }
        lines.try_for_each(|line| self.line(from, line))
    }

    fn line(&mut self, from: Role, line: &[u8]) -> Result<(), Error> {
        if line.len() > LONGEST + 1 {
            return Err(Error::NoSubject { from, line: self.found + 1 });
        }
        let Some(code) = line.strip_suffix(b"\n") else {
            self.rest = line.to_vec();
            return Ok(());
        };
        let agreed = self.agreed.subjects;
        if self.found == agreed {
            return Err(Error::TooMany { from, agreed });
        }
        self.found += 1;
        let (line, kind) = (self.found, self.agreed.kind);
        let text = str::from_utf8(code).map_err(|_| Error::NoSubject { from, line })?;
        let subject = Subject::parse(kind, text, CheckMode::Report);
        if subject.map_or(true, |subject| subject.value.reveal() != text) {
            return Err(Error::NoSubject { from, line });
        }
        match self.previous.as_slice().cmp(code) {
            cmp::Ordering::Less => {}
            cmp::Ordering::Equal => return Err(Error::Duplicate { from, line }),
            cmp::Ordering::Greater => return Err(Error::Unordered { from, line }),
        }
        self.previous.clear();
        self.previous.extend_from_slice(code);
        Ok(())
    }
}

impl Session for Receiver {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        Ok(if self.incoming.is_none() { Turn::Done(()) } else { Turn::Await })
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        let Chunk { round, last, body } = chunk;
        if round != ROUND || body.is_empty() {
            return Err(Error::Misplaced { from });
        }
        self.lines(from, &body)?;
        let incoming = self.incoming.as_mut().ok_or(Error::Misplaced { from })?;
        incoming.take(&body)?;
        if last {
            let (found, agreed) = (self.found, self.agreed.subjects);
            if found < agreed || !self.rest.is_empty() {
                return Err(Error::TooFew { from, found, agreed });
            }
            let incoming = self.incoming.take().ok_or(Error::Misplaced { from })?;
            if incoming.keep(Some(self.agreed.hash))? != self.agreed.hash {
                return Err(Error::OtherList { from });
            }
        }
        Ok(())
    }
}

/// The subjects of a list from a place on.
pub(crate) struct Subjects {
    lines: io::Split<BufReader<File>>,
    kind: SubjectKind,
}

impl Subjects {
    /// The subjects from the `from`-th on, counted from 0.
    pub(crate) fn open(path: &Path, kind: SubjectKind, from: u64) -> io::Result<Self> {
        let mut reader = BufReader::with_capacity(CHUNK, File::open(path)?);
        let mut left = from;
        let mut offset = 0;
        while left > 0 {
            let bytes = reader.fill_buf()?;
            if bytes.is_empty() {
                break;
            }
            let mut used = 0;
            for line in bytes.split_inclusive(|byte| *byte == b'\n') {
                used += line.len();
                left -= u64::from(line.ends_with(b"\n"));
                if left == 0 {
                    break;
                }
            }
            offset += used as u64;
            reader.consume(used);
        }
        reader.seek(SeekFrom::Start(offset))?;
        Ok(Self { lines: reader.split(b'\n'), kind })
    }
}

impl Iterator for Subjects {
    type Item = io::Result<Subject>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = |line: io::Result<Vec<u8>>| {
            let line = line?;
            let text = str::from_utf8(&line).map_err(io::Error::other)?;
            let subject = Subject::parse(self.kind, text, CheckMode::Report);
            // Which rule it breaks is not repeated: the text may be in the error.
            Ok(subject.map_err(|_| io::Error::other("a line is no identifier"))?.value)
        };
        self.lines.next().map(read)
    }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
