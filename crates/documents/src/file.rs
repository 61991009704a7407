//! Files: bounded when they are read, whole or absent when they are written, for their owner only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufWriter, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use domain::Digest;
use sha2::Digest as _;

use crate::Error;

/// The most bytes of a letter or a mandate: a scanned text of some pages.
const MAX_LETTER: usize = 32 << 20;

/// Writes a new file that only this user can read; never over another one.
///
/// # Errors
///
/// `EXISTS` when something has this name already; `FILE`.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = private().create_new(true).open(path).map_err(|error| taken(path, &error))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| {
        // Half a document is no document.
        let _ = fs::remove_file(path);
        Error::file(path, &error)
    })
}

/// Reads the text of a letter of authorisation that the subject brings.
///
/// # Errors
///
/// `FILE`; `OVERSIZED` past 32 MiB.
pub fn read_letter(path: &Path) -> Result<Vec<u8>, Error> {
    read(path, MAX_LETTER)
}

/// The SHA-256 of a file, a signed mandate for one.
///
/// # Errors
///
/// `FILE`; `OVERSIZED` past 32 MiB.
pub fn hash_of(path: &Path) -> Result<Digest, Error> {
    Ok(hash(&read(path, MAX_LETTER)?))
}

pub(crate) fn hash(bytes: &[u8]) -> Digest {
    Digest::from_bytes(sha2::Sha256::digest(bytes).into())
}

/// Reads a file of at most `most` bytes.
pub(crate) fn read(path: &Path, most: usize) -> Result<Vec<u8>, Error> {
    let failed = |error: io::Error| Error::file(path, &error);
    let mut bytes = Vec::new();
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(failed)?.take(bound).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > most { Err(oversized(path, most)) } else { Ok(bytes) }
}

/// The next line without its end, of at most `most` bytes; `None` after the last one.
pub(crate) fn next_line(
    source: &mut impl BufRead,
    path: &Path,
    most: usize,
) -> Result<Option<Vec<u8>>, Error> {
    let mut line = Vec::new();
    // Room for the two bytes of a line's end.
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(2);
    let read = source.take(bound).read_until(b'\n', &mut line);
    if read.map_err(|error| Error::file(path, &error))? == 0 {
        return Ok(None);
    }
    while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        line.pop();
    }
    if line.len() > most { Err(oversized(path, most)) } else { Ok(Some(line)) }
}

/// A file that takes the place of an older one when it is whole, and leaves that one alone if it
/// never is.
pub(crate) struct Replacement {
    path: PathBuf,
    hidden: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Replacement {
    pub(crate) fn begin(path: &Path) -> Result<Self, Error> {
        let mut hidden = path.as_os_str().to_owned();
        hidden.push(".part");
        let hidden = PathBuf::from(hidden);
        let file = private().create(true).truncate(true).open(&hidden);
        let file = file.map_err(|error| Error::file(path, &error))?;
        Ok(Self { path: path.into(), hidden, file: Some(BufWriter::new(file)) })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let written = self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes));
        written.map_err(|error| Error::file(&self.path, &error))
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        let mut attempt = || {
            if let Some(file) = self.file.take() {
                file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            }
            fs::rename(&self.hidden, &self.path)
        };
        attempt().map_err(|error| Error::file(&self.path, &error))
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        // Gone already where it took its place.
        let _ = fs::remove_file(&self.hidden);
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

fn taken(path: &Path, error: &io::Error) -> Error {
    if error.kind() != ErrorKind::AlreadyExists {
        return Error::file(path, error);
    }
    let path = path.display();
    Error::new(
        "EXISTS",
        format!("{path} is there already and is not replaced. Name another file with --out."),
        format!("{path} 已存在，不会被替换。请用 --out 指定其他文件。"),
    )
}

fn oversized(path: &Path, most: usize) -> Error {
    let path = path.display();
    Error::new(
        "OVERSIZED",
        format!(
            "{path} has more than the {most} bytes that are read here. Is it the right file? If so, hand it over in parts."
        ),
        format!("{path} 超过此处可读取的 {most} 字节。请确认文件无误；如无误，请分批处理。"),
    )
}
