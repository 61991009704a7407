//! Tests that look inside: the noise measured, the attacks tried, the masks taken apart.

mod attacks;
mod masks;
mod noise;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::{LenderKey, ModelDigest, RING, Scorecard, Table, TableTerms, ring};

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

fn table(key: &LenderKey, points: &[Vec<u16>], rng: &mut ChaCha20Rng) -> Table {
    let scorecard = Scorecard::new(points).unwrap();
    let fingerprint = key.public().fingerprint();
    let terms = TableTerms::new(fingerprint, ModelDigest([1; 32]), scorecard.shape().clone());
    Table::encrypt(&terms, key.public(), scorecard, rng).unwrap()
}

/// The phase of an LWE ciphertext of 64-bit words: message and noise.
fn phase(key: &LenderKey, lwe: &[u64]) -> u64 {
    let products = lwe.iter().zip(key.bits()).map(|(word, bit)| word.wrapping_mul(*bit));
    lwe[RING].wrapping_sub(products.fold(0, u64::wrapping_add))
}

/// A fresh LWE encryption of zero that is not flooded.
fn unflooded_zero(key: &LenderKey, rng: &mut ChaCha20Rng) -> Vec<u64> {
    let mut lwe = vec![0; RING + 1];
    ring::extract_constant(&key.public().zero(rng), &mut lwe);
    lwe
}
