//! How well scores part good from bad, and how long they took.

use std::time::Duration;

pub(super) use scorecard::Separation;

/// Measures scores (the higher the better) against outcomes (`true` for bad).
///
/// `None` unless there are good and bad ones.
pub(super) fn separation(scored: &[(i64, bool)]) -> Option<Separation> {
    #[expect(clippy::cast_precision_loss, reason = "scores of a card")]
    let scored: Vec<_> = scored.iter().map(|(score, bad)| (*score as f64, *bad)).collect();
    Separation::of(&scored)
}

/// The smallest value that `percent` of a hundred do not exceed; zero of an empty list.
pub(super) fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::percentile;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<_> = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Duration::from_millis(100));
        assert_eq!(percentile(&times, 99), Duration::from_millis(198));
        assert_eq!(percentile(&times[..1], 99), Duration::from_millis(200));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}
