//! How many rows have an odd parity under each of many masks: what a histogram is made of.
//!
//! Adding three bits gives their parity and a carry, (x ^ z)(y ^ z) ^ z. Of rows whose bits are
//! parities `<s, u>` of the same few planes u under many masks s, the sum is `<s, x ^ y ^ z>`: no
//! mask costs anything. And the carry is a quadratic form in s, so a conjunction for each pair of
//! planes gives those of all masks. Only carries are added up mask by mask (SPEC §3.15).

mod piles;

use std::collections::BTreeSet;

use crate::bits::{Bits, Plane, words_of};
use crate::circuit::{LANES, third};
use crate::words::Words;
use crate::{Engine, Error, Vector};

/// Words of all masks' planes, a half and component, that are added up at once: bounds memory.
const BATCH: usize = 1 << 22;

/// Planes, and the masks under which their parities are counted.
pub struct Masked<'a> {
    /// At most 32 planes, one after another.
    pub bits: &'a [&'a Bits],
    /// Each chooses planes: bit k stands for plane k. None is 0.
    pub masks: &'a [u32],
}

impl Masked<'_> {
    fn width(&self) -> usize {
        self.bits.iter().map(|bits| bits.width).sum()
    }

    fn fit(&self) -> bool {
        let width = self.width();
        width <= 32 && self.masks.iter().all(|&mask| mask != 0 && u64::from(mask) >> width == 0)
    }
}

