//! Percentiles of measured spans.

use std::time::Duration;

/// The span that `percent` of all spans do not exceed (nearest rank); `None` of none.
pub(super) fn percentile(spans: &mut [Duration], percent: u32) -> Option<Duration> {
    spans.sort_unstable();
    let rank = (spans.len() * percent.min(100) as usize).div_ceil(100).max(1);
    spans.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::percentile;

    #[test]
    fn a_percentile_is_a_span_that_was_measured() {
        let mut spans: Vec<_> = (1..=200).rev().map(Duration::from_millis).collect();
        for (percent, milliseconds) in [(0, 1), (50, 100), (99, 198), (100, 200)] {
            let found = percentile(&mut spans, percent);
            assert_eq!(found, Some(Duration::from_millis(milliseconds)), "{percent}");
        }
        assert_eq!(percentile(&mut [Duration::from_secs(3)], 50), Some(Duration::from_secs(3)));
        assert_eq!(percentile(&mut [], 50), None);
    }
}
