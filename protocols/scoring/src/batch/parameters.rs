//! The numbers of the batch form; SPEC §2.7 derives each of them.

use crate::{FLOOD_TERMS, POINT_BITS, RING};

/// Subjects in one block: a place each, one coefficient of a ring element.
pub const BLOCK: usize = RING;

/// The two primes whose product is the modulus of the batch form, a little under 2^75.
///
/// The largest of 38 and of 37 bits that are 1 modulo 8192, so that both have transforms of 4096.
pub const PRIMES: [u64; 2] = [274_877_816_833, 137_438_822_401];

/// The modulus of the batch form: the product of the [`PRIMES`].
pub const MODULUS: u128 = PRIMES[0] as u128 * PRIMES[1] as u128;

/// Bits of each of the three uniform numbers that flood a place of a block.
pub const BLOCK_FLOOD_BITS: u32 = 61;

/// Bits of a mask word of a block on the wire.
pub const MASK_WORD_BITS: u32 = 24;

/// Bits of a body word of a block on the wire.
pub const BODY_WORD_BITS: u32 = 16;

/// The most blocks in one session: bounds what the platform and the lender keep in memory.
pub const MAX_SPAN: u32 = 64;

/// Bits of a step of a challenge's numbers: the flood covers what a step leaves uncertain.
pub const TRIAL_STEP_BITS: u32 = 40;

/// How far a challenge's blur keeps from the edges of a step: seventeen deviations of the noise of
/// an encryption of zero.
pub const TRIAL_MARGIN: u64 = 1 << 12;

/// Bits below the message in a phase, which has the bits of a mask word.
pub(crate) const PHASE_STEP_BITS: u32 = MASK_WORD_BITS - POINT_BITS;

/// How far the phase of an honest sum lies from a whole point, at most, in units of 2^-24.
///
/// Floods and the rounding of body words are bounded. What is not (rounding of mask words, key
/// noise) has a deviation of 15.1 · sqrt(holders), of which the allowance is fifteen for seven
/// holders. From five holders on the bound reaches half a step and tests nothing.
pub(crate) fn noise_bound(holders: usize) -> u32 {
    // The modulus is under 2^75, by a part in a million, so a flood is a little more of it.
    const FLOOD: u32 = (FLOOD_TERMS << (BLOCK_FLOOD_BITS - 1 + MASK_WORD_BITS - 75)) + 1;
    const BODY_WORD: u32 = 1 << (MASK_WORD_BITS - BODY_WORD_BITS - 1);
    const ALLOWANCE: u32 = 600;
    let holders = u32::try_from(holders).expect("terms have at most 7 holders");
    (holders * (FLOOD + BODY_WORD) + ALLOWANCE).min(1 << (PHASE_STEP_BITS - 1))
}
