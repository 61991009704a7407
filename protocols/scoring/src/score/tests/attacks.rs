//! What a lender that has the table too could read, were a step left out; and that it cannot.

use chacha20::ChaCha20Rng;
use lattice::{flood, words};

use super::{phase, rng, table, unflooded_zero};
use crate::score::answer::{pick, refresh, round};
use crate::{ExtractedTable, FLOOD_BITS, FLOOD_TERMS, LenderKey, Picks, RING};

/// Every combination of bins of three features with four bins.
fn combinations() -> impl Iterator<Item = Vec<u16>> {
    (0..64).map(|i| vec![i / 16, i / 4 % 4, i % 4])
}

/// All bins have the same points, so that whatever tells them apart is not the score.
fn flat(key: &LenderKey, rng: &mut ChaCha20Rng) -> ExtractedTable {
    table(key, &vec![vec![5; 4]; 3], rng).extract()
}

/// The combinations whose sum of masks agrees with the answer's in more than a tenth of the words.
fn matches(table: &ExtractedTable, answer: &[u32]) -> Vec<Vec<u16>> {
    combinations()
        .filter(|picks| {
            let candidate = round(&pick(table, &Picks::new(picks.clone())).unwrap());
            let pairs = candidate[..RING].iter().zip(&answer[..RING]);
            pairs.filter(|(a, b)| a == b).count() > RING / 10
        })
        .collect()
}

#[test]
fn without_re_randomisation_the_mask_names_the_bins_and_with_it_nothing_matches() {
    let mut rng = rng(5);
    let key = LenderKey::generate(&mut rng);
    let table = flat(&key, &mut rng);
    for picks in combinations().step_by(7) {
        let picked = pick(&table, &Picks::new(picks.clone())).unwrap();

        // Weakened: flooded, but not re-randomised.
        let mut weak = picked.clone();
        weak[RING] =
            weak[RING].wrapping_add(flood::sum_of_uniforms(FLOOD_TERMS, FLOOD_BITS, &mut rng));
        assert_eq!(matches(&table, &round(&weak)), [picks]);

        let ours = refresh(&table, &picked, &mut rng);
        assert!(matches(&table, &round(&ours)).is_empty());
    }
}

#[test]
fn without_flooding_the_noise_tells_two_bins_apart_and_with_it_it_is_a_coin() {
    const TRIALS: usize = 60;
    const ANSWERS: u64 = 32;
    let mut rng = rng(6);
    let key = LenderKey::generate(&mut rng);
    let table = table(&key, &[vec![5; 16]], &mut rng).extract();
    // The attacker has the table and the key, so it knows the noise of every entry, and it knows
    // the mean of fresh noise, which the public key fixes.
    let known = |bin: usize| phase(&key, table.entry(bin)).cast_signed() - (5 << 54);
    let (low, high) = (
        (0..16).min_by_key(|&bin| known(bin)).unwrap(),
        (0..16).max_by_key(|&bin| known(bin)).unwrap(),
    );
    let mean = (0..2000).map(|_| phase(&key, &unflooded_zero(&key, &mut rng)).cast_signed());
    let mean = mean.sum::<i64>() / 2000;
    let middle = (known(low) + known(high)) / 2 + mean;

    let right = |answer: &mut dyn FnMut(usize) -> Vec<u64>| {
        let guesses = (0..TRIALS).filter(|trial| {
            let is_high = trial % 2 == 1;
            let seen: i64 = (0..ANSWERS)
                .map(|_| phase(&key, &answer(if is_high { high } else { low })).cast_signed())
                .map(|phase| phase - (5 << 54))
                .sum();
            (seen / ANSWERS.cast_signed() > middle) == is_high
        });
        guesses.count()
    };
    let mut noise = super::rng(7);
    let weak = right(&mut |bin| {
        let mut lwe = unflooded_zero(&key, &mut noise);
        words::add(&mut lwe, table.entry(bin));
        lwe
    });
    let ours = right(&mut |bin| {
        let bin = u16::try_from(bin).unwrap();
        refresh(&table, &pick(&table, &Picks::new(vec![bin])).unwrap(), &mut noise).to_vec()
    });
    println!("bins told apart: {weak} of {TRIALS} unflooded, {ours} of {TRIALS} flooded");
    assert_eq!(weak, TRIALS);
    assert!((TRIALS / 4..=TRIALS * 3 / 4).contains(&ours), "{ours} of {TRIALS}");
}
