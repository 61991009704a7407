//! Why a file cannot be read as a register.

use std::io;
use std::path::PathBuf;

use crate::{BadRows, Unfit};

/// Why a file cannot be read as a register, and what to do about it.
///
/// Paths, columns, line numbers and rules only: no message repeats a cell. The files are the
/// operator's own, so none of this is ever a peer's fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be opened or read.
    #[error("{path}: cannot be read", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The path leads to a folder, a pipe or a device.
    #[error("{path}: not a regular file; registers are read from CSV or Parquet files", path = .path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// There is nothing in the file.
    #[error("{path}: the file is empty; a header line with column names was expected", path = .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// There are column names and no rows.
    #[error("{path}: the file has column names but no rows; check the export", path = .path.display())]
    NoRows {
        /// The file.
        path: PathBuf,
    },
    /// An Excel workbook.
    #[error("{path}: this is an Excel workbook; save the sheet as `CSV UTF-8` and give that file", path = .path.display())]
    Workbook {
        /// The file.
        path: PathBuf,
    },
    /// UTF-16 text.
    #[error("{path}: the text is UTF-16 (Excel's `Unicode text`); save it as `CSV UTF-8`", path = .path.display())]
    Utf16 {
        /// The file.
        path: PathBuf,
    },
    /// Neither UTF-8 nor GB18030.
    #[error("{path}: line {line} is neither UTF-8 nor GB18030; save the file as `CSV UTF-8`", path = .path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// A quotation mark opens a field and the file ends before it is closed.
    #[error(
        "{path}: the quotation mark that opens a field in the row of line {line} is never closed; \
         close it, or double it if it belongs to the text",
        path = .path.display()
    )]
    UnclosedQuote {
        /// The file.
        path: PathBuf,
        /// The first line of the row, from 1.
        line: u64,
    },
    /// A field, a row or the number of columns exceeds its bound.
    #[error(
        "{path}: line {line}: {what}; is a quotation mark missing, or is this not a table?",
        path = .path.display()
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The first line of the row (or the Parquet row), from 1.
        line: u64,
        /// What is too long, with the bound.
        what: &'static str,
    },
    /// A NUL character in a field.
    #[error("{path}: line {line} contains a NUL character; the file is damaged, export it again", path = .path.display())]
    Nul {
        /// The file.
        path: PathBuf,
        /// The first line of the row (or the Parquet row), from 1.
        line: u64,
    },
    /// Two columns have one name.
    #[error("{path}: the column `{column}` comes twice; rename one of them", path = .path.display())]
    ColumnTwice {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
    },
    /// A column that was asked for is not there.
    #[error("{path}: there is no column `{column}`; the columns are {present}", path = .path.display(), present = listed(.present))]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The name asked for.
        column: String,
        /// The names in the file.
        present: Vec<String>,
    },
    /// A Parquet column cannot be used.
    #[error("{path}: the column `{column}` {problem}", path = .path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// What is the matter and what to do.
        problem: &'static str,
    },
    /// A Parquet file is truncated or otherwise damaged.
    #[error("{path}: damaged or unsupported Parquet: {problem}; write the file again", path = .path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Which part.
        problem: String,
    },
    /// More rows than can be numbered.
    #[error("{path}: more than 4 billion lines; split the file", path = .path.display())]
    TooManyRows {
        /// The file.
        path: PathBuf,
    },
    /// Some rows cannot be used, and the caller did not ask to skip them.
    #[error(
        "{path}: {bad}; correct them, or ask for bad rows to be skipped",
        path = .path.display()
    )]
    BadRows {
        /// The file.
        path: PathBuf,
        /// How many, which and why.
        bad: Box<BadRows>,
    },
    /// The rows were read and are not fit for a training.
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

/// The first names, in quotes.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 50;
    let mut text =
        names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}
