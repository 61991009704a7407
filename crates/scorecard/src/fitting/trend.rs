//! How bad rates may go from bin to bin.

use std::cmp::Ordering;

/// Whether bad rates rise or fall from bin to bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// They rise.
    Ascending,
    /// They fall.
    Descending,
}

impl Direction {
    /// How the rate of a bin compares with that of the next.
    pub(crate) const fn step(self) -> Ordering {
        match self {
            Self::Ascending => Ordering::Less,
            Self::Descending => Ordering::Greater,
        }
    }
}

/// How bad rates may go from bin to bin; optbinning's `monotonic_trend`. Neighbours with equal rates
/// would be one bin, so every trend is strict; without one a pinned break may part equal rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trend {
    /// The better of ascending and descending; a peak or a valley only where its information value
    /// is more than a tenth above theirs.
    #[default]
    Auto,
    /// As they like.
    Free,
    /// Rising.
    Ascending,
    /// Falling.
    Descending,
    /// Rising to a bin and falling from there; the bin may be the first or the last.
    Peak,
    /// Falling to a bin and rising from there; the bin may be the first or the last.
    Valley,
}

/// A step from a bin to the next: the phase before it and after it, and how the rates compare.
pub(crate) type Step = (usize, usize, Ordering);

/// The trends of which a search knows the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Free,
    Monotone(Direction),
    /// First in this direction, then in the other.
    Turning(Direction),
}

impl Shape {
    pub(crate) const PEAK: Self = Self::Turning(Direction::Ascending);
    pub(crate) const VALLEY: Self = Self::Turning(Direction::Descending);

    pub(crate) fn steps(self) -> Vec<Step> {
        match self {
            Self::Free => {
                let all = [Ordering::Less, Ordering::Equal, Ordering::Greater];
                all.map(|order| (0, 0, order)).into()
            }
            Self::Monotone(direction) => vec![(0, 0, direction.step())],
            Self::Turning(first) => {
                let (there, back) = (first.step(), first.step().reverse());
                vec![(0, 0, there), (0, 1, back), (1, 1, back)]
            }
        }
    }

    /// The trend that this is.
    pub(crate) const fn trend(self) -> Trend {
        match self {
            Self::Free => Trend::Free,
            Self::Monotone(Direction::Ascending) => Trend::Ascending,
            Self::Monotone(Direction::Descending) => Trend::Descending,
            Self::Turning(Direction::Ascending) => Trend::Peak,
            Self::Turning(Direction::Descending) => Trend::Valley,
        }
    }
}
