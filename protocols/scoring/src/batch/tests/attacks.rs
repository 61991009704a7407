//! What a lender that has the table too could read from a block, were a step left out; and that it
//! cannot.

use chacha20::ChaCha20Rng;

use super::{coefficients, noise_of, random_picks, rng, table, unflooded};
use crate::RING;
use crate::batch::answer::{pick, refresh, round};
use crate::batch::ready::Glwe;
use crate::batch::ring::Polynomial;
use crate::batch::words::Words;
use crate::batch::{LenderKey, Picks, ReadyTable};

/// All bins have the same points, so that whatever tells registers apart is not the score.
fn flat(key: &LenderKey, rng: &mut ChaCha20Rng) -> ReadyTable {
    table(key, &vec![vec![5; 4]; 3], rng)
}

/// Registers that an attacker holds possible; the last two differ in one bin of one subject.
fn candidates(rng: &mut ChaCha20Rng) -> Vec<Picks> {
    let mut candidates: Vec<Picks> = (0..4).map(|_| random_picks(3, 4, rng)).collect();
    let mut neighbour = candidates[3].bytes().to_vec();
    neighbour[1234] ^= 1;
    candidates.push(Picks::new(RING, neighbour));
    candidates
}

/// How many words of two masks agree.
fn agreement(first: &Words, second: &Words) -> usize {
    first.mask().iter().zip(second.mask()).filter(|(first, second)| first == second).count()
}

#[test]
fn without_re_randomisation_the_mask_names_the_register_and_with_it_nothing_matches() {
    let mut rng = rng(10);
    let key = LenderKey::generate(&mut rng);
    let table = flat(&key, &mut rng);
    let candidates = candidates(&mut rng);
    for right in 0..candidates.len() {
        let picked = pick(&table, &candidates[right]);
        // Weakened: the body may be flooded as it likes, the mask is what the table makes it.
        let weak = round(&coefficients(&picked));
        let ours = round(&refresh(key.public(), picked, &mut rng));
        for (number, candidate) in candidates.iter().enumerate() {
            let known = round(&coefficients(&pick(&table, candidate)));
            assert_eq!(agreement(&weak, &known) == RING, number == right);
            assert!(agreement(&ours, &known) < 10, "a chance match is 2^-24 a word");
        }
    }
}

/// Of two registers the one whose known noise is nearer to the noise that was seen.
fn nearer(seen: &[i128], known: [&[i128]; 2]) -> usize {
    let distance = |known: &[i128]| -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a comparison")]
        seen.iter().zip(known).map(|(seen, known)| ((seen - known) as f64).powi(2)).sum()
    };
    usize::from(distance(known[1]) < distance(known[0]))
}

#[test]
fn without_flooding_the_noise_tells_registers_apart_and_with_it_it_is_a_coin() {
    const TRIALS: usize = 60;
    let mut rng = rng(11);
    let key = LenderKey::generate(&mut rng);
    let table = flat(&key, &mut rng);
    // Two registers that differ in one bin of one subject of 4096.
    let candidates = candidates(&mut rng);
    let picked: Vec<Glwe> = candidates[3..].iter().map(|picks| pick(&table, picks)).collect();
    let known: Vec<Vec<i128>> =
        picked.iter().map(|picked| noise_of(&key, &coefficients(picked), 15)).collect();
    let mut right = |answer: &mut dyn FnMut(&Glwe, &mut ChaCha20Rng) -> [Polynomial; 2]| {
        let guessed = (0..TRIALS).filter(|trial| {
            let seen = noise_of(&key, &answer(&picked[trial % 2], &mut rng), 15);
            nearer(&seen, [&known[0], &known[1]]) == trial % 2
        });
        guessed.count()
    };
    let weak = right(&mut |picked, rng| unflooded(&key, picked, rng));
    let ours = right(&mut |picked, rng| refresh(key.public(), picked.clone(), rng));
    println!("one bin of 12,288 told: {weak} of {TRIALS} unflooded, {ours} of {TRIALS} flooded");
    assert_eq!(weak, TRIALS);
    assert!((TRIALS / 4..=TRIALS * 3 / 4).contains(&ours), "{ours} of {TRIALS}");
}

#[test]
fn the_flood_goes_on_every_coefficient_of_the_body() {
    let mut rng = rng(12);
    let key = LenderKey::generate(&mut rng);
    let table = flat(&key, &mut rng);
    let picked = pick(&table, &Picks::new(100, vec![0; 300]));
    let noise = noise_of(&key, &refresh(key.public(), picked, &mut rng), 0);
    // Behind the block's last subject, too: the noise of the others stands there.
    let small = noise.iter().filter(|noise| noise.unsigned_abs() < 1 << 45).count();
    assert_eq!(small, 0, "2^-15 of a flood's range a place");
}
