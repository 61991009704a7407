//! Bytes and rounds are what SPEC §7 says.

use session::Fate;
use sharing::Grid;
use training::{Outcome, Population, Terms};

use crate::support::made::Made;
use crate::support::run::{Job, Labelled};

/// Bytes over all links, and rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cost {
    bytes: u64,
    rounds: u32,
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        let add = |x: Self, y: Self| cost(x.bytes + y.bytes, x.rounds + y.rounds);
        all.fold(cost(0, 0), add)
    }
}

fn cost(bytes: u64, rounds: u32) -> Cost {
    Cost { bytes, rounds }
}

fn times(count: u32, Cost { bytes, rounds }: Cost) -> Cost {
    cost(bytes * u64::from(count), rounds * count)
}

fn reshare(len: u64) -> Cost {
    cost(24 * len, 1)
}

fn truncate(len: u64) -> Cost {
    cost(64 * len, 2)
}

fn conjunction(rows: u64) -> u64 {
    24 * rows.div_ceil(64)
}

/// The signs of some numbers, fewer than 64.
fn sign(numbers: u64) -> Cost {
    cost(8 * numbers + 16 * 64 + 181 * 24, 9)
}

fn opened_bit() -> Cost {
    cost(24, 1)
}

fn lookup(grid: Grid, rows: u64, tables: u64) -> Cost {
    let narrow = grid == Grid::NARROW;
    let (conjunctions, arithmetic) = match narrow {
        true => (64 + 120 + 4 + 12 * tables, 96 * tables),
        false => (65 + 502 + 3 + 14 * tables, 112 * tables),
    };
    let window = packed(rows, 17) + 16 * 17 * rows.div_ceil(64);
    let rounds = if narrow { 12 } else { 13 };
    cost(window + conjunctions * conjunction(rows) + arithmetic * rows, rounds)
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

fn inverse(width: u64, doublings: u32, is_warm: bool) -> Cost {
    let steps = doublings + u32::from(is_warm);
    cost(128 * width * width * u64::from(steps), 2 * (steps + 1))
}

/// > §7: none held out, weights alone opened, no step halved, and each class as large in the sample as
/// > it has to be.
fn formula(terms: &Terms) -> Cost {
    let (rows, sampled) = (terms.training_rows() as u64, terms.sampled_rows() as u64);
    let parts = if sampled < rows { 2 } else { 1 };
    let width = terms.total_columns() as u64 + 1;
    let triangle = width * (width + 1) / 2;
    let blocks = sampled.div_ceil(1 << 15) as u32;
    let newton = u32::from(terms.newton_steps);
    let is_weighted = terms.population != Population::Customers;
    let normalised: Cost = [truncate(triangle), truncate(triangle)].into_iter().sum();
    let classes = match is_weighted {
        false => [reshare(parts), sign(parts)],
        true => [times(2, sign(parts)), cost(conjunction(1), 1)],
    };
    let begin = [
        cost(192, 1),
        cost(384, 2),
        reshare(4),
        cost(24 * 4, 1),
        classes.into_iter().sum(),
        opened_bit(),
        normalised,
        inverse(width, 16, false),
    ];
    let gradient = |rows: u64, tables: u64| -> Cost {
        [lookup(terms.grid(), rows, tables), reshare(rows), truncate(width)].into_iter().sum()
    };
    // §3.5: z is the same in all rows at first, and the other steps are taken on the sample.
    // §3.6: whether the curvature's look-up is one with the gradient's.
    let both = rows * 4 <= sampled * 7;
    let step = truncate(width);
    let accelerated = [gradient(1, 1), times(5, gradient(sampled, 1)), times(6, step)];
    let curvature = [
        if both { cost(0, 0) } else { lookup(terms.grid(), sampled, 1) },
        reshare(sampled),
        cost(24 * sampled * width, blocks),
        normalised,
        inverse(width, 8, true),
    ];
    let newtons = [
        times(newton, gradient(rows, if both { 2 } else { 1 })),
        times(newton, reshare(1)),
        times(newton, curvature.into_iter().sum()),
        times(newton, step),
        // One bit in each but the first, and in the last that of convergence.
        times(newton - 2, sign(1)),
        sign(2),
        times(newton - 1, opened_bit()),
    ];
    let finish = [cost(8 * rows, 1), reshare(1), cost(8, 1), cost(8 * width, 1)];
    let all = begin.into_iter().chain(accelerated).chain(newtons).chain(finish);
    all.chain(is_weighted.then(|| weighted(terms))).sum()
}

/// > §7: what comes to that where rows are weighted.
fn weighted(terms: &Terms) -> Cost {
    let (rows, sampled) = (terms.training_rows() as u64, terms.sampled_rows() as u64);
    let width = terms.total_columns() as u64 + 1;
    let newton = u32::from(terms.newton_steps);
    let blocks = sampled.div_ceil(1 << 15) as u32;
    [
        cost(24 * sampled * width, blocks),
        cost(128 * width * width * 5, 10),
        times(6, reshare(sampled)),
        times(newton, reshare(rows)),
        times(6 + newton, truncate(width)),
        times(newton, truncate(sampled)),
        cost(conjunction(rows), 1),
    ]
    .into_iter()
    .sum()
}

#[test]
fn bytes_and_rounds_are_those_of_the_spec() {
    for (rows, columns, newton_steps) in
        [(6_000, 3, 3), (20_000, 2, 3), (35_001, 7, 5), (41_003, 2, 3)]
    {
        let table = Made::from(41).table(rows as usize, &vec![0.3; columns], -0.5);
        let terms = Terms { newton_steps, ..Terms::new(rows, vec![columns as u16], [0; 32]) };
        let ends = Job::of(&table, terms.clone()).run(1, |_, _, _| Fate::Deliver).unwrap();
        ends.result.unwrap();
        let traffic = ends.finished.map(|finished| finished.unwrap().traffic);
        let bytes = traffic.iter().map(sharing::Traffic::total).sum();
        assert_eq!(
            cost(bytes, traffic[0].rounds),
            formula(&terms),
            "{rows} rows, {columns} columns"
        );
        assert!(traffic.iter().all(|other| other.rounds == traffic[0].rounds));
    }
}

/// With `--nocapture` prints what the README and SPEC §7 say.
#[test]
fn thirty_thousand_rows_of_23_columns_take_fewer_than_400_rounds() {
    for (rows, columns) in [(30_000, 23), (150_000, 10), (100_000, 100), (1_000_000, 50)] {
        let Cost { bytes, rounds } = formula(&Terms::new(rows, vec![columns], [0; 32]));
        println!("{rows:>9} {columns:>4} {rounds:>4} rounds {:>7.1} MB", bytes as f64 / 1e6);
        assert!(rounds < 400, "{rounds}");
    }
}

#[test]
fn weights_of_rows_cost_what_the_spec_says() {
    let table = Made::from(43).table(6_000, &[0.3; 3], -0.5);
    let population = Population::Weighted { cover: 1 };
    let terms = Terms { population, ..Terms::new(6_000, vec![3], [0; 32]) };
    let mut job = Job::of(&table, terms.clone());
    let label = |bad: &bool| if *bad { Outcome::Bad(1.0) } else { Outcome::Good(1.0) };
    job.labels = Labelled::Rows(table.bad.iter().map(label).collect());
    let ends = job.run(1, |_, _, _| Fate::Deliver).unwrap();
    ends.result.unwrap();
    let traffic = ends.finished.map(|finished| finished.unwrap().traffic);
    let bytes = traffic.iter().map(sharing::Traffic::total).sum();
    assert_eq!(cost(bytes, traffic[0].rounds), formula(&terms));
}

#[test]
fn the_three_roles_send_about_the_same() {
    let table = Made::from(42).table(30_000, &[0.5; 4], -0.5);
    let terms = Terms::new(30_000, vec![4], [0; 32]);
    let ends = Job::of(&table, terms).run(1, |_, _, _| Fate::Deliver).unwrap();
    let sent = ends.finished.map(|finished| finished.unwrap().traffic.total() as f64);
    let most = sent.iter().copied().fold(0.0, f64::max);
    assert!(sent.iter().all(|bytes| *bytes > 0.97 * most), "{sent:?}");
}
