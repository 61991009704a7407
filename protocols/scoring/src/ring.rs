//! Arithmetic in `Z_2^64[X] / (X^4096 + 1)`, exact.

use std::sync::LazyLock;

use tfhe::core_crypto::prelude::{
    CiphertextModulus, GlweCiphertext, LweCiphertext, MonomialDegree, PolynomialSize,
    extract_lwe_sample_from_glwe_ciphertext,
};
use tfhe_ntt::native_binary64::Plan32;

use crate::RING;

// The plan picks its vector instructions at run time; its results are exact, so the same on all.
static PLAN: LazyLock<Plan32> =
    LazyLock::new(|| Plan32::try_new(RING).expect("the three primes have roots of order 8192"));

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

/// The LWE ciphertext (4096 words of mask, one of body) of the constant coefficient of a GLWE
/// ciphertext (4096 words of mask, 4096 of body).
pub(crate) fn extract_constant(glwe: &[u64], lwe: &mut [u64]) {
    let modulus = CiphertextModulus::new_native();
    let glwe = GlweCiphertext::from_container(glwe, PolynomialSize(RING), modulus);
    let mut lwe = LweCiphertext::from_container(lwe, modulus);
    extract_lwe_sample_from_glwe_ciphertext(&glwe, &mut lwe, MonomialDegree(0));
}

/// Adds `other` to `words`, word by word.
pub(crate) fn add(words: &mut [u64], other: &[u64]) {
    for (word, other) in words.iter_mut().zip(other) {
        *word = word.wrapping_add(*other);
    }
}

/// Words as little-endian bytes.
pub(crate) fn to_bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Little-endian bytes as words; a rest of fewer than eight bytes is not read.
pub(crate) fn from_bytes(bytes: &[u8]) -> Vec<u64> {
    bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
}
