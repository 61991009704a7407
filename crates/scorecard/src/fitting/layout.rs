//! The bins of a variable in full: of its values, of special codes, of missing values.

use std::iter::once;

use crate::Error;
use crate::binning::Binning;
use crate::fitting::table::{Name, Table};
use crate::fitting::{Counts, PreBins, woe};
use crate::scorecardpy::{BETWEEN, MISSING, range_text};

/// Where missing values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// They have a bin of their own; none where no row lacks a value.
    Own,
    /// Into the bin of values whose woe is nearest to theirs; to 0, an average firm's, where no row
    /// lacks a value.
    Nearest,
    /// Into this bin of values, counted from 0.
    Assigned(usize),
}

/// The bins of a variable in full, with what a modeller reads.
///
/// A special code (a value that is no number of the scale, such as −999) has a row of its own wherever
/// it lies: bins are half-open, so `[code, next double)` holds the code alone, and a row may have
/// several bins of the binning. [`Layout::row_of`] tells whose a bin is.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// How values fall into bins.
    pub binning: Binning,
    /// What the rows hold.
    pub table: Table,
    /// Of each bin of the binning, its row.
    rows: Vec<usize>,
}

impl Layout {
    /// Numbers: bins between breaks with their counts, special codes with theirs, and missing values.
    /// Counts of bins are without those of codes and missing values.
    ///
    /// # Errors
    ///
    /// [`Error::Fitting`] when there is not one bin more than breaks, breaks do not ascend, a code is
    /// infinite, comes twice or would not leave room in a feature, or missing values are assigned to no
    /// bin.
    pub fn numbers(
        breaks: &[f64],
        counts: &[Counts],
        codes: &[(f64, Counts)],
        missing: Option<(Counts, Missing)>,
    ) -> Result<Self, Error> {
        let bins = PreBins::pinned(breaks.to_vec())?;
        let breaks = bins.breaks();
        let edges = || once(f64::NEG_INFINITY).chain(breaks.iter().copied());
        let ends = breaks.iter().copied().chain(once(f64::INFINITY));
        let name = |(from, to): (f64, f64)| Name {
            bin: range_text(from, to),
            breaks: format!("{to:?}"),
            is_special: false,
        };
        let names = edges().zip(ends).map(name).collect();
        let mut cuts: Vec<(f64, usize)> = breaks.iter().copied().zip(1..).collect();
        for (place, (code, _)) in codes.iter().enumerate() {
            let code = if *code == 0.0 { 0.0 } else { *code };
            if !code.is_finite() || codes[..place].iter().any(|(other, _)| *other == code) {
                return Err(Error::Fitting("special codes are finite, none twice".into()));
            }
            // From the number after the code on it is the bin's again, or the next code's.
            let bin = breaks.partition_point(|first| *first <= code.next_up());
            cuts.retain(|(at, _)| *at != code);
            if code.next_up().is_finite() && cuts.iter().all(|(at, _)| *at != code.next_up()) {
                cuts.push((code.next_up(), bin));
            }
            cuts.push((code, counts.len() + place));
        }
        cuts.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let (cuts, rows): (Vec<f64>, Vec<usize>) = cuts.into_iter().unzip();
        let rows = once(0).chain(rows).collect();
        let code = |(code, counts): &(f64, Counts)| (code.to_string(), *counts);
        let binning = |missing| Binning::numbers(cuts, missing);
        Self::of((names, counts), codes.iter().map(code).collect(), missing, rows, binning)
    }

    /// Categories: bins of values with their counts, special values with theirs, and missing values.
    ///
    /// # Errors
    ///
    /// [`Error::Fitting`] when there are not as many counts as bins, a value comes twice, or missing
    /// values are assigned to no bin.
    pub fn categories(
        groups: Vec<Vec<String>>,
        counts: &[Counts],
        codes: &[(String, Counts)],
        missing: Option<(Counts, Missing)>,
    ) -> Result<Self, Error> {
        let name = |values: &Vec<String>| {
            let bin = values.join(BETWEEN);
            Name { breaks: bin.clone(), bin, is_special: false }
        };
        let names = groups.iter().map(name).collect();
        let rows = (0..groups.len() + codes.len()).collect();
        let lists = groups.into_iter().chain(codes.iter().map(|(value, _)| vec![value.clone()]));
        let lists = lists.collect();
        let binning = |missing| Binning::categories(lists, false, missing);
        Self::of((names, counts), codes.to_vec(), missing, rows, binning)
    }

    /// The row of a bin of the binning.
    #[must_use]
    pub fn row_of(&self, bin: usize) -> Option<usize> {
        self.rows.get(bin).copied()
    }

    /// The weight of evidence of each bin, in the order of the binning: what a model file has.
    #[must_use]
    pub fn woe(&self) -> Vec<f64> {
        self.rows.iter().filter_map(|row| Some(self.table.rows.get(*row)?.woe)).collect()
    }

    fn of(
        (names, counts): (Vec<Name>, &[Counts]),
        codes: Vec<(String, Counts)>,
        missing: Option<(Counts, Missing)>,
        mut rows: Vec<usize>,
        binning: impl FnOnce(bool) -> Result<Binning, String>,
    ) -> Result<Self, Error> {
        if names.len() != counts.len() {
            return Err(Error::Fitting(format!(
                "{} bins and {} counts",
                names.len(),
                counts.len()
            )));
        }
        let values = names.len();
        let mut table: Vec<_> = names.into_iter().zip(counts.iter().copied()).collect();
        table.extend(codes.into_iter().map(|(text, counts)| {
            (Name { bin: text.clone(), breaks: text, is_special: true }, counts)
        }));
        let listed = rows.len();
        if let Some((lacking, place)) = missing {
            let into = match place {
                Missing::Own => None,
                Missing::Assigned(bin) => Some(bin),
                Missing::Nearest => Some(nearest(&table, values, lacking)),
            };
            match into {
                Some(bin) if bin < values => {
                    let (name, counts) = &mut table[bin];
                    *counts = *counts + lacking;
                    name.bin = format!("{}{BETWEEN}{MISSING}", name.bin);
                    name.breaks = format!("{}{BETWEEN}{MISSING}", name.breaks);
                    rows.push(bin);
                }
                Some(bin) => {
                    return Err(Error::Fitting(format!(
                        "missing values are assigned to bin {bin}, and the last is {}",
                        values.saturating_sub(1)
                    )));
                }
                None if lacking.total() > 0 => {
                    let name = String::from(MISSING);
                    rows.push(table.len());
                    table.push((
                        Name { bin: name.clone(), breaks: name, is_special: true },
                        lacking,
                    ));
                }
                None => {}
            }
        }
        let binning = binning(rows.len() > listed).map_err(Error::Fitting)?;
        debug_assert_eq!(binning.len(), rows.len(), "a row for each bin");
        Ok(Self { binning, table: Table::of(table), rows })
    }
}

/// The bin of values whose woe is nearest to that of missing values, which is 0 without such rows.
fn nearest(table: &[(Name, Counts)], values: usize, lacking: Counts) -> usize {
    let own = (lacking.total() > 0).then_some(lacking);
    let counts: Vec<_> = table.iter().map(|(_, counts)| *counts).chain(own).collect();
    let woe = woe(&counts);
    let own = if lacking.total() > 0 { woe[woe.len() - 1] } else { 0.0 };
    let far = |bin: &usize| (woe[*bin] - own).abs();
    (0..values).min_by(|one, other| far(one).total_cmp(&far(other))).unwrap_or_default()
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
