//! What a peer sees depends on nothing but what SPEC §V5 says.

use std::collections::BTreeSet;

use bytes::Bytes;
use session::{Chunk, Role};

use crate::{KINDS, Run};

fn shape(passed: &[(Role, Chunk)]) -> Vec<(Role, u32, bool, usize)> {
    passed.iter().map(|(from, chunk)| (*from, chunk.round, chunk.last, chunk.body.len())).collect()
}

fn of_round(passed: &[(Role, Chunk)], round: u32) -> Bytes {
    passed.iter().find(|(_, chunk)| chunk.round == round).unwrap().1.body.clone()
}

#[test]
fn sets_of_one_size_and_padding_look_alike() {
    for (output, security) in KINDS {
        let run = Run::new(output, security, 50, 30, 40);
        let mut other = run.clone();
        other.receiver = (0..20).map(|item| format!("cn-id:{}", "9".repeat(item))).collect();
        other.sender.truncate(11);
        let ((_, ours), (_, others)) = (run.honest(), other.honest());
        assert_eq!(shape(&ours), shape(&others));
        // Everything before the encoding is the same randomness, to the byte.
        for round in 1..11 {
            assert_eq!(of_round(&ours, round), of_round(&others, round), "round {round}");
        }
        for round in [12, 14] {
            assert_ne!(of_round(&ours, round), of_round(&others, round), "round {round}");
        }
    }
}

#[test]
fn the_order_of_the_input_does_not_show() {
    for (output, security) in KINDS {
        let run = Run::new(output, security, 80, 50, 60);
        let mut turned = run.clone();
        turned.sender.reverse();
        let ((_, ours), (_, others)) = (run.honest(), turned.honest());
        assert!(ours == others, "what passes is the same, to the byte");
        let values = of_round(&ours, 14);
        let values: Vec<_> = values.chunks(run.terms.value_length()).collect();
        assert_eq!(values.len(), 60 + 16);
        assert!(values.is_sorted());
    }
}

#[test]
fn nothing_of_one_run_is_met_again_in_another() {
    let (output, security) = KINDS[3];
    let run = Run::new(output, security, 30, 0, 30);
    let mut seen = BTreeSet::new();
    for seed in 0..6 {
        let (_, passed) = Run { seeds: [seed, seed + 100], ..run.clone() }.honest();
        for (_, chunk) in passed.iter().filter(|(_, chunk)| chunk.body.len() >= 16) {
            for part in chunk.body.chunks(16).filter(|part| part.len() == 16) {
                assert!(seen.insert(part.to_vec()), "round {}", chunk.round);
            }
        }
    }
}

#[test]
fn the_masked_encoding_shows_no_column_that_is_free() {
    // Most of a small encoding's columns are 0 before they are masked.
    for (output, security) in KINDS {
        let run = Run::new(output, security, 1, 0, 1);
        let (_, passed) = run.honest();
        let columns = of_round(&passed, 12);
        let columns: BTreeSet<_> = columns.chunks(16).map(<[u8]>::to_vec).collect();
        assert!(columns.len() > 10 && !columns.contains(&vec![0; 16]));
    }
}
