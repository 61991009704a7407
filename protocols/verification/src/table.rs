//! What a bootstrap looks up: SPEC §2.3.

use crate::{Comparison, RING};

/// A function of where a number lies on the torus.
///
/// A bootstrap turns a wheel of 4096 positions whose second half is the negative of its first, so
/// every function here is odd under half a turn, up to `offset`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Table {
    /// 0 in the lower half of the torus (negative numbers), `one` in the upper.
    Bit { one: u64 },
    /// 0 within `dead` positions of zero and of half a turn, `yes` above, `-yes` below.
    Sign { dead: usize, yes: u64 },
    /// `yes` or `-yes`: whether a number of -3/16 ..= 3/16, moved by a quarter turn, compares so.
    Compare { comparison: Comparison, yes: u64 },
}

/// Positions of a step of 1/16 of the torus.
const STEP: usize = 256;

impl Table {
    /// The first half of the wheel.
    pub(crate) fn coefficients(self) -> impl Iterator<Item = u64> {
        (0..RING).map(move |position| match self {
            Self::Bit { one } => one / 2,
            Self::Sign { dead, yes } => match (dead..RING - dead).contains(&position) {
                true => yes,
                false => 0,
            },
            Self::Compare { comparison, yes } => {
                let step = (position + STEP / 2) / STEP;
                match comparison.holds(step.cmp(&(RING / 2 / STEP))) {
                    true => yes,
                    false => yes.wrapping_neg(),
                }
            }
        })
    }

    /// What is added to the output.
    pub(crate) fn offset(self) -> u64 {
        match self {
            Self::Bit { one } => one / 2,
            Self::Sign { .. } | Self::Compare { .. } => 0,
        }
    }
}
