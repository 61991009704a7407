//! The noise of SPEC §2.3, measured.

use super::{phase, rng, table, table_of_parts, unflooded_zero};
use crate::parameters::{STEP_BITS, noise_bound};
use crate::score::answer::{pick, refresh, round};
use crate::{LenderKey, Picks, RING, Shape};

#[expect(clippy::cast_precision_loss, reason = "statistics")]
fn deviation(samples: &[i64]) -> f64 {
    let squares: f64 = samples.iter().map(|&sample| (sample as f64).powi(2)).sum();
    (squares / samples.len() as f64).sqrt()
}

#[test]
fn an_encryption_of_zero_has_the_noise_of_the_spec() {
    // The public key's own noise shifts every encryption of zero by the same half-sum of its
    // coefficients, so the deviation of 2^7.69 shows only over many keys.
    let mut rng = rng(1);
    let mut samples = Vec::new();
    for _ in 0..60 {
        let key = LenderKey::generate(&mut rng);
        for _ in 0..10 {
            samples.push(phase(&key, &unflooded_zero(&key, &mut rng)).cast_signed());
        }
    }
    let bits = deviation(&samples).log2();
    println!("noise of an encryption of zero: 2^{bits:.2} (SPEC 2^7.69)");
    assert!((bits - 7.69).abs() < 0.35, "2^{bits:.2}");
}

#[test]
fn an_entry_of_three_parts_has_the_noise_of_the_spec() {
    let mut rng = rng(6);
    let shape = Shape::new(vec![8]).unwrap();
    let mut samples = Vec::new();
    for _ in 0..60 {
        let key = LenderKey::generate(&mut rng);
        // Shares that go round the message space once: 5 points.
        let table = table_of_parts(&key, &shape, [1000, 24, 5], &mut rng).extract();
        for entry in 0..8 {
            let phase = phase(&key, table.entry(entry)).wrapping_sub(5 << STEP_BITS);
            samples.push(phase.cast_signed());
        }
    }
    let bits = deviation(&samples).log2();
    println!("noise of an entry of three parts: 2^{bits:.2} (SPEC 2^8.48)");
    assert!((bits - 8.48).abs() < 0.35, "2^{bits:.2}");
}

#[test]
fn an_honest_sum_keeps_within_the_bound_that_the_lender_tests() {
    let mut rng = rng(4);
    let key = LenderKey::generate(&mut rng);
    let points = vec![vec![1, 2]; 64];
    let table = table(&key, &points, &mut rng).extract();
    let answers: Vec<Vec<u32>> = (0..350)
        .map(|_| {
            let picked = pick(&table, &Picks::new(vec![1; 64])).unwrap();
            round(&refresh(&table, &picked, &mut rng))
        })
        .collect();
    let short = |words: &[u32]| {
        let widened: Vec<u64> = words.iter().map(|&word| u64::from(word) << 32).collect();
        phase(&key, &widened[..=RING])
    };
    for holders in [1, 5, 7] {
        let samples: Vec<i64> = answers
            .chunks_exact(holders)
            .map(|answers| {
                let sum = answers.iter().map(|words| short(words)).fold(0, u64::wrapping_add);
                sum.wrapping_sub((128 * holders as u64) << STEP_BITS).cast_signed()
            })
            .collect();
        let largest = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
        let bits = deviation(&samples).log2();
        println!(
            "noise of a sum of {holders}: 2^{bits:.2}, largest 2^{:.2}, bound 2^{:.2}, half a step 2^53",
            largest.ilog2(),
            f64::from(noise_bound(holders)).log2() + 32.0,
        );
        assert!(largest <= u64::from(noise_bound(holders)) << 32);
    }
}
