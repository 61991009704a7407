//! Arithmetic in `Z_2^64[X] / (X^N + 1)`, exact.

use std::sync::LazyLock;

use tfhe::core_crypto::commons::math::random::{CompressionSeed, Seed};
use tfhe::core_crypto::prelude::{CiphertextModulus, GlweDimension, SeededGlweCiphertext};
use tfhe_ntt::native_binary64::Plan32;

/// The ring `Z_2^64[X] / (X^N + 1)` of one of the degrees N that are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// N = 2048.
    Degree2048,
    /// N = 4096.
    Degree4096,
}

// A plan picks its vector instructions at run time; its results are exact, so the same on all.
static PLAN_2048: LazyLock<Plan32> = LazyLock::new(|| plan(2048));
static PLAN_4096: LazyLock<Plan32> = LazyLock::new(|| plan(4096));

fn plan(degree: usize) -> Plan32 {
    Plan32::try_new(degree).expect("the three primes have roots of order 8192")
}

impl Ring {
    /// N: the number of coefficients of an element.
    pub const fn degree(self) -> usize {
        match self {
            Self::Degree2048 => 2048,
            Self::Degree4096 => 4096,
        }
    }

    /// Returns `polynomial` times `binary`, whose coefficients are 0 or 1.
    ///
    /// # Panics
    ///
    /// Unless each has N coefficients.
    pub fn product(self, polynomial: &[u64], binary: &[u64]) -> Vec<u64> {
        let plan = match self {
            Self::Degree2048 => &PLAN_2048,
            Self::Degree4096 => &PLAN_4096,
        };
        let mut product = vec![0; self.degree()];
        plan.negacyclic_polymul(&mut product, polynomial, binary);
        product
    }

    /// Expands `seed` to the uniform polynomial that it stands for, as tfhe expands the mask of a
    /// seeded ciphertext.
    pub fn expanded(self, seed: Seed) -> Vec<u64> {
        let mut glwe = SeededGlweCiphertext::from_container(
            vec![0; self.degree()],
            GlweDimension(1).to_glwe_size(),
            CompressionSeed::from(seed),
            CiphertextModulus::new_native(),
        )
        .decompress_into_glwe_ciphertext()
        .into_container();
        glwe.truncate(self.degree());
        glwe
    }
}

/// Returns the constant coefficient of `polynomial` times `binary`, whose coefficients are 0 or 1,
/// both of one ring: N additions, and no transform.
///
/// # Panics
///
/// When one of the two has no coefficient.
pub fn constant_of_product(polynomial: &[u64], binary: &[u64]) -> u64 {
    let first = polynomial[0] & binary[0].wrapping_neg();
    polynomial[1..]
        .iter()
        .zip(binary[1..].iter().rev())
        .fold(first, |sum, (&a, &bit)| sum.wrapping_sub(a & bit.wrapping_neg()))
}

/// Extracts a coefficient: the mask of the LWE ciphertext whose body is the coefficient at `place`
/// of the body of a GLWE ciphertext with this `mask`.
///
/// # Panics
///
/// When `mask` has no coefficient at `place`.
pub fn extraction(mask: &[u64], place: usize) -> impl Iterator<Item = u64> {
    let (low, high) = mask.split_at(place + 1);
    low.iter().rev().copied().chain(high.iter().rev().map(|word| word.wrapping_neg()))
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};

    use super::{Ring, constant_of_product, extraction};
    use crate::noise::binary;

    fn operands(ring: Ring) -> (Vec<u64>, Vec<u64>) {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let polynomial = (0..ring.degree()).map(|_| rng.next_u64()).collect();
        (polynomial, binary(ring.degree(), &mut rng).to_vec())
    }

    /// The product by its definition, where X^N is -1.
    fn schoolbook(polynomial: &[u64], other: &[u64]) -> Vec<u64> {
        let degree = polynomial.len();
        let mut product = vec![0u64; degree];
        for (i, a) in polynomial.iter().enumerate() {
            for (j, b) in other.iter().enumerate() {
                let term = a.wrapping_mul(*b);
                let place = &mut product[(i + j) % degree];
                *place = match i + j < degree {
                    true => place.wrapping_add(term),
                    false => place.wrapping_sub(term),
                };
            }
        }
        product
    }

    #[test]
    fn a_product_is_that_of_the_definition_to_the_last_bit() {
        for ring in [Ring::Degree2048, Ring::Degree4096] {
            let (polynomial, bits) = operands(ring);
            let product = schoolbook(&polynomial, &bits);
            assert_eq!(ring.product(&polynomial, &bits), product);
            assert_eq!(constant_of_product(&polynomial, &bits), product[0]);
        }
    }

    #[test]
    fn an_extracted_mask_gives_the_coefficient_of_the_product_at_its_place() {
        let ring = Ring::Degree2048;
        let (polynomial, bits) = operands(ring);
        let product = ring.product(&polynomial, &bits);
        for place in [0, 1, 1000, 2047] {
            let terms = extraction(&polynomial, place).zip(&bits);
            let inner = terms.fold(0u64, |sum, (a, &bit)| sum.wrapping_add(a.wrapping_mul(bit)));
            assert_eq!(inner, product[place]);
        }
    }
}
