//! Carry-save addition of many planes' columns, a pile for each weight.

use rayon::prelude::*;

use super::built;
use crate::bits::{Bits, Plane};
use crate::circuit::{LANES, third};
use crate::words::{Words, summed};
use crate::{Engine, Error};

/// Words that a task of rayon takes at least.
const TASK: usize = 1 << 14;

/// What the columns of each plane add up to, as a summand a plane; none where nothing is held.
///
/// Pile w has the columns of weight 2^w. In each round a third of every pile is added to another
/// and to a third, until each has one column; those become numbers, which are added up where they
/// are.
pub(super) async fn add_up<E: Engine>(
    engine: &mut E,
    mut piles: Vec<Bits>,
    planes: usize,
) -> Result<Vec<u64>, Error> {
    loop {
        let cuts: Vec<Cut> = piles.iter().map(Cut::of).collect();
        let taken: usize = cuts.iter().map(|cut| cut.each).sum();
        if taken == 0 {
            break;
        }
        let sources: Vec<&Bits> = piles.iter().collect();
        let x = built(&sources, taken, planes, |piles| addends(piles, &cuts, taken, planes, 0));
        let y = built(&sources, taken, planes, |piles| addends(piles, &cuts, taken, planes, 1));
        let pairs: Vec<(Plane<'_>, Plane<'_>)> = (0..planes).map(|k| ((&x, k), (&y, k))).collect();
        let products = engine.raw_and(LANES * taken, &pairs).await?;
        drop(y);
        piles = next(&piles, &cuts, &x, &products, taken);
    }
    // Each pile is a column of every plane: rows of one long plane, in which the roles take turns.
    let weights = piles.len();
    let half = |h: usize| Words::concat(piles.iter().map(|pile| &pile.halves[h]));
    let bits = Bits { rows: LANES * planes, width: weights, halves: [half(0), half(1)] };
    let lanes = engine.raw_to_arithmetic(&bits, &[weights]).await?.pop().unwrap_or_default();
    let (first, second) = lanes.split_at(lanes.len() / 2);
    let halves = first.chunks_exact(LANES / 2).zip(second.chunks_exact(LANES / 2));
    Ok(halves.map(|(first, second)| summed(first).wrapping_add(summed(second))).collect())
}

/// How a pile is cut: `each` columns x, as many y, as many z where there are three to cut, and a
/// rest.
#[derive(Clone, Copy)]
struct Cut {
    columns: usize,
    each: usize,
}

impl Cut {
    fn of(pile: &Bits) -> Self {
        let columns = pile.rows / LANES;
        Self { columns, each: third(columns) }
    }

    fn three(self) -> bool {
        self.columns > 2
    }

    fn taken(self) -> usize {
        self.each * if self.three() { 3 } else { 2 }
    }

    fn rest(self) -> usize {
        self.columns - self.taken()
    }

    /// The part `k` of a plane: 0 for x, 1 for y, 2 for z.
    fn part(self, plane: &[u64], k: usize) -> &[u64] {
        &plane[k * self.each..(k + 1) * self.each]
    }
}

/// The columns x ^ z, or y ^ z, of all piles side by side, plane after plane.
fn addends(piles: &[&[u64]], cuts: &[Cut], taken: usize, planes: usize, side: usize) -> Vec<u64> {
    let mut out = vec![0; taken * planes];
    let work = out.par_chunks_mut(taken).with_min_len(TASK / taken + 1).enumerate();
    work.for_each(|(plane, out)| {
        let mut rest = out;
        for (pile, cut) in piles.iter().zip(cuts) {
            let pile = &pile[plane * cut.columns..(plane + 1) * cut.columns];
            let (out, after) = rest.split_at_mut(cut.each);
            rest = after;
            out.copy_from_slice(cut.part(pile, side));
            if cut.three() {
                out.iter_mut().zip(cut.part(pile, 2)).for_each(|(word, z)| *word ^= z);
            }
        }
    });
    out
}

/// The piles after a round: of each what was added, what waited, and what the one below carried.
fn next(piles: &[Bits], cuts: &[Cut], x: &Bits, products: &Bits, taken: usize) -> Vec<Bits> {
    let planes = x.width;
    let starts: Vec<usize> = cuts
        .iter()
        .scan(0, |start, cut| {
            *start += cut.each;
            Some(*start - cut.each)
        })
        .collect();
    let carries = cuts.last().is_some_and(|cut| cut.each > 0);
    let pile = |weight: usize| {
        let own = piles.get(weight).zip(cuts.get(weight));
        let below = weight.checked_sub(1).map(|below| (&piles[below], cuts[below], starts[below]));
        let kept = own.map_or(0, |(_, cut)| cut.each + cut.rest());
        let columns = kept + below.map_or(0, |(_, cut, _)| cut.each);
        let mut sources = vec![x, products];
        sources.extend(own.map(|(pile, _)| pile));
        sources.extend(below.map(|(pile, _, _)| pile));
        built(&sources, columns, planes, |sources| {
            let mut out = vec![0; columns * planes];
            let work = out.par_chunks_mut(columns).with_min_len(TASK / columns + 1).enumerate();
            work.for_each(|(plane, out)| {
                let joined = |k: usize, start: usize, each: usize| {
                    &sources[k][plane * taken + start..plane * taken + start + each]
                };
                let of = |k: usize, cut: Cut| {
                    &sources[k][plane * cut.columns..(plane + 1) * cut.columns]
                };
                let (kept_out, carried_out) = out.split_at_mut(kept);
                if let Some((_, &cut)) = own {
                    let pile = of(2, cut);
                    let (sum, waits) = kept_out.split_at_mut(cut.each);
                    // x ^ y ^ z, of which x ^ z is at hand.
                    sum.copy_from_slice(joined(0, starts[weight], cut.each));
                    sum.iter_mut().zip(cut.part(pile, 1)).for_each(|(word, y)| *word ^= y);
                    waits.copy_from_slice(&pile[cut.taken()..]);
                }
                if let Some((_, cut, start)) = below {
                    carried_out.copy_from_slice(joined(1, start, cut.each));
                    if cut.three() {
                        let z = cut.part(of(sources.len() - 1, cut), 2);
                        carried_out.iter_mut().zip(z).for_each(|(word, z)| *word ^= z);
                    }
                }
            });
            out
        })
    };
    (0..piles.len() + usize::from(carries)).map(pile).collect()
}
