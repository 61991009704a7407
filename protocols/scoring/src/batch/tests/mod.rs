//! Tests that look inside the batch form: the noise measured, the attacks tried, the views compared.

mod attacks;
mod malformed;
mod masks;
mod noise;

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use crate::batch::public_key::message;
use crate::batch::ready::Glwe;
use crate::batch::ring::Polynomial;
use crate::batch::{LenderKey, MODULUS, Picks, ReadyTable, Table};
use crate::{
    ModelDigest, PartTerms, RING, Scorecard, ScorecardShare, Shape, TablePart, TableTerms,
};

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

fn table(key: &LenderKey, points: &[Vec<u16>], rng: &mut ChaCha20Rng) -> ReadyTable {
    let scorecard = Scorecard::new(points).unwrap();
    let fingerprint = key.public().fingerprint();
    let terms = TableTerms::new(fingerprint, ModelDigest([1; 32]), scorecard.shape().clone());
    ReadyTable::new(&Table::encrypt(&terms, key.public(), scorecard, rng).unwrap())
}

/// A table of three parts whose shares are the same number in every bin.
fn table_of_parts(
    key: &LenderKey,
    shape: &Shape,
    shares: [u16; 3],
    rng: &mut ChaCha20Rng,
) -> ReadyTable {
    let whole = TableTerms::new(key.public().fingerprint(), ModelDigest([1; 32]), shape.clone());
    let part = |(place, share): (usize, u16)| {
        let terms = PartTerms::new(whole.clone(), place, 3).unwrap();
        let share = ScorecardShare::new(shape.clone(), vec![share; shape.entries()].into());
        TablePart::encrypt(&terms, key.public(), share.unwrap(), rng).unwrap()
    };
    let parts = shares.into_iter().enumerate().map(part).collect();
    ReadyTable::new(&Table::of_parts(parts).unwrap())
}

/// Random bins of a full block.
fn random_picks(features: usize, bins: u8, rng: &mut impl Rng) -> Picks {
    let mut bin = || u8::try_from(rng.next_u64() % u64::from(bins)).unwrap();
    Picks::new(RING, (0..features * RING).map(|_| bin()).collect())
}

/// What the lender sees at each place once it takes off so many points everywhere: the noise.
fn noise_of(key: &LenderKey, [mask, body]: &[Polynomial; 2], points: u16) -> Vec<i128> {
    let phase = key.phase(&mask.clone().transformed(), body.clone());
    (0..RING)
        .map(|place| {
            let noise = (phase.coefficient(place) + MODULUS - message(points)) % MODULUS;
            let noise = noise.cast_signed();
            if noise > MODULUS.cast_signed() / 2 { noise - MODULUS.cast_signed() } else { noise }
        })
        .collect()
}

fn coefficients(glwe: &Glwe) -> [Polynomial; 2] {
    [glwe.mask.clone().interpolated(), glwe.body.clone().interpolated()]
}

/// An answer without its flood: picked and re-randomised, with binomial noise where the flood is.
fn unflooded(key: &LenderKey, picked: &Glwe, rng: &mut ChaCha20Rng) -> [Polynomial; 2] {
    let zero = key.public().zero(rng).map(Polynomial::transformed);
    let mut sum = picked.clone();
    sum.mask.add(&zero[0]);
    sum.body.add(&zero[1]);
    coefficients(&sum)
}

#[expect(clippy::cast_precision_loss, reason = "statistics")]
fn deviation(samples: &[i128]) -> f64 {
    let squares: f64 = samples.iter().map(|&sample| (sample as f64).powi(2)).sum();
    (squares / samples.len() as f64).sqrt()
}
