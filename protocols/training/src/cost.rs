//! What a training costs: bytes over all links, and rounds (SPEC §7.1).

use std::iter::Sum;

use sharing::Grid;

use crate::Terms;

/// What the three roles of a training send one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Bytes over all links together.
    pub bytes: u64,
    /// Rounds: a message each way at most, in each.
    pub rounds: u32,
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        let add = |x: Self, y: Self| cost(x.bytes + y.bytes, x.rounds + y.rounds);
        all.fold(cost(0, 0), add)
    }
}

pub(crate) fn cost(bytes: u64, rounds: u32) -> Cost {
    Cost { bytes, rounds }
}

fn times(count: u32, Cost { bytes, rounds }: Cost) -> Cost {
    cost(bytes * u64::from(count), rounds * count)
}

pub(crate) fn reshare(len: u64) -> Cost {
    cost(24 * len, 1)
}

fn truncate(len: u64) -> Cost {
    cost(64 * len, 2)
}

pub(crate) fn conjunction(rows: u64) -> u64 {
    24 * rows.div_ceil(64)
}

/// The signs of some numbers, fewer than 64.
fn sign(numbers: u64) -> Cost {
    cost(8 * numbers + 16 * 64 + 181 * 24, 9)
}

/// Up to 64 rows of one plane, opened to all.
pub(crate) fn opened_bits() -> Cost {
    cost(24, 1)
}

fn lookup(grid: Grid, rows: u64, tables: u64) -> Cost {
    // Conjunctions of the window, of the index's planes, and of what lies above it; bits of a value.
    let (fixed, bits, rounds) = match grid.index {
        7 => (64 + 120 + 4, 12, 12),
        9 => (65 + 502 + 3, 14, 13),
        _ => (65 + 1_013 + 3, 14, 13),
    };
    let window = packed(rows, 17) + 16 * 17 * rows.div_ceil(64);
    let conjunctions = (fixed + bits * tables) * conjunction(rows);
    cost(window + conjunctions + 8 * bits * tables * rows, rounds)
}

/// Bytes of values of `width` bits that go from one role to another in each of six segments.
pub(crate) fn packed(rows: u64, width: u64) -> u64 {
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

/// In how many blocks the rows of a sample are scaled.
fn blocks(sampled: u64) -> u32 {
    u32::try_from(sampled.div_ceil(crate::curvature::BLOCK as u64)).unwrap_or(u32::MAX)
}

fn inverse(width: u64, doublings: u32, is_warm: bool) -> Cost {
    let steps = doublings + u32::from(is_warm);
    cost(128 * width * width * u64::from(steps), 2 * (steps + 1))
}

impl Terms {
    /// What a training sends that grants the lender its weights alone, if no step is halved: known before
    /// it begins, but for whether the accelerated steps are taken on the sample
    /// ([`Passed::sampled`](crate::Passed::sampled)). Of terms that [`check`](Self::check) passes.
    ///
    /// > §7.1
    pub fn cost(&self, on_sample: bool) -> Cost {
        let (rows, sampled) = (self.training_rows() as u64, self.sampled_rows() as u64);
        let accelerated_rows = if on_sample { sampled } else { rows };
        let parts = if sampled < rows { 2 } else { 1 };
        let width = self.width() as u64;
        let triangle = width * (width + 1) / 2;
        let blocks = blocks(sampled);
        let newton = u32::from(self.newton_steps);
        let is_weighted = self.is_weighted();
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
            opened_bits(),
            normalised,
            inverse(width, 16, false),
        ];
        let gradient = |rows: u64, tables: u64| -> Cost {
            [lookup(self.grid(), rows, tables), reshare(rows), truncate(width)].into_iter().sum()
        };
        // §3.6: whether the curvature's look-up is one with the gradient's.
        let both = self.looks_up_both();
        let step = truncate(width);
        let accelerated = [gradient(1, 1), times(5, gradient(accelerated_rows, 1)), times(6, step)];
        let curvature = [
            if both { cost(0, 0) } else { lookup(self.grid(), sampled, 1) },
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
            times(newton - 1, opened_bits()),
        ];
        let finish = [cost(8 * rows, 1), reshare(1), cost(8, 1), cost(8 * width, 1)];
        let all = begin.into_iter().chain(accelerated).chain(newtons).chain(finish);
        all.chain(is_weighted.then(|| weighted(self, accelerated_rows))).sum()
    }
}

/// > §7.1 What comes to that where rows are weighted.
fn weighted(terms: &Terms, accelerated_rows: u64) -> Cost {
    let (rows, sampled) = (terms.training_rows() as u64, terms.sampled_rows() as u64);
    let width = terms.width() as u64;
    let newton = u32::from(terms.newton_steps);
    let blocks = blocks(sampled);
    [
        cost(24 * sampled * width, blocks),
        cost(128 * width * width * 5, 10),
        times(6, reshare(accelerated_rows)),
        times(newton, reshare(rows)),
        times(6 + newton, truncate(width)),
        times(newton, truncate(sampled)),
        cost(conjunction(rows), 1),
    ]
    .into_iter()
    .sum()
}
