//! How far the scores of a population have moved.

use ndarray::ArrayView1;
use serde::Serialize;

use crate::fitting::PreBins;
use crate::{Error, stability_index};

/// Scores now beside those of the population that the score was made for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shift {
    /// Where the bins end but the last: quantiles of the scores before. The end belongs to the next.
    pub breaks: Vec<f64>,
    /// How many rows of before are in each bin.
    pub before: Vec<u64>,
    /// How many rows of now.
    pub now: Vec<u64>,
    /// The stability index of the two: above 0.1 it has moved, above 0.25 it is another.
    pub index: f64,
}

/// Counts scores in bins that had as many rows each before, and takes the stability index.
///
/// # Errors
///
/// [`Error::Measure`] where there are no scores on one side, or one is no number; [`Error::Fitting`]
/// of a number of bins that [`PreBins::equal_frequency`] does not take.
pub fn shift(
    before: ArrayView1<'_, f64>,
    now: ArrayView1<'_, f64>,
    bins: usize,
) -> Result<Shift, Error> {
    if before.iter().chain(&now).any(|score| !score.is_finite()) {
        return Err(Error::Measure("a score is a number".into()));
    }
    let quantiles = PreBins::equal_frequency(before, bins)?;
    let count = |scores: ArrayView1<'_, f64>| {
        let mut counts = vec![0; quantiles.len()];
        for bin in scores.iter().filter_map(|score| quantiles.bin_of(*score)) {
            counts[bin] += 1;
        }
        counts
    };
    let (before, now) = (count(before), count(now));
    let index = stability_index(&now, &before)
        .ok_or_else(|| Error::Measure("there are no scores of before, or none of now".into()))?;
    Ok(Shift { breaks: quantiles.breaks().to_vec(), before, now, index })
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use super::shift;

    #[test]
    fn scores_that_have_not_moved_are_stable_and_others_are_not() {
        let before: Array1<f64> = (0..1000).map(f64::from).collect();
        let found = shift(before.view(), before.view(), 10).unwrap();
        assert_eq!((found.index, found.now.len()), (0.0, found.before.len()));
        assert_eq!(found.before.iter().sum::<u64>(), 1000);
        let moved = before.mapv(|score| score + 300.0);
        assert!(shift(before.view(), moved.view(), 10).unwrap().index > 0.25);
        let none = Array1::from(Vec::new());
        assert!(shift(before.view(), none.view(), 10).is_err());
        assert!(shift(none.view(), before.view(), 10).is_err());
        let odd = Array1::from(vec![f64::NAN]);
        assert!(shift(before.view(), odd.view(), 10).is_err());
    }
}
