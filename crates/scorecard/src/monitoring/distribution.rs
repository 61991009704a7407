//! How scores are distributed: good and bad rows over bins of one width.

use ndarray::ArrayView1;
use serde::Serialize;

use crate::Error;

/// The good and the bad rows whose scores lie in one bin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ScoreBin {
    /// The lowest score of the bin.
    pub from: f64,
    /// The lowest score of the next.
    pub until: f64,
    /// The good rows.
    pub good: u64,
    /// The bad rows.
    pub bad: u64,
}

/// Counts scores in at most so many bins, all of the same width: 1, 2 or 5 times a power of ten.
///
/// # Errors
///
/// [`Error::Measure`] when the two columns have different lengths, there are no rows or no bins, or a
/// score is no number or too far from the others.
pub fn distribution(
    scores: ArrayView1<'_, f64>,
    bad: ArrayView1<'_, bool>,
    most: usize,
) -> Result<Vec<ScoreBin>, Error> {
    let fault = |problem: &str| Error::Measure(problem.into());
    if scores.len() != bad.len() || scores.is_empty() || most == 0 {
        return Err(fault("every row has a score and an outcome, and there is a row and a bin"));
    }
    let (least, greatest) =
        scores.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |ends, score| {
            (ends.0.min(*score), ends.1.max(*score))
        });
    let span = greatest - least;
    if !span.is_finite() || scores.iter().any(|score| !score.is_finite()) {
        return Err(fault("a score is a number, and not too far from the others"));
    }
    let widths =
        (-12_i32..=308).flat_map(|power| [1.0, 2.0, 5.0].map(|it| it * 10_f64.powi(power)));
    let places = |width: f64| {
        let first = (least / width).floor();
        (first, (greatest / width).floor() - first + 1.0)
    };
    let fits = |width: &f64| places(*width).1 <= crate::fitting::real(most as u64);
    // Whole scores have no bins of less than one.
    let whole = scores.iter().all(|score| score.fract() == 0.0);
    let usable = |width: &f64| width.is_finite() && (!whole || *width >= 1.0);
    let width = widths.filter(usable).find(fits);
    let width = width.ok_or_else(|| fault("scores are too far apart"))?;
    let (first, count) = places(width);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to `most`")]
    let count = count as usize;
    let place = |bin: usize| (first + crate::fitting::real(bin as u64)) * width;
    let mut bins: Vec<ScoreBin> = (0..count)
        .map(|bin| ScoreBin { from: place(bin), until: place(bin + 1), good: 0, bad: 0 })
        .collect();
    for (score, bad) in scores.iter().zip(bad) {
        let at = bins.partition_point(|bin| bin.until <= *score).min(count - 1);
        *(if *bad { &mut bins[at].bad } else { &mut bins[at].good }) += 1;
    }
    Ok(bins)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};
    use proptest::prelude::*;

    use super::distribution;

    #[test]
    fn bins_have_a_round_width_and_hold_every_row() {
        let scores = array![412.0, 430.0, 449.0, 450.0, 611.0];
        let bad = array![true, false, true, false, false];
        let found = distribution(scores.view(), bad.view(), 12).unwrap();
        assert_eq!((found[0].from, found[0].until), (400.0, 420.0));
        assert_eq!((found[2].good, found[2].bad), (1, 1));
        assert_eq!(found.len(), 11);
        let same = distribution(array![5.0, 5.0].view(), array![true, false].view(), 12).unwrap();
        assert_eq!((same.len(), same[0].from, same[0].until), (1, 5.0, 6.0));
        let none = Array1::from(Vec::new());
        assert!(distribution(none.view(), Array1::from(Vec::new()).view(), 12).is_err());
        assert!(distribution(array![f64::NAN].view(), array![true].view(), 12).is_err());
        let far = distribution(array![f64::MIN, f64::MAX].view(), array![true, false].view(), 12);
        assert!(far.is_err());
        // One bin does not hold numbers on both sides of 0, however wide it is.
        let sides = (array![-5.0, 0.0], array![true, false]);
        assert!(distribution(sides.0.view(), sides.1.view(), 1).is_err());
        assert_eq!(distribution(sides.0.view(), sides.1.view(), 2).unwrap().len(), 2);
    }

    proptest! {
        #[test]
        fn every_row_is_counted_once_in_at_most_so_many_bins(
            rows in prop::collection::vec((-1e4_f64..1e4, any::<bool>()), 1..200),
            most in 1_usize..40,
        ) {
            let scores: Array1<f64> = rows.iter().map(|(score, _)| *score).collect();
            let bad: Array1<bool> = rows.iter().map(|(_, bad)| *bad).collect();
            let Ok(found) = distribution(scores.view(), bad.view(), most) else {
                // One bin cannot hold scores on both sides of 0.
                prop_assert!(most == 1);
                return Ok(());
            };
            prop_assert!(found.len() <= most);
            let counted: u64 = found.iter().map(|bin| bin.good + bin.bad).sum();
            prop_assert_eq!(counted, rows.len() as u64);
            let ends = (found[0].from, found[found.len() - 1].until);
            prop_assert!(scores.iter().all(|score| *score >= ends.0 && *score <= ends.1));
        }
    }
}
