//! The noise of SPEC §2.7, measured.

use lattice::noise;

use super::{coefficients, deviation, noise_of, random_picks, rng, table, table_of_parts};
use crate::batch::answer::{pick, refresh, round};
use crate::batch::parameters::noise_bound;
use crate::batch::ring::product_of_words;
use crate::batch::words::Words;
use crate::batch::{BLOCK_FLOOD_BITS, LenderKey, Picks};
use crate::{RING, Shape};

#[test]
fn an_encryption_of_zero_has_the_noise_of_the_spec_at_every_place() {
    let mut rng = rng(1);
    let mut samples = Vec::new();
    for _ in 0..24 {
        let key = LenderKey::generate(&mut rng);
        let zero = key.public().zero(&mut rng);
        samples.extend(noise_of(&key, &zero, 0));
    }
    let bits = deviation(&samples).log2();
    println!("noise of an encryption of zero: 2^{bits:.2} (SPEC 2^7.90)");
    assert!((bits - 7.90).abs() < 0.1, "2^{bits:.2}");
}

#[test]
fn a_block_of_64_features_has_the_noise_that_the_flood_is_made_for() {
    let mut rng = rng(2);
    let (mut mixed, mut alike) = (Vec::new(), Vec::new());
    for _ in 0..6 {
        let key = LenderKey::generate(&mut rng);
        let table = table(&key, &vec![vec![3; 2]; 64], &mut rng);
        let picks = random_picks(64, 2, &mut rng);
        mixed.push(deviation(&noise_of(&key, &coefficients(&pick(&table, &picks)), 192)));
        // Everybody in one bin of each feature: where a secret with a mean would add up.
        let picks = Picks::new(RING, vec![1; 64 * RING]);
        alike.push(deviation(&noise_of(&key, &coefficients(&pick(&table, &picks)), 192)));
    }
    for (what, found) in [("random bins", &mixed), ("all in one bin", &alike)] {
        let mean = (found.iter().map(|sd| sd * sd).sum::<f64>() / found.len() as f64).sqrt();
        let most = found.iter().copied().fold(0.0, f64::max);
        println!(
            "noise of a block of 64 features, {what}: 2^{:.2}, worst key 2^{:.2} (SPEC 2^16.90)",
            mean.log2(),
            most.log2()
        );
        assert!((mean.log2() - 16.90).abs() < 0.75, "{what}: 2^{:.2}", mean.log2());
        assert!(most.log2() < 18.7, "{what}: beyond what SPEC §2.7 allows any data");
    }
}

#[test]
fn a_block_of_a_table_of_three_parts_has_the_square_root_of_three_times_the_noise() {
    let mut rng = rng(6);
    let shape = Shape::new(vec![2; 64]).unwrap();
    let mut found = Vec::new();
    for _ in 0..4 {
        let key = LenderKey::generate(&mut rng);
        // Shares that go round the message space once: 3 points.
        let table = table_of_parts(&key, &shape, [1000, 24, 3], &mut rng);
        let picks = random_picks(64, 2, &mut rng);
        found.push(deviation(&noise_of(&key, &coefficients(&pick(&table, &picks)), 192)));
    }
    let mean = (found.iter().map(|sd| sd * sd).sum::<f64>() / found.len() as f64).sqrt();
    println!("noise of a block of 64 features, three parts: 2^{:.2} (SPEC 2^17.70)", mean.log2());
    assert!((mean.log2() - 17.70).abs() < 0.75, "2^{:.2}", mean.log2());
}

#[test]
fn a_place_is_flooded_with_deviation_2_to_the_60_and_never_beyond_three_times_that() {
    let mut rng = rng(3);
    let key = LenderKey::generate(&mut rng);
    let table = table(&key, &[vec![7, 9]], &mut rng);
    let picked = || pick(&table, &Picks::new(RING, vec![0; RING]));
    let mut samples = Vec::new();
    for _ in 0..12 {
        samples.extend(noise_of(&key, &refresh(key.public(), picked(), &mut rng), 7));
    }
    let bits = deviation(&samples).log2();
    println!("flood of a place: 2^{bits:.3} (SPEC 2^60)");
    assert!((bits - f64::from(BLOCK_FLOOD_BITS - 1)).abs() < 0.02, "2^{bits:.3}");
    let most = (3i128 << (BLOCK_FLOOD_BITS - 1)) + (1 << 20);
    assert!(samples.iter().all(|sample| sample.abs() <= most));
}

#[test]
fn uniform_ternary_numbers_are_a_third_each() {
    let mut rng = rng(4);
    let mut counts = [0i32; 3];
    for _ in 0..25 {
        for trit in &*noise::ternary(RING, &mut rng) {
            counts[usize::try_from(trit.wrapping_add(1)).unwrap()] += 1;
        }
    }
    assert!(counts.iter().all(|count| (count - 34_133).abs() < 900), "{counts:?}");
}

#[test]
fn rounding_adds_what_the_spec_says_and_honest_sums_keep_within_the_bound() {
    let mut rng = rng(5);
    let key = LenderKey::generate(&mut rng);
    let table = table(&key, &vec![vec![1, 2]; 64], &mut rng);
    let picks = Picks::new(RING, vec![1; 64 * RING]);
    // The phase of a sum of words, in points' 2^14ths, less 128 points a holder.
    let phases = |words: &Words, holders: u32| -> Vec<i128> {
        let products = product_of_words(words.mask(), key.secret());
        let pairs = words.body().iter().zip(products);
        let phase = |(body, product): (&u32, u32)| {
            (body << 8).wrapping_sub(product).wrapping_sub((128 * holders) << 14) << 8
        };
        pairs.map(|pair| i128::from(phase(pair).cast_signed() >> 8)).collect()
    };
    // One flood alone: the difference between rounded and exact phase is the rounding.
    let exact = refresh(key.public(), pick(&table, &picks), &mut rng);
    let noise = noise_of(&key, &exact, 128);
    let rounding: Vec<i128> = phases(&round(&exact), 1)
        .iter()
        .zip(&noise)
        .map(|(rounded, exact)| rounded - (exact >> 51))
        .collect();
    // Mask words: 15.1; body words: 2^8 / sqrt(12) = 73.9.
    let found = deviation(&rounding);
    println!("rounding of one answer: {found:.1} (SPEC 75.4), of 2^14 a point");
    assert!((found - 75.4).abs() < 3.0, "{found}");

    for holders in [1u32, 4, 7] {
        let mut sum = Words::zero();
        for _ in 0..holders {
            sum.add(&round(&refresh(key.public(), pick(&table, &picks), &mut rng)));
        }
        // Seven times 128 points are below 1024.
        let most = phases(&sum, holders).iter().map(|phase| phase.unsigned_abs()).max().unwrap();
        let bound = noise_bound(holders as usize);
        println!("noise of a sum of {holders}: largest {most}, bound {bound}, half a point 8192");
        assert!(most <= bound.into());
    }
}
