//! How well scores part good from bad, and how long they took.

use std::time::Duration;

/// How well scores part good from bad.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Separation {
    /// The chance that a good one scores higher than a bad one, ties counting half.
    pub(super) auc: f64,
    /// The greatest distance between the two distributions.
    pub(super) ks: f64,
}

/// Measures scores (the higher the better) against outcomes (`true` for bad).
///
/// `None` unless there are good and bad ones.
pub(super) fn separation(scored: &[(i64, bool)]) -> Option<Separation> {
    let mut sorted = scored.to_vec();
    sorted.sort_unstable_by_key(|(score, _)| *score);
    let bads = real(sorted.iter().filter(|(_, bad)| *bad).count());
    let goods = real(sorted.len()) - bads;
    if bads == 0.0 || goods == 0.0 {
        return None;
    }
    let (mut bads_below, mut goods_below, mut won, mut ks) = (0.0, 0.0, 0.0, 0.0_f64);
    for same in sorted.chunk_by(|(one, _), (other, _)| one == other) {
        let bad = real(same.iter().filter(|(_, bad)| *bad).count());
        let good = real(same.len()) - bad;
        won += good * (bads_below + bad / 2.0);
        bads_below += bad;
        goods_below += good;
        ks = ks.max((bads_below / bads - goods_below / goods).abs());
    }
    Some(Separation { auc: won / (bads * goods), ks })
}

/// The smallest value that `percent` of a hundred do not exceed; zero of an empty list.
pub(super) fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
fn real(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Separation, percentile, separation};

    #[test]
    fn perfect_scores_part_all_and_equal_scores_none() {
        let perfect = [(1, true), (2, true), (3, false), (4, false)];
        assert_eq!(separation(&perfect), Some(Separation { auc: 1.0, ks: 1.0 }));
        let equal = [(5, true), (5, false), (5, false)];
        assert_eq!(separation(&equal), Some(Separation { auc: 0.5, ks: 0.0 }));
        assert_eq!(separation(&[(1, false), (2, false)]), None);
        assert_eq!(separation(&[]), None);
    }

    #[test]
    fn a_worked_example_gives_what_counting_pairs_gives() {
        // Pairs of a good with a bad: 3 won, 1 tied, 2 lost.
        let scored = [(1, true), (2, false), (3, true), (3, false), (0, true), (1, false)];
        let found = separation(&scored).unwrap();
        let mut won = 0.0;
        for (good, _) in scored.iter().filter(|(_, bad)| !bad) {
            for (bad, _) in scored.iter().filter(|(_, bad)| *bad) {
                won += f64::from(u8::from(good > bad) + u8::from(good >= bad)) / 2.0;
            }
        }
        assert!((found.auc - won / 9.0).abs() < 1e-12);
        assert!((found.ks - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<_> = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Duration::from_millis(100));
        assert_eq!(percentile(&times, 99), Duration::from_millis(198));
        assert_eq!(percentile(&times[..1], 99), Duration::from_millis(200));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }
}
