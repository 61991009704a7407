//! The numbers of SPEC §2.3, computed from the parameters: the test asserts them, the bench prints
//! them.
#![allow(dead_code, reason = "the bench prints what the test asserts, and more")]
#![allow(unreachable_pub, reason = "shared between the test and the bench")]
#![allow(clippy::cast_precision_loss, reason = "estimates")]
#![allow(clippy::cast_possible_truncation, reason = "small numbers")]

pub mod batch;

use scoring::{BINOMIAL, FLOOD_BITS, FLOOD_TERMS, KEY_NOISE, POINT_BITS, RING};

/// Variance of the noise of one encryption of zero, over keys: e·u + e2 - e1·s, with u and s binary.
fn zero_variance() -> f64 {
    let binomial = f64::from(BINOMIAL) / 2.0;
    RING as f64 / 2.0 * (KEY_NOISE.powi(2) + binomial) + binomial
}

/// The same without the mean of e·u, which is one number a key, the same for every entry.
fn zero_variance_around_its_mean() -> f64 {
    let binomial = f64::from(BINOMIAL) / 2.0;
    RING as f64 / 4.0 * KEY_NOISE.powi(2) + RING as f64 / 2.0 * binomial + binomial
}

/// Standard deviation of the noise of one encryption of zero.
pub fn zero() -> f64 {
    zero_variance().sqrt()
}

/// Standard deviation of what the flood covers: the entries of `features` and the fresh zero.
pub fn covered(features: u32) -> f64 {
    (f64::from(features + 1) * zero_variance()).sqrt()
}

/// The same where each entry is the sum of so many encryptions: a table of parts.
pub fn covered_of_parts(features: u32, parts: u32) -> f64 {
    (f64::from(features * parts + 1) * zero_variance()).sqrt()
}

/// Standard deviation of the difference between two records' noise in one holder's answer.
pub fn difference(features: u32) -> f64 {
    (2.0 * f64::from(features) * zero_variance_around_its_mean()).sqrt()
}

/// Standard deviation of a holder's flood.
pub fn flood() -> f64 {
    width() * (f64::from(FLOOD_TERMS) / 12.0).sqrt()
}

fn width() -> f64 {
    f64::from(FLOOD_BITS).exp2()
}

/// Statistical distance of the flood from itself moved by a Gaussian of deviation `sd`.
///
/// A unimodal symmetric density moved by d differs from itself by d times its value at the middle,
/// which for three uniform numbers is 3/4 of a width; the mean of |d| is sd·sqrt(2/π).
pub fn distance(sd: f64) -> f64 {
    assert_eq!(FLOOD_TERMS, 3);
    sd * (2.0 / std::f64::consts::PI).sqrt() * 0.75 / width()
}

/// Bound on the distance over `answers` answers: sqrt(answers · I) · sd / 2, I the Fisher
/// information of the flood (by the Hellinger distance, which adds up over independent answers).
pub fn distance_over(answers: f64, sd: f64) -> f64 {
    (answers * fisher()).sqrt() * sd / 2.0
}

/// Fisher information of the sum of three uniform numbers: (4 + 4·(a·ln((2a+1)/(2a-1)) - 1)) / w²
/// with a = sqrt(3/4).
fn fisher() -> f64 {
    let a = 0.75f64.sqrt();
    (4.0 + 4.0 * (a * ((2.0 * a + 1.0) / (2.0 * a - 1.0)).ln() - 1.0)) / width().powi(2)
}

/// Standard deviation of the rounding to 32 bits in the sum of `holders`, in units of 2^-64.
pub fn rounding(holders: usize) -> f64 {
    (holders as f64 * (RING as f64 / 2.0 + 1.0) / 12.0).sqrt() * 32f64.exp2()
}

/// Probability that the floods of `holders` add up beyond half a step.
///
/// 3 · holders uniform numbers of one width: the tail of the Irwin–Hall distribution, both sides.
pub fn failure(holders: usize) -> f64 {
    let terms = FLOOD_TERMS as usize * holders;
    let half_step = f64::from(63 - POINT_BITS).exp2() / width();
    // The allowance for key noise and rounding brings the edge nearer.
    let reach = terms as f64 / 2.0 - half_step + 41f64.exp2() / width();
    let mut sum = 0.0;
    let mut choose = 1.0;
    for k in 0..terms {
        if k as f64 >= reach {
            break;
        }
        let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
        sum += sign * choose * (reach - k as f64).powi(terms as i32);
        choose *= (terms - k) as f64 / (k + 1) as f64;
    }
    let factorial: f64 = (1..=terms).map(|k| k as f64).product();
    2.0 * sum / factorial
}

/// Share of uniform phases that the lender's distance test lets pass.
pub fn passes(holders: usize) -> f64 {
    let bound = (holders as f64 * 3.0 * 17f64.exp2() + 512.0).min(21f64.exp2());
    bound / 21f64.exp2()
}

/// Bits that one answer can carry about a record, whatever the table: log2 of the torus less the
/// entropy of the flood.
pub fn capacity() -> f64 {
    // Entropy of three uniform numbers of width 1, integrated numerically.
    let density = |x: f64| {
        let x = x.abs();
        if x < 0.5 { 0.75 - x * x } else { 0.5 * (1.5 - x).powi(2) }
    };
    let step = 1e-4;
    let entropy: f64 = (0..29_999)
        .map(|i| density(-1.5 + (f64::from(i) + 0.5) * step))
        .map(|p| -p * p.log2() * step)
        .sum();
    64.0 - f64::from(FLOOD_BITS) - entropy
}
