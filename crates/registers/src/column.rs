//! Typed columns, kept compactly.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use domain::Value;
use serde::{Deserialize, Serialize};
use time::{Date, Month};

use crate::index::retain_marked;

/// The type of a column's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// Whole numbers up to 2^53 either way, so that a [`Value`] holds them exactly; `3.0` counts.
    Integer,
    /// Finite decimal numbers with a point, no thousands separators.
    Number,
    /// Days: `2024-02-29`, `2024/2/29`, `20240229` or `2024年2月29日`.
    Date,
    /// Anything else; outer spaces are dropped.
    Text,
}

impl ColumnKind {
    /// What a cell should have been, for messages.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::Integer => "a whole number (at most 2^53 either way)",
            Self::Number => "a number (digits and a decimal point, no thousands separators)",
            Self::Date => "a date that exists, like 2024-02-29",
            Self::Text => "text",
        }
    }
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Date => "date",
            Self::Text => "text",
        })
    }
}

/// A column to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnSpec {
    /// The column's name.
    pub name: String,
    /// The type of its cells.
    pub kind: ColumnKind,
    /// What stands for a missing value besides an empty cell, such as `NULL` or `-`.
    pub missing: Vec<String>,
}

/// A column's values.
pub(crate) struct Column {
    spec: ColumnSpec,
    store: Store,
}

/// One vector a type, with a value that no cell can have for what is missing.
enum Store {
    Integer(Vec<i64>),
    Number(Vec<f64>),
    /// Julian days.
    Date(Vec<i32>),
    /// Each distinct text once: columns of categories repeat a few.
    Text {
        codes: Vec<u32>,
        texts: Vec<Arc<str>>,
        known: HashMap<Arc<str>, u32>,
    },
}

/// A cell that was read and not yet kept.
#[derive(Clone, Copy)]
pub(crate) enum Staged {
    Integer(i64),
    Number(f64),
    Date(i32),
    Text(u32),
}

/// A cell that has been kept, as a number.
pub(crate) enum Cell {
    Number(f64),
    Empty,
    /// Text that says NaN or infinity, or a number beyond all that are finite.
    NotFinite,
    /// Other text, or a day.
    NotNumber,
}

const NO_INTEGER: i64 = i64::MIN;
const NO_DATE: i32 = i32::MIN;
const NO_TEXT: u32 = u32::MAX;
const LARGEST_INTEGER: i64 = 1 << 53;

impl Column {
    pub(crate) fn new(spec: ColumnSpec) -> Self {
        let store = match spec.kind {
            ColumnKind::Integer => Store::Integer(Vec::new()),
            ColumnKind::Number => Store::Number(Vec::new()),
            ColumnKind::Date => Store::Date(Vec::new()),
            ColumnKind::Text => {
                Store::Text { codes: Vec::new(), texts: Vec::new(), known: HashMap::new() }
            }
        };
        Self { spec, store }
    }

    pub(crate) fn name(&self) -> &str {
        &self.spec.name
    }

    pub(crate) fn kind(&self) -> ColumnKind {
        self.spec.kind
    }

    /// Reads a cell; `None` if it is not of the column's type.
    pub(crate) fn stage(&mut self, cell: &str) -> Option<Staged> {
        let cell = cell.trim();
        let missing = cell.is_empty() || self.spec.missing.iter().any(|marker| marker == cell);
        match &mut self.store {
            Store::Integer(_) if missing => Some(Staged::Integer(NO_INTEGER)),
            Store::Number(_) if missing => Some(Staged::Number(f64::NAN)),
            Store::Date(_) if missing => Some(Staged::Date(NO_DATE)),
            Store::Text { .. } if missing => Some(Staged::Text(NO_TEXT)),
            Store::Integer(_) => integer(cell).map(Staged::Integer),
            Store::Number(_) => number(cell).map(Staged::Number),
            Store::Date(_) => date(cell).map(|date| Staged::Date(date.to_julian_day())),
            Store::Text { texts, known, .. } => {
                if let Some(code) = known.get(cell) {
                    return Some(Staged::Text(*code));
                }
                let code = u32::try_from(texts.len()).expect("fewer texts than lines");
                let text: Arc<str> = cell.into();
                texts.push(Arc::clone(&text));
                known.insert(text, code);
                Some(Staged::Text(code))
            }
        }
    }

    /// Appends what [`Column::stage`] of this column read.
    pub(crate) fn push(&mut self, staged: Staged) {
        match (&mut self.store, staged) {
            (Store::Integer(values), Staged::Integer(value)) => values.push(value),
            (Store::Number(values), Staged::Number(value)) => values.push(value),
            (Store::Date(values), Staged::Date(value)) => values.push(value),
            (Store::Text { codes, .. }, Staged::Text(code)) => codes.push(code),
            (
                Store::Integer(_) | Store::Number(_) | Store::Date(_) | Store::Text { .. },
                Staged::Integer(_) | Staged::Number(_) | Staged::Date(_) | Staged::Text(_),
            ) => unreachable!("a column stages its own type"),
        }
    }

    /// Whether the row at `place` has the value that was staged.
    pub(crate) fn holds(&self, place: usize, staged: Staged) -> bool {
        match (&self.store, staged) {
            (Store::Integer(values), Staged::Integer(value)) => values[place] == value,
            (Store::Number(values), Staged::Number(value)) => {
                values[place] == value || (values[place].is_nan() && value.is_nan())
            }
            (Store::Date(values), Staged::Date(value)) => values[place] == value,
            (Store::Text { codes, .. }, Staged::Text(code)) => codes[place] == code,
            (
                Store::Integer(_) | Store::Number(_) | Store::Date(_) | Store::Text { .. },
                Staged::Integer(_) | Staged::Number(_) | Staged::Date(_) | Staged::Text(_),
            ) => false,
        }
    }

