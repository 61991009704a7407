//! Arithmetic on single residues, without divisions and in a time that does not depend on them.

use crate::batch::PRIMES;

/// The inverse of the second prime modulo the first, and of the first modulo the second.
pub(crate) const INVERSES: [Factor; 2] = [
    factor(inverse(PRIMES[1], PRIMES[0]), PRIMES[0]),
    factor(inverse(PRIMES[0], PRIMES[1]), PRIMES[1]),
];

/// A constant factor, and floor(2^64 · factor / p), with which a product needs no division.
#[derive(Clone, Copy)]
pub(crate) struct Factor {
    factor: u64,
    quotient: u64,
}

/// `x · factor` modulo `p`, below `p`, for `x` of 64 bits (Shoup's multiplication).
pub(crate) fn times(x: u64, factor: Factor, p: u64) -> u64 {
    let quotient = high(x, factor.quotient);
    reduced_once(x.wrapping_mul(factor.factor).wrapping_sub(quotient.wrapping_mul(p)), p)
}

/// `x` modulo prime `i`, for any `x` of 64 bits, without a division.
pub(crate) fn reduced(x: u64, i: usize) -> u64 {
    const RECIPROCALS: [u64; 2] = [u64::MAX / PRIMES[0], u64::MAX / PRIMES[1]];
    reduced_once(x - high(x, RECIPROCALS[i]) * PRIMES[i], PRIMES[i])
}

/// `x` modulo `p`, for `x` below `2p`, in a time that does not depend on it.
pub(crate) fn reduced_once(x: u64, p: u64) -> u64 {
    x.min(x.wrapping_sub(p))
}

/// A small signed number, in two's complement, modulo `p`.
pub(crate) fn lifted(small: u64, p: u64) -> u64 {
    reduced_once(p.wrapping_add(small), p)
}

/// `x / p` of prime `i` in units of 2^-64, at most three too small, for `x` below `p`.
pub(crate) fn fraction(x: u64, i: usize) -> u64 {
    // 2^63 of a prime's size: x · reciprocal < 2^(64 + SHIFT).
    const SHIFTS: [u32; 2] = [37, 36];
    const RECIPROCALS: [u64; 2] =
        [reciprocal(64 + SHIFTS[0], PRIMES[0]), reciprocal(64 + SHIFTS[1], PRIMES[1])];
    let product = u128::from(x) * u128::from(RECIPROCALS[i]);
    u64::try_from(product >> SHIFTS[i]).expect("x / p is below 1")
}

/// The upper 64 bits of a product.
fn high(x: u64, y: u64) -> u64 {
    ((u128::from(x) * u128::from(y)) >> 64) as u64
}

#[expect(clippy::cast_possible_truncation, reason = "the quotient has 64 bits")]
const fn reciprocal(bits: u32, p: u64) -> u64 {
    ((1u128 << bits) / p as u128) as u64
}

#[expect(clippy::cast_possible_truncation, reason = "a factor is below p")]
const fn factor(factor: u64, p: u64) -> Factor {
    Factor { factor, quotient: (((factor as u128) << 64) / p as u128) as u64 }
}

/// The inverse of `x` modulo the prime `p`: x^(p - 2).
#[expect(clippy::cast_possible_truncation, reason = "remainders are below p")]
const fn inverse(x: u64, p: u64) -> u64 {
    let (mut power, mut result, mut exponent) = (x as u128 % p as u128, 1u128, p - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * power % p as u128;
        }
        power = power * power % p as u128;
        exponent >>= 1;
    }
    result as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reductions_agree_with_the_remainder_up_to_the_last_word() {
        for x in [0, 1, PRIMES[0] - 1, PRIMES[0], PRIMES[1], 1 << 62, u64::MAX - 1, u64::MAX] {
            for i in 0..2 {
                assert_eq!(reduced(x, i), x % PRIMES[i]);
                let expected =
                    u128::from(x) * u128::from(INVERSES[i].factor) % u128::from(PRIMES[i]);
                assert_eq!(u128::from(times(x, INVERSES[i], PRIMES[i])), expected);
            }
        }
    }
}
