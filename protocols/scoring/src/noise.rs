//! Randomness of an encryption of zero, in integers alone: the same bytes on every machine.
//!
//! Nothing here takes a time that depends on what it draws.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{BINOMIAL, FLOOD_TERMS, RING};

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

/// Adds to `polynomial` a centred binomial of variance `BINOMIAL` / 2 at each coefficient.
pub(crate) fn add_binomial(polynomial: &mut [u64], rng: &mut impl CryptoRng) {
    const SIDE: u64 = (1 << BINOMIAL) - 1;
    for coefficient in polynomial {
        let word = rng.next_u64();
        let plus = (word & SIDE).count_ones();
        let minus = (word >> BINOMIAL & SIDE).count_ones();
        *coefficient = coefficient.wrapping_add(plus.into()).wrapping_sub(minus.into());
    }
}

/// A uniform polynomial with coefficients -1, 0 and 1 (in two's complement): each from 64 bits, so
/// uniform but for 2^-62.
pub(crate) fn ternary(rng: &mut impl CryptoRng) -> Zeroizing<Vec<u64>> {
    let mut trits = Zeroizing::new(vec![0; RING]);
    for trit in trits.iter_mut() {
        let third = (u128::from(rng.next_u64()) * 3) >> 64;
        *trit = (third as u64).wrapping_sub(1);
    }
    trits
}

/// The sum of `FLOOD_TERMS` uniform numbers of `bits` bits, each moved to the middle.
///
/// Standard deviation 2^(`bits` - 1), never beyond three times that: wide enough to hide what it
/// covers, and bounded, so that the floods of five holders never change a point (SPEC §2.3).
pub(crate) fn flood(bits: u32, rng: &mut impl CryptoRng) -> u64 {
    (0..FLOOD_TERMS)
        .map(|_| (rng.next_u64() >> (64 - bits)).wrapping_sub(1 << (bits - 1)))
        .fold(0, u64::wrapping_add)
}
