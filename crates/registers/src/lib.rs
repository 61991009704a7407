//! Reads a holder's tables into typed columns; the only crate that knows file formats.
//!
//! * [`subjects`] reads one column of identifiers: what enters a private set intersection.
//! * [`Table::read`] reads typed columns, indexed by subject: what a scorecard is computed from.
//! * [`align`] and [`labels`] put rows of a table into the order of a list, as numbers: what a
//!   training is computed from.
//! * [`profile()`] counts what is in a file, for its owner: what `tacit data check` prints.
//! * [`content()`] hands out bytes to hash that are the same for the same table in another encoding.
//!
//! # Formats
//!
//! CSV (comma, semicolon or tab; UTF-8 with or without a byte order mark, GB18030) and Parquet
//! (flat columns), told apart by content, never by name. Files are streamed, so memory follows the
//! columns asked for; a field is at most 1 MiB.
//!
//! # What is never shown
//!
//! No error, report or `Debug` of this crate repeats a cell. They name files, columns, lines
//! (of the file, for CSV; rows from 1, for Parquet) and rules.
//!
//! # Bad rows
//!
//! A row that cannot be used (identifier, type, number of fields, a contradiction) stops the load
//! after the whole file was read, so that one error lists them all; [`OnBad::Skip`] leaves such
//! rows out and counts them.
//!
//! ```
//! use std::io::Write;
//! use domain::{CheckMode, SubjectKind};
//! use registers::{Key, OnBad, subjects};
//!
//! let mut file = tempfile::NamedTempFile::new()?;
//! writeln!(file, "code,name\n91320100PDY00001XR,甲\n91320500PDY0001750,乙")?;
//! let key = Key { column: "code".into(), kind: SubjectKind::Uscc, mode: CheckMode::Strict };
//! let (found, report) = subjects(file.path(), &key, OnBad::Stop)?;
//! assert_eq!((found.len(), report.duplicates.count), (2, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod column;
mod columnar;
mod content;
mod decoded;
mod delimited;
mod error;
mod index;
mod labels;
mod list;
mod load;
mod matrix;
mod places;
mod profile;
mod rendering;
mod report;
mod rows;
mod table;
mod unfit;

pub use column::{ColumnKind, ColumnSpec};
pub use content::content;
pub use decoded::Encoding;
pub use error::Error;
pub use labels::{Label, LabelSpec, labels};
pub use list::{write_rows, write_subjects};
pub use load::{Key, OnBad, subjects};
pub use matrix::{Aligned, Missing, align};
pub use profile::{ColumnProfile, Distinct, Profile, profile};
pub use report::{BadRow, BadRows, Duplicates, Flagged, LoadReport, Reason, Repeat};
pub use rows::Format;
pub use table::Table;
pub use unfit::Unfit;
