//! Arithmetic in `Z_P[X] / (X^4096 + 1)`, exact, P being the product of two primes.

use std::sync::LazyLock;

use tfhe_ntt::prime64::Plan;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::RING;
use crate::batch::PRIMES;
use crate::batch::residue::{INVERSES, fraction, lifted, reduced, reduced_once, times};

// A plan picks its vector instructions at run time; its results are exact, so the same on all.
static PLANS: LazyLock<[Plan; 2]> = LazyLock::new(|| {
    PRIMES.map(|p| Plan::try_new(RING, p).expect("both primes are 1 modulo 8192"))
});

/// Bytes of one encoded residue.
const RESIDUE_BYTES: usize = 5;

/// Bytes of one encoded polynomial.
pub(crate) const POLYNOMIAL_BYTES: usize = 2 * RING * RESIDUE_BYTES;

/// A polynomial by its coefficients: 4096 residues modulo the first prime, then 4096 modulo the
/// second. Wiped on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Polynomial([Vec<u64>; 2]);

/// A polynomial by its values at the roots of X^4096 + 1, where products are made. Wiped on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Values([Vec<u64>; 2]);

impl Polynomial {
    /// The polynomial with these residues, each below its prime.
    pub(crate) fn new(residues: [Vec<u64>; 2]) -> Self {
        Self(residues)
    }

    /// Its residues modulo the first prime and modulo the second.
    pub(crate) fn residues(&self) -> [&[u64]; 2] {
        [&self.0[0], &self.0[1]]
    }

    /// Adds small signed numbers (in two's complement, of magnitude below 2^36) to the coefficients.
    pub(crate) fn add_small(&mut self, small: &[u64]) {
        for (residues, p) in self.0.iter_mut().zip(PRIMES) {
            for (residue, &small) in residues.iter_mut().zip(small) {
                *residue = reduced_once(*residue + lifted(small, p), p);
            }
        }
    }

    /// Adds signed numbers (in two's complement, of magnitude below 2^62) to the coefficients.
    pub(crate) fn add_large(&mut self, large: &[u64]) {
        for (i, residues) in self.0.iter_mut().enumerate() {
            // A multiple of the prime that makes every number positive.
            let lift = ((1 << 62) / PRIMES[i] + 1) * PRIMES[i];
            for (residue, &large) in residues.iter_mut().zip(large) {
                *residue = reduced(*residue + lift.wrapping_add(large), i);
            }
        }
    }

    /// Adds a number below P to coefficient `index`. Not for secrets: a division takes its time.
    pub(crate) fn add_at(&mut self, index: usize, number: u128) {
        for (residues, p) in self.0.iter_mut().zip(PRIMES) {
            let residue = u64::try_from(number % u128::from(p)).expect("below a prime of 38 bits");
            residues[index] = reduced_once(residues[index] + residue, p);
        }
    }

    /// Takes `other` off.
    pub(crate) fn subtract(&mut self, other: &Self) {
        for ((residues, others), p) in self.0.iter_mut().zip(&other.0).zip(PRIMES) {
            for (residue, other) in residues.iter_mut().zip(others) {
                *residue = reduced_once(*residue + p - other, p);
            }
        }
    }

    /// Coefficient `index`, a number below P.
    pub(crate) fn coefficient(&self, index: usize) -> u128 {
        let [first, second] = [self.0[0][index], self.0[1][index]];
        // Garner: first + p0 · ((second - first) / p0 mod p1).
        let difference = reduced(second + PRIMES[1] - reduced(first, 1), 1);
        u128::from(first)
            + u128::from(PRIMES[0]) * u128::from(times(difference, INVERSES[1], PRIMES[1]))
    }

    /// Each coefficient as a fraction of P, in units of 2^-64, at most six too small (SPEC §4.5).
    pub(crate) fn fractions(&self) -> impl Iterator<Item = u64> {
        // x / P = (x / p1 mod p0) / p0 + (x / p0 mod p1) / p1, up to whole numbers.
        self.0[0].iter().zip(&self.0[1]).map(|(&first, &second)| {
            fraction(times(first, INVERSES[0], PRIMES[0]), 0)
                .wrapping_add(fraction(times(second, INVERSES[1], PRIMES[1]), 1))
        })
    }

