//! Reading identifiers: parsed, de-duplicated, every bad one accounted for.

use std::path::Path;

use domain::{CheckMode, Subject, SubjectKind};

use crate::index::{Index, Inserted};
use crate::report::LoadReport;
use crate::rows::{Row, Rows};
use crate::{Error, Reason};

/// Which column says whom a row is about, and of what kind its identifiers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The column's name.
    pub column: String,
    /// What its identifiers are; never guessed.
    pub kind: SubjectKind,
    /// How much of a social credit code must fit.
    pub mode: CheckMode,
}

/// What to do with rows that cannot be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnBad {
    /// Load nothing, and say which rows are bad.
    #[default]
    Stop,
    /// Leave bad rows out, and count them in the report.
    Skip,
}

/// Reads a register's subjects: distinct, in the order of their first rows.
///
/// # Errors
///
/// [`Error::BadRows`] under [`OnBad::Stop`] when a row cannot be used; the others when the file
/// cannot be read as a table, lacks the column, or has no rows.
pub fn subjects(
    path: &Path,
    key: &Key,
    on_bad: OnBad,
) -> Result<(Vec<Subject>, LoadReport), Error> {
    let mut rows = Rows::open(path)?;
    rows.select(&[&key.column], Some(0))?;
    let mut load = Load::new(path, key, rows.report());
    while let Some(row) = rows.next_row()? {
        let Some((subject, line)) = load.subject(&row, 0)? else { continue };
        load.place(subject, line);
    }
    let (index, report) = load.finish(on_bad)?;
    Ok((index.into_subjects(), report))
}

/// A load under way: the subjects so far and the account of rows.
pub(crate) struct Load<'a> {
    path: &'a Path,
    key: &'a Key,
    pub(crate) index: Index,
    pub(crate) report: LoadReport,
}

impl<'a> Load<'a> {
    pub(crate) fn new(path: &'a Path, key: &'a Key, report: LoadReport) -> Self {
        Self { path, key, index: Index::new(), report }
    }

    /// Counts a row and reads its identifier from the `cell`-th selected column; `None` if the row
    /// is bad.
    pub(crate) fn subject(
        &mut self,
        row: &Row<'_>,
        cell: usize,
    ) -> Result<Option<(Subject, u32)>, Error> {
        let line =
            u32::try_from(row.line).map_err(|_| Error::TooManyRows { path: self.path.into() })?;
        self.report.rows += 1;
        if let Some(found) = row.ragged() {
            let reason = Reason::Fields { expected: row.expected, found };
            self.report.bad.add(row.line, None, reason);
            return Ok(None);
        }
        match Subject::parse(self.key.kind, row.cell(cell), self.key.mode) {
            Ok(parsed) => {
                self.report.normalised += u64::from(parsed.normalised);
                self.report.flagged.add(parsed.flags);
                Ok(Some((parsed.value, line)))
            }
            Err(error) => {
                let reason = Reason::Identifier(error);
                self.report.bad.add(row.line, Some(&self.key.column), reason);
                Ok(None)
            }
        }
    }

    /// Adds a subject, or counts its row as a duplicate.
    pub(crate) fn place(&mut self, subject: Subject, line: u32) {
        match self.index.insert(subject, line) {
            Inserted::New => {}
            Inserted::Known(place) => self.duplicate(line, place),
        }
    }

    /// Counts a row that repeats the subject at `place`.
    pub(crate) fn duplicate(&mut self, line: u32, place: usize) {
        let first = self.index.line(place);
        self.report.duplicates.add(line.into(), first);
    }

    /// Counts the subjects, and stops if there are bad rows and the caller wants that.
    pub(crate) fn finish(mut self, on_bad: OnBad) -> Result<(Index, LoadReport), Error> {
        let path = || self.path.into();
        if self.report.rows == 0 {
            return Err(Error::NoRows { path: path() });
        }
        match on_bad {
            OnBad::Stop if self.report.bad.count > 0 => {
                Err(Error::BadRows { path: path(), bad: Box::new(self.report.bad) })
            }
            OnBad::Stop | OnBad::Skip => {
                let distinct = self.index.subjects().len();
                self.report.distinct = u64::try_from(distinct).expect("counts fit into u64");
                Ok((self.index, self.report))
            }
        }
    }
}
