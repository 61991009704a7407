//! How a value finds its bin.

use std::collections::BTreeSet;

use domain::Value;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::canonical::Canonical;

/// How a feature's values fall into bins, without any points: what a holder may see.
///
/// Bins are numbered from 0 in this order: the listed bins as the model file has them, then the
/// bin of unlisted categories (`other`) if there is one, then the bin of missing values
/// (`missing`) if there is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct Binning {
    listed: Listed,
    missing: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Listed {
    /// Breaks, ascending: the first value of every bin but the first.
    Numbers(Vec<f64>),
    Categories {
        bins: Vec<Vec<String>>,
        other: bool,
    },
}

impl Binning {
    /// The most bins a feature can have, those for other and missing values included.
    pub const MOST_BINS: usize = 64;

    /// The most categories a feature can list.
    pub const MOST_CATEGORIES: usize = 4096;

    /// Bins of numbers, half-open: `below` are the breaks between them. A bin holds its lower break
    /// and not its upper one; the last takes everything from the last break on.
    ///
    /// # Errors
    ///
    /// What is wrong and what to do, when the breaks are not finite and ascending or too many.
    pub fn numbers(below: Vec<f64>, missing: bool) -> Result<Self, String> {
        if !below.iter().all(|bound| bound.is_finite()) {
            return Err("`below` must be a finite number; leave it out in the last bin".into());
        }
        if !below.is_sorted_by(|lower, upper| lower < upper) {
            return Err("bins must be in ascending order of `below`, no bound twice".into());
        }
        // Both zeroes are one number, and are written as one.
        let breaks = below.into_iter().map(|bound| if bound == 0.0 { 0.0 } else { bound });
        Self { listed: Listed::Numbers(breaks.collect()), missing }.bounded()
    }

    /// Bins of categories: each a list of values; `other` adds a bin for what is in no list.
    ///
    /// # Errors
    ///
    /// What is wrong and what to do, when a bin or a value is empty, a value comes twice, or there
    /// are too many.
    pub fn categories(bins: Vec<Vec<String>>, other: bool, missing: bool) -> Result<Self, String> {
        if bins.is_empty() || bins.iter().any(Vec::is_empty) {
            return Err("every bin of categories must list at least one value".into());
        }
        let mut seen = BTreeSet::new();
        for value in bins.iter().flatten() {
            if value.trim().is_empty() || value.trim() != value {
                return Err("a value must not be empty, nor begin or end with a space; an empty \
                            cell is `missing`"
                    .into());
            }
            if !seen.insert(value) {
                return Err(format!("the value `{value}` is listed twice"));
            }
        }
        if seen.len() > Self::MOST_CATEGORIES {
            return Err(format!("at most {} values can be listed", Self::MOST_CATEGORIES));
        }
        Self { listed: Listed::Categories { bins, other }, missing }.bounded()
    }

    /// The bin of a value; `None` stands for a missing value or a missing record, as do NaN and
    /// empty text.
    ///
    /// No bin means that there must be no answer: a missing value without a `missing` bin, an
    /// unlisted category without an `other` bin, or a value of the wrong type.
    #[must_use]
    pub fn bin_of(&self, value: Option<&Value>) -> Option<usize> {
        let missing = self.missing_bin();
        match (&self.listed, value) {
            (Listed::Numbers(_) | Listed::Categories { .. }, None) => missing,
            (_, Some(Value::Number(number))) if number.is_nan() => missing,
            (_, Some(Value::Text(text))) if text.trim().is_empty() => missing,
            (Listed::Numbers(breaks), Some(Value::Number(number))) => {
                Some(breaks.partition_point(|first| first <= number))
            }
            (Listed::Categories { bins, other }, Some(Value::Text(text))) => bins
                .iter()
                .position(|values| values.iter().any(|value| value == text.trim()))
                .or(other.then_some(bins.len())),
            (Listed::Numbers(_), Some(Value::Text(_)))
            | (Listed::Categories { .. }, Some(Value::Number(_))) => None,
        }
    }

