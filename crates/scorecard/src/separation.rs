//! How well scores part good from bad.

use serde::Serialize;

/// How well scores part good from bad.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Separation {
    /// The chance that a good one scores higher than a bad one, ties counting half.
    pub auc: f64,
    /// The greatest distance between the two distributions (Kolmogorov–Smirnov).
    pub ks: f64,
}

impl Separation {
    /// Measures scores, the higher the better, against outcomes, `true` for bad.
    ///
    /// `None` unless there are good and bad ones. Scores are taken in their total order, so NaN is
    /// above everything.
    #[must_use]
    pub fn of(scored: &[(f64, bool)]) -> Option<Self> {
        let mut sorted = scored.to_vec();
        sorted.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
        let bads = real(sorted.iter().filter(|(_, bad)| *bad).count());
        let goods = real(sorted.len()) - bads;
        if bads == 0.0 || goods == 0.0 {
            return None;
        }
        let (mut bads_below, mut goods_below, mut won, mut ks) = (0.0, 0.0, 0.0, 0.0_f64);
        for same in sorted.chunk_by(|(one, _), (other, _)| one.total_cmp(other).is_eq()) {
            let bad = real(same.iter().filter(|(_, bad)| *bad).count());
            let good = real(same.len()) - bad;
            won += good * (bads_below + bad / 2.0);
            bads_below += bad;
            goods_below += good;
            ks = ks.max((bads_below / bads - goods_below / goods).abs());
        }
        Some(Self { auc: won / (bads * goods), ks })
    }

    /// Twice the AUC less 1: 0 where scores tell nothing.
    #[must_use]
    pub fn gini(&self) -> f64 {
        2.0 * self.auc - 1.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
fn real(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::Separation;

    #[test]
    fn perfect_scores_part_all_and_equal_scores_none() {
        let perfect = [(1.0, true), (2.0, true), (3.0, false), (4.0, false)];
        assert_eq!(Separation::of(&perfect), Some(Separation { auc: 1.0, ks: 1.0 }));
        let equal = [(5.0, true), (5.0, false), (5.0, false)];
        assert_eq!(Separation::of(&equal), Some(Separation { auc: 0.5, ks: 0.0 }));
        assert_eq!(Separation::of(&perfect).unwrap().gini(), 1.0);
        assert_eq!(Separation::of(&equal).unwrap().gini(), 0.0);
        assert_eq!(Separation::of(&[(1.0, false), (2.0, false)]), None);
        assert_eq!(Separation::of(&[]), None);
    }

    #[test]
    fn a_worked_example_gives_what_counting_pairs_gives() {
        // Pairs of a good with a bad: 6 won, 1 tied, 2 lost.
        let scored =
            [(1.0, true), (2.0, false), (3.0, true), (3.0, false), (-0.5, true), (1.5, false)];
        let found = Separation::of(&scored).unwrap();
        assert!((found.auc - 6.5 / 9.0).abs() < 1e-12, "{}", found.auc);
        assert!((found.ks - 2.0 / 3.0).abs() < 1e-12, "{}", found.ks);
    }
}