/// How many rows have an odd parity under each mask of each group, one after another.
///
/// All groups have the same rows. Exact in every engine.
///
/// # Errors
///
/// Whatever the engine refuses.
///
/// # Panics
///
/// When groups have different rows, or a mask is 0 or chooses a plane that is not there.
pub async fn odd_rows<E: Engine>(
    engine: &mut E,
    groups: &[Masked<'_>],
) -> Result<Vector<0>, Error> {
    let masks = groups.iter().map(|group| group.masks.len()).sum();
    let mut parts = groups.iter().flat_map(|group| group.bits);
    let rows = parts.clone().next().map_or(0, |bits| bits.rows);
    assert!(parts.all(|bits| bits.rows == rows), "bits of the same rows");
    assert!(groups.iter().all(Masked::fit), "masks choose planes that are there");
    if rows == 0 || masks == 0 {
        return Ok(engine.constant(&vec![0; masks]));
    }
    let columns = words_of(rows)[1];
    let mut sums = Vec::with_capacity(masks);
    let mut rest = groups;
    while !rest.is_empty() {
        let mut words = 0;
        let fits = rest.iter().take_while(|group| {
            words += group.masks.len() * columns;
            words <= BATCH
        });
        let (batch, after) = rest.split_at(fits.count().max(1));
        rest = after;
        let (planes, piles) = weights_one_and_two(engine, batch).await?;
        sums.extend(piles::add_up(engine, piles, planes).await?);
    }
    Ok(Vector { words: engine.raw_reshare(sums, masks).await? })
}

/// The columns of the parities, of weight 1, added up until one is left; and all that were carried.
async fn weights_one_and_two<E: Engine>(
    engine: &mut E,
    batch: &[Masked<'_>],
) -> Result<(usize, Vec<Bits>), Error> {
    let plan = Plan::of(batch);
    let cut: Vec<Bits> =
        batch.iter().flat_map(|group| group.bits).map(|bits| in_columns(bits)).collect();
    let mut index = Bits::concat(&cut.iter().collect::<Vec<_>>());
    drop(cut);
    let mut carried = Vec::new();
    loop {
        let columns = index.rows / LANES;
        let third = third(columns);
        if third == 0 {
            break;
        }
        let part = |k: usize| columns_of(&index, k * third..(k + 1) * third);
        // Of two columns one is added to the other, and to nothing.
        let z = if columns > 2 { part(2) } else { part(0).xor(&part(0)) };
        let (x, y) = (part(0).xor(&z), part(1).xor(&z));
        let (left, right) = (x.combine(&plan.forms), y.combine(&plan.forms));
        let pairs: Vec<(Plane<'_>, Plane<'_>)> =
            (0..plan.forms.len()).map(|k| ((&left, k), (&right, k))).collect();
        let forms = engine.raw_and(x.rows, &pairs).await?;
        drop((left, right));
        carried.push(Bits::concat(&[&forms, &z]));
        let sum = x.xor(&y).xor(&z);
        let taken = third * if columns > 2 { 3 } else { 2 };
        index = beside(&[&sum, &columns_of(&index, taken..columns)]);
    }
    let mut piles = vec![index.combine(&plan.parities)];
    if !carried.is_empty() {
        // z ^ (x ^ z)(y ^ z) under each mask.
        piles.push(beside(&carried.iter().collect::<Vec<_>>()).combine(&plan.carries));
    }
    Ok((plan.parities.len(), piles))
}

/// Which planes are joined to what, in a batch of groups.
struct Plan {
    /// The planes of each mask.
    parities: Vec<Vec<usize>>,
    /// The planes of each product of two parities that is computed: one of one plane or two.
    forms: Vec<Vec<usize>>,
    /// Which products, and after them which planes of z, make up each mask's carry.
    carries: Vec<Vec<usize>>,
}

impl Plan {
    /// With `Q(s) = <s, a><s, b>`: Q of a mask is that of its pairs, and of its single planes where
    /// they are odd in number.
    fn of(batch: &[Masked<'_>]) -> Self {
        let mut plan = Self { parities: Vec::new(), forms: Vec::new(), carries: Vec::new() };
        let mut first = 0;
        for group in batch {
            let masks = group.masks;
            let needed: BTreeSet<u32> = masks.iter().flat_map(|&mask| forms_of(mask)).collect();
            let needed: Vec<u32> = needed.into_iter().collect();
            let begin = plan.forms.len();
            for &mask in masks {
                let planes = planes_of(mask).map(|plane| first + plane);
                plan.parities.push(planes.collect());
                let place = |form| needed.binary_search(&form).expect("every form is needed");
                plan.carries.push(forms_of(mask).map(|form| begin + place(form)).collect());
            }
            plan.forms.extend(
                needed.iter().map(|&form| planes_of(form).map(|plane| first + plane).collect()),
            );
            first += group.width();
        }
        let all = plan.forms.len();
        for (carry, planes) in plan.carries.iter_mut().zip(&plan.parities) {
            carry.extend(planes.iter().map(|plane| all + plane));
        }
        plan
    }
}

fn planes_of(mask: u32) -> impl Iterator<Item = usize> + Clone {
    (0..32).filter(move |plane| mask >> plane & 1 == 1)
}

/// The masks of one plane or two whose forms sum to that of a mask.
fn forms_of(mask: u32) -> impl Iterator<Item = u32> {
    let singles = planes_of(mask).filter(move |_| mask.count_ones() % 2 == 1).map(|j| 1 << j);
    let pairs = planes_of(mask)
        .flat_map(move |j| planes_of(mask).filter(move |&l| l > j).map(move |l| 1 << j | 1 << l));
    singles.chain(pairs)
}

/// The same planes in whole columns: rows beyond the last are zero, whatever they were.
fn in_columns(bits: &Bits) -> Bits {
    let (words, width) = (words_of(bits.rows), bits.width);
    let columns = words[1];
    let beyond = bits.rows % 64;
    let padded = |h: usize, component: fn(&Words) -> &Vec<u64>| {
        // A half without words has its share of the result too: zeros, unless nothing is held.
        if component(&bits.halves[1]).is_empty() {
            return Vec::new();
        }
        let mut out = vec![0; columns * width];
        let planes = component(&bits.halves[h]).chunks(words[h].max(1));
        for (to, from) in out.chunks_mut(columns).zip(planes) {
            to[..from.len()].copy_from_slice(from);
            if h == 1 && beyond > 0 {
                to[columns - 1] &= (1 << beyond) - 1;
            }
        }
        out
    };
    let half = |h: usize| {
        let (a, b) = (padded(h, |words| &words.a), padded(h, |words| &words.b));
        Words { len: columns * width, a, b, tag: 0 }
    };
    Bits { rows: LANES * columns, width, halves: [half(0), half(1)] }
}

/// Some columns of every plane.
fn columns_of(bits: &Bits, range: std::ops::Range<usize>) -> Bits {
    let all = bits.rows / LANES;
    built(&[bits], range.len(), bits.width, |sources| {
        let planes = sources[0].chunks_exact(all);
        planes.flat_map(|plane| &plane[range.clone()]).copied().collect()
    })
}

/// The columns of every plane of all, side by side.
fn beside(parts: &[&Bits]) -> Bits {
    let counts: Vec<usize> = parts.iter().map(|part| part.rows / LANES).collect();
    let (columns, width) = (counts.iter().sum(), parts[0].width);
    built(parts, columns, width, |sources| {
        let mut out = Vec::with_capacity(columns * width);
        for plane in 0..width {
            for (source, count) in sources.iter().zip(&counts) {
                out.extend_from_slice(&source[plane * count..(plane + 1) * count]);
            }
        }
        out
    })
}

/// Bits of so many columns, each component built of the same of others.
fn built(
    sources: &[&Bits],
    columns: usize,
    width: usize,
    build: impl Fn(&[&[u64]]) -> Vec<u64>,
) -> Bits {
    let component = |h: usize, of: fn(&Words) -> &Vec<u64>| {
        let all: Vec<&[u64]> = sources.iter().map(|bits| of(&bits.halves[h]).as_slice()).collect();
        match all.iter().all(|words| words.is_empty()) {
            true => Vec::new(),
            false => build(&all),
        }
    };
    let half = |h: usize| {
        let (a, b) = (component(h, |words| &words.a), component(h, |words| &words.b));
        Words { len: columns * width, a, b, tag: 0 }
    };
    Bits { rows: LANES * columns, width, halves: [half(0), half(1)] }
}
