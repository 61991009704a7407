//! How far predicted probabilities are from what came.

use ndarray::ArrayView1;
use serde::Serialize;

use crate::Error;
use crate::fitting::{Counts, real};

/// A group of rows with neighbouring probabilities: what was predicted of it, and what came.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// The rows of the group.
    pub rows: u64,
    /// The mean predicted probability of bad.
    pub predicted: f64,
    /// The share of the rows that is bad.
    pub observed: f64,
}

/// Holds probabilities of bad against outcomes in so many groups of as many rows, the riskiest first,
/// and takes the Brier score over all rows: the mean of (probability − outcome)².
///
/// # Errors
///
/// [`Error::Measure`] when the two columns have different lengths, a probability is not within 0 to 1,
/// or there are fewer rows than groups, or no group.
pub fn calibration(
    probabilities: ArrayView1<'_, f64>,
    bad: ArrayView1<'_, bool>,
    groups: usize,
) -> Result<(Vec<Calibration>, f64), Error> {
    let rows = probabilities.len();
    if rows != bad.len() || groups == 0 || rows < groups {
        return Err(Error::Measure(format!(
            "{rows} probabilities, {} outcomes and {groups} groups: as many of one as of the other, \
             and a row a group at least",
            bad.len()
        )));
    }
    if probabilities.iter().any(|probability| !(0.0..=1.0).contains(probability)) {
        return Err(Error::Measure("a probability is within 0 to 1".into()));
    }
    let mut sorted: Vec<_> = probabilities.iter().copied().zip(bad.iter().copied()).collect();
    sorted.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let missed = |(probability, bad): &(f64, bool)| (probability - f64::from(*bad)).powi(2);
    let brier = sorted.iter().map(missed).sum::<f64>() / real(rows as u64);
    let group = |group: usize| {
        let own = &sorted[group * rows / groups..(group + 1) * rows / groups];
        let counts: Counts = own.iter().map(|(_, bad)| Counts::row(*bad)).sum();
        let sum: f64 = own.iter().map(|(probability, _)| probability).sum();
        Calibration {
            rows: counts.total(),
            predicted: sum / real(counts.total()),
            observed: counts.bad_rate().unwrap_or_default(),
        }
    };
    Ok(((0..groups).map(group).collect(), brier))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::calibration;

    #[test]
    fn groups_are_the_riskiest_first_and_a_worked_example_has_its_brier_score() {
        let probabilities = array![0.1, 0.9, 0.8, 0.3];
        let bad = array![false, true, true, false];
        let (groups, brier) = calibration(probabilities.view(), bad.view(), 2).unwrap();
        // As `sklearn.metrics.brier_score_loss` says in its documentation's example, of these numbers.
        assert!((brier - 0.0375).abs() < 1e-12, "{brier}");
        assert!((groups[0].predicted - 0.85).abs() < 1e-12 && groups[0].observed == 1.0);
        assert!((groups[1].predicted - 0.2).abs() < 1e-12 && groups[1].observed == 0.0);
        assert!(calibration(probabilities.view(), bad.view(), 5).is_err());
        assert!(calibration(array![0.5, 1.5].view(), array![true, false].view(), 1).is_err());
        assert!(calibration(array![f64::NAN].view(), array![true].view(), 1).is_err());
    }
}
