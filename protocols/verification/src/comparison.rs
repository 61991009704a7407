//! How a holder's value is compared with a sealed threshold.

use std::cmp::Ordering;

/// What a sealed atom asks about the holder's value and the lender's threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// The value is below the threshold.
    Less,
    /// The value is at most the threshold.
    AtMost,
    /// The value is the threshold.
    Equal,
    /// The value is at least the threshold.
    AtLeast,
    /// The value is above the threshold.
    Greater,
}

impl Comparison {
    /// Every comparison.
    pub const ALL: [Self; 5] =
        [Self::Less, Self::AtMost, Self::Equal, Self::AtLeast, Self::Greater];

    /// Whether it holds of a value that lies so to the threshold.
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Equal => ordering.is_eq(),
            Self::AtLeast => ordering.is_ge(),
            Self::Greater => ordering.is_gt(),
        }
    }

    /// Its number in the terms (SPEC §2.6).
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Less => 0,
            Self::AtMost => 1,
            Self::Equal => 2,
            Self::AtLeast => 3,
            Self::Greater => 4,
        }
    }
}
