//! Yes, no or unknown.

use std::fmt;

use zeroize::DefaultIsZeroes;

/// The truth of an atom or of a formula, in Kleene's strong logic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The record does not say.
    #[default]
    Unknown,
    /// It holds.
    Yes,
    /// It does not hold.
    No,
}

impl Answer {
    /// Yes or no.
    pub fn known(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// The opposite: unknown stays unknown.
impl std::ops::Not for Answer {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
            Self::No => Self::Yes,
        }
    }
}

impl DefaultIsZeroes for Answer {}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown",
            Self::Yes => "yes",
            Self::No => "no",
        })
    }
}
