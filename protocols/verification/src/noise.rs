//! Randomness of an encryption of zero, in integers alone: the same bytes on every machine.
//!
//! Nothing here takes a time that depends on what it draws.

use rand_core::CryptoRng;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::{NOISE_BITS, RING};

/// A uniform polynomial with coefficients 0 and 1.
pub(crate) fn binary(rng: &mut impl CryptoRng) -> Zeroizing<Vec<u64>> {
    let mut bits = Zeroizing::new(vec![0; RING]);
    for coefficients in bits.chunks_exact_mut(64) {
        let word = rng.next_u64();
        for (i, coefficient) in coefficients.iter_mut().enumerate() {
            *coefficient = (word >> i) & 1;
        }
    }
    bits
}

/// TUniform(17): uniform on `-2^17 ..= 2^17`, but that the two ends are half as likely.
pub(crate) fn small(rng: &mut impl CryptoRng) -> u64 {
    let drawn = rng.next_u64() >> (64 - NOISE_BITS - 2);
    ((drawn >> 1) + (drawn & 1)).wrapping_sub(1 << NOISE_BITS)
}

/// Adds TUniform(17) to each coefficient.
pub(crate) fn add_small(polynomial: &mut [u64], rng: &mut impl CryptoRng) {
    for coefficient in polynomial {
        *coefficient = coefficient.wrapping_add(small(rng));
    }
}

/// Uniform on `-half .. half`, but for a bias of 2^-64 times the width.
pub(crate) fn flood(half: u64, rng: &mut impl CryptoRng) -> u64 {
    let drawn = (u128::from(rng.next_u64()) * u128::from(2 * half)) >> 64;
    (drawn as u64).wrapping_sub(half)
}

/// The nearest third of the torus, 0, 1 or 2, in a time that does not depend on `phase`.
pub(crate) fn nearest_third(phase: u64) -> u8 {
    // 0 to 3, where 3 is a whole turn.
    let thirds = (u128::from(phase) * 3 + (1 << 63)) >> 64;
    u8::conditional_select(&((thirds & 3) as u8), &0, thirds.ct_eq(&3))
}
