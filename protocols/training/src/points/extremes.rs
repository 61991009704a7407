//! The least and the most points of each feature, on shares (SPEC §P.4).

use sharing::{Additive, Engine, Vector, negative_within};

use crate::Error;
use crate::woe::place_of;

/// Bits of the difference of two bins' points, and of its sign: points are below 2^20.
const DIFFERENCE: usize = 22;

/// What the bins of each feature give at the least and at the most.
pub(crate) struct Spans {
    pub(crate) least: Vector<0>,
    pub(crate) most: Vector<0>,
}

impl Spans {
    pub(crate) async fn of<E: Engine>(
        engine: &mut E,
        points: &Vector<0>,
        bins: &[usize],
    ) -> Result<Self, Error> {
        // The least are the most of all points' negatives, found with the others.
        let both = Vector::concat(&[points, &points.times(-1)]);
        let most = largest(engine, both, bins.repeat(2)).await?;
        let features = bins.len();
        let least = most.slice(features..2 * features).times(-1);
        Ok(Self { least, most: most.slice(0..features) })
    }

    /// How far apart they are.
    pub(crate) fn widths(&self) -> Vector<0> {
        self.most.minus(&self.least)
    }
}

/// > §P.4 (4) The largest of each group, pair by pair: of a and b it is a where a - b is not
/// > negative, else a - (a - b).
async fn largest<E: Engine>(
    engine: &mut E,
    mut numbers: Vector<0>,
    mut groups: Vec<usize>,
) -> Result<Vector<0>, Error> {
    while groups.iter().any(|&size| size > 1) {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        // Where the next round's numbers lie: among the pairs' larger ones, or, alone, after them.
        let pairs: usize = groups.iter().map(|size| size / 2).sum();
        let (mut next, mut start) = (Vec::new(), 0);
        for size in &mut groups {
            for pair in 0..*size / 2 {
                next.push(first.len());
                first.push(place_of(start + 2 * pair));
                second.push(place_of(start + 2 * pair + 1));
            }
            if *size % 2 == 1 {
                next.push(pairs + start + *size - 1);
            }
            start += *size;
            *size = size.div_ceil(2);
        }
        let (first, second) = (numbers.gather(&first), numbers.gather(&second));
        let difference = first.minus(&second);
        let smaller = negative_within(engine, &difference, DIFFERENCE).await?;
        let smaller = engine.to_indicators(&smaller).await?;
        let taken: Additive<0> = engine.multiply(&smaller, &difference).await?;
        let larger = first.minus(&engine.reshare(taken).await?);
        let next: Vec<u32> = next.into_iter().map(place_of).collect();
        numbers = Vector::concat(&[&larger, &numbers]).gather(&next);
    }
    Ok(numbers)
}
