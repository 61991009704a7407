//! CSV: rows of fields with the lines on which they start.

use std::fs::File;
use std::path::{Path, PathBuf};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::Error;
use crate::decoded::{Decoded, Encoding, Fault};
use crate::rows::{Fields, Row};

/// The longest field, in bytes of UTF-8.
pub(crate) const LONGEST_FIELD: usize = 1024 * 1024;

const LONGEST_ROW: usize = 16 * 1024 * 1024;

const MOST_COLUMNS: usize = 16 * 1024;

/// A CSV file (RFC 4180), read row by row.
///
/// Built on `csv-core`, the automaton of the `csv` crate, because that crate grows its buffer with
/// whatever an open quotation mark swallows and loses count of lines behind CRLF.
pub(crate) struct Delimited {
    path: PathBuf,
    input: Decoded,
    automaton: Reader,
    encoding: Encoding,
    delimiter: u8,
    header: Vec<String>,
    selected: Vec<usize>,
    record: Vec<u8>,
    ends: Vec<usize>,
    lines: Lines,
}

/// How much of the buffers the current row takes, and where it starts.
struct Extent {
    line: u64,
    bytes: usize,
    fields: usize,
}

impl Delimited {
    /// Opens a file and reads its header; selects every column.
    pub(crate) fn open(path: &Path, mut file: File) -> Result<Self, Error> {
        let unreadable = |source| Error::Read { path: path.into(), source };
        let encoding = Encoding::of(&mut file).map_err(unreadable)?;
        let mut input = Decoded::new(file, encoding);
        let lines = Lines::default();
        let first = input.available().map_err(|fault| blamed(fault, path, &lines))?;
        let delimiter = delimiter_of(first);
        let mut reader = Self {
            path: path.into(),
            input,
            automaton: ReaderBuilder::new().delimiter(delimiter).build(),
            encoding,
            delimiter,
            header: Vec::new(),
            selected: Vec::new(),
            record: vec![0; 4096],
            ends: vec![0; 64],
            lines,
        };
        reader.read_header()?;
        Ok(reader)
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    pub(crate) fn delimiter(&self) -> char {
        char::from(self.delimiter)
    }

    pub(crate) fn header(&self) -> &[String] {
        &self.header
    }

    /// Makes `columns` (places in the header) the cells of the rows to come.
    pub(crate) fn select(&mut self, columns: Vec<usize>) {
        self.selected = columns;
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        let Some(Extent { line, bytes, fields }) = self.read_record()? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&self.record[..bytes])
            .map_err(|_| Error::Encoding { path: self.path.clone(), line })?;
        let (ends, selected) = (&self.ends[..fields], self.selected.as_slice());
        let expected = self.header.len();
        Ok(Some(Row { line, expected, fields: Fields::Delimited { text, ends, selected } }))
    }

    fn read_header(&mut self) -> Result<(), Error> {
        let path = self.path.clone();
        let row = self.next_row()?.ok_or(Error::Empty { path })?;
        let header: Vec<String> = row.every_cell().map(|name| name.trim().to_owned()).collect();
        self.selected = (0..header.len()).collect();
        self.header = header;
        Ok(())
    }

