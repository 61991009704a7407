//! Rows of a CSV, read into the bins of a card.

use std::collections::HashSet;
use std::path::Path;

use domain::{Slot, Value};
use report::{Sample, Source};
use scorecard::{CsvTable, Feature, Scorecard};
use terminal::Failure;

use crate::commands::model::{text_of, unusable};
use crate::commands::source;
use crate::phrases;

/// What to read of a CSV beside the columns of the card.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a> {
    pub(super) label: &'a str,
    /// Whether the file may lack the label: nothing is said of outcomes then.
    pub(super) optional: bool,
    pub(super) key: Option<&'a str>,
    pub(super) lender: Option<&'a Slot>,
}

/// Rows in the bins of a card, and the file that they are from.
pub(super) struct Rows<'a> {
    pub(super) sample: Sample<'a>,
    pub(super) source: Source,
    /// Whether their outcomes are known.
    pub(super) labelled: bool,
}

impl<'a> Rows<'a> {
    pub(super) fn read(
        card: &'a Scorecard,
        file: &Path,
        wanted: Columns<'_>,
    ) -> Result<Self, Failure> {
        let text = text_of(file)?;
        let sheet = CsvTable::read(&text).map_err(|error| unusable(file, &error))?;
        let named = |column: &str| {
            let what = || phrases::no_column(file.display(), column);
            sheet.find(column).ok_or_else(|| Failure::new("DATA", what()))
        };
        let columns = card.features().map(|(slot, feature, _)| {
            let own = sheet.find(&format!("{slot}.{}", feature.column()));
            own.map_or_else(|| named(feature.column()), Ok)
        });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let label_at = match (sheet.find(wanted.label), wanted.optional) {
            (None, true) => None,
            (None, false) | (Some(_), _) => Some(named(wanted.label)?),
        };
        let key_at = wanted.key.map(named).transpose()?;
        let mut keys = HashSet::new();
        let mut sample = Sample::new(card, wanted.lender);
        for (index, row) in sheet.rows().iter().enumerate() {
            if let (Some(at), Some(key)) = (key_at, wanted.key)
                && !keys.insert(&row[at])
            {
                let what = phrases::key_twice(file.display(), index + 1, key);
                return Err(Failure::new("DATA", what));
            }
            let bad = label_at.map_or(Some(false), |at| super::outcome(&row[at]));
            let bad = bad.ok_or_else(|| {
                Failure::new("DATA", phrases::odd_label(file.display(), index + 1, wanted.label))
            })?;
            sample.add(bins(card, row, &columns).as_deref(), bad);
        }
        let source = source(file, &text);
        Ok(Self { sample, source, labelled: label_at.is_some() })
    }
}

/// A row's bins; `None` when a value has none.
fn bins(card: &Scorecard, row: &[String], columns: &[usize]) -> Option<Vec<usize>> {
    let bin = |((_, feature, _), at): ((&Slot, &Feature, &[u16]), &usize)| {
        let cell = row[*at].trim();
        let value = (!cell.is_empty()).then(|| {
            let number = cell.parse().ok().filter(|_| feature.binning().is_numeric());
            number.map_or_else(|| Value::text(cell), Value::Number)
        });
        feature.binning().bin_of(value.as_ref())
    };
    card.features().zip(columns).map(bin).collect()
}
