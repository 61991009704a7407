//! Parquet: flat columns as text cells, a batch of rows at a time.

use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use parquet::file::serialized_reader::ReadOptionsBuilder;

use crate::Error;
use crate::delimited::LONGEST_FIELD;
use crate::rendering::Rendering;
use crate::rows::{Fields, Row};

/// A Parquet file, read in batches; memory follows the selected columns' pages.
pub(crate) struct Columnar {
    path: PathBuf,
    reader: SerializedFileReader<Bounded>,
    header: Vec<String>,
    selected: Vec<Selected>,
    /// The row group to open next.
    group: usize,
    /// Rows of the open row group that are not in a batch yet.
    left: usize,
    batch: Vec<Cells>,
    batch_rows: usize,
    /// Rows of the batch that were handed out.
    taken: usize,
    /// Rows of the file that were handed out.
    row: u64,
}

/// A column that is read.
struct Selected {
    place: usize,
    leaf: usize,
    rendering: Rendering,
    /// The definition level of a value that is there; 0 if none can be missing.
    present: i16,
    /// The column in the open row group.
    reader: Option<ColumnReader>,
}

/// A batch of one column as text.
#[derive(Default)]
pub(crate) struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    /// The cell in the batch's row `row`.
    pub(crate) fn cell(&self, row: usize) -> &str {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[row]]
    }
}

const BATCH: usize = 1024;

impl Columnar {
    /// Opens a file and reads its footer; selects no column.
    pub(crate) fn open(path: &Path, file: File) -> Result<Self, Error> {
        let damaged = |problem: String| Error::Parquet { path: path.into(), problem };
        let length = file.metadata().map_err(|source| Error::Read { path: path.into(), source })?;
        let bounded = Bounded { file, length: length.len() };
        let reader = guarded(|| {
            SerializedFileReader::new_with_options(bounded, ReadOptionsBuilder::new().build())
        })
        .map_err(|problem| damaged(format!("its footer cannot be read ({problem})")))?;
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let header = schema.root_schema().get_fields().iter().map(|field| field.name().to_owned());
        let header: Vec<String> = header.collect();
        let selected = Vec::new();
        let batch = Vec::new();
        let path = path.into();
        let (group, left, batch_rows, taken, row) = (0, 0, 0, 0, 0);
        Ok(Self { path, reader, header, selected, group, left, batch, batch_rows, taken, row })
    }

    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// Makes the columns at `places` the cells of the rows to come; the `key`-th is an identifier.
    pub(crate) fn select(&mut self, places: &[usize], key: Option<usize>) -> Result<(), Error> {
        self.selected = places
            .iter()
            .enumerate()
            .map(|(index, place)| self.selected(*place, key == Some(index)))
            .collect::<Result<_, _>>()?;
        self.batch = places.iter().map(|_| Cells::default()).collect();
        Ok(())
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        while self.taken == self.batch_rows {
            if self.left > 0 {
                self.read_batch()?;
            } else if !self.open_group()? {
                return Ok(None);
            }
        }
        let row = self.taken;
        self.taken += 1;
        self.row += 1;
        let fields = Fields::Columnar { columns: &self.batch, row };
        Ok(Some(Row { line: self.row, expected: self.header.len(), fields }))
    }

    fn selected(&self, place: usize, is_key: bool) -> Result<Selected, Error> {
        let unusable = |problem| Error::Column {
            path: self.path.clone(),
            column: self.header[place].clone(),
            problem,
        };
        let schema = self.reader.metadata().file_metadata().schema_descr();
        let leaf = (0..schema.num_columns())
            .find(|leaf| schema.get_column_root_idx(*leaf) == place)
            .ok_or_else(|| unusable("has no values; leave it out"))?;
        let column = schema.column(leaf);
        if column.max_rep_level() > 0 || column.path().parts().len() > 1 {
            return Err(unusable("is nested; write it as a flat column"));
        }
        let rendering = Rendering::of(&column)
            .ok_or_else(|| unusable("has a type that is not read; write it as text"))?;
        if is_key && rendering.is_inexact() {
            return Err(unusable(
                "holds floating-point numbers, which round identifiers; write it as text or \
                 integers",
            ));
        }
        Ok(Selected { place, leaf, rendering, present: column.max_def_level(), reader: None })
    }

    /// Opens the next row group; `false` after the last.
    fn open_group(&mut self) -> Result<bool, Error> {
        if self.group >= self.reader.num_row_groups() {
            return Ok(false);
        }
        let number = self.group + 1;
        let problem = |what: String| Error::Parquet {
            path: self.path.clone(),
            problem: format!("row group {number} {what}"),
        };
        let (reader, selected, group) = (&self.reader, &mut self.selected, self.group);
        let rows = guarded(|| {
            let group = reader.get_row_group(group)?;
            for column in selected {
                column.reader = Some(group.get_column_reader(column.leaf)?);
            }
            Ok(group.metadata().num_rows())
        })
        .map_err(|what| problem(format!("cannot be opened ({what})")))?;
        self.left = usize::try_from(rows).map_err(|_| problem("has a negative size".into()))?;
        self.group += 1;
        Ok(true)
    }