    /// Reads the next row that is not blank into the buffers.
    fn read_record(&mut self) -> Result<Option<Extent>, Error> {
        if !self.skip_blank_lines()? {
            return Ok(None);
        }
        let line = self.lines.current();
        let (mut bytes, mut fields) = (0, 0);
        loop {
            let ready =
                self.input.available().map_err(|fault| blamed(fault, &self.path, &self.lines))?;
            let at_end = ready.is_empty();
            // A line feed behind the last line ends its row, unless a quotation mark is open.
            let ready = if at_end { b"\n" } else { ready };
            let (result, taken, written, ended) = self.automaton.read_record(
                ready,
                &mut self.record[bytes..],
                &mut self.ends[fields..],
            );
            bytes += written;
            fields += ended;
            if !at_end {
                self.lines.pass(&ready[..taken]);
                self.input.consume(taken);
            }
            match result {
                ReadRecordResult::Record => break,
                ReadRecordResult::InputEmpty if at_end => {
                    return Err(Error::UnclosedQuote { path: self.path.clone(), line });
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.grow_record(line, bytes, fields)?,
                ReadRecordResult::OutputEndsFull => self.grow_ends(line)?,
                ReadRecordResult::End => return Ok(None),
            }
        }
        self.check(line, bytes, fields)?;
        Ok(Some(Extent { line, bytes, fields }))
    }

    /// Whether anything but line ends is left.
    fn skip_blank_lines(&mut self) -> Result<bool, Error> {
        loop {
            let ready =
                self.input.available().map_err(|fault| blamed(fault, &self.path, &self.lines))?;
            let blank = ready.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let (at_end, more) = (ready.is_empty(), blank < ready.len());
            self.lines.pass(&ready[..blank]);
            self.input.consume(blank);
            if at_end || more {
                return Ok(more);
            }
        }
    }

    fn grow_record(&mut self, line: u64, bytes: usize, fields: usize) -> Result<(), Error> {
        let start = fields.checked_sub(1).map_or(0, |last| self.ends[last]);
        if bytes - start > LONGEST_FIELD {
            return Err(self.too_long(line, "a field is longer than 1 MiB"));
        }
        if self.record.len() >= LONGEST_ROW {
            return Err(self.too_long(line, "a row is longer than 16 MiB"));
        }
        self.record.resize(2 * self.record.len(), 0);
        Ok(())
    }

    fn grow_ends(&mut self, line: u64) -> Result<(), Error> {
        if self.ends.len() >= MOST_COLUMNS {
            return Err(self.too_long(line, "a row has more than 16,384 fields"));
        }
        self.ends.resize(2 * self.ends.len(), 0);
        Ok(())
    }

    fn check(&self, line: u64, bytes: usize, fields: usize) -> Result<(), Error> {
        let mut start = 0;
        for end in &self.ends[..fields] {
            if end - start > LONGEST_FIELD {
                return Err(self.too_long(line, "a field is longer than 1 MiB"));
            }
            start = *end;
        }
        if self.record[..bytes].contains(&0) {
            return Err(Error::Nul { path: self.path.clone(), line });
        }
        Ok(())
    }

    fn too_long(&self, line: u64, what: &'static str) -> Error {
        Error::TooLong { path: self.path.clone(), line, what }
    }
}

/// Counts lines that end in LF, CRLF or CR.
#[derive(Default)]
struct Lines {
    ended: u64,
    after_return: bool,
}

impl Lines {
    /// The line, from 1, of the next byte.
    fn current(&self) -> u64 {
        self.ended + 1
    }

    fn pass(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.ended += u64::from(*byte == b'\r' || (*byte == b'\n' && !self.after_return));
            self.after_return = *byte == b'\r';
        }
    }
}

fn blamed(fault: Fault, path: &Path, lines: &Lines) -> Error {
    match fault {
        Fault::Read(source) => Error::Read { path: path.into(), source },
        Fault::Malformed => Error::Encoding { path: path.into(), line: lines.current() },
    }
}

/// Comma, unless the header line has no comma and either semicolons or tabs.
fn delimiter_of(text: &[u8]) -> u8 {
    let mut quoted = false;
    let mut seen = [false; 3];
    for byte in text.iter().skip_while(|byte| matches!(byte, b'\r' | b'\n')) {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => break,
            b',' if !quoted => seen[0] = true,
            b';' if !quoted => seen[1] = true,
            b'\t' if !quoted => seen[2] = true,
            _ => {}
        }
    }
    match seen {
        [false, true, false] => b';',
        [false, false, true] => b'\t',
        [true, _, _] | [false, true, true] | [false, false, false] => b',',
    }
}