    /// The values of this polynomial.
    pub(crate) fn transformed(mut self) -> Values {
        let mut residues = std::mem::take(&mut self.0);
        for (residues, plan) in residues.iter_mut().zip(&*PLANS) {
            plan.fwd(residues);
        }
        Values(residues)
    }

    /// Adds the encoding to `bytes`: every residue in five bytes, those of the first prime first.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        let residues = self.0.iter().flatten();
        bytes.extend(residues.flat_map(|residue| residue.to_le_bytes().into_iter().take(5)));
    }

    /// Reads an encoding; none if its length is wrong or a residue reaches its prime.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != POLYNOMIAL_BYTES {
            return None;
        }
        let (first, second) = bytes.split_at(POLYNOMIAL_BYTES / 2);
        Some(Self([read_residues(first, PRIMES[0])?, read_residues(second, PRIMES[1])?]))
    }
}

impl Values {
    /// The polynomial zero.
    pub(crate) fn zero() -> Self {
        Self([vec![0; RING], vec![0; RING]])
    }

    /// Becomes the values of the polynomial with these small signed coefficients.
    pub(crate) fn set(&mut self, small: &[u64]) {
        for ((values, plan), p) in self.0.iter_mut().zip(&*PLANS).zip(PRIMES) {
            for (value, &small) in values.iter_mut().zip(small) {
                *value = lifted(small, p);
            }
            plan.fwd(values);
        }
    }

    /// Becomes the values of the sum of X^i over the places i of `bins` where `bin` stands.
    pub(crate) fn set_members(&mut self, bins: &[u8], bin: u8) {
        let [first, second] = &mut self.0;
        for (value, &found) in first.iter_mut().zip(bins) {
            *value = u64::from(found == bin);
        }
        first[bins.len()..].fill(0);
        second.copy_from_slice(first);
        for (values, plan) in self.0.iter_mut().zip(&*PLANS) {
            plan.fwd(values);
        }
    }

    /// Adds the product of `first` and `second`.
    pub(crate) fn add_product(&mut self, first: &Self, second: &Self) {
        for (((values, first), second), plan) in
            self.0.iter_mut().zip(&first.0).zip(&second.0).zip(&*PLANS)
        {
            plan.mul_accumulate(values, first, second);
        }
    }

    /// Adds `other`.
    pub(crate) fn add(&mut self, other: &Self) {
        for ((values, others), p) in self.0.iter_mut().zip(&other.0).zip(PRIMES) {
            for (value, other) in values.iter_mut().zip(others) {
                *value = reduced_once(*value + other, p);
            }
        }
    }

    /// Takes `other` off.
    pub(crate) fn subtract(&mut self, other: &Self) {
        for ((values, others), p) in self.0.iter_mut().zip(&other.0).zip(PRIMES) {
            for (value, other) in values.iter_mut().zip(others) {
                *value = reduced_once(*value + p - other, p);
            }
        }
    }

    /// The product with `other`, by its coefficients.
    pub(crate) fn product(&self, other: &Self) -> Polynomial {
        let mut product = Self::zero();
        product.add_product(self, other);
        product.interpolated()
    }

    /// The coefficients of the polynomial with these values.
    pub(crate) fn interpolated(mut self) -> Polynomial {
        let mut values = std::mem::take(&mut self.0);
        for (values, plan) in values.iter_mut().zip(&*PLANS) {
            plan.normalize(values);
            plan.inv(values);
        }
        Polynomial(values)
    }
}

