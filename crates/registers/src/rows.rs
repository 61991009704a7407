//! A file as rows of text cells, whatever its format.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::columnar::{Cells, Columnar};
use crate::delimited::Delimited;
use crate::{Error, LoadReport};

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Fields between commas, semicolons or tabs.
    Csv,
    /// Apache Parquet.
    Parquet,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::Parquet => "Parquet",
        })
    }
}

/// A file as rows of text cells.
pub(crate) struct Rows {
    path: PathBuf,
    source: Source,
}

enum Source {
    Delimited(Box<Delimited>),
    Columnar(Box<Columnar>),
}

impl Rows {
    /// Opens a file, tells its format by its first bytes and reads its column names.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let unreadable = |source| Error::Read { path: path.into(), source };
        // A pipe would block on opening and cannot be read twice.
        if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(Error::NotAFile { path: path.into() });
        }
        let mut file = File::open(path).map_err(unreadable)?;
        let mut magic = Vec::with_capacity(4);
        Read::by_ref(&mut file).take(4).read_to_end(&mut magic).map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        let source = match magic.as_slice() {
            [] => return Err(Error::Empty { path: path.into() }),
            b"PAR1" => Source::Columnar(Box::new(Columnar::open(path, file)?)),
            b"PK\x03\x04" | b"\xD0\xCF\x11\xE0" => {
                return Err(Error::Workbook { path: path.into() });
            }
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(Error::Utf16 { path: path.into() }),
            _ => Source::Delimited(Box::new(Delimited::open(path, file)?)),
        };
        let rows = Self { path: path.into(), source };
        let mut names = BTreeSet::new();
        match rows.header().iter().find(|name| !name.is_empty() && !names.insert(*name)) {
            Some(column) => Err(Error::ColumnTwice { path: path.into(), column: column.clone() }),
            None => Ok(rows),
        }
    }

    /// The names of all columns.
    pub(crate) fn header(&self) -> &[String] {
        match &self.source {
            Source::Delimited(source) => source.header(),
            Source::Columnar(source) => source.header(),
        }
    }

    /// Makes `names` the cells of the rows to come; nothing else is decoded. `key` says which of
    /// them is an identifier, which floating-point numbers cannot be.
    pub(crate) fn select(&mut self, names: &[&str], key: Option<usize>) -> Result<(), Error> {
        let places = names.iter().map(|name| self.place(name)).collect::<Result<Vec<_>, _>>()?;
        self.select_places(places, key)
    }

    /// Makes every column a cell of the rows to come; `key` as in [`Rows::select`].
    pub(crate) fn select_all(&mut self, key: Option<usize>) -> Result<(), Error> {
        self.select_places((0..self.header().len()).collect(), key)
    }

    /// The next row, or `None` after the last.
    pub(crate) fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        match &mut self.source {
            Source::Delimited(source) => source.next_row(),
            Source::Columnar(source) => source.next_row(),
        }
    }

    /// A report that says how the file is written, and nothing yet about its rows.
    pub(crate) fn report(&self) -> LoadReport {
        match &self.source {
            Source::Delimited(source) => {
                let (encoding, delimiter) = (source.encoding(), source.delimiter());
                LoadReport::new(Format::Csv, Some(encoding), Some(delimiter))
            }
            Source::Columnar(_) => LoadReport::new(Format::Parquet, None, None),
        }
    }

    fn select_places(&mut self, places: Vec<usize>, key: Option<usize>) -> Result<(), Error> {
        match &mut self.source {
            Source::Delimited(source) => source.select(places),
            Source::Columnar(source) => source.select(&places, key)?,
        }
        Ok(())
    }

    /// Where a column stands in the header.
    pub(crate) fn place(&self, name: &str) -> Result<usize, Error> {
        self.header().iter().position(|present| present == name).ok_or_else(|| Error::NoColumn {
            path: self.path.clone(),
            column: name.into(),
            present: self.header().to_vec(),
        })
    }
}

/// A row's cells, valid until the next row is read.
pub(crate) struct Row<'a> {
    /// Where the row starts: a line of the file (CSV) or the row's number (Parquet), from 1.
    pub(crate) line: u64,
    /// Fields in the header.
    pub(crate) expected: usize,
    pub(crate) fields: Fields<'a>,
}

/// Where a row's cells are.
pub(crate) enum Fields<'a> {
    Delimited { text: &'a str, ends: &'a [usize], selected: &'a [usize] },
    Columnar { columns: &'a [Cells], row: usize },
}

impl<'a> Row<'a> {
    /// How many fields the row has, where that differs from the header.
    pub(crate) fn ragged(&self) -> Option<usize> {
        match &self.fields {
            Fields::Delimited { ends, .. } => Some(ends.len()).filter(|len| *len != self.expected),
            Fields::Columnar { .. } => None,
        }
    }

    /// The cell of the `index`-th selected column; empty when missing.
    pub(crate) fn cell(&self, index: usize) -> &'a str {
        match &self.fields {
            Fields::Delimited { text, ends, selected } => {
                selected.get(index).map_or("", |place| field(text, ends, *place))
            }
            Fields::Columnar { columns, row } => columns[index].cell(*row),
        }
    }

    /// Every cell that the row has (CSV) or every selected one (Parquet).
    pub(crate) fn every_cell(&self) -> Box<dyn ExactSizeIterator<Item = &'a str> + 'a> {
        match self.fields {
            Fields::Delimited { text, ends, .. } => {
                Box::new((0..ends.len()).map(move |place| field(text, ends, place)))
            }
            Fields::Columnar { columns, row } => {
                Box::new(columns.iter().map(move |cells| cells.cell(row)))
            }
        }
    }
}

fn field<'a>(text: &'a str, ends: &[usize], place: usize) -> &'a str {
    let start = place.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    ends.get(place).and_then(|end| text.get(start..*end)).unwrap_or("")
}
