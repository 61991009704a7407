//! Arithmetic in `Z_2^64[X] / (X^2048 + 1)`, exact.

use std::sync::LazyLock;

use tfhe::core_crypto::commons::math::random::{CompressionSeed, Seed};
use tfhe::core_crypto::prelude::{CiphertextModulus, GlweDimension, SeededGlweCiphertext};
use tfhe_ntt::native_binary64::Plan32;

use crate::RING;

// The plan picks its vector instructions at run time; its results are exact, so the same on all.
static PLAN: LazyLock<Plan32> =
    LazyLock::new(|| Plan32::try_new(RING).expect("the three primes have roots of order 4096"));

/// `polynomial` times `binary`, whose coefficients are 0 or 1.
pub(crate) fn product(polynomial: &[u64], binary: &[u64]) -> Vec<u64> {
    let mut product = vec![0; RING];
    PLAN.negacyclic_polymul(&mut product, polynomial, binary);
    product
}

/// The constant coefficient of `polynomial` times `binary`, whose coefficients are 0 or 1.
pub(crate) fn constant_of_product(polynomial: &[u64], binary: &[u64]) -> u64 {
    let first = polynomial[0] & binary[0].wrapping_neg();
    polynomial[1..]
        .iter()
        .zip(binary[1..].iter().rev())
        .fold(first, |sum, (&a, &bit)| sum.wrapping_sub(a & bit.wrapping_neg()))
}

/// The uniform polynomial that `seed` stands for, as tfhe expands the mask of a seeded ciphertext.
pub(crate) fn expanded(seed: u128) -> Vec<u64> {
    let mut glwe = SeededGlweCiphertext::from_container(
        vec![0; RING],
        GlweDimension(1).to_glwe_size(),
        CompressionSeed::from(Seed(seed)),
        CiphertextModulus::new_native(),
    )
    .decompress_into_glwe_ciphertext()
    .into_container();
    glwe.truncate(RING);
    glwe
}