/// The product of words of 24 bits with `values` of a ternary polynomial, modulo 2^24.
///
/// Exact in the first prime alone: a coefficient is at most 4096 · 2^23 = 2^35 in magnitude.
pub(crate) fn product_of_words(words: &[u32], values: &Values) -> Vec<u32> {
    const P: u64 = PRIMES[0];
    let plan = &PLANS[0];
    // A word of 24 bits as a signed number: its top bit counts -2^23.
    let signed = |word: u32| u64::from(word ^ 1 << 23).wrapping_sub(1 << 23);
    let mut product: Vec<u64> = words.iter().map(|&word| lifted(signed(word), P)).collect();
    plan.fwd(&mut product);
    plan.mul_assign_normalize(&mut product, &values.0[0]);
    plan.inv(&mut product);
    #[expect(clippy::cast_possible_truncation, reason = "24 bits are kept")]
    let low = |residue: &u64| {
        let negative = u64::from(*residue > P / 2).wrapping_neg();
        residue.wrapping_sub(P & negative) as u32 & 0xff_ffff
    };
    let words = product.iter().map(low).collect();
    product.zeroize();
    words
}

fn read_residues(bytes: &[u8], p: u64) -> Option<Vec<u64>> {
    let word = |bytes: &[u8; RESIDUE_BYTES]| {
        bytes.iter().rev().fold(0, |word: u64, &byte| word << 8 | u64::from(byte))
    };
    let residues: Vec<u64> = bytes.as_chunks().0.iter().map(word).collect();
    residues.iter().all(|&residue| residue < p).then_some(residues)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::MODULUS;

    /// Residues without a pattern.
    fn polynomial(seed: u64) -> Polynomial {
        let mut state = seed;
        Polynomial(PRIMES.map(|p| {
            (0..RING)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (state >> 20) % p
                })
                .collect()
        }))
    }

    #[test]
    fn coefficients_fractions_and_encodings_agree() {
        let polynomial = polynomial(1);
        for (index, fraction) in polynomial.fractions().enumerate() {
            let x = polynomial.coefficient(index);
            assert!(x < MODULUS);
            for (residues, p) in polynomial.residues().iter().zip(PRIMES) {
                assert_eq!(u128::from(residues[index]), x % u128::from(p));
            }
            // x < 2^75, so 53 more bits fit: compare at 2^-53, then the rest at once.
            let exact = (x << 53) / MODULUS;
            let found = u128::from(fraction) + 6;
            assert!(found >> 11 == exact || u128::from(fraction) >> 11 == exact, "{index}");
        }
        let mut bytes = Vec::new();
        polynomial.write(&mut bytes);
        assert_eq!(bytes.len(), POLYNOMIAL_BYTES);
        assert_eq!(Polynomial::read(&bytes).unwrap().residues(), polynomial.residues());
        assert!(Polynomial::read(&bytes[1..]).is_none());
        bytes[..5].copy_from_slice(&PRIMES[0].to_le_bytes()[..5]);
        assert!(Polynomial::read(&bytes).is_none());
    }

    #[test]
    fn a_product_by_values_is_the_schoolbook_product() {
        let (x, mut sparse) = (polynomial(2), vec![0u64; RING]);
        sparse[0] = 1;
        sparse[5] = 1u64.wrapping_neg();
        sparse[4095] = 1;
        let mut values = Values::zero();
        values.set(&sparse);
        let product = x.clone().transformed().product(&values);
        for (k, p) in [(0, 0), (1, 1), (7, 0), (4095, 1)] {
            let prime = PRIMES[p];
            let at = |i: i64| {
                let residue = x.residues()[p][usize::try_from(i.rem_euclid(4096)).unwrap()];
                if i < 0 { prime - residue } else { residue }
            };
            let k_signed = i64::try_from(k).unwrap();
            let expected = at(k_signed) + prime - at(k_signed - 5) + at(k_signed - 4095);
            assert_eq!(product.residues()[p][k], expected % prime);
        }
    }

    #[test]
    fn words_times_a_ternary_polynomial_wrap_at_24_bits() {
        let words: Vec<u32> = (0..4096u32).map(|i| i.wrapping_mul(0x9e37_79b9) >> 8).collect();
        let mut ternary = vec![0u64; RING];
        ternary[1] = 1;
        ternary[2] = 1u64.wrapping_neg();
        let mut values = Values::zero();
        values.set(&ternary);
        let product = product_of_words(&words, &values);
        for k in 2..RING {
            assert_eq!(product[k], words[k - 1].wrapping_sub(words[k - 2]) & 0xff_ffff);
        }
        assert_eq!(product[0], words[4094].wrapping_sub(words[4095]) & 0xff_ffff);
    }
}
