//! What is in a table, for its owner.

use domain::{ClassId, Digest, Field, Text};
use registers::{ColumnKind, ColumnProfile, LoadReport};
use serde::Serialize;

use crate::measures::share;
use crate::phrases;

/// What is in a table: counts only, no cell and no identifier.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DataCheck {
    /// The file's name, without its folder.
    pub file: String,
    /// The hash of its content, however it is encoded.
    pub content: Digest,
    /// The column of the identifier.
    pub key: String,
    /// The kind of identifier.
    pub kind: String,
    /// Rows, and what is wrong with them.
    pub load: LoadReport,
    /// The classes of the catalogue that columns were held against.
    pub classes: Vec<ClassId>,
    /// In the order of the file.
    pub columns: Vec<CheckedColumn>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckedColumn {
    /// What is in it, in counts.
    #[serde(flatten)]
    pub profile: ColumnProfile,
    /// The catalogue's field, where the classes have one of this name.
    pub field: Option<Field>,
    /// Why the column cannot stand for that field, in English.
    pub problem: Option<String>,
}

impl DataCheck {
    /// The share of the rows in which a column is empty.
    pub(crate) fn missing(&self, column: &CheckedColumn) -> f64 {
        share(column.profile.missing, self.load.rows)
    }

    /// How many rows, and columns beside their fields, are not as they should be.
    pub(crate) fn problems(&self) -> u64 {
        let misfits = self.columns.iter().filter(|column| column.problem.is_some()).count();
        self.load.bad.count + misfits as u64
    }
}

/// A column's kind in words.
#[must_use]
pub fn kind_words(kind: Option<ColumnKind>) -> Text {
    match kind {
        Some(ColumnKind::Integer) => phrases::kind_integer(),
        Some(ColumnKind::Number) => phrases::kind_number(),
        Some(ColumnKind::Date) => phrases::kind_date(),
        Some(ColumnKind::Text) => phrases::kind_text(),
        None => phrases::kind_empty(),
    }
}