    /// The bins that it lacks for every value, and for none, to have one: `missing`, and `other` of
    /// categories. None where it lacks nothing.
    #[must_use]
    pub fn lacks(&self) -> Vec<&'static str> {
        let other = (!self.is_numeric() && !self.has_other()).then_some("other");
        let missing = (!self.missing).then_some("missing");
        other.into_iter().chain(missing).collect()
    }

    /// The bin of missing values, if there is one.
    #[must_use]
    pub fn missing_bin(&self) -> Option<usize> {
        self.missing.then(|| self.len() - 1)
    }

    /// How many bins there are, those for other and missing values included.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a binning always has a bin")]
    pub fn len(&self) -> usize {
        self.listed_len() + usize::from(self.has_other()) + usize::from(self.missing)
    }

    /// Whether values are numbers; otherwise they are categories.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        match &self.listed {
            Listed::Numbers(_) => true,
            Listed::Categories { .. } => false,
        }
    }

    /// The breaks between bins of numbers, ascending; none of categories.
    #[must_use]
    pub fn breaks(&self) -> Option<&[f64]> {
        match &self.listed {
            Listed::Numbers(breaks) => Some(breaks),
            Listed::Categories { .. } => None,
        }
    }

    /// Whether there is a bin for missing values: always the last.
    #[must_use]
    pub fn has_missing(&self) -> bool {
        self.missing
    }

    /// Whether there is a bin for unlisted categories: the last, or the last but one.
    #[must_use]
    pub fn has_other(&self) -> bool {
        match &self.listed {
            Listed::Numbers(_) => false,
            Listed::Categories { other, .. } => *other,
        }
    }

    /// What a bin takes, in words for operators: `< 3`, `>= 3`, `A, B`, `other`, `missing`.
    #[must_use]
    pub fn label(&self, bin: usize) -> Option<String> {
        if bin >= self.len() {
            return None;
        }
        if self.missing && bin == self.len() - 1 {
            return Some("missing".into());
        }
        Some(match &self.listed {
            Listed::Numbers(breaks) => match (breaks.get(bin), breaks.last()) {
                (Some(bound), _) => format!("< {bound}"),
                (None, Some(bound)) => format!(">= {bound}"),
                (None, None) => "any".into(),
            },
            Listed::Categories { bins, .. } => {
                bins.get(bin).map_or_else(|| "other".into(), |values| values.join(", "))
            }
        })
    }

    /// The bins of the model file: what is not in them any more, or lists of values.
    pub(crate) fn forms(&self) -> Vec<(Option<f64>, Option<Vec<String>>)> {
        match &self.listed {
            Listed::Numbers(breaks) => {
                breaks.iter().map(|bound| (Some(*bound), None)).chain([(None, None)]).collect()
            }
            Listed::Categories { bins, .. } => {
                bins.iter().map(|values| (None, Some(values.clone()))).collect()
            }
        }
    }

    pub(crate) fn write(&self, canonical: &mut Canonical) {
        canonical.flag(self.is_numeric());
        match &self.listed {
            Listed::Numbers(breaks) => {
                canonical.length(breaks.len());
                breaks.iter().for_each(|bound| canonical.number(*bound));
            }
            Listed::Categories { bins, other } => {
                canonical.length(bins.len());
                for values in bins {
                    canonical.length(values.len());
                    values.iter().for_each(|value| canonical.text(value));
                }
                canonical.flag(*other);
            }
        }
        canonical.flag(self.missing);
    }

    pub(crate) fn listed_len(&self) -> usize {
        match &self.listed {
            Listed::Numbers(breaks) => breaks.len() + 1,
            Listed::Categories { bins, .. } => bins.len(),
        }
    }

    fn bounded(self) -> Result<Self, String> {
        if self.len() > Self::MOST_BINS {
            return Err(format!(
                "{} bins, at most {} are possible, `missing` and `other` included",
                self.len(),
                Self::MOST_BINS
            ));
        }
        Ok(self)
    }
}

/// What is said of the bounds that files had before bins were half-open. They are never read: taken
/// for a break, such a bound would move the value that it is.
pub(crate) const CLOSED_BOUND: &str = "`upto`, a bound that its bin holds, is not read any more: bins \
     are half-open. Write `below`, the first value of the next bin (of whole numbers, `upto` plus 1)";

/// A binning as serde writes it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    below: Option<Vec<f64>>,
    #[serde(default, skip_serializing)]
    upto: Option<IgnoredAny>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Vec<Vec<String>>>,
    #[serde(default)]
    other: bool,
    #[serde(default)]
    missing: bool,
}

impl TryFrom<Form> for Binning {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        if form.upto.is_some() {
            return Err(CLOSED_BOUND.into());
        }
        match (form.below, form.values) {
            (Some(below), None) if !form.other => Self::numbers(below, form.missing),
            (None, Some(values)) => Self::categories(values, form.other, form.missing),
            (Some(_), None | Some(_)) | (None, None) => {
                Err("a binning has either `below`, or `values` and perhaps `other`".into())
            }
        }
    }
}

impl From<Binning> for Form {
    fn from(binning: Binning) -> Self {
        let (other, missing) = (binning.has_other(), binning.missing);
        let (below, values) = match binning.listed {
            Listed::Numbers(breaks) => (Some(breaks), None),
            Listed::Categories { bins, .. } => (None, Some(bins)),
        };
        Self { below, upto: None, values, other, missing }
    }
}

#[cfg(test)]
#[path = "binning_tests.rs"]
mod tests;
