//! What a peer sees depends on nothing but what SPEC §5 says.

use std::collections::BTreeSet;

use bytes::Bytes;
use psi::{CANARIES, Learned, Output, RECEIVER};
use session::{Chunk, Role};

use crate::{OUTPUTS, Run};

fn shape(passed: &[(Role, Chunk)]) -> Vec<(Role, u32, bool, usize)> {
    passed.iter().map(|(from, chunk)| (*from, chunk.round, chunk.last, chunk.body.len())).collect()
}

fn of_round(passed: &[(Role, Chunk)], round: u32) -> Bytes {
    passed.iter().find(|(_, chunk)| chunk.round == round).unwrap().1.body.clone()
}

fn points(passed: &[(Role, Chunk)], round: u32) -> BTreeSet<Vec<u8>> {
    of_round(passed, round).chunks(32).map(<[u8]>::to_vec).collect()
}

#[test]
fn sets_of_one_size_look_alike() {
    for output in OUTPUTS {
        let run = Run::new(output, 5, 3, 4);
        let mut other = run.clone();
        other.receiver = (0..5).map(|item| format!("cn-id:{}", "9".repeat(item))).collect();
        let ((_, ours), (_, others)) = (run.honest(), other.honest());
        assert_eq!(shape(&ours), shape(&others));
        // Everything but the masked items themselves is the same randomness, to the byte.
        for round in [1, 2, 3, 5] {
            assert_eq!(of_round(&ours, round), of_round(&others, round));
        }
        // But for the canaries', which are the same under one salt and one key.
        let both = points(&ours, 4).intersection(&points(&others, 4)).count() as u64;
        assert_eq!(both, CANARIES);
    }
}

#[test]
fn padding_looks_like_items() {
    for output in OUTPUTS {
        let full = Run::new(output, 6, 4, 5);
        let mut padded = Run::new(output, 2, 1, 1).padded(4, 4);
        padded.terms = full.terms;
        let ((_, full), (_, padded)) = (full.honest(), padded.honest());
        assert_eq!(shape(&full), shape(&padded));
        assert_eq!((points(&padded, 4).len(), points(&padded, 5).len()), (6 + 16, 5 + 16));
    }
}

#[test]
fn the_order_of_the_input_does_not_show() {
    for output in OUTPUTS {
        let run = Run::new(output, 8, 5, 6);
        let mut turned = run.clone();
        turned.receiver.rotate_left(3);
        turned.sender.reverse();
        let ((_, ours), (_, others)) = (run.honest(), turned.honest());
        // The same key masks the same points; which of them comes where is the secret shuffle's.
        for round in [4, 5] {
            assert_eq!(points(&ours, round), points(&others, round));
            assert_ne!(of_round(&ours, round), of_round(&others, round));
        }
        if output == Output::Cardinality {
            // Nor does it show to the receiver, whom the order would tell which items are shared.
            assert_eq!(of_round(&ours, 6), of_round(&others, 6));
        }
    }
}

#[test]
fn tags_of_a_cardinality_run_come_sorted_and_say_only_how_many() {
    let run = Run::new(Output::Cardinality, 9, 4, 9);
    let (learned, passed) = run.honest();
    assert_eq!(learned, [Learned::Count(5), Learned::Nothing]);
    let tags = of_round(&passed, 6);
    let tags: Vec<_> = tags.chunks(run.terms.tag_length()).collect();
    assert_eq!(tags.len(), 9 + 16);
    assert!(tags.is_sorted());
}

#[test]
fn nothing_of_one_run_is_met_again_in_another() {
    let run = Run::new(Output::TwoSided, 5, 0, 5);
    let mut seen = BTreeSet::new();
    for seed in 0..20 {
        let (_, passed) = Run { seeds: [[seed; 32], [seed + 100; 32]], ..run.clone() }.honest();
        for (from, chunk) in &passed {
            let unit = if chunk.round < 6 { 32 } else { run.terms.tag_length() };
            for part in chunk.body.chunks(unit).filter(|part| part.len() == unit) {
                // Both sides compute the same tags of shared items: once a run is enough.
                if *from == RECEIVER || chunk.round < 6 {
                    assert!(seen.insert(part.to_vec()), "round {}", chunk.round);
                }
            }
        }
    }
}

#[test]
fn the_context_reaches_every_masked_item_and_tag() {
    let run = Run::new(Output::OneSided, 3, 0, 3);
    let mut other = run.clone();
    other.terms.context[31] ^= 1;
    let ((_, ours), (_, others)) = (run.honest(), other.honest());
    assert_ne!(of_round(&ours, 1), of_round(&others, 1));
    assert_eq!(of_round(&ours, 2), of_round(&others, 2));
    for round in [4, 5, 6, 7] {
        assert_ne!(of_round(&ours, round), of_round(&others, round));
    }
    assert!(points(&ours, 4).is_disjoint(&points(&others, 4)));
}
