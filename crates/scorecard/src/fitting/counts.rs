//! How many good and bad rows there are.

use std::cmp::Ordering;
use std::iter::Sum;
use std::ops::Add;

/// How many good and bad rows a bin has. Sums stop at the largest number there is: counts may come
/// from a peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Non-events.
    pub good: u64,
    /// Events.
    pub bad: u64,
}

impl Counts {
    /// So many good and so many bad rows.
    #[must_use]
    pub const fn new(good: u64, bad: u64) -> Self {
        Self { good, bad }
    }

    /// One row, good or bad.
    #[must_use]
    pub const fn row(bad: bool) -> Self {
        if bad { Self::new(0, 1) } else { Self::new(1, 0) }
    }

    /// All rows.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.good.saturating_add(self.bad)
    }

    /// Whether there are rows of both classes.
    #[must_use]
    pub const fn is_mixed(self) -> bool {
        self.good > 0 && self.bad > 0
    }

    /// The share of the rows that is bad; `None` without rows.
    #[must_use]
    pub fn bad_rate(self) -> Option<f64> {
        (self.total() > 0).then(|| real(self.bad) / real(self.total()))
    }

    /// Compares bad rates without rounding. Without rows there is no rate: that equals any.
    #[must_use]
    pub fn cmp_rate(self, other: Self) -> Ordering {
        // bad / good as fractions; a total of 0 makes both products 0.
        let ours = u128::from(self.bad) * u128::from(other.good);
        let theirs = u128::from(other.bad) * u128::from(self.good);
        ours.cmp(&theirs)
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.good.saturating_add(other.good), self.bad.saturating_add(other.bad))
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
pub(crate) const fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::Counts;

    #[test]
    fn rates_are_compared_to_the_last_row() {
        let (less, more) =
            (Counts::new(u64::MAX, u64::MAX - 2), Counts::new(u64::MAX, u64::MAX - 1));
        assert_eq!(less.cmp_rate(more), Ordering::Less);
        assert_eq!(Counts::new(3, 1).cmp_rate(Counts::new(9, 3)), Ordering::Equal);
        assert_eq!(Counts::new(0, 1).cmp_rate(Counts::new(1, 9)), Ordering::Greater);
    }

    #[test]
    fn without_rows_there_is_no_rate_and_no_difference() {
        let none = Counts::default();
        assert_eq!((none.bad_rate(), none.is_mixed()), (None, false));
        for some in [Counts::new(1, 0), Counts::new(0, 1), none] {
            assert_eq!(none.cmp_rate(some), Ordering::Equal);
        }
    }

    #[test]
    fn counts_of_a_peer_that_are_too_large_stop_at_the_largest() {
        let large = Counts::new(u64::MAX, 1);
        assert_eq!([large, large].into_iter().sum::<Counts>(), Counts::new(u64::MAX, 2));
        assert_eq!(large.total(), u64::MAX);
    }
}
