//! What a role sees does not depend on what it must not learn.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]

mod common;

use std::collections::HashSet;
use std::sync::Arc;

use common::batch::{Register, Scene, subjects};
use common::rng;
use scoring::batch::{LenderKey, Span, Table};
use scoring::{Encode, LENDER, ModelDigest, PLATFORM, Scorecard, TableTerms, holder};
use session::tamper::faithful;
use session::{Chunk, Fate, Role};

/// Every chunk of one session of all roles, with fixed randomness but for the test's own choices.
fn transcript(points: &[Vec<Vec<u16>>], registers: &[Register]) -> Vec<(Role, Role, Chunk)> {
    let mut rng = rng(80);
    let key = Arc::new(LenderKey::generate(&mut rng));
    let scene = Scene::with(key, points.to_vec(), &mut rng);
    let terms = scene.terms(1, subjects(1, 10));
    let run_seeds = scene.run_seeds(&terms, registers, &mut rng);
    let mut chunks = Vec::new();
    scene
        .score(&run_seeds, registers, Span::new(0, 2).unwrap(), |from, to, chunk| {
            chunks.push((from, to, chunk.clone()));
            Fate::Deliver
        })
        .unwrap();
    chunks
}

/// The bins of three holders of two features of three bins, all `bin` at the holders in `at`.
fn registers(at: &[usize], bin: u8) -> Vec<Register> {
    let mut bins = [0u8; 3];
    at.iter().for_each(|&holder| bins[holder] = bin);
    let register = |bin| [4096, 10].map(|count| vec![vec![bin; count]; 2]).to_vec();
    bins.map(register).to_vec()
}

fn points() -> Vec<Vec<Vec<u16>>> {
    vec![vec![vec![10, 20, 30]; 2]; 3]
}

fn shape(chunks: &[(Role, Role, Chunk)]) -> Vec<(Role, Role, u32, bool, usize)> {
    let shape = |(from, to, chunk): &(Role, Role, Chunk)| {
        (*from, *to, chunk.round, chunk.last, chunk.body.len())
    };
    chunks.iter().map(shape).collect()
}

fn sent_by(role: Role, chunks: &[(Role, Role, Chunk)]) -> Vec<&Chunk> {
    chunks.iter().filter(|(from, _, _)| *from == role).map(|(_, _, chunk)| chunk).collect()
}

#[test]
fn a_holder_hears_nothing_and_says_the_same_whatever_the_others_hold() {
    let before = transcript(&points(), &registers(&[], 0));
    let after = transcript(&points(), &registers(&[1, 2], 2));
    assert!(before.iter().all(|(_, to, _)| *to == PLATFORM || *to == LENDER));
    assert_eq!(sent_by(holder(0), &before), sent_by(holder(0), &after));
    assert_ne!(sent_by(holder(1), &before), sent_by(holder(1), &after));
}

#[test]
fn who_speaks_when_and_how_much_is_the_same_for_every_model_and_register() {
    let reference = shape(&transcript(&points(), &registers(&[], 0)));
    for bin in 0..3 {
        assert_eq!(shape(&transcript(&points(), &registers(&[0, 1, 2], bin))), reference);
    }
    let other = vec![vec![vec![0, 0, 170]; 2]; 3];
    assert_eq!(shape(&transcript(&other, &registers(&[0], 1))), reference);
}

#[test]
fn tables_of_two_models_differ_in_their_messages_alone() {
    // With the same randomness: so a table is a function of the points only where the scheme hides
    // them, at one coefficient of the body.
    let mut rng = rng(81);
    let key = LenderKey::generate(&mut rng);
    let table = |points: &[Vec<u16>]| {
        let card = Scorecard::new(points).unwrap();
        let fingerprint = key.public().fingerprint();
        let terms = TableTerms::new(fingerprint, ModelDigest([3; 32]), card.shape().clone());
        Table::encrypt(&terms, key.public(), card, &mut common::rng(82)).unwrap().to_bytes()
    };
    let (first, second) = (table(&[vec![1, 2]]), table(&[vec![900, 5]]));
    let differing: HashSet<usize> =
        (0..first.len() - 32).filter(|&at| first[at] != second[at]).collect();
    let head = 32 + 2 + 2 + scoring::batch::PUBLIC_KEY_BYTES;
    for at in differing {
        let within = (at - head) % scoring::batch::ENTRY_BYTES;
        // The body's first residue modulo each of the primes, five bytes each.
        assert!(
            (40_960..40_965).contains(&within) || (61_440..61_445).contains(&within),
            "{within}"
        );
    }
}

#[test]
fn no_answer_repeats_across_blocks_runs_or_holders() {
    let mut rng = rng(83);
    let scene = Scene::new(2, 1, 2, &mut rng);
    let mut seen = HashSet::new();
    for run in 0..12 {
        let terms = scene.terms(run, subjects(2, 0));
        // The same bins every time, at both holders and in both blocks.
        let registers = vec![vec![vec![vec![1; 4096]]; 2]; 2];
        let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
        scene
            .score(&run_seeds, &registers, Span::new(0, 2).unwrap(), |from, _, chunk| {
                if from != PLATFORM {
                    for words in chunk.body[..32 + 4096 * 5].chunks_exact(16) {
                        assert!(seen.insert(words.to_vec()), "sixteen bytes came twice");
                    }
                }
                faithful(from, LENDER, chunk)
            })
            .unwrap();
    }
    assert!(seen.len() > 12 * 2 * 2 * 1000);
}

#[test]
fn the_platform_sees_bytes_without_a_pattern() {
    let chunks = transcript(&points(), &registers(&[0, 1, 2], 1));
    for (from, _, chunk) in chunks.iter().filter(|(_, to, _)| *to == PLATFORM) {
        let mut counts = [0f64; 256];
        chunk.body.iter().for_each(|&byte| counts[usize::from(byte)] += 1.0);
        let mean = 20_528.0 / 256.0;
        let square: f64 = counts.iter().map(|count| (count - mean).powi(2) / mean).sum();
        // Chi-square with 255 degrees of freedom: 255 ± 22.6, seven deviations either side.
        assert!((97.0..413.0).contains(&square), "{from}: {square}");
    }
}
