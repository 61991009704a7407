//! What a peer sees depends on nothing but what SPEC §E5 says.

use std::collections::BTreeSet;

use psi::equality::ROWS_PER_CHUNK;
use session::{Chunk, Role};

use crate::{Row, Run};

fn shape(passed: &[(Role, Chunk)]) -> Vec<(Role, u32, bool, usize)> {
    passed.iter().map(|(from, chunk)| (*from, chunk.round, chunk.last, chunk.body.len())).collect()
}

fn of_round(passed: &[(Role, Chunk)], round: u32) -> Vec<u8> {
    let of_round = passed.iter().filter(|(_, chunk)| chunk.round == round);
    of_round.flat_map(|(_, chunk)| chunk.body.to_vec()).collect()
}

/// The answers of a run: evaluated element, mark, tag.
fn answers(run: &Run, passed: &[(Role, Chunk)]) -> Vec<(Vec<u8>, u8, Vec<u8>)> {
    let body = of_round(passed, 3);
    let answers = body.chunks(33 + run.terms().tag_length());
    answers.map(|answer| (answer[..32].to_vec(), answer[32], answer[33..].to_vec())).collect()
}

/// A run whose rows all have this claim and this record.
fn alike(rows: usize, claim: &str, record: Option<&str>) -> Run {
    let row = |row: usize| Row {
        about: format!("uscc:{row} legal_rep"),
        claim: claim.into(),
        record: record.map(Into::into),
    };
    Run { rows: (0..rows).map(row).collect(), ..Run::new(0) }
}

#[test]
fn to_the_holder_all_claims_look_alike() {
    let claims = ["right", "wrong", "", &"long ".repeat(1_000)];
    let seen = claims.map(|claim| {
        let run = alike(9, claim, Some("right"));
        let (_, passed) = run.honest();
        (run, passed)
    });
    let mut blinded = BTreeSet::new();
    for (run, passed) in &seen {
        assert_eq!(shape(passed), shape(&seen[0].1));
        assert_eq!(of_round(passed, 1), of_round(&seen[0].1, 1));
        blinded.extend(of_round(passed, 2).chunks(32).map(<[u8]>::to_vec));
        // What the holder sends of its own does not depend on them either.
        let own = |run, passed| -> Vec<_> {
            answers(run, passed).into_iter().map(|(_, known, tag)| (known, tag)).collect()
        };
        assert_eq!(own(run, passed), own(&seen[0].0, &seen[0].1));
    }
    // One claim in every row, and the same blinds in every run: no element comes twice.
    assert_eq!(blinded.len(), 4 * 9);
}

#[test]
fn blinded_claims_are_uniform_whatever_the_claim() {
    // A chunk of one claim in rows about one thing: only the blinds differ, and the rows' places.
    let rows = ROWS_PER_CHUNK;
    let (_, passed) = alike(rows, "the same", None).honest();
    let blinded = of_round(&passed, 2);
    for bit in 1..254 {
        let set = blinded.chunks(32).filter(|point| point[bit / 8] >> (bit % 8) & 1 == 1).count();
        // Half of 4,096 is expected; six standard deviations are 192.
        assert!(set.abs_diff(rows / 2) < 192, "bit {bit}: {set}");
    }
    // An encoding is an even number below 2^255.
    assert!(blinded.chunks(32).all(|point| point[0] & 1 == 0 && point[31] < 0x80));
}

#[test]
fn to_the_asker_unequal_values_look_alike() {
    let claim = "claimed";
    let seen = [Some("one"), Some("another, longer"), None].map(|record| {
        let run = alike(5, claim, record);
        let (_, passed) = run.honest();
        (shape(&passed), answers(&run, &passed))
    });
    let mut tags = BTreeSet::new();
    for (shape, answers) in &seen {
        assert_eq!(*shape, seen[0].0);
        for ((evaluated, _, tag), (first, ..)) in answers.iter().zip(&seen[0].1) {
            // The same claim under the same key, whatever the value.
            assert_eq!(evaluated, first);
            tags.insert(tag);
        }
    }
    // One value in every row has another tag in every row, and so has none.
    assert_eq!(tags.len(), 3 * 5);
    assert!(seen[0].1.iter().chain(&seen[1].1).all(|(_, known, _)| *known == 1));
    assert!(seen[2].1.iter().all(|(_, known, _)| *known == 0));
}

#[test]
fn nothing_of_one_run_is_met_again_in_another() {
    let run = alike(6, "the same", Some("the same"));
    let mut seen = BTreeSet::new();
    for seed in 0..20 {
        let run = Run { seeds: [[seed; 32], [seed + 100; 32]], ..run.clone() };
        let (_, passed) = run.honest();
        for element in of_round(&passed, 2).chunks(32) {
            assert!(seen.insert(element.to_vec()));
        }
        for (evaluated, _, tag) in answers(&run, &passed) {
            assert!(seen.insert(evaluated) && seen.insert(tag));
        }
    }
}

#[test]
fn context_and_rows_reach_every_element_and_tag() {
    let run = alike(3, "the same", Some("the same"));
    let (_, ours) = run.honest();
    let mut others = [run.clone(), run.clone()];
    others[0].context[31] ^= 1;
    others[1].rows[2].about.push('x');
    for other in &others {
        let (_, others) = other.honest();
        for round in 1..=4 {
            assert_ne!(of_round(&ours, round), of_round(&others, round));
        }
        let tags = |passed| answers(&run, passed).into_iter().map(|(_, _, tag)| tag);
        let tags: BTreeSet<_> = tags(&ours).chain(tags(&others)).collect();
        assert_eq!(tags.len(), 6);
    }
}
