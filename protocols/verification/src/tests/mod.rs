//! Tests that look inside: noise, and attacks on what the types do not let out.

#[path = "../../tests/budget/mod.rs"]
mod budget;

mod attacks;
mod noise;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::{Evaluator, LenderKey};

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

/// A lender and its expanded keys.
struct Lender {
    key: LenderKey,
    evaluator: Evaluator,
}

impl Lender {
    fn new(rng: &mut ChaCha20Rng) -> Self {
        let (key, uploaded) = LenderKey::generate(rng);
        Self { key, evaluator: uploaded.expand() }
    }
}
