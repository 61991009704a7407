//! The exact search: a dynamic programme over ordered pre-bins.

use std::cmp::Ordering;
use std::ops::Range;

use crate::fitting::table::of_shares;
use crate::fitting::trend::{Shape, Step};
use crate::fitting::{Counts, real};

/// Every bin that there could be: its counts, and its information value where it is allowed.
pub(crate) struct Candidates {
    /// How many pre-bins there are.
    of: usize,
    bins: Vec<(Counts, Option<f64>)>,
    /// The pre-bins that start a bin in any case.
    pinned: Vec<usize>,
}

/// Where bins start, and their information value together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Best {
    pub(crate) starts: Vec<usize>,
    pub(crate) iv: f64,
}

impl Candidates {
    /// All bins of neighbouring pre-bins. A bin without a row of either class has no woe and is never
    /// allowed. Nor is one that a pinned pre-bin would part.
    pub(crate) fn of(
        prebins: &[Counts],
        pinned: &[usize],
        allows: impl Fn(Counts) -> bool,
    ) -> Self {
        let over = |at: Range<usize>| pinned.iter().any(|pin| at.start < *pin && *pin < at.end);
        let all: Counts = prebins.iter().copied().sum();
        let mut bins = Vec::with_capacity(prebins.len() * prebins.len());
        for start in 0..prebins.len() {
            let mut counts = Counts::default();
            bins.extend((0..start).map(|_| (counts, None)));
            for end in start + 1..=prebins.len() {
                counts = counts + prebins[end - 1];
                let allowed = counts.is_mixed() && !over(start..end) && allows(counts);
                bins.push((counts, allowed.then(|| bin_iv(counts, all))));
            }
        }
        Self { of: prebins.len(), bins, pinned: pinned.to_vec() }
    }

    /// The bin of the pre-bins `start..end`.
    fn bin(&self, start: usize, end: usize) -> (Counts, Option<f64>) {
        self.bins[start * self.of + end - 1]
    }

    /// The partition into at most so many bins of this shape that has the most information value; of
    /// equals, one with the fewest bins. `None` where no partition is allowed.
    pub(crate) fn best(&self, most: usize, shape: Shape) -> Option<Best> {
        let steps = shape.steps();
        let mut layers: Vec<Layer> = Vec::new();
        let mut found: Option<(f64, usize, Last)> = None;
        for bins in 1..=most.min(self.of) {
            let layer = match layers.last() {
                None => self.first(),
                Some(before) => self.next(before, &steps),
            };
            for last in
                (0..PHASES).flat_map(|phase| (0..self.of).map(move |start| Last { phase, start }))
            {
                let iv = layer.iv[self.place(last, self.of)];
                if iv.is_finite() && found.is_none_or(|(best, ..)| iv > best) {
                    found = Some((iv, bins, last));
                }
            }
            layers.push(layer);
        }
        let (iv, bins, mut last) = found?;
        let (mut starts, mut end) = (vec![last.start], self.of);
        for layer in layers[..bins].iter().rev() {
            let Some(before) = layer.before[self.place(last, end)] else { break };
            end = last.start;
            last = before;
            starts.push(last.start);
        }
        starts.reverse();
        Some(Best { starts, iv })
    }

    fn place(&self, last: Last, end: usize) -> usize {
        (last.phase * self.of + last.start) * self.of + end - 1
    }

    fn empty(&self) -> Layer {
        let places = PHASES * self.of * self.of;
        Layer { iv: vec![f64::NEG_INFINITY; places], before: vec![None; places] }
    }

    fn first(&self) -> Layer {
        let mut layer = self.empty();
        for end in 1..=self.of {
            if let (_, Some(iv)) = self.bin(0, end) {
                layer.iv[self.place(Last { phase: 0, start: 0 }, end)] = iv;
            }
        }
        layer
    }

    fn next(&self, before: &Layer, steps: &[Step]) -> Layer {
        let mut layer = self.empty();
        for start in 1..self.of {
            for end in start + 1..=self.of {
                let (counts, Some(own)) = self.bin(start, end) else { continue };
                // Bins of equal rates are one, unless they must be two.
                let apart = |order: &Ordering| order.is_ne() || self.pinned.contains(&start);
                for (from, to, order) in steps.iter().filter(|(.., order)| apart(order)) {
                    let place = self.place(Last { phase: *to, start }, end);
                    for first in 0..start {
                        let last = Last { phase: *from, start: first };
                        let iv = before.iv[self.place(last, start)] + own;
                        let (neighbour, _) = self.bin(first, start);
                        if iv > layer.iv[place] && neighbour.cmp_rate(counts) == *order {
                            layer.iv[place] = iv;
                            layer.before[place] = Some(last);
                        }
                    }
                }
            }
        }
        layer
    }
}

/// A trend has at most two phases: before its turn and after.
const PHASES: usize = 2;

/// The last bin of a partition: its phase and where it starts.
#[derive(Clone, Copy)]
struct Last {
    phase: usize,
    start: usize,
}

/// The best partitions into so many bins, by the phase, the start and the end of the last.
struct Layer {
    iv: Vec<f64>,
    before: Vec<Option<Last>>,
}

fn bin_iv(bin: Counts, all: Counts) -> f64 {
    of_shares(real(bin.good) / real(all.good), real(bin.bad) / real(all.bad)).1
}
