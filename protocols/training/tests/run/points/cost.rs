//! Bytes and rounds are what SPEC §P.7 says.

use session::Fate;
use training::points::Terms;

use super::card::Card;

/// Bytes over all links, and rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cost {
    bytes: u64,
    rounds: u32,
}

impl Cost {
    fn add(&mut self, bytes: u64, rounds: u32) {
        self.bytes += bytes;
        self.rounds += rounds;
    }
}

/// > §P.7
fn formula(terms: &Terms) -> Cost {
    let bins: Vec<u64> = terms.features.iter().flatten().map(|&bins| u64::from(bins)).collect();
    let (cells, features) = (bins.iter().sum::<u64>(), bins.len() as u64);
    let mut all = Cost::default();
    // Keys, and agreement on the terms.
    all.add(192 + 2 * 24 * 4, 3);
    // Bounds: whole words' signs, and how many are broken.
    let margins = 2 * (features + 1 + cells);
    sign(&mut all, margins, 64);
    all.add(8 * margins, 1);
    all.add(24, 1);
    // Points, rounded exactly: of 64 bits the highest 22.
    let words = cells.div_ceil(64);
    all.add(packed(cells, 64) + 16 * 64 * words + ROUNDING * 24 * words, 9);
    all.add(8 * 22 * cells, 1);
    all.add(24 * cells, 1);
    // The largest and the least of each feature.
    let mut groups: Vec<u64> = bins.iter().chain(&bins).copied().collect();
    while groups.iter().any(|&size| size > 1) {
        let pairs = groups.iter().map(|size| size / 2).sum();
        sign(&mut all, pairs, 22);
        all.add((8 + 24 + 24) * pairs, 3);
        groups.iter_mut().for_each(|size| *size = size.div_ceil(2));
    }
    // The rules.
    let others =
        terms.features.iter().enumerate().filter(|(place, _)| Some(*place) != terms.lender);
    let (holders, own) =
        others.fold((0, 0), |(holders, own), (_, bins)| (holders + 1, own + bins.len() as u64));
    let margins = 2 + 2 * own + holders;
    sign(&mut all, margins, 39);
    all.add((8 + 24) * margins, 2);
    sign(&mut all, 4, 20);
    all.add(24, 1);
    all
}

/// Conjunctions of an adder of 64 bits of which those from 42 on are wanted.
const ROUNDING: u64 = 280;

/// The signs of so many numbers of so many bits.
fn sign(all: &mut Cost, numbers: u64, width: u64) {
    let (leaves, words) = (width - 1, numbers.div_ceil(64));
    let depth = u64::from(u64::BITS - (leaves - 1).leading_zeros());
    let conjunctions = 3 * leaves - 2 - depth;
    let addends = packed(numbers, width) + 16 * width * words;
    all.add(addends + 24 * words * conjunctions, 3 + depth as u32);
}

/// Bytes of values of `width` bits that go from one role to another in each of six segments.
fn packed(rows: u64, width: u64) -> u64 {
    let words = rows.div_ceil(64);
    let (mut start, mut bytes) = (0, 0);
    for half in [words / 2, words - words / 2] {
        for turn in 0..3 {
            let end = half * (turn + 1) / 3 - half * turn / 3;
            let segment = (end * 64).min(rows - start);
            start += segment;
            bytes += 8 * segment.div_ceil(64 / width);
        }
    }
    bytes
}

#[test]
fn bytes_and_rounds_are_those_of_the_spec() {
    for (features, lender) in [
        (vec![vec![2]], None),
        (vec![vec![5, 4], vec![3]], Some(1)),
        (vec![vec![32; 12], vec![7; 9], vec![2; 3]], None),
    ] {
        let mut card = Card::made(61, 400, features);
        card.terms.lender = lender;
        card.terms.scale.offset = 0;
        let count = card.values.len();
        let models = card.shared(&[vec![0.1; count], vec![-1.0]].concat());
        let ends = card.run(&models, 1, |_, _, _| Fate::Deliver);
        ends.result.unwrap();
        let traffic = ends.scaled.map(|scaled| scaled.unwrap().traffic);
        let bytes = traffic.iter().map(sharing::Traffic::total).sum();
        let found = Cost { bytes, rounds: traffic[0].rounds };
        assert_eq!(found, formula(&card.terms), "{:?}", card.terms.features);
        assert!(traffic.iter().all(|other| other.rounds == traffic[0].rounds));
    }
}
