//! What any CPU does, by curve25519-dalek: the meaning of every function of this folder.

use std::iter;

use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar};

use super::Halves;
use crate::POINT;
use crate::points::{Flawed, decode};

pub(super) fn multiply_mapped(uniform: &[[u8; 2 * POINT]], halves: Halves<'_>) -> Vec<[u8; POINT]> {
    products(uniform.iter().map(RistrettoPoint::from_uniform_bytes), halves)
}

pub(super) fn multiply_decoded(
    encoded: &[[u8; POINT]],
    halves: Halves<'_>,
) -> Result<Vec<[u8; POINT]>, Flawed> {
    let decode = |(place, encoded)| decode(encoded).map_err(|flaw| Flawed { place, flaw });
    let points: Vec<_> = encoded.iter().enumerate().map(decode).collect::<Result<_, _>>()?;
    Ok(products(points.into_iter(), halves))
}

fn products(points: impl Iterator<Item = RistrettoPoint>, halves: Halves<'_>) -> Vec<[u8; POINT]> {
    let multiplied: Vec<_> = match halves {
        Halves::One(half) => points.zip(iter::repeat(half)).map(product).collect(),
        Halves::Each(halves) => points.zip(halves).map(product).collect(),
    };
    let encoded = RistrettoPoint::double_and_compress_batch(&multiplied);
    encoded.iter().map(CompressedRistretto::to_bytes).collect()
}

fn product((point, half): (RistrettoPoint, &Scalar)) -> RistrettoPoint {
    point * half
}
