//! How many good and bad rows each cell has, on shares: from parities to counts (SPEC §W.5).

use sharing::{Bits, Engine, Masked, Vector, odd_rows};

use super::terms::width;
use super::{COUNT, Inputs, Membership, Terms};
use crate::Error;

/// How many good and how many bad rows each cell has. Cell b of all features is a vector, in which
/// each feature has a place: a lane. Cells and features that are not there count nothing.
pub(crate) struct Cells {
    /// The ordered bins, as many as the feature with most has.
    pub(crate) ordered: Vec<Counts>,
    /// The bin of missing values.
    pub(crate) missing: Counts,
}

/// Good and bad rows.
pub(crate) struct Counts {
    pub(crate) good: Vector<COUNT>,
    pub(crate) bad: Vector<COUNT>,
}

/// How many places a vector has for so many features: whole words of bits.
pub(crate) fn lanes(features: usize) -> usize {
    features.next_multiple_of(64)
}

impl Cells {
    pub(crate) async fn of<E: Engine>(
        engine: &mut E,
        terms: &Terms,
        inputs: Inputs,
    ) -> Result<Self, Error> {
        let (bins, classes) = (terms.bins(), inputs.labels.width());
        let masks: Vec<Vec<u32>> = bins.iter().map(|&bins| masks(bins, classes)).collect();
        let parts: Vec<[&Bits; 2]> =
            inputs.features.iter().map(|feature| [feature, &inputs.labels]).collect();
        let groups: Vec<Masked<'_>> =
            parts.iter().zip(&masks).map(|(bits, masks)| Masked { bits, masks }).collect();
        let parities = odd_rows(engine, &groups).await?;
        drop(inputs);
        let parities = Parities::new(engine, &parities, bins, classes);

        // > §W.5 (2) Of rows counted with the sign of their parity.
        let signed = |class: usize| {
            let of = |s: usize| parities.of_class(class, s).minus(&parities.of_index(s));
            (0..=parities.most).map(of).collect::<Vec<_>>()
        };
        let bad = signed(1);
        let good = match terms.membership {
            Membership::Hidden => signed(2),
            Membership::Everyone => {
                let all = |s: usize| {
                    let rows = parities.constant(engine, s, i64::from(terms.rows));
                    rows.minus(&parities.of_index(s).times(2))
                };
                bad.iter().enumerate().map(|(s, bad)| all(s).minus(bad)).collect()
            }
        };
        let [good, bad] = [good, bad].map(|signed| parities.inverse(engine, signed));
        Ok(parities.cells(engine, &good, &bad))
    }
}

/// > §W.5 (1) The masks of the index alone, but for 0; then of the index and a class, class by
/// > class.
fn masks(bins: u8, classes: usize) -> Vec<u32> {
    let index = || 0..=u32::from(bins);
    let with = |class: usize| index().map(move |s| s | 1 << (width(bins) + class));
    index().skip(1).chain((0..classes).flat_map(with)).collect()
}

/// How many rows have an odd parity under each mask, each mask of all features as lanes.
struct Parities {
    /// All of them, and a zero.
    counts: Vector<0>,
    /// Where each feature's begin.
    starts: Vec<usize>,
    bins: Vec<u8>,
    /// The most ordered bins of a feature.
    most: usize,
    lanes: usize,
}

impl Parities {
    fn new<E: Engine>(engine: &E, counts: &Vector<0>, bins: Vec<u8>, classes: usize) -> Self {
        let mut next = 0;
        let starts = bins
            .iter()
            .map(|&bins| {
                let start = next;
                next += usize::from(bins) + classes * (usize::from(bins) + 1);
                start
            })
            .collect();
        let counts = Vector::concat(&[counts, &engine.constant(&[0])]);
        let most = bins.iter().copied().max().map_or(0, usize::from);
        let lanes = lanes(bins.len());
        Self { counts, starts, bins, most, lanes }
    }

    /// Those of mask s of the index alone.
    fn of_index(&self, s: usize) -> Vector<0> {
        self.gather(s, |_| s.checked_sub(1))
    }

