//! From released counts to bins and weights of evidence: what a holder makes of its own columns.

use scorecard::fitting::{
    Constraints, Counts, Optimal, Outcome, PreBins, Trend, optimal, woe as weights_of,
};
use training::woe::{Floors, Table, Tally};
use training::{Column, ColumnFault};
use wire::{BinnedColumn, MissingRows, RowCounts};
use zeroize::Zeroizing;

/// A column's bins with their weights of evidence.
pub(super) struct Evidence {
    breaks: Vec<f64>,
    counts: Vec<Counts>,
    missing: MissingRows,
    /// The weight of each bin, then of rows without a value.
    weights: Vec<f64>,
}

/// Why a column cannot be scored by; about the column as a whole, without a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// All its values together do not reach the floors.
    Withheld,
    /// One bin is left, and without the trend there would be more.
    Trend,
    /// One bin is left, whatever the trend.
    OneBin,
    /// What was released is no table of its pre-bins.
    NoTable,
}

/// What a job asks of the bins of a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) trend: consent::Trend,
    pub(super) most_bins: u8,
    pub(super) least_percent: u8,
}

impl Wanted {
    fn constraints(self) -> Constraints {
        let class = Floors::USUAL.class().into();
        Constraints {
            max_n_bins: self.most_bins.into(),
            min_bin_size: f64::from(self.least_percent) / 100.0,
            min_bin_n_event: class,
            min_bin_n_nonevent: class,
            monotonic_trend: match self.trend {
                consent::Trend::Auto => Trend::Auto,
                consent::Trend::Ascending => Trend::Ascending,
                consent::Trend::Descending => Trend::Descending,
                consent::Trend::Peak => Trend::Peak,
                consent::Trend::Valley => Trend::Valley,
                consent::Trend::None => Trend::Free,
            },
            user_splits_fixed: Vec::new(),
        }
    }
}

impl Evidence {
    /// Merges released cells to the trend that is wanted. `lacking` says whether some row has no value.
    pub(super) fn of(
        prebins: &PreBins,
        table: &Table,
        lacking: bool,
        wanted: Wanted,
    ) -> Result<Self, Unusable> {
        let Table::Counted { bins, missing } = table else { return Err(Unusable::Withheld) };
        // Beginnings are at pre-bins that have rows, and those are there.
        let before = |first: u8| prebins.breaks().get(usize::from(first).checked_sub(1)?).copied();
        let between = bins.iter().skip(1).map(|bin| before(bin.first)).collect::<Option<Vec<_>>>();
        let between = between.ok_or(Unusable::NoTable)?;
        let cells: Vec<Counts> = bins.iter().map(|bin| counts(bin.tally)).collect();
        let found = optimal(&cells, &wanted.constraints()).map_err(|_| Unusable::OneBin)?;
        let Optimal { partition, outcome, .. } = found;
        let missing = match (missing, lacking) {
            (Some(tally), _) => MissingRows::Apart(RowCounts { good: tally.good, bad: tally.bad }),
            (None, true) => MissingRows::WithFirst,
            (None, false) => MissingRows::None,
        };
        match (outcome, missing) {
            (Outcome::CollapsedByTrend, _) => return Err(Unusable::Trend),
            (Outcome::CollapsedByLimits, MissingRows::None | MissingRows::WithFirst) => {
                return Err(Unusable::OneBin);
            }
            (Outcome::CollapsedByLimits, MissingRows::Apart(_)) | (Outcome::Parted, _) => {}
        }
        let counts = partition.counts(&cells);
        let weights = weights(&counts, missing);
        Ok(Self { breaks: partition.breaks(&between), counts, missing, weights })
    }

    /// The weight of evidence of each row, by its value; NaN is no value.
    fn of_rows(&self, values: &[f64]) -> Zeroizing<Vec<f64>> {
        let bin = |value: f64| match value.is_nan() {
            true => self.counts.len(),
            false => self.breaks.partition_point(|first| *first <= value),
        };
        Zeroizing::new(values.iter().map(|value| self.weights[bin(*value)]).collect())
    }

    /// The column as it goes into the training, standardised, and what the lender is told of it.
    ///
    /// # Errors
    ///
    /// [`ColumnFault::Constant`] where every row has the same weight.
    pub(super) fn column(
        self,
        name: String,
        values: &[f64],
    ) -> Result<(Column, BinnedColumn), ColumnFault> {
        let mut weighed = self.of_rows(values);
        #[expect(clippy::cast_precision_loss, reason = "rows are far fewer than 2^53")]
        let rows = weighed.len() as f64;
        let mean = weighed.iter().sum::<f64>() / rows;
        let squares: f64 = weighed.iter().map(|weight| (weight - mean).powi(2)).sum();
        let deviation = (squares / rows).sqrt();
        if deviation.is_nan() || deviation <= 0.0 {
            return Err(ColumnFault::Constant);
        }
        weighed.iter_mut().for_each(|weight| *weight = (*weight - mean) / deviation);
        let column = Column::new(&weighed).map_err(|error| match error {
            training::Error::Column { trouble, .. } => trouble,
            _ => ColumnFault::Constant,
        })?;
        let row_counts = |counts: &Counts| RowCounts {
            // Sums of what a table of 2^21 rows at most has.
            good: u32::try_from(counts.good).unwrap_or(u32::MAX),
            bad: u32::try_from(counts.bad).unwrap_or(u32::MAX),
        };
        let bins = self.counts.iter().map(row_counts).collect();
        let Self { breaks, missing, .. } = self;
        Ok((column, BinnedColumn { column: name, breaks, bins, missing, mean, deviation }))
    }
}

/// The weight of evidence of each bin, ln (share of the bads / share of the goods), and last that of
/// rows without a value: of the first bin where they were counted with it, and 0, an average one's,
/// where there is none. Holder and lender find the same.
pub(super) fn weights(bins: &[Counts], missing: MissingRows) -> Vec<f64> {
    let cells: Vec<Counts> = bins.iter().copied().chain(missing.apart().map(counted)).collect();
    let mut weights = weights_of(&cells);
    match missing {
        MissingRows::Apart(_) => {}
        MissingRows::WithFirst => weights.push(weights.first().copied().unwrap_or_default()),
        MissingRows::None => weights.push(0.0),
    }
    weights
}

/// Rows as they were told, counted as binning counts them.
pub(super) fn counted(cell: RowCounts) -> Counts {
    Counts::new(cell.good.into(), cell.bad.into())
}

fn counts(tally: Tally) -> Counts {
    Counts::new(tally.good.into(), tally.bad.into())
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
