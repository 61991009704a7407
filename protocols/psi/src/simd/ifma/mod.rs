//! The arithmetic of ristretto255 on AVX-512 IFMA, eight points side by side. Each function may be
//! called only where the CPU has the features that stand above it; `simd/mod.rs` sees to that.

mod constants;
mod field;
mod multiply;
mod point;
mod ristretto;
mod root;

use super::Halves;
use crate::points::{Flaw, Flawed};
use field::LANES;
use multiply::{Digits, multiply};
use point::Point;

/// Maps each of `uniform` to the group, multiplies it by twice its half and encodes it.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn multiply_mapped(uniform: &[[u8; 64]], halves: Halves<'_>) -> Vec<[u8; 32]> {
    let mut points = Vec::with_capacity(uniform.len().div_ceil(LANES));
    for uniform in uniform.chunks(LANES) {
        points.push(ristretto::map(&filled(uniform)));
    }
    products(points, uniform.len(), halves)
}

/// Decodes each of `encoded`, multiplies it by twice its half and encodes it again.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn multiply_decoded(
    encoded: &[[u8; 32]],
    halves: Halves<'_>,
) -> Result<Vec<[u8; 32]>, Flawed> {
    let mut points = Vec::with_capacity(encoded.len().div_ceil(LANES));
    for (place, encoded) in encoded.chunks(LANES).enumerate() {
        let (point, good) = ristretto::decode(&filled(encoded));
        for (lane, encoded) in encoded.iter().enumerate() {
            let flaw = if good >> lane & 1 == 0 {
                Flaw::NotAPoint
            } else if *encoded == [0; 32] {
                Flaw::Identity
            } else {
                continue;
            };
            return Err(Flawed { place: place * LANES + lane, flaw });
        }
        points.push(point);
    }
    Ok(products(points, encoded.len(), halves))
}

/// Twice the halves times the points, encoded; there are `count` in the lanes.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn products(mut points: Vec<Point>, count: usize, halves: Halves<'_>) -> Vec<[u8; 32]> {
    match halves {
        Halves::One(half) => {
            let digits = Digits::new([half; LANES]);
            for point in &mut points {
                *point = multiply(point, &digits);
            }
        }
        Halves::Each(halves) => {
            for (point, halves) in points.iter_mut().zip(halves.chunks(LANES)) {
                *point = multiply(point, &Digits::new(halves));
            }
        }
    }
    let mut encoded = ristretto::double_and_encode(&points).concat();
    encoded.truncate(count);
    encoded
}

/// Eight of them, where those past the end are zeros, which encode the identity and map to it or to
/// another point.
fn filled<const N: usize>(some: &[[u8; N]]) -> [[u8; N]; LANES] {
    let mut all = [[0; N]; LANES];
    all[..some.len()].copy_from_slice(some);
    all
}
