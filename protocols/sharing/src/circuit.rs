//! What is built of conjunctions, alike in every engine.

mod adder;
mod count;
pub(crate) mod lookup;
mod one_hot;

use crate::Error;
use crate::backend::Backend;
use crate::bits::{Bits, Plane};
use crate::engine::summands_of;
use crate::words::Words;
use zeroize::Zeroizing;

pub(crate) use adder::add;
pub(crate) use count::{LANES, count, third};
pub(crate) use one_hot::one_hot;

/// Bits `low..low + width` of shared words, lowest first.
pub(crate) async fn to_bits<B: Backend + ?Sized>(
    backend: &mut B,
    words: &Words,
    low: u32,
    width: usize,
) -> Result<Bits, Error> {
    let (x, y) = backend.raw_addends(&summands_of(words), words.len, low, width).await?;
    add(backend, &x, &y, 0).await
}

/// Whether each word is below zero as a signed number of `width` bits: its highest bit.
pub(crate) async fn negative<B: Backend + ?Sized>(
    backend: &mut B,
    words: &Words,
    width: usize,
) -> Result<Bits, Error> {
    let (x, y) = backend.raw_addends(&summands_of(words), words.len, 0, width).await?;
    add(backend, &x, &y, width - 1).await
}

/// Sums shifted right by `by` bits as signed numbers, rounded down.
///
/// > §3.5 Exactly: the bits of x + 2^63 from the place `by` on, back to a number, less 2^(63 - by).
pub(crate) async fn truncate_exact<B: Backend + ?Sized>(
    backend: &mut B,
    summands: Vec<u64>,
    len: usize,
    by: u32,
) -> Result<Words, Error> {
    let mut summands = Zeroizing::new(summands);
    backend.raw_add_constant(&mut summands, 1 << 63);
    let (x, y) = backend.raw_addends(&summands, len, 0, 64).await?;
    let bits = add(backend, &x, &y, by as usize).await?;
    let mut numbers =
        backend.raw_to_arithmetic(&bits, &[bits.width]).await?.pop().unwrap_or_default();
    backend.raw_add_constant(&mut numbers, (1u64 << (63 - by)).wrapping_neg());
    backend.raw_reshare(numbers, len).await
}

/// The conjunction, plane by plane; a single plane goes with each of the other's.
pub(crate) async fn and<B: Backend + ?Sized>(
    backend: &mut B,
    x: &Bits,
    y: &Bits,
) -> Result<Bits, Error> {
    assert_eq!(x.rows, y.rows, "bits of the same rows");
    let width = x.width.max(y.width);
    assert!([1, width].contains(&x.width) && [1, width].contains(&y.width), "planes pair up");
    let plane = |bits, k| (bits, if width_of(bits) == 1 { 0 } else { k });
    let pairs: Vec<(Plane<'_>, Plane<'_>)> =
        (0..width).map(|k| (plane(x, k), plane(y, k))).collect();
    backend.raw_and(x.rows, &pairs).await
}

/// Whether the number in each row is at least a public one: whether it carries out of `width` bits
/// when 2^width less the threshold is added.
pub(crate) async fn at_least<B: Backend + ?Sized>(
    backend: &mut B,
    bits: &Bits,
    threshold: u64,
) -> Result<Bits, Error> {
    let width = bits.width;
    assert!(width < 64, "at most 63 bits are compared");
    let none = || {
        let mut none = bits.plane(0);
        none.xor_each((bits, 0));
        none
    };
    match (1u64 << width).checked_sub(threshold) {
        None | Some(0) => Ok(none()),
        Some(most) if most == 1 << width => {
            let mut all = none();
            backend.raw_flip(&mut all);
            Ok(all)
        }
        Some(addend) => {
            let mut carries = Vec::with_capacity(width);
            for k in 0..width {
                let mut propagate = bits.plane(k);
                let generate = match addend >> k & 1 {
                    1 => {
                        let generate = bits.plane(k);
                        backend.raw_flip(&mut propagate);
                        generate
                    }
                    _ => none(),
                };
                carries.push((generate, propagate));
            }
            adder::carry_out(backend, carries).await
        }
    }
}

fn width_of(bits: &Bits) -> usize {
    bits.width
}
