//! Tests that look inside: the noise measured, the attacks tried, the masks taken apart.

mod attacks;
mod masks;
mod noise;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::parameters::ZERO_NOISE;
use crate::{
    LenderKey, ModelDigest, PartTerms, Scorecard, ScorecardShare, Shape, Table, TablePart,
    TableTerms,
};

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

fn table(key: &LenderKey, points: &[Vec<u16>], rng: &mut ChaCha20Rng) -> Table {
    let scorecard = Scorecard::new(points).unwrap();
    let fingerprint = key.public().fingerprint();
    let terms = TableTerms::new(fingerprint, ModelDigest([1; 32]), scorecard.shape().clone());
    Table::encrypt(&terms, key.public(), scorecard, rng).unwrap()
}

/// A table of three parts whose shares are the same number in every bin.
fn table_of_parts(
    key: &LenderKey,
    shape: &Shape,
    shares: [u16; 3],
    rng: &mut ChaCha20Rng,
) -> Table {
    let whole = TableTerms::new(key.public().fingerprint(), ModelDigest([1; 32]), shape.clone());
    let part = |(place, share): (usize, u16)| {
        let terms = PartTerms::new(whole.clone(), place, 3).unwrap();
        let share = ScorecardShare::new(shape.clone(), vec![share; shape.entries()].into());
        TablePart::encrypt(&terms, key.public(), share.unwrap(), rng).unwrap()
    };
    Table::of_parts(shares.into_iter().enumerate().map(part).collect()).unwrap()
}

/// The phase of an LWE ciphertext of 64-bit words: message and noise.
fn phase(key: &LenderKey, lwe: &[u64]) -> u64 {
    key.secret().phase(lwe)
}

/// A fresh LWE encryption of zero that is not flooded.
fn unflooded_zero(key: &LenderKey, rng: &mut ChaCha20Rng) -> Vec<u64> {
    key.public().sample().zero_at_constant(rng, |rng| ZERO_NOISE.draw(rng)).to_vec()
}
