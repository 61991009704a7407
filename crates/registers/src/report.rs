//! What a load tells the register's owner: counts and line numbers, never content.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use domain::Flags;

use crate::{ColumnKind, Encoding, Format};

/// What a load found, for the register's owner.
///
/// `rows = distinct + duplicates.count + contradicted + bad.count`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoadReport {
    /// How the file is written.
    pub format: Format,
    /// The text's encoding; `None` for Parquet.
    pub encoding: Option<Encoding>,
    /// What separates fields; `None` for Parquet.
    pub delimiter: Option<char>,
    /// Rows in the file, the header left out.
    pub rows: u64,
    /// Subjects that were loaded.
    pub distinct: u64,
    /// Rows that repeat an earlier one and were collapsed.
    pub duplicates: Duplicates,
    /// Subjects left out because later rows contradict their first one; these rows are counted
    /// here, the later ones in `bad`.
    pub contradicted: u64,
    /// Identifiers that were not written in their normal form.
    pub normalised: u64,
    /// Identifiers accepted though something is wrong with them.
    pub flagged: Flagged,
    /// Rows that cannot be used.
    pub bad: BadRows,
}

impl LoadReport {
    pub(crate) fn new(format: Format, encoding: Option<Encoding>, delimiter: Option<char>) -> Self {
        Self {
            format,
            encoding,
            delimiter,
            rows: 0,
            distinct: 0,
            duplicates: Duplicates::default(),
            contradicted: 0,
            normalised: 0,
            flagged: Flagged::default(),
            bad: BadRows::default(),
        }
    }
}

/// Rows that repeat an earlier subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Duplicates {
    /// How many.
    pub count: u64,
    /// The first 1,000 of them.
    pub listed: Vec<Repeat>,
}

impl Duplicates {
    pub(crate) fn add(&mut self, line: u64, first: u64) {
        self.count += 1;
        if self.listed.len() < BadRows::MOST_LISTED {
            self.listed.push(Repeat { line, first });
        }
    }
}

/// A row and the earlier one that it repeats, by line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Repeat {
    /// The later row's line.
    pub line: u64,
    /// The first row's line.
    pub first: u64,
}

/// How many accepted identifiers have each flaw; one identifier may have several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Flagged {
    /// Identifiers with any flaw.
    pub identifiers: u64,
    /// The check character does not fit.
    pub check_character: u64,
    /// The organisation code fails its own check.
    pub organisation_code: u64,
    /// The administrative division is not all digits.
    pub division: u64,
}

impl Flagged {
    pub(crate) fn add(&mut self, flags: Flags) {
        self.identifiers += u64::from(flags.any());
        self.check_character += u64::from(flags.check_character);
        self.organisation_code += u64::from(flags.organisation_code);
        self.division += u64::from(flags.division);
    }
}

/// Rows that cannot be used: all counted, the first listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BadRows {
    /// How many rows.
    pub count: u64,
    /// How many by [`Reason::code`].
    pub by_reason: BTreeMap<&'static str, u64>,
    /// The first 1,000, each with the first thing found wrong.
    pub listed: Vec<BadRow>,
}

impl BadRows {
    /// How many rows are listed at most; all are counted.
    pub const MOST_LISTED: usize = 1000;

    /// How many rows a message shows.
    const SHOWN: usize = 5;

    /// How many rows are bad for what is in the columns that were asked for: with fewer columns there
    /// are fewer. The others are bad by themselves.
    #[must_use]
    pub fn by_columns(&self) -> u64 {
        let reasons = [Reason::Type(ColumnKind::Text), Reason::Contradiction { first: 0 }];
        reasons.iter().filter_map(|reason| self.by_reason.get(reason.code())).sum()
    }

    pub(crate) fn add(&mut self, line: u64, column: Option<&str>, reason: Reason) {
        self.count += 1;
        *self.by_reason.entry(reason.code()).or_default() += 1;
        if self.listed.len() < Self::MOST_LISTED {
            self.listed.push(BadRow { line, column: column.map(Into::into), reason });
        }
    }
}

impl fmt::Display for BadRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = if self.count == 1 { "row" } else { "rows" };
        write!(f, "{} {rows} cannot be used: ", self.count)?;
        for (index, row) in self.listed.iter().take(Self::SHOWN).enumerate() {
            write!(f, "{}{row}", if index == 0 { "" } else { "; " })?;
        }
        let shown = self.listed.len().min(Self::SHOWN);
        match self.count.saturating_sub(u64::try_from(shown).unwrap_or(u64::MAX)) {
            0 => Ok(()),
            rest => write!(f, "; and {rest} more"),
        }
    }
}

/// A row that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BadRow {
    /// The line on which the row starts (CSV) or the row's number (Parquet), from 1.
    pub line: u64,
    /// The column that is at fault, if it is one.
    pub column: Option<Box<str>>,
    /// What is wrong.
    #[serde(serialize_with = "in_words")]
    pub reason: Reason,
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Why a row cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The identifier breaks a rule.
    Identifier(domain::Error),
    /// The row has another number of fields than the header.
    Fields {
        /// Fields in the header.
        expected: usize,
        /// Fields in the row.
        found: usize,
    },
    /// A cell is not of its column's type.
    Type(ColumnKind),
    /// An earlier row has the same subject and other values.
    Contradiction {
        /// The earlier row's line.
        first: u64,
    },
}

impl Reason {
    /// A stable word for the reason, to count by and to translate from.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Identifier(error) => error.code(),
            Self::Fields { .. } => "fields",
            Self::Type(_) => "type",
            Self::Contradiction { .. } => "contradiction",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identifier(error) => error.fmt(f),
            Self::Fields { expected, found } => {
                let fields = if *found == 1 { "field" } else { "fields" };
                write!(f, "{found} {fields} where the header has {expected}")
            }
            Self::Type(kind) => write!(f, "{} expected", kind.expected()),
            Self::Contradiction { first } => {
                write!(f, "the same subject as line {first} with other values")
            }
        }
    }
}

fn in_words<S: Serializer>(reason: &Reason, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(reason)
}
