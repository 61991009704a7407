//! Small files that tests hand to a command.

use std::fs;
use std::path::{Path, PathBuf};

use envelope::Envelope;

/// Writes a CSV file with one column.
///
/// # Panics
///
/// When the file cannot be written.
pub fn list(file: &Path, column: &str, rows: &[String]) {
    fs::write(file, format!("{column}\n{}\n", rows.join("\n"))).expect("the file can be written");
}

/// Writes envelopes into a file, one a line; returns where.
///
/// # Panics
///
/// When the file cannot be written.
pub fn envelopes(file: &Path, envelopes: &[Envelope]) -> PathBuf {
    let lines: Vec<u8> =
        envelopes.iter().flat_map(|envelope| [envelope.to_json(), vec![b'\n']].concat()).collect();
    fs::write(file, lines).expect("the file can be written");
    file.to_owned()
}
