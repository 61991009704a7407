//! Bytes and rounds are what SPEC §W.9 says.

use std::collections::BTreeSet;

use session::Fate;
use training::woe::{Membership, Terms};

use super::job::Job;

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

/// Masks that are counted at once, times columns.
const BATCH: u64 = 1 << 22;

/// > §W.9
fn formula(terms: &Terms) -> Cost {
    let bins: Vec<u64> = terms.features.iter().flatten().map(|&bins| u64::from(bins)).collect();
    let classes = match terms.membership {
        Membership::Everyone => 1,
        Membership::Hidden => 2,
    };
    let words = u64::from(terms.rows).div_ceil(64);
    let mut all = Cost::default();
    // Keys, and agreement on the terms.
    all.add(192, 1);
    all.add(24 * 4, 1);
    all.add(24 * 4, 1);

    let (columns, mut masks) = (words - words / 2, 0);
    let mut batches: Vec<Vec<u64>> = vec![Vec::new()];
    let mut used = 0;
    for &bins in &bins {
        let own = bins + classes * (bins + 1);
        masks += own;
        if used > 0 && used + own * columns > BATCH {
            batches.push(Vec::new());
            used = 0;
        }
        used += own * columns;
        batches.last_mut().unwrap().push(bins);
    }
    for batch in batches {
        parities(&mut all, columns, &batch, classes);
    }
    all.add(24 * masks, 1);
    merging(&mut all, terms, &bins);
    all
}

/// A batch of features: a third of the columns is added to two others, first of the index, then of
/// each mask's carries.
fn parities(all: &mut Cost, mut columns: u64, bins: &[u64], classes: u64) {
    let masks: u64 = bins.iter().map(|bins| bins + classes * (bins + 1)).sum();
    let forms: u64 = bins.iter().map(|&bins| forms(bins, classes)).sum();
    let mut carried = 0;
    while columns > 1 {
        let (each, taken) = cut(columns);
        all.add(48 * each * forms, 1);
        columns -= taken - each;
        carried += each;
    }
    let mut piles = if carried > 0 { vec![1, carried] } else { vec![1] };
    while piles.iter().any(|&columns| columns > 1) {
        let cuts: Vec<(u64, u64)> = piles.iter().map(|&columns| cut(columns)).collect();
        all.add(48 * masks * cuts.iter().map(|(each, _)| each).sum::<u64>(), 1);
        if cuts.last().is_some_and(|(each, _)| *each > 0) {
            piles.push(0);
        }
        for (weight, (each, taken)) in cuts.into_iter().enumerate() {
            piles[weight] -= taken - each;
            if each > 0 {
                piles[weight + 1] += each;
            }
        }
    }
    all.add(8 * 128 * masks * piles.len() as u64, 1);
}

/// How many columns are added to as many, and how many go into that.
fn cut(columns: u64) -> (u64, u64) {
    match columns {
        0 | 1 => (0, 0),
        2 => (1, 2),
        _ => (columns / 3, columns / 3 * 3),
    }
}

/// The pairs of planes that some mask has, and the planes of masks that have an odd number of them.
fn forms(bins: u64, classes: u64) -> u64 {
    let width = u64::from(u64::BITS - bins.leading_zeros());
    let with = (0..classes).flat_map(|class| (0..=bins).map(move |s| s | 1 << (width + class)));
    let mut forms = BTreeSet::new();
    for mask in (1..=bins).chain(with) {
        let planes: Vec<u32> = (0..64).filter(|plane| mask >> plane & 1 == 1).collect();
        for (at, j) in planes.iter().enumerate() {
            if planes.len() % 2 == 1 {
                forms.insert((*j, *j));
            }
            forms.extend(planes[at + 1..].iter().map(|l| (*j, *l)));
        }
    }
    forms.len() as u64
}

