//! Files of signed documents: one envelope, or many, one a line.

use std::path::Path;

use consent::Authorisation;
use envelope::{Envelope, MAX_ENVELOPE};

use crate::Error;
use crate::file;
use crate::refused::refused;

/// The byte order mark that some editors put in front of a text.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The envelopes of a file of at most `most` bytes, each as one line of JSON. Nothing in them is
/// verified but that they are envelopes.
///
/// # Errors
///
/// `FILE`, `OVERSIZED`; `DOCUMENT` with the line that holds none.
pub fn read_envelopes(path: &Path, most: usize) -> Result<Vec<Vec<u8>>, Error> {
    Ok(read(path, most)?.iter().map(Envelope::to_json).collect())
}

/// The one authorisation in a file, unverified: for its subject's own tool.
///
/// # Errors
///
/// `FILE`, `OVERSIZED`; `DOCUMENT` when it holds anything else.
pub fn read_authorisation(path: &Path) -> Result<Authorisation, Error> {
    Authorisation::unverified(&one(path)?).map_err(refused)
}

/// The one envelope in a file.
pub(crate) fn one(path: &Path) -> Result<Envelope, Error> {
    let mut found = read(path, MAX_ENVELOPE)?;
    match (found.pop(), found.len()) {
        (Some(envelope), 0) => Ok(envelope),
        (Some(_) | None, _) => {
            let path = path.display();
            Err(Error::new(
                "DOCUMENT",
                format!(
                    "{path} holds several documents and one is meant. Put it into a file of its own."
                ),
                format!("{path} 中有多份文书，此处只需一份。请将该份单独存为一个文件。"),
            ))
        }
    }
}

fn read(path: &Path, most: usize) -> Result<Vec<Envelope>, Error> {
    let bytes = file::read(path, most)?;
    let text = bytes.strip_prefix(MARK).unwrap_or(&bytes).trim_ascii();
    // One document may be spread over lines by whoever looked at it.
    if let Ok(envelope) = Envelope::from_json(text) {
        return Ok(vec![envelope]);
    }
    let lines = text.split(|byte| *byte == b'\n').enumerate();
    let lines = lines.map(|(at, line)| (at + 1, line.trim_ascii()));
    let envelopes = lines.filter(|(at, line)| *at == 1 || !line.is_empty());
    envelopes
        .map(|(at, line)| Envelope::from_json(line).map_err(|error| no_envelope(path, at, &error)))
        .collect()
}

fn no_envelope(path: &Path, line: usize, error: &envelope::Error) -> Error {
    let path = path.display();
    Error::new(
        "DOCUMENT",
        format!(
            "{path}, line {line}: {error}. A signed document as `tacit authorisation` writes it was expected, or one on each line."
        ),
        format!(
            "{path} 第 {line} 行不是签名文书（{error}）。应为 `tacit authorisation` 生成的文书，或每行一份。"
        ),
    )
}
