//! The bounds of SPEC §2, from the parameters alone. Variances are in units of the torus squared.
#![allow(dead_code, reason = "each program uses a part of it")]
#![allow(unreachable_pub, reason = "shared between programs")]
#![allow(clippy::cast_precision_loss, reason = "every number here is small or a power of two")]

use verification::{
    BOOTSTRAP_BASE_BITS, CYCLES, LAST_SOAK, MAX_FAN_IN, NOISE_BITS, RING, SMALL, SMALL_NOISE_BITS,
    SOAK, SWITCH_BASE_BITS, SWITCH_LEVELS,
};

/// Positions on the wheel.
const WHEEL: f64 = 4096.0;

/// Twice the factor of tfhe's formula, which was fitted to one way of transforming: the library times
/// several in each process and takes the fastest, and they round differently.
const TRANSFORM: f64 = 2.0 * 0.00705;

/// The variance of TUniform(`bits`) in units of 2^-`word` of the torus.
fn tuniform(bits: u32, word: u32) -> f64 {
    (f64::from(2 * bits) - 2.0 * f64::from(word)).exp2() / 3.0
}

fn key_noise() -> f64 {
    tuniform(NOISE_BITS, 64)
}

/// SPEC §2.3: e·u + e2 - s·e1 at a coefficient of an encryption of zero.
pub fn zero() -> f64 {
    (RING as f64 + 1.0) * key_noise()
}

/// SPEC §2.3: the output of a bootstrap, whatever went in.
pub fn bootstrap() -> f64 {
    let base = (BOOTSTRAP_BASE_BITS as f64).exp2();
    let (n, ring) = (SMALL as f64, RING as f64);
    let keys = n * 2.0 * ring * (base * base + 2.0) / 12.0 * key_noise();
    let rounding = n / 2.0 * (1.0 + ring / 2.0) / (base * base) / 12.0;
    keys + rounding + transforms()
}

/// SPEC §2.3: what Fourier transforms in 53 bits add, as tfhe's noise formulas have it.
fn transforms() -> f64 {
    let lost = 2.0 * (64.0 - 53.0);
    let product = 2.0 * BOOTSTRAP_BASE_BITS as f64 - 2.0 * 64.0;
    SMALL as f64
        * TRANSFORM
        * (lost + product).exp2()
        * (RING as f64).powf(2.22003)
        * 2f64.powf(1.01827)
}

/// SPEC §2.3: what the key switch adds.
pub fn switch() -> f64 {
    let base = (SWITCH_BASE_BITS as f64).exp2();
    let (ring, levels) = (RING as f64, SWITCH_LEVELS as f64);
    let keys = ring * levels * (base * base + 2.0) / 12.0 * tuniform(SMALL_NOISE_BITS, 32);
    let rounding = (ring / 2.0 + 1.0) * base.powf(-2.0 * levels) / 12.0;
    keys + rounding
}

/// SPEC §2.3: what rounding to positions of the wheel adds, after centring.
pub fn rounding() -> f64 {
    (SMALL as f64 / 48.0 + 1.0 / 12.0) / (WHEEL * WHEEL)
}

/// SPEC §2.3: rounding 2049 words to so many bits.
pub fn words(bits: u32) -> f64 {
    (RING as f64 / 24.0 + 1.0 / 12.0) * (-2.0 * f64::from(bits)).exp2()
}

/// Where a bootstrap goes wrong, in log2: a number with this noise that is `half` positions from
/// the nearest edge.
pub fn misses(input: f64, half: f64) -> f64 {
    beyond(half / WHEEL / (input + switch() + rounding()).sqrt())
}

/// A gate: sixteen times the same bootstrapped bit, half a step of 1/32 from the edge.
pub fn gate() -> f64 {
    misses((MAX_FAN_IN as f64).powi(2) * bootstrap(), 64.0)
}

/// A gate of sixteen different inputs.
pub fn gate_of_different() -> f64 {
    misses(MAX_FAN_IN as f64 * bootstrap(), 64.0)
}

/// A digit's sign: four picks, refreshed once.
pub fn digits() -> f64 {
    misses(4.0 * (key_noise() + (-32f64).exp2() / 12.0) + zero(), 64.0)
}

/// A comparison: twice the upper half and the lower, half a step of 1/16 from the edge.
pub fn comparison() -> f64 {
    misses(5.0 * bootstrap(), 128.0)
}

/// A soaked value: what the soak leaves of 512 positions.
pub fn soaked() -> f64 {
    misses(2.0 * bootstrap() + zero() + words(16), 512.0 - fraction(SOAK) * WHEEL)
}

/// The lender's opening: what the last soak leaves of a sixth of the torus.
pub fn opening() -> f64 {
    beyond((1.0 / 6.0 - fraction(LAST_SOAK)) / (bootstrap() + zero() + words(16)).sqrt())
}

/// SPEC §2.4: the distance, in log2, of a combined answer from one that depends on nothing else.
pub fn distance() -> f64 {
    let first = covers(2.0 * bootstrap(), SOAK);
    let others = covers(bootstrap(), SOAK) * (CYCLES as f64 - 1.0);
    first + others + covers(bootstrap(), LAST_SOAK)
}

/// SPEC §2.4: the same of a sealed atom.
pub fn sealed_distance() -> f64 {
    covers(bootstrap(), SOAK) * (CYCLES as f64 + 1.0)
}

/// Bits that one soaked ciphertext can carry, whatever the keys and the tables are.
pub fn capacity(half: u64) -> f64 {
    -(2.0 * fraction(half)).log2()
}

/// How well a soak covers a noise, in log2: the mean size of the noise over the width.
fn covers(noise: f64, half: u64) -> f64 {
    ((noise + zero()).sqrt() / (2.0 * fraction(half))).log2()
}

/// A part of the torus.
fn fraction(words: u64) -> f64 {
    words as f64 / 64f64.exp2()
}

/// log2 of the chance that a Gaussian lies beyond so many standard deviations, on either side.
pub fn beyond(deviations: f64) -> f64 {
    let density = -deviations * deviations / 2.0 * std::f64::consts::LOG2_E;
    density + 1.0 - (deviations * (2.0 * std::f64::consts::PI).sqrt()).log2()
}