/// All features at once, 64 in a word.
fn merging(all: &mut Cost, terms: &Terms, bins: &[u64]) {
    let most = *bins.iter().max().unwrap();
    let words = (bins.len() as u64).div_ceil(64);
    let lanes = 64 * words;
    let plane = 24 * words;
    // Three floors, of each i <= j and of missing values.
    let cells = most * (most + 1) / 2 + 1;
    let width = u64::from(u32::BITS - terms.rows.leading_zeros()) + 10;
    let (leaves, numbers) = (width - 1, 3 * cells * lanes);
    let depth = u64::from(u64::BITS - (leaves - 1).leading_zeros());
    let conjunctions = 3 * leaves - 2 - depth;
    let addends = packed(numbers, width) + 16 * width * numbers / 64;
    all.add(addends + 24 * (numbers / 64) * conjunctions, 3 + depth as u32);
    all.add(2 * plane * cells, 2);
    // Where bins begin: by doubling.
    let square = |steps: u64| {
        (0..most)
            .map(|i| (i + 2 * steps..most).map(|l| l - i + 1 - 2 * steps).sum::<u64>())
            .sum::<u64>()
    };
    let reach = |steps: u64| (1..most).map(|l| l.saturating_sub(steps)).sum::<u64>();
    let mut steps = 1;
    let mut covered = 2;
    if covered < most {
        all.add(plane * square(1), 1);
        steps = 2;
    }
    while covered < most {
        covered *= 2;
        let conjunctions = reach(steps) + if covered < most { square(steps) } else { 0 };
        all.add(plane * conjunctions, u32::from(conjunctions > 0));
        steps *= 2;
    }
    all.add(plane * most, 1);
    all.add(8 * (most + 1) * lanes, 1);
    all.add(24 * (most + 1) * lanes, 1);
    all.add(24 * 4 * lanes, 1);
    all.add(24 * 2 * most * lanes, 1);
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
    for (rows, features, hidden) in [
        (50, vec![vec![1]], false),
        (64, vec![vec![2]], false),
        (129, vec![vec![3, 4]], true),
        (1_000, vec![vec![20; 3], vec![7]], false),
        (5_000, vec![vec![64, 33]], true),
        (20_001, vec![vec![10; 65]], false),
    ] {
        let job = Job::made(1, rows, features.clone(), hidden);
        let ends = job.run(1, |_, _, _| Fate::Deliver);
        ends.result.unwrap();
        let traffic = ends.counted.map(|counted| counted.unwrap().traffic);
        let bytes = traffic.iter().map(sharing::Traffic::total).sum();
        let found = Cost { bytes, rounds: traffic[0].rounds };
        assert_eq!(found, formula(&job.terms), "{rows} rows, {features:?}");
        assert!(traffic.iter().all(|other| other.rounds == traffic[0].rounds));
    }
}

/// With `--nocapture` prints what SPEC §W.9 says.
#[test]
fn a_million_rows_of_50_features_take_fewer_than_600_rounds_and_34_bytes_a_row_and_feature() {
    for (rows, features, bins) in [
        (30_000, 23, 20),
        (100_000, 100, 20),
        (1_000_000, 50, 10),
        (1_000_000, 50, 20),
        (1_000_000, 50, 63),
        (1_000_000, 50, 64),
    ] {
        let terms = Terms::new(rows, vec![vec![bins; features]], [0; 32]);
        let Cost { bytes, rounds } = formula(&terms);
        let each = bytes as f64 / f64::from(rows) / features as f64;
        println!(
            "{rows:>9} {features:>4} {bins:>3} {rounds:>4} rounds {:>7.1} MB {each:>5.1} B",
            bytes as f64 / 1e6
        );
        assert!(rounds < 600, "{rounds}");
        if rows == 1_000_000 {
            assert!(each < 34.0, "{each}");
        }
    }
}

#[test]
fn the_three_roles_send_about_the_same() {
    let job = Job::made(2, 30_000, vec![vec![20; 4]], false);
    let ends = job.run(1, |_, _, _| Fate::Deliver);
    let sent = ends.counted.map(|counted| counted.unwrap().traffic.total() as f64);
    let most = sent.iter().copied().fold(0.0, f64::max);
    assert!(sent.iter().all(|bytes| *bytes > 0.97 * most), "{sent:?}");
}