    /// The value at `place`; `None` if it is missing or there is no such row.
    pub(crate) fn value(&self, place: usize) -> Option<Value> {
        match &self.store {
            Store::Integer(values) => {
                let value = values.get(place).filter(|value| **value != NO_INTEGER)?;
                #[expect(clippy::cast_precision_loss, reason = "at most 2^53 either way")]
                Some(Value::Number(*value as f64))
            }
            Store::Number(values) => {
                values.get(place).filter(|value| !value.is_nan()).copied().map(Value::Number)
            }
            Store::Date(values) => {
                let date = Date::from_julian_day(*values.get(place)?).ok()?;
                Some(Value::text(&date.to_string()))
            }
            Store::Text { codes, texts, .. } => {
                let text = texts.get(usize::try_from(*codes.get(place)?).ok()?)?;
                Some(Value::text(text))
            }
        }
    }

    /// The cell at `place` as a number; the place is one of the table's.
    pub(crate) fn cell(&self, place: usize) -> Cell {
        match &self.store {
            Store::Integer(values) => match values[place] {
                NO_INTEGER => Cell::Empty,
                #[expect(clippy::cast_precision_loss, reason = "at most 2^53 either way")]
                value => Cell::Number(value as f64),
            },
            Store::Number(values) if values[place].is_nan() => Cell::Empty,
            Store::Number(values) => Cell::Number(values[place]),
            Store::Date(values) if values[place] == NO_DATE => Cell::Empty,
            Store::Date(_) => Cell::NotNumber,
            Store::Text { codes, texts, .. } => {
                let text = usize::try_from(codes[place]).ok().and_then(|code| texts.get(code));
                match text.map(|text| f64::from_str(text)) {
                    None => Cell::Empty,
                    Some(Ok(value)) if value.is_finite() => Cell::Number(value),
                    Some(Ok(_)) => Cell::NotFinite,
                    Some(Err(_)) => Cell::NotNumber,
                }
            }
        }
    }

    /// Keeps the rows whose place is marked, in order.
    pub(crate) fn retain(&mut self, kept: &[bool]) {
        match &mut self.store {
            Store::Integer(values) => retain_marked(values, kept),
            Store::Number(values) => retain_marked(values, kept),
            Store::Date(values) => retain_marked(values, kept),
            Store::Text { codes, .. } => retain_marked(codes, kept),
        }
    }
}

pub(crate) fn integer(cell: &str) -> Option<i64> {
    let whole = i64::from_str(cell).ok().or_else(|| {
        // Tools that hold missing values in floating point write every whole number as `3.0`.
        let (whole, zeroes) = cell.split_once('.')?;
        zeroes.bytes().all(|byte| byte == b'0').then(|| i64::from_str(whole).ok()).flatten()
    })?;
    (-LARGEST_INTEGER..=LARGEST_INTEGER).contains(&whole).then_some(whole)
}

pub(crate) fn number(cell: &str) -> Option<f64> {
    f64::from_str(cell).ok().filter(|number| number.is_finite())
}

pub(crate) fn date(cell: &str) -> Option<Date> {
    // A day as databases write it into columns of moments.
    let day = ["T00:00:00", " 00:00:00", " 0:00:00", " 0:00"]
        .iter()
        .find_map(|midnight| cell.split_once(midnight))
        .filter(|(_, rest)| rest.trim_start_matches('.').bytes().all(|byte| byte == b'0'))
        .map_or(cell, |(day, _)| day);
    let (year, month, day) = if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        (&day[..4], &day[4..6], &day[6..])
    } else if let Some((year, rest)) = day.split_once('年') {
        let (month, rest) = rest.split_once('月')?;
        (year, month, rest.strip_suffix('日')?)
    } else {
        let mark = if day.contains('/') { '/' } else { '-' };
        let (year, rest) = day.split_once(mark)?;
        let (month, day) = rest.split_once(mark)?;
        (year, month, day)
    };
    let digits = |text: &str, longest| {
        (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if year.len() != 4 || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{date, integer, number};

    #[test]
    fn whole_numbers_are_read_as_far_as_they_are_exact() {
        for (cell, value) in [("0", 0), ("-17", -17), ("+3", 3), ("3.0", 3), ("-2.", -2)] {
            assert_eq!(integer(cell), Some(value), "{cell}");
        }
        assert_eq!(integer("9007199254740992"), Some(1 << 53));
        for cell in ["9007199254740993", "1.5", "1e3", "1,000", "", ".0", "0x10", "一"] {
            assert_eq!(integer(cell), None, "{cell}");
        }
    }

    #[test]
    fn numbers_are_finite() {
        assert_eq!(number("1e3"), Some(1000.0));
        assert_eq!(number("-0.25"), Some(-0.25));
        for cell in ["nan", "inf", "-Infinity", "1e999", "1,5", "12%", ""] {
            assert_eq!(number(cell), None, "{cell}");
        }
    }

    #[test]
    fn dates_are_read_in_the_ways_people_write_them_and_must_exist() {
        let leap = date("2024-02-29").unwrap();
        for cell in [
            "20240229",
            "2024/2/29",
            "2024/02/29",
            "2024年2月29日",
            "2024-02-29 00:00:00",
            "2024-02-29T00:00:00.000",
        ] {
            assert_eq!(date(cell), Some(leap), "{cell}");
        }
        for cell in [
            "2023-02-29",
            "2024-13-01",
            "24-02-29",
            "29/02/2024",
            "2024-02-29 13:00:00",
            "2024-2",
            "二〇二四年二月",
            "",
        ] {
            assert_eq!(date(cell), None, "{cell}");
        }
    }
}
