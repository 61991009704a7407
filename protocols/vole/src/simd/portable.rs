//! What any CPU does: the meaning of every function of this folder.

use aes::Aes128;
use aes::cipher::BlockCipherEncrypt;

use super::LANES;
use crate::code::BLOCK;

/// The field's polynomial without its leading term: X^7 + X^2 + X + 1.
const REDUCTION: u64 = 0x87;

pub(super) fn hash(key: &Aes128, inputs: &[u128], outputs: &mut [u128]) {
    for (input, output) in inputs.iter().zip(outputs) {
        let mut block = input.to_le_bytes().into();
        key.encrypt_block(&mut block);
        *output = u128::from_le_bytes(block.into()) ^ input;
    }
}

pub(super) fn multiply_add(values: &[u128], factor: u128, sums: &mut [u128]) {
    for (value, sum) in values.iter().zip(sums) {
        *sum ^= multiply(*value, factor);
    }
}

pub(super) fn evaluate_add(coefficients: &[u128], points: &[u128], sums: &mut [u128]) {
    for (point, sum) in points.iter().zip(sums) {
        *sum ^= coefficients.iter().rev().fold(0, |value, c| multiply(value ^ c, *point));
    }
}

pub(super) fn universal_hash(values: &[u128], powers: &[u128; LANES]) -> u128 {
    values.iter().rev().fold(0, |hash, value| multiply(hash ^ value, powers[0]))
}

/// From element `first` on, to the end.
pub(super) fn accumulate(values: &mut [u128; BLOCK], coefficients: &[u32; BLOCK], first: usize) {
    for place in first..BLOCK {
        let (value, bits) = (values[place], coefficients[place]);
        for step in 0..=24 {
            let mask = u128::from(bits >> step & 1).wrapping_neg();
            values[(place + 1 + step) % BLOCK] ^= value & mask;
        }
    }
}

#[inline(always)]
pub(super) fn gather<const W: usize>(
    values: &[u128; BLOCK],
    places: &[[u16; W]],
    sums: &mut [u128],
) {
    for (places, sum) in places.iter().zip(sums) {
        *sum = places.iter().fold(*sum, |sum, place| sum ^ values[usize::from(*place)]);
    }
}

/// Multiplies in GF(2^128), in constant time wherever the CPU multiplies in constant time.
fn multiply(one: u128, other: u128) -> u128 {
    let ([a, b], [c, d]) = (halves(one), halves(other));
    let (low, high) = (carryless(a, c), carryless(b, d));
    let middle = carryless(a, d) ^ carryless(b, c);
    let (low, high) = (low ^ middle << 64, high ^ middle >> 64);
    // The top quarter folds into the two in the middle, then the third into the lowest two.
    let [_, top] = halves(high);
    let folded = carryless(top, REDUCTION);
    let [third, _] = halves(high ^ folded >> 64);
    low ^ folded << 64 ^ carryless(third, REDUCTION)
}

#[expect(clippy::cast_possible_truncation, reason = "each half is meant")]
fn halves(value: u128) -> [u64; 2] {
    [value as u64, (value >> 64) as u64]
}

/// The product of two polynomials of degree 63: its low half by integer multiplications with holes
/// that take up the carries, its high half as the low one of the reversed factors.
fn carryless(one: u64, other: u64) -> u128 {
    let low = carryless_low(one, other);
    let high = carryless_low(one.reverse_bits(), other.reverse_bits()).reverse_bits() >> 1;
    u128::from(high) << 64 | u128::from(low)
}

fn carryless_low(one: u64, other: u64) -> u64 {
    const HOLES: [u64; 4] = [
        0x1111_1111_1111_1111,
        0x2222_2222_2222_2222,
        0x4444_4444_4444_4444,
        0x8888_8888_8888_8888,
    ];
    let mut product = 0;
    for (place, hole) in HOLES.iter().enumerate() {
        let terms =
            (0..4).map(|i| (one & HOLES[i]).wrapping_mul(other & HOLES[(place + 4 - i) % 4]));
        product |= terms.fold(0, |sum, term| sum ^ term) & hole;
    }
    product
}
