//! A small CSV, held in memory.

use std::borrow::Cow;

use csv_core::{ReadRecordResult, Reader};

use crate::Error;

/// The most columns of a sheet.
const MOST_COLUMNS: usize = 4096;

/// A CSV with a header (RFC 4180) as modelling laboratories and other programs write it; not a
/// register, which is read from its file row by row.
///
/// A mark of byte order is passed over, cells are as they stand between commas and quotation marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvTable {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl CsvTable {
    /// Reads a CSV.
    ///
    /// # Errors
    ///
    /// [`Error::CsvTable`] for a row, counted from 1 below the header, that has too few or too many
    /// cells, for too many columns, or where there is no header.
    pub fn read(csv: &str) -> Result<Self, Error> {
        let mut rows = Records::of(csv.strip_prefix('\u{feff}').unwrap_or(csv));
        let header: Vec<String> =
            rows.next().transpose()?.ok_or_else(|| fault("it has no header"))?;
        let header: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        if let Some(row) = rows.iter().position(|row| row.len() != header.len()) {
            return Err(fault(&format!(
                "row {} has {} cells, the header has {}",
                row + 1,
                rows[row].len(),
                header.len()
            )));
        }
        Ok(Self { header, rows })
    }

    /// A sheet to be written.
    #[must_use]
    pub(crate) fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row, a cell a column.
    pub(crate) fn push<const N: usize>(&mut self, row: [String; N]) {
        self.rows.push(row.into());
    }

    /// Where a column stands; the first of that name.
    ///
    /// # Errors
    ///
    /// [`Error::CsvTable`] when there is none.
    pub fn column(&self, name: &str) -> Result<usize, Error> {
        self.find(name).ok_or_else(|| fault(&format!("it has no column `{name}`")))
    }

    /// Where a column stands, if there is one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// The rows in order, each with as many cells as there are columns.
    #[must_use]
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// Writes the CSV; reading it again yields an equal sheet.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut csv = String::new();
        for row in [&self.header].into_iter().chain(&self.rows) {
            let cells: Vec<_> = row.iter().map(|cell| quoted(cell)).collect();
            csv.push_str(&cells.join(","));
            csv.push('\n');
        }
        csv
    }
}

fn quoted(cell: &str) -> Cow<'_, str> {
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\"")).into()
    } else {
        cell.into()
    }
}

/// The records of a text, blank lines left out.
struct Records<'a> {
    rest: &'a [u8],
    reader: Reader,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

impl<'a> Records<'a> {
    fn of(csv: &'a str) -> Self {
        // No record has more bytes than the text that it stands in.
        let cells = vec![0; csv.len()];
        Self { rest: csv.as_bytes(), reader: Reader::new(), cells, ends: vec![0; MOST_COLUMNS] }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<String>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut bytes, mut ended) = (0, 0);
        loop {
            let (result, taken, written, ends) = self.reader.read_record(
                self.rest,
                &mut self.cells[bytes..],
                &mut self.ends[ended..],
            );
            self.rest = &self.rest[taken..];
            bytes += written;
            ended += ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return None,
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    self.rest = &[];
                    return Some(Err(fault(&format!("more than {MOST_COLUMNS} columns"))));
                }
            }
        }
        let mut start = 0;
        let cells = self.ends[..ended].iter().map(|end| {
            let cell = String::from_utf8(self.cells[start..*end].to_vec());
            start = *end;
            cell.map_err(|_| fault("a cell is not text"))
        });
        Some(cells.collect())
    }
}

fn fault(problem: &str) -> Error {
    Error::CsvTable(problem.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::CsvTable;

    #[test]
    fn quoted_cells_hold_commas_line_ends_and_quotation_marks() {
        let sheet =
            CsvTable::read("\u{feff}a, b\r\n\"1,2\",\"x\ny\"\r\n\r\n\"say \"\"hm\"\"\",企业")
                .unwrap();
        assert_eq!((sheet.column("b").unwrap(), sheet.find("c")), (1, None));
        assert_eq!(sheet.rows(), [["1,2", "x\ny"], ["say \"hm\"", "企业"]]);
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_row() {
        let said = |csv: &str| CsvTable::read(csv).unwrap_err().to_string();
        assert!(said("").contains("no header"));
        assert!(said("a,b\n1,2\n3\n").contains("row 2 has 1 cells"));
        assert!(said(&",".repeat(5000)).contains("more than 4096 columns"));
        let sheet = CsvTable::read("a\n").unwrap();
        assert!(sheet.column("z").unwrap_err().to_string().contains("`z`"));
    }

    proptest! {
        #[test]
        fn a_sheet_is_written_and_read_back(
            rows in proptest::collection::vec(["[\"a, \n\r企]{0,4}x", ".*y"], 0..5),
        ) {
            let mut sheet = CsvTable::new(&["one", "two"]);
            rows.into_iter().for_each(|row| sheet.push(row));
            prop_assert_eq!(CsvTable::read(&sheet.to_csv()).unwrap(), sheet);
        }

        #[test]
        fn noise_never_panics(noise in ".*") {
            let _ = CsvTable::read(&noise);
        }
    }
}
