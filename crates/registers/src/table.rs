//! A register's columns, found by subject.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use domain::{Subject, Value};

use crate::column::{Column, ColumnKind, ColumnSpec, Staged};
use crate::content::Content;
use crate::index::{Index, Inserted};
use crate::load::{Key, Load, OnBad};
use crate::rows::{Row, Rows};
use crate::{Error, LoadReport, Reason};

/// A register's columns in memory, one row a subject.
///
/// Raw detail: it stays at home. A table has no serde and a redacted `Debug`.
///
/// ```compile_fail
/// fn encoded<T: serde::Serialize>(_: &T) {}
/// fn never(table: registers::Table) {
///     encoded(&table); // `Table` does not implement `Serialize`
/// }
/// ```
pub struct Table {
    index: Index,
    columns: Vec<Column>,
    repeated: u64,
}

impl Table {
    /// Reads typed columns and the subjects that they are about.
    ///
    /// Rows that repeat a subject with the same values collapse. Rows that repeat it with other
    /// values are bad; under [`OnBad::Skip`] such a subject is left out altogether, since no row
    /// says which of them is true.
    ///
    /// # Errors
    ///
    /// [`Error::BadRows`] under [`OnBad::Stop`] when a row cannot be used; the others when the file
    /// cannot be read as a table, lacks a column, or has no rows.
    pub fn read(
        path: &Path,
        key: &Key,
        columns: &[ColumnSpec],
        on_bad: OnBad,
    ) -> Result<(Self, LoadReport), Error> {
        let mut rows = Rows::open(path)?;
        let names = std::iter::once(&key.column).chain(columns.iter().map(|column| &column.name));
        rows.select(&names.map(String::as_str).collect::<Vec<_>>(), Some(0))?;
        let places = (0, (1..=columns.len()).collect());
        let mut reading = Reading::new(Load::new(path, key, rows.report()), columns, places);
        while let Some(row) = rows.next_row()? {
            reading.take(&row)?;
        }
        reading.finish(on_bad)
    }

    /// [`Table::read`], which hands the whole content to `take` in the same reading, as
    /// [`content`](crate::content) does: what is hashed is what is in the table, also where somebody
    /// writes to the file meanwhile.
    ///
    /// # Errors
    ///
    /// As [`Table::read`].
    pub fn read_with_content(
        path: &Path,
        key: &Key,
        columns: &[ColumnSpec],
        on_bad: OnBad,
        take: impl FnMut(&[u8]),
    ) -> Result<(Self, LoadReport), Error> {
        let mut rows = Rows::open(path)?;
        let subject = rows.place(&key.column)?;
        let places = columns.iter().map(|column| rows.place(&column.name));
        let places = (subject, places.collect::<Result<_, _>>()?);
        rows.select_all(Some(subject))?;
        let mut reading = Reading::new(Load::new(path, key, rows.report()), columns, places);
        let mut content = Content::begin(rows.header(), take);
        while let Some(row) = rows.next_row()? {
            content.row(&row);
            reading.take(&row)?;
        }
        reading.finish(on_bad)
    }

    /// How many subjects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.subjects().len()
    }

    /// Whether there is no subject: every row was bad and skipped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.subjects().is_empty()
    }

    /// The subjects, in the order of their rows.
    #[must_use]
    pub fn subjects(&self) -> &[Subject] {
        self.index.subjects()
    }

    /// The columns' names and types, in the order asked for.
    pub fn columns(&self) -> impl Iterator<Item = (&str, ColumnKind)> {
        self.columns.iter().map(|column| (column.name(), column.kind()))
    }

    /// The row of a subject, counted from 0; `None` if the register does not have it.
    #[must_use]
    pub fn row(&self, subject: &Subject) -> Option<usize> {
        self.index.find(subject)
    }

    /// How many rows repeated a subject: those that collapsed, and under [`OnBad::Skip`] those that
    /// contradicted an earlier one.
    #[must_use]
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// A value: a number for integers and numbers, text for text and dates (`2024-02-29`).
    ///
    /// `None` if the value is missing, or there is no such row or column.
    #[must_use]
    pub fn value(&self, row: usize, column: &str) -> Option<Value> {
        self.column(column)?.value(row)
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|present| present.name() == name)
    }

    /// [`Table::value`] of a column that was asked for more than once, each time as another kind.
    #[must_use]
    pub fn value_as(&self, row: usize, column: &str, kind: ColumnKind) -> Option<Value> {
        let wanted = |present: &&Column| present.kind() == kind && present.name() == column;
        self.columns.iter().find(wanted)?.value(row)
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({} subjects, {} columns, redacted)", self.len(), self.columns.len())
    }
}

/// A table while its rows come in.
struct Reading<'a> {
    load: Load<'a>,
    columns: Vec<Column>,
    /// The cells of a row that are the key and the columns, in order.
    places: (usize, Vec<usize>),
    /// The current row's cells, one a column.
    staged: Vec<Staged>,
    /// Places of subjects whose rows contradict one another.
    contradicted: BTreeSet<usize>,
    /// Rows that contradict an earlier one.
    contradictions: u64,
}

impl<'a> Reading<'a> {
    fn new(load: Load<'a>, columns: &[ColumnSpec], places: (usize, Vec<usize>)) -> Self {
        Self {
            load,
            staged: Vec::with_capacity(columns.len()),
            columns: columns.iter().cloned().map(Column::new).collect(),
            places,
            contradicted: BTreeSet::new(),
            contradictions: 0,
        }
    }

    fn take(&mut self, row: &Row<'_>) -> Result<(), Error> {
        let Some((subject, line)) = self.load.subject(row, self.places.0)? else { return Ok(()) };
        self.staged.clear();
        for (column, place) in self.columns.iter_mut().zip(&self.places.1) {
            let Some(staged) = column.stage(row.cell(*place)) else {
                let reason = Reason::Type(column.kind());
                self.load.report.bad.add(row.line, Some(column.name()), reason);
                return Ok(());
            };
            self.staged.push(staged);
        }
        match self.load.index.insert(subject, line) {
            Inserted::New => {
                for (column, staged) in self.columns.iter_mut().zip(&self.staged) {
                    column.push(*staged);
                }
            }
            Inserted::Known(place) if self.agrees(place) => self.load.duplicate(line, place),
            Inserted::Known(place) => {
                self.contradicted.insert(place);
                self.contradictions += 1;
                let first = self.load.index.line(place);
                self.load.report.bad.add(row.line, None, Reason::Contradiction { first });
            }
        }
        Ok(())
    }

    fn agrees(&self, place: usize) -> bool {
        self.columns.iter().zip(&self.staged).all(|(column, staged)| column.holds(place, *staged))
    }

    fn finish(mut self, on_bad: OnBad) -> Result<(Table, LoadReport), Error> {
        if !self.contradicted.is_empty() {
            let places = 0..self.load.index.subjects().len();
            let kept: Vec<bool> = places.map(|place| !self.contradicted.contains(&place)).collect();
            self.load.index.retain(&kept);
            self.columns.iter_mut().for_each(|column| column.retain(&kept));
        }
        let contradicted = self.contradicted.len();
        self.load.report.contradicted = u64::try_from(contradicted).expect("counts fit into u64");
        let (index, report) = self.load.finish(on_bad)?;
        let repeated = report.duplicates.count + self.contradictions;
        Ok((Table { index, columns: self.columns, repeated }, report))
    }
}
