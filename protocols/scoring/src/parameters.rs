//! The numbers of the protocol; SPEC §2 derives each of them.

use lattice::{Noise, Ring};

/// The ring of the single form, `Z_2^64[X] / (X^4096 + 1)`.
pub(crate) const SPACE: Ring = Ring::Degree4096;

/// Coefficients of a ring element, in either form.
pub const RING: usize = SPACE.degree();

/// Bits of the message space.
pub const POINT_BITS: u32 = 10;

/// The most points that any scorecard may give: what the message space holds.
pub const MAX_POINTS: u16 = (1 << POINT_BITS) - 1;

/// The most holders that one score may come from: what the flooding leaves room for.
pub const MAX_HOLDERS: usize = 7;

/// The most features that one holder may contribute: what the flooding covers.
pub const MAX_FEATURES: usize = 64;

/// The most bins that one feature may have; bounds what a table may allocate.
pub const MAX_BINS: u16 = 32;

/// Standard deviation of the noise in a lender's public key, in units of 2^-64 of the torus.
pub const KEY_NOISE: f64 = 3.2;

/// Bits a side of the centred binomial noise in an encryption of zero: variance 21 / 2.
pub const BINOMIAL: u32 = 21;

/// The noise of an encryption of zero.
pub(crate) const ZERO_NOISE: Noise = Noise::Binomial { bits: BINOMIAL };

/// A holder floods with the sum of this many uniform numbers.
pub const FLOOD_TERMS: u32 = 3;

/// Bits of each of those uniform numbers, which makes the sum's standard deviation 2^49.
pub const FLOOD_BITS: u32 = 50;

/// Words of zero that an answer carries under its masks, so that masks which remain show.
pub const CHECK_WORDS: usize = 4;

/// Words of 32 bits in an answer, and in the sum of all: mask, body, check.
pub const WORDS: usize = RING + 1 + CHECK_WORDS;

/// Bits below the message in a word of 64 bits.
pub(crate) const STEP_BITS: u32 = 64 - POINT_BITS;

/// Bits below the message in a word of 32 bits.
pub(crate) const SHORT_STEP_BITS: u32 = 32 - POINT_BITS;

/// How far the phase of an honest sum lies from a whole point, at most, in units of 2^-32.
///
/// Three uniform numbers a holder are bounded; the allowance for what is not (key noise, rounding)
/// is fourteen standard deviations. From six holders on the bound reaches half a step and tests nothing.
pub(crate) fn noise_bound(holders: usize) -> u32 {
    const FLOOD: u32 = FLOOD_TERMS << (FLOOD_BITS - 1 - 32);
    const ALLOWANCE: u32 = 512;
    let holders = u32::try_from(holders).expect("terms have at most 7 holders");
    (holders * FLOOD + ALLOWANCE).min(1 << (SHORT_STEP_BITS - 1))
}
