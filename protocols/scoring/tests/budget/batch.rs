//! The numbers of SPEC §2.7, of the batch form.

use scoring::batch::{
    BLOCK, BLOCK_FLOOD_BITS, BODY_WORD_BITS, MASK_WORD_BITS, MODULUS, TRIAL_MARGIN, TRIAL_STEP_BITS,
};
use scoring::{BINOMIAL, FLOOD_TERMS, POINT_BITS, RING};

/// Variance of a uniform ternary number.
const TERNARY: f64 = 2.0 / 3.0;

/// Variance of the noise of one encryption of zero: e·u + e2 - e1·s, with u and s ternary.
fn zero_variance() -> f64 {
    let binomial = f64::from(BINOMIAL) / 2.0;
    2.0 * RING as f64 * TERNARY * binomial + binomial
}

/// Standard deviation of the noise of one encryption of zero.
pub fn zero() -> f64 {
    zero_variance().sqrt()
}

/// Standard deviation, at each place, of what the flood covers: every subject's entries of
/// `features` and the fresh zero.
pub fn covered(features: u32) -> f64 {
    ((f64::from(features) * BLOCK as f64 + 1.0) * zero_variance()).sqrt()
}

/// The same where each entry is the sum of so many encryptions: a table of parts.
pub fn covered_of_parts(features: u32, parts: u32) -> f64 {
    ((f64::from(features * parts) * BLOCK as f64 + 1.0) * zero_variance()).sqrt()
}

/// Standard deviation, at each place, of the difference that one subject's record makes.
pub fn subject(features: u32) -> f64 {
    (2.0 * f64::from(features) * zero_variance()).sqrt()
}

/// Standard deviation of a holder's flood.
pub fn flood() -> f64 {
    width() * (f64::from(FLOOD_TERMS) / 12.0).sqrt()
}

fn width() -> f64 {
    f64::from(BLOCK_FLOOD_BITS).exp2()
}

fn modulus() -> f64 {
    MODULUS as f64
}

/// Statistical distance of one place's flood from itself moved by a Gaussian of deviation `sd`.
pub fn distance(sd: f64) -> f64 {
    super::distance(sd) * (f64::from(scoring::FLOOD_BITS)).exp2() / width()
}

/// Bound on the distance over `places` places, each moved by a deviation `sd`.
pub fn distance_over(places: f64, sd: f64) -> f64 {
    super::distance_over(places, sd) * (f64::from(scoring::FLOOD_BITS)).exp2() / width()
}

/// Bits that one place can carry about a record, whatever the table.
pub fn capacity() -> f64 {
    // Three uniform numbers of width 1 have the same entropy in both forms.
    super::capacity() - 64.0 + f64::from(scoring::FLOOD_BITS) - f64::from(BLOCK_FLOOD_BITS)
        + modulus().log2()
}

/// Standard deviation of the rounding of mask words in the sum of `holders`, in points.
pub fn rounding(holders: usize) -> f64 {
    let ulp = f64::from(MASK_WORD_BITS - POINT_BITS).exp2().recip();
    ulp * (holders as f64 * RING as f64 * TERNARY / 12.0).sqrt()
}

/// Bound on the probability that one place of the sum of `holders` is decoded wrong.
///
/// Floods and the rounding of body words are uniform: on a grid of 64 steps a flood's number, each
/// is a uniform choice of grid points and a uniform rest of one step. The choices are convolved;
/// all terms are positive, so nothing cancels in the tail. The rests and the rounding of mask words
/// are sums of independent bounded numbers, whose tail is at most that of `exp(-x²/2)`.
pub fn failure(holders: usize) -> f64 {
    const FLOOD: usize = 64;
    const BODY: usize = FLOOD >> (BLOCK_FLOOD_BITS + BODY_WORD_BITS - 75);
    let step = width() / FLOOD as f64 * f64::from(POINT_BITS).exp2() / modulus();
    let mut density = vec![1.0];
    for _ in 0..FLOOD_TERMS as usize * holders {
        density = with_uniform(&density, FLOOD);
    }
    for _ in 0..holders {
        density = with_uniform(&density, BODY);
    }
    let rests = (FLOOD_TERMS as usize + 1) as f64 * holders as f64 / 12.0 * step.powi(2);
    // The secret may be five deviations longer than the mean.
    let secret = 1.0 + 5.0 * (TERNARY - TERNARY.powi(2)).sqrt() / TERNARY / (RING as f64).sqrt();
    let sd = (rests + rounding(holders).powi(2) * secret).sqrt();
    let middle = (density.len() - 1) as f64 / 2.0;
    let beyond = |(index, probability): (usize, &f64)| {
        let left = 0.5 - (index as f64 - middle).abs() * step;
        probability * if left <= 0.0 { 1.0 } else { (-(left / sd).powi(2) / 2.0).exp() }
    };
    density.iter().enumerate().map(beyond).sum()
}

/// `density` convolved with `width` equal steps.
fn with_uniform(density: &[f64], width: usize) -> Vec<f64> {
    (0..density.len() + width - 1)
        .map(|index| {
            let from = (index + 1).saturating_sub(width);
            density[from..density.len().min(index + 1)].iter().sum::<f64>() / width as f64
        })
        .collect()
}

/// Share of uniform phases that the lender's distance test lets pass.
pub fn passes(holders: usize) -> f64 {
    let half = f64::from(MASK_WORD_BITS - POINT_BITS - 1).exp2();
    ((holders as f64 * (1537.0 + 128.0) + 600.0) / half).min(1.0)
}

/// Bits that one challenge can tell about its `u` beside what a reply must show: the blur covers
/// all of a step but its margins.
pub fn challenge_leak() -> f64 {
    let step = f64::from(TRIAL_STEP_BITS).exp2();
    BLOCK as f64 * (step / (step - 2.0 * TRIAL_MARGIN as f64)).log2()
}

/// Bits that one answer can tell about its `u` beyond its mask, of a key that passed: a step under
/// the flood at each place.
pub fn answer_leak() -> f64 {
    let step = f64::from(TRIAL_STEP_BITS).exp2();
    // Half the Fisher information times the square of the move bounds the divergence (in nats).
    let over_one =
        super::distance_over(1.0, 1.0) * 2.0 / width() * f64::from(scoring::FLOOD_BITS).exp2();
    BLOCK as f64 * (over_one * step).powi(2) / 2.0 / std::f64::consts::LN_2
}
