//! Isotonic regression of the bad rate over pre-bins.

use crate::Error;
use crate::fitting::merging::Merging;
use crate::fitting::{Counts, Direction, Partition};

/// Pools adjacent violators (PAVA; Ayer et al. 1955): the partition whose bad rates, strictly in this
/// direction, are the least-squares fit of the pre-bins' under it, weighted by their rows.
///
/// Bins of any size may come of it: see [`pool_small`](crate::fitting::pool_small). A pre-bin without
/// rows joins a neighbour.
///
/// # Errors
///
/// [`Error::Fitting`] of no pre-bins.
pub fn isotonic(prebins: &[Counts], direction: Direction) -> Result<Partition, Error> {
    let mut bins = Merging::of(prebins, &Partition::apart(prebins.len())?);
    let mut last = 0;
    while last + 1 < bins.counts.len() {
        if bins.counts[last].cmp_rate(bins.counts[last + 1]) == direction.step() {
            last += 1;
            continue;
        }
        bins.with_next(last);
        while last > 0 && bins.counts[last - 1].cmp_rate(bins.counts[last]) != direction.step() {
            last -= 1;
            bins.with_next(last);
        }
    }
    bins.finish()
}

/// Whether bad rates go in this direction, from bin to bin.
#[cfg(test)]
pub(crate) fn goes(bins: &[Counts], step: std::cmp::Ordering) -> bool {
    bins.windows(2).all(|pair| pair[0].cmp_rate(pair[1]) == step)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::{goes, isotonic};
    use crate::fitting::{Counts, Direction};

    #[test]
    fn violators_are_pooled_back_as_far_as_they_reach() {
        let counts = [
            Counts::new(9, 1),
            Counts::new(6, 4),
            Counts::new(7, 3),
            Counts::new(8, 2),
            Counts::new(2, 8),
        ];
        assert_eq!(isotonic(&counts, Direction::Ascending).unwrap().starts(), [0, 1, 4]);
        assert_eq!(isotonic(&counts, Direction::Descending).unwrap().len(), 1);
        assert!(isotonic(&[], Direction::Ascending).is_err());
    }

    proptest! {
        #[test]
        fn the_fit_is_the_greatest_least_mean_of_every_pre_bin(
            cells in vec((0_u64..20, 0_u64..20), 1..12),
        ) {
            // Isotonic regression by its definition: of pre-bin i, the maximum over a ≤ i of the
            // minimum over b ≥ i of the rate of a..=b (Robertson, Wright and Dykstra 1988, 1.4).
            let counts: Vec<_> = cells
                .into_iter()
                .map(|(good, bad)| Counts::new(good + u64::from(good + bad == 0), bad))
                .collect();
            let rate = |from: usize, to: usize| {
                counts[from..=to].iter().copied().sum::<Counts>().bad_rate().unwrap()
            };
            let partition = isotonic(&counts, Direction::Ascending).unwrap();
            let bins = partition.counts(&counts);
            prop_assert!(goes(&bins, Direction::Ascending.step()));
            for place in 0..counts.len() {
                let least = |from: usize| {
                    (place..counts.len()).map(|to| rate(from, to)).fold(f64::INFINITY, f64::min)
                };
                let expected = (0..=place).map(least).fold(0.0, f64::max);
                let fitted = bins[partition.bin_of(place)].bad_rate().unwrap();
                prop_assert!((fitted - expected).abs() < 1e-12, "{place}: {fitted} {expected}");
            }
            // Falling is rising from behind.
            let behind: Vec<_> = counts.iter().rev().copied().collect();
            let falling = isotonic(&behind, Direction::Descending).unwrap().counts(&behind);
            prop_assert_eq!(falling.into_iter().rev().collect::<Vec<_>>(), bins);
        }
    }
}
