//! One plane for each value that a few bits can have.

use crate::Error;
use crate::backend::Backend;
use crate::bits::{Bits, Plane};

/// The 2^width planes of which exactly one is set in each row; and the conjunction of all planes of
/// `others`, in the same rounds, or none if there are none.
///
/// Halves are joined like the branches of a tree, all of a level in one round: `ceil(log2 width)`
/// rounds, or what the longer of the two takes. The outer product of l and h planes takes
/// (l - 1)(h - 1) conjunctions, because each row and column of it sums to what is known already.
pub(crate) async fn one_hot<B: Backend + ?Sized>(
    backend: &mut B,
    bits: &Bits,
    mut others: Bits,
) -> Result<(Bits, Bits), Error> {
    let mut groups: Vec<Bits> = Vec::with_capacity(bits.width);
    for k in 0..bits.width {
        let set = bits.plane(k);
        let mut unset = bits.plane(k);
        backend.raw_flip(&mut unset);
        groups.push(Bits::concat(&[&unset, &set]));
    }
    while groups.len() > 1 || others.width > 1 {
        let mut pairs: Vec<(Plane<'_>, Plane<'_>)> =
            groups.chunks_exact(2).flat_map(|pair| inner(&pair[0], &pair[1])).collect();
        let of_groups = pairs.len();
        let joined = others.width / 2;
        pairs.extend((0..joined).map(|k| ((&others, 2 * k), (&others, 2 * k + 1))));
        let products = backend.raw_and(bits.rows, &pairs).await?;
        let mut next = Vec::with_capacity(groups.len().div_ceil(2));
        let mut start = 0;
        let mut left = groups.into_iter();
        while let Some(low) = left.next() {
            let Some(high) = left.next() else {
                next.push(low);
                break;
            };
            next.push(outer(&low, &high, &products, start));
            start += (low.width - 1) * (high.width - 1);
        }
        groups = next;
        let mut kept: Vec<Plane<'_>> =
            (of_groups..of_groups + joined).map(|k| (&products, k)).collect();
        if others.width % 2 == 1 {
            kept.push((&others, others.width - 1));
        }
        others = match kept.is_empty() {
            true => others,
            false => Bits::gather(&kept),
        };
    }
    Ok((groups.pop().expect("an index has at least one bit"), others))
}

/// The pairs of planes whose conjunctions an outer product needs.
fn inner<'a>(low: &'a Bits, high: &'a Bits) -> impl Iterator<Item = (Plane<'a>, Plane<'a>)> {
    let of_high = 0..high.width - 1;
    of_high.flat_map(move |j| (0..low.width - 1).map(move |i| ((low, i), (high, j))))
}

/// All conjunctions of a plane of `low` with one of `high`: the last of each row and column is what
/// is left of that row or column.
fn outer(low: &Bits, high: &Bits, products: &Bits, start: usize) -> Bits {
    let (l, h) = (low.width, high.width);
    let product = |i: usize, j: usize| (products, start + j * (l - 1) + i);
    let last_low: Vec<Bits> = (0..h - 1)
        .map(|j| {
            let mut rest = high.plane(j);
            (0..l - 1).for_each(|i| rest.xor_each(product(i, j)));
            rest
        })
        .collect();
    let mut last_high: Vec<Bits> = (0..l - 1)
        .map(|i| {
            let mut rest = low.plane(i);
            (0..h - 1).for_each(|j| rest.xor_each(product(i, j)));
            rest
        })
        .collect();
    let mut corner = low.plane(l - 1);
    last_low.iter().for_each(|plane| corner.xor_each((plane, 0)));
    last_high.push(corner);

    let mut planes: Vec<Plane<'_>> = Vec::with_capacity(l * h);
    for (j, last) in last_low.iter().enumerate() {
        planes.extend((0..l - 1).map(|i| product(i, j)));
        planes.push((last, 0));
    }
    planes.extend(last_high.iter().map(|plane| (plane, 0)));
    Bits::gather(&planes)
}
