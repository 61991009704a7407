//! What a scaling costs: bytes over all links, and rounds (SPEC §P.7).

use super::Terms;
use crate::Cost;
use crate::cost::{conjunction, cost, opened_bits, packed, reshare};

/// Conjunctions of an adder of 64 bits of which those from 42 on are wanted.
const ROUNDING: u64 = 280;
/// Bits of points that are left of them.
const POINTS: u64 = 22;

impl Terms {
    /// What a scaling sends. Of terms that [`check`](Self::check) passes.
    ///
    /// > §P.7
    pub fn cost(&self) -> Cost {
        let bins: Vec<u64> = self.bins().into_iter().map(|bins| bins as u64).collect();
        let (cells, features) = (bins.iter().sum::<u64>(), bins.len() as u64);
        let margins = 2 * (features + 1 + cells);
        let begin = [cost(192, 1), reshare(4), cost(24 * 4, 1)];
        let bounds = [sign(margins, 64), to_numbers(margins, 1), reshare(1)];
        let addends = packed(cells, 64) + 16 * 64 * cells.div_ceil(64);
        let points = [
            cost(addends + ROUNDING * conjunction(cells), 9),
            to_numbers(cells, POINTS),
            reshare(cells),
        ];
        let mut groups = bins.repeat(2);
        let halvings = std::iter::from_fn(|| {
            let pairs = groups.iter().map(|size| size / 2).sum();
            groups.iter_mut().for_each(|size| *size = size.div_ceil(2));
            (pairs > 0).then(|| [sign(pairs, 22), flags(pairs), reshare(pairs)].into_iter().sum())
        });
        let halvings: Vec<Cost> = halvings.collect();
        let others =
            self.features.iter().enumerate().filter(|(place, _)| Some(*place) != self.lender);
        let margins = others.fold(2, |sum, (_, features)| sum + 2 * features.len() as u64 + 1);
        let rules = [sign(margins, 39), flags(margins), sign(4, 20), opened_bits()];
        begin.into_iter().chain(bounds).chain(points).chain(halvings).chain(rules).sum()
    }
}

/// The signs of so many numbers of so many bits.
fn sign(numbers: u64, width: u64) -> Cost {
    let leaves = width - 1;
    let depth = u64::BITS - (leaves - 1).leading_zeros();
    let conjunctions = 3 * leaves - 2 - u64::from(depth);
    let addends = packed(numbers, width) + 16 * width * numbers.div_ceil(64);
    cost(addends + conjunctions * conjunction(numbers), 3 + depth)
}

/// Numbers of so many bits each, as summands.
fn to_numbers(numbers: u64, width: u64) -> Cost {
    cost(8 * width * numbers, 1)
}

/// Bits as numbers that are shared.
fn flags(numbers: u64) -> Cost {
    [to_numbers(numbers, 1), reshare(numbers)].into_iter().sum()
}
