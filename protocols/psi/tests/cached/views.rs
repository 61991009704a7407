//! What a peer sees depends on nothing but what SPEC §C5 says.

use std::collections::BTreeSet;

use session::{Chunk, Role};

use crate::{Run, tags};

fn shape(passed: &[(Role, Chunk)]) -> Vec<(Role, u32, bool, usize)> {
    passed.iter().map(|(from, chunk)| (*from, chunk.round, chunk.last, chunk.body.len())).collect()
}

fn of_round(passed: &[(Role, Chunk)], round: u32) -> Vec<u8> {
    let of_round = passed.iter().filter(|(_, chunk)| chunk.round == round);
    of_round.flat_map(|(_, chunk)| chunk.body.to_vec()).collect()
}

/// How often each bit is set, where half of the units are expected.
fn balanced(body: &[u8], unit: usize, bits: std::ops::Range<usize>) {
    let units = body.len() / unit;
    // Six standard deviations.
    let most = (9.0 * units as f64).sqrt();
    for bit in bits {
        let set = body.chunks(unit).filter(|unit| unit[bit / 8] >> (bit % 8) & 1 == 1).count();
        assert!((set.abs_diff(units / 2) as f64) < most, "bit {bit}: {set} of {units}");
    }
}

#[test]
fn to_the_holder_all_items_and_their_padding_look_alike() {
    // Nothing in common, everything, too few items, and long ones.
    let runs = [Run::new(9, 9, 8), Run::new(9, 0, 8), Run::new(9, 0, 3).padded(0, 5)];
    let mut long = Run::new(9, 0, 8);
    long.items.iter_mut().for_each(|item| *item = item.repeat(200));
    let mut blinded = BTreeSet::new();
    let seen: Vec<_> = runs.iter().chain([&long]).map(|run| run.honest().1).collect();
    for passed in &seen {
        assert_eq!(shape(passed), shape(&seen[0]));
        assert_eq!(of_round(passed, 1), of_round(&seen[0], 1));
        blinded.extend(of_round(passed, 3).chunks(32).map(<[u8]>::to_vec));
    }
    // Of the second and the third run three items are the same, with the same blinds.
    assert!(blinded.len() >= 4 * 8 - 3);
}

#[test]
fn blinded_items_are_uniform() {
    let (_, passed) = Run::new(1, 0, 1).padded(0, 4_095).kept().honest();
    let blinded = of_round(&passed, 3);
    balanced(&blinded, 32, 1..254);
    // An encoding is an even number below 2^255.
    assert!(blinded.chunks(32).all(|point| point[0] & 1 == 0 && point[31] < 0x80));
}

#[test]
fn entries_and_padding_of_a_list_look_alike() {
    let [full, half, none] = [4_096, 2_048, 0]
        .map(|entries| Run::new(entries, 0, 0).padded(4_096 - entries, 0).register());
    for register in [&full, &half, &none] {
        let list = register.list();
        let length = list.period().tag_length();
        assert_eq!(list.as_bytes().len(), 4_096 * length);
        balanced(list.as_bytes(), length, 0..8 * length);
    }
}

#[test]
fn nothing_links_two_periods() {
    let run = Run::new(50, 0, 1);
    let mut next = run.clone();
    next.terms.period.context = [9; 32];
    // Another seed, as it must be; and the same by mistake, in another period.
    for other in [Run { seeds: [run.seeds[0], [3; 32]], ..run.clone() }, next] {
        let lists = [run.register(), other.register()].map(|register| tags(register.list()));
        let all: BTreeSet<_> = lists.concat().into_iter().collect();
        assert_eq!(all.len(), 100);
    }
}

#[test]
fn what_the_holder_sends_says_nothing_of_entries_that_were_not_asked_for() {
    // Registers that differ in an entry that is not asked for, under one key: all but the list is
    // the same.
    let run = Run::new(9, 0, 4);
    let mut other = run.clone();
    other.entries[8] = "uscc:another".into();
    let [one, other] = [run, other].map(|run| run.honest().1);
    assert_eq!(shape(&one), shape(&other));
    assert_eq!(of_round(&one, 4), of_round(&other, 4));
}
