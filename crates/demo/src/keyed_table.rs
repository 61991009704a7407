//! A small CSV held in memory, found by its key.

use std::collections::HashMap;

/// Rows by key. The demonstration's own files have no quoted cells, and its input has none that
/// hold a comma.
#[derive(Debug)]
pub(super) struct KeyedTable {
    columns: Vec<String>,
    rows: HashMap<String, Vec<String>>,
    /// The keys in the order of the file.
    keys: Vec<String>,
}

impl KeyedTable {
    /// Reads a CSV with a header.
    ///
    /// # Errors
    ///
    /// The name of the column that is missing, or the number of the line that has too few or too
    /// many cells.
    pub(super) fn read(csv: &str, key: &str) -> Result<Self, Malformed> {
        let csv = csv.strip_prefix('\u{FEFF}').unwrap_or(csv);
        let mut lines = csv.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let columns = lines.next().map(|(_, line)| cells(line)).unwrap_or_default();
        let at = columns.iter().position(|column| column == key);
        let at = at.ok_or_else(|| Malformed::Column(key.into()))?;
        let (mut rows, mut keys) = (HashMap::new(), Vec::new());
        for (index, line) in lines {
            let row = cells(line);
            if row.len() != columns.len() {
                return Err(Malformed::Line(index + 1));
            }
            keys.push(row[at].clone());
            rows.insert(row[at].clone(), row);
        }
        Ok(Self { columns, rows, keys })
    }

    /// A cell; `None` when the key or the column is not there.
    pub(super) fn cell(&self, key: &str, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.rows.get(key).and_then(|row| row.get(at)).map(String::as_str)
    }

    /// The keys in the order of the file.
    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// The same rows with these columns only, as a CSV.
    ///
    /// # Errors
    ///
    /// The first column that is missing.
    pub(super) fn only(&self, columns: &[&str]) -> Result<String, Malformed> {
        let place = |name: &&str| {
            let at = self.columns.iter().position(|column| column == name);
            at.ok_or_else(|| Malformed::Column((*name).into()))
        };
        let places = columns.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        let mut csv = columns.join(",");
        csv.push('\n');
        for row in self.keys.iter().filter_map(|key| self.rows.get(key)) {
            let cells: Vec<_> = places.iter().map(|at| row[*at].as_str()).collect();
            csv.push_str(&cells.join(","));
            csv.push('\n');
        }
        Ok(csv)
    }
}

/// Why a file is not the table it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// This column is not in the header.
    Column(String),
    /// This line, counted from 1, has another number of cells than the header.
    Line(usize),
}

fn cells(line: &str) -> Vec<String> {
    line.split(',').map(|cell| cell.trim().trim_matches('"').into()).collect()
}

#[cfg(test)]
mod tests {
    use super::{KeyedTable, Malformed};

    #[test]
    fn a_cell_is_found_by_key_and_column() {
        let sheet = KeyedTable::read("\u{FEFF}\"ID\",a,b\r\n7,1,\r\n3,2,x\r\n", "ID").unwrap();
        assert_eq!(sheet.keys(), ["7", "3"]);
        assert_eq!(sheet.cell("3", "b"), Some("x"));
        assert_eq!(sheet.cell("7", "b"), Some(""));
        assert_eq!((sheet.cell("8", "b"), sheet.cell("7", "c")), (None, None));
        assert_eq!(sheet.only(&["b", "ID"]).unwrap(), "b,ID\n,7\nx,3\n");
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(KeyedTable::read("", "ID").unwrap_err(), Malformed::Column("ID".into()));
        assert_eq!(KeyedTable::read("ID,a\n1\n", "ID").unwrap_err(), Malformed::Line(2));
        let sheet = KeyedTable::read("ID,a\n1,2\n", "ID").unwrap();
        assert_eq!(sheet.only(&["ID", "z"]).unwrap_err(), Malformed::Column("z".into()));
    }
}