    fn read_batch(&mut self) -> Result<(), Error> {
        let rows = self.left.min(BATCH);
        for (column, cells) in self.selected.iter_mut().zip(&mut self.batch) {
            let name = &self.header[column.place];
            guarded(|| column.read(rows, cells)).map_err(|problem| Error::Parquet {
                path: self.path.clone(),
                problem: format!("column `{name}` of row group {} {problem}", self.group),
            })?;
            check(&self.path, self.row, cells)?;
        }
        (self.batch_rows, self.taken) = (rows, 0);
        self.left -= rows;
        Ok(())
    }
}

impl Selected {
    /// Reads the next `rows` rows as text.
    fn read(&mut self, rows: usize, cells: &mut Cells) -> Result<(), ParquetError> {
        let (rendering, present) = (self.rendering, self.present);
        let reader = self.reader.as_mut().ok_or(ParquetError::EOF("ends early".into()))?;
        match reader {
            ColumnReader::BoolColumnReader(reader) => {
                read(reader, rows, present, cells, |value, text| rendering.boolean(*value, text))
            }
            ColumnReader::Int32ColumnReader(reader) => {
                read(reader, rows, present, cells, |value, text| {
                    rendering.integer(i64::from(*value), text)
                })
            }
            ColumnReader::Int64ColumnReader(reader) => {
                read(reader, rows, present, cells, |value, text| rendering.integer(*value, text))
            }
            ColumnReader::FloatColumnReader(reader) => {
                read(reader, rows, present, cells, |value, text| rendering.float(*value, text))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                read(reader, rows, present, cells, |value, text| rendering.double(*value, text))
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                read(reader, rows, present, cells, |value, text| {
                    rendering.bytes(value.data(), text)
                })
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                read(reader, rows, present, cells, |value, text| {
                    rendering.bytes(value.data(), text)
                })
            }
            ColumnReader::Int96ColumnReader(_) => {
                Err(ParquetError::NYI("has a type that is not read".into()))
            }
        }
    }
}

/// Reads the next `rows` rows of a column; `render` appends a value and says whether it could.
fn read<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    present: i16,
    cells: &mut Cells,
    render: impl Fn(&T::T, &mut String) -> bool,
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    let wanted = (present > 0).then_some(&mut levels);
    let (found, _, _) = reader.read_records(rows, wanted, None, &mut values)?;
    if found != rows {
        return Err(ParquetError::EOF(format!("ends {} rows early", rows.saturating_sub(found))));
    }
    cells.text.clear();
    cells.ends.clear();
    let mut values = values.iter();
    for row in 0..rows {
        if present == 0 || levels.get(row) == Some(&present) {
            let value = values.next().ok_or(ParquetError::EOF("lacks a value".into()))?;
            if !render(value, &mut cells.text) {
                return Err(ParquetError::General(
                    "has a value that its type does not allow".into(),
                ));
            }
        }
        cells.ends.push(cells.text.len());
    }
    Ok(())
}

/// The bounds that hold for cells of any format; `before` rows came before this batch.
fn check(path: &Path, before: u64, cells: &Cells) -> Result<(), Error> {
    let long = |range: &[usize]| range[1] - range[0] > LONGEST_FIELD;
    if cells.ends.first().is_some_and(|end| *end > LONGEST_FIELD) || cells.ends.windows(2).any(long)
    {
        let what = "a field of the rows that follow is longer than 1 MiB";
        return Err(Error::TooLong { path: path.into(), line: before + 1, what });
    }
    if let Some(at) = cells.text.bytes().position(|byte| byte == 0) {
        let row = cells.ends.partition_point(|end| *end <= at);
        let row = u64::try_from(row).expect("a batch is short");
        return Err(Error::Nul { path: path.into(), line: before + row + 1 });
    }
    Ok(())
}

/// Calls into the Parquet reader, which answers some damaged files with a panic.
///
/// What it says about the file's structure is kept; the panic's own message is not, since it may
/// quote what it stumbled over.
fn guarded<T>(call: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(
            ParquetError::General(what) | ParquetError::NYI(what) | ParquetError::EOF(what),
        )) => Err(what),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("cannot be decoded".into()),
    }
}

/// A file that is never asked for more bytes than it has, whatever its footer claims.
struct Bounded {
    file: File,
    length: u64,
}

impl Length for Bounded {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Bounded {
    type T = BufReader<File>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        if start > self.length {
            return Err(ParquetError::EOF("points behind the end of the file".into()));
        }
        self.file.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<bytes::Bytes, ParquetError> {
        let end = u64::try_from(length).ok().and_then(|length| start.checked_add(length));
        if end.is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF("points behind the end of the file".into()));
        }
        self.file.get_bytes(start, length)
    }
}