    /// Those of mask s of the index with a class: 1 for bad, 2 for good.
    fn of_class(&self, class: usize, s: usize) -> Vector<0> {
        self.gather(s, |bins| Some(bins + (class - 1) * (bins + 1) + s))
    }

    fn gather(&self, s: usize, place: impl Fn(usize) -> Option<usize>) -> Vector<0> {
        let zero = self.counts.len() - 1;
        let mut places = vec![place_of(zero); self.lanes];
        for ((to, start), &bins) in places.iter_mut().zip(&self.starts).zip(&self.bins) {
            let bins = usize::from(bins);
            let found = if s <= bins { place(bins) } else { None };
            *to = place_of(found.map_or(zero, |place| start + place));
        }
        self.counts.gather(&places)
    }

    /// A public number, where a feature has a mask s.
    fn constant<E: Engine>(&self, engine: &E, s: usize, number: i64) -> Vector<0> {
        let mut numbers = vec![0; self.lanes];
        for (lane, &bins) in numbers.iter_mut().zip(&self.bins) {
            *lane = if s <= usize::from(bins) { number } else { 0 };
        }
        engine.constant(&numbers)
    }

    /// > §W.5 (3) The leading square of Walsh's matrix is L D U, of which each is a product over
    /// > bits. L and U are inverted by differences; D, (-2)^|s|, by a scale: 2^7 / 2^|s|.
    fn inverse<E: Engine>(&self, engine: &E, mut signed: Vec<Vector<0>>) -> Vec<Vector<COUNT>> {
        let count = signed.len();
        let bits = || (0..usize::BITS).map(|k| 1usize << k).take_while(|&bit| bit < count);
        for bit in bits() {
            for s in (0..count).filter(|s| s & bit != 0) {
                signed[s] = signed[s].minus(&signed[s ^ bit]);
            }
        }
        let scaled = signed.iter().enumerate().map(|(s, number)| {
            let ones = s.count_ones();
            let factor = 1i64 << (COUNT - ones);
            let scaled = number.scaled::<COUNT>(if ones % 2 == 0 { factor } else { -factor });
            self.only(engine, &scaled, |bins| s <= bins)
        });
        let mut cells: Vec<Vector<COUNT>> = scaled.collect();
        for bit in bits() {
            for b in (0..count).filter(|b| b & bit == 0 && b | bit < count) {
                cells[b] = cells[b].minus(&cells[b | bit]);
            }
        }
        cells
    }

    /// The lanes of features whose number of bins is so, and 0 elsewhere.
    fn only<E: Engine>(
        &self,
        engine: &E,
        vector: &Vector<COUNT>,
        is: impl Fn(usize) -> bool,
    ) -> Vector<COUNT> {
        let with_zero = Vector::concat(&[vector, &engine.constant(&[0])]);
        let place = |lane: usize| match self.bins.get(lane) {
            Some(&bins) if is(bins.into()) => place_of(lane),
            Some(_) | None => place_of(self.lanes),
        };
        with_zero.gather(&(0..self.lanes).map(place).collect::<Vec<_>>())
    }

    /// The ordered cells, and those of missing values, which lie after each feature's last.
    fn cells<E: Engine>(&self, engine: &E, good: &[Vector<COUNT>], bad: &[Vector<COUNT>]) -> Cells {
        let ordered = (0..self.most).map(|b| Counts {
            good: self.only(engine, &good[b], |bins| b < bins),
            bad: self.only(engine, &bad[b], |bins| b < bins),
        });
        let missing = |all: &[Vector<COUNT>]| {
            let mut sum = engine.constant(&vec![0; self.lanes]);
            for (b, cell) in all.iter().enumerate() {
                sum = sum.plus(&self.only(engine, cell, |bins| b == bins));
            }
            sum
        };
        Cells {
            ordered: ordered.collect(),
            missing: Counts { good: missing(good), bad: missing(bad) },
        }
    }
}

/// A place as vectors take it.
pub(crate) fn place_of(place: usize) -> u32 {
    u32::try_from(place).expect("512 features of 65 cells are few places")
}
