//! The noise of every step, measured, against the bounds of SPEC §2.3.

use lattice::noise::seed;
use rayon::prelude::*;
use tfhe::core_crypto::prelude::{
    DefaultRandomGenerator, LweDimension, LweSecretKey, LweSecretKeyOwned,
    ModulusSwitchedLweCiphertext, SecretRandomGenerator,
};

use crate::lwe::Lwe;
use crate::parameters::{BIT, VALUE};
use crate::sanitise::UNKNOWN;
use crate::table::Table;
use crate::tests::{Lender, budget, rng};
use crate::{Evaluator, SMALL};

/// A phase's distance from what it should be, as a part of the torus.
#[expect(clippy::cast_precision_loss, reason = "a noise is measured")]
fn error(phase: u64, expected: u64) -> f64 {
    phase.wrapping_sub(expected).cast_signed() as f64 / 64f64.exp2()
}

/// The mean square of what is measured.
#[expect(clippy::cast_precision_loss, reason = "few measurements")]
fn variance(errors: &[f64]) -> f64 {
    errors.iter().map(|error| error * error).sum::<f64>() / errors.len() as f64
}

/// Within the bound, but for what so few measurements may miss it by; and not far below it, or the
/// bound would be of something else.
fn assert_within(what: &str, errors: &[f64], bound: f64) {
    let measured = variance(errors);
    println!("{what}: sd 2^{:.2}, bound 2^{:.2}", measured.log2() / 2.0, bound.log2() / 2.0);
    assert!(measured < bound * 1.25, "{what}: {measured:e} exceeds {bound:e}");
    assert!(measured > bound / 4.0, "{what}: {measured:e} is far below {bound:e}");
}

#[test]
fn an_encryption_of_zero_has_the_noise_of_the_spec() {
    let mut rng = rng(60);
    let lender = Lender::new(&mut rng);
    let zero = || error(lender.key.secret.phase(&lender.evaluator.public.zero(&mut rng)), 0);
    let errors: Vec<_> = std::iter::repeat_with(zero).take(2000).collect();
    assert_within("zero", &errors, budget::zero());
}

#[test]
fn a_bootstrap_has_the_noise_of_the_spec_for_every_value() {
    let mut rng = rng(61);
    let lender = Lender::new(&mut rng);
    for plain in [0, VALUE, VALUE.wrapping_neg()] {
        let inputs: Vec<_> = (0..120)
            .map(|_| {
                let mut input = lender.evaluator.public.zero(&mut rng);
                input.shift(plain);
                input
            })
            .collect();
        let sign = Table::Sign { dead: UNKNOWN, yes: VALUE };
        let errors: Vec<_> = inputs
            .par_iter()
            .map(|input| lender.key.secret.phase(&lender.evaluator.bootstrap(input, sign)))
            .map(|phase| error(phase, plain))
            .collect();
        assert_within("bootstrap", &errors, budget::bootstrap());
    }
}

/// Where a number lands on the wheel, less where it should.
fn landed(evaluator: &Evaluator, small: &LweSecretKeyOwned<u32>, input: &Lwe, plain: u64) -> f64 {
    let wheel = evaluator.wheel(input);
    let product = wheel.mask().zip(small.as_ref()).map(|(word, &bit)| word * bit as usize);
    let position = wheel.body().wrapping_sub(product.sum::<usize>()) % 4096;
    // The switch takes half a position off, so that a table's edge lies between two of them.
    error((position as u64) << 52, plain.wrapping_sub(1 << 51))
}

#[test]
fn key_switch_and_rounding_have_the_noise_of_the_spec() {
    let lender = Lender::new(&mut rng(62));
    // The small key is forgotten once the others are made; it comes out of the second seed.
    let mut again = rng(62);
    let _large = seed(&mut again);
    let mut generator = SecretRandomGenerator::<DefaultRandomGenerator>::new(seed(&mut again));
    let small = LweSecretKey::generate_new_binary(LweDimension(SMALL), &mut generator);
    let errors: Vec<_> = (0..1000)
        .map(|i| {
            let mut input = lender.evaluator.public.zero(&mut again);
            let plain = BIT.wrapping_mul(i);
            input.shift(plain);
            landed(&lender.evaluator, &small, &input, plain)
        })
        .collect();
    assert_within("wheel", &errors, budget::switch() + budget::rounding());
}

#[test]
fn every_failure_is_rarer_than_the_spec_says() {
    for (what, log2, bound) in [
        ("gate", budget::gate(), -100.0),
        ("gate of different inputs", budget::gate_of_different(), -128.0),
        ("digits", budget::digits(), -128.0),
        ("comparison", budget::comparison(), -128.0),
        ("soaked", budget::soaked(), -120.0),
        ("opening", budget::opening(), -128.0),
        ("distance", budget::distance(), -49.0),
        ("sealed distance", budget::sealed_distance(), -49.0),
    ] {
        println!("{what}: 2^{log2:.1}");
        assert!(log2 < bound, "{what}: 2^{log2:.1}, the SPEC says 2^{bound}");
    }
}
