//! The same with the instructions of x86-64. Each function may be called only where the CPU has
//! the features that stand above it; `mod.rs` sees to that.

// A glob, because three dozen instructions are named here and nothing else of that module.
use std::arch::x86_64::*;
use std::array;

use super::{LANES, portable};
use crate::code::BLOCK;

/// Sixteen blocks in four registers, or the children of eight.
type Four = [__m512i; 4];

/// The round keys of AES-128.
#[target_feature(enable = "aes")]
pub(super) fn expand(key: u128) -> [u128; 11] {
    macro_rules! next {
        ($round:ident, $place:literal, $constant:literal) => {{
            let before = from_number($round[$place - 1]);
            let word = _mm_shuffle_epi32(_mm_aeskeygenassist_si128(before, $constant), 0xff);
            let mut sum = before;
            for _ in 0..3 {
                sum = _mm_xor_si128(before, _mm_slli_si128(sum, 4));
            }
            $round[$place] = to_number(_mm_xor_si128(sum, word));
        }};
    }
    let mut round = [key; 11];
    next!(round, 1, 0x01);
    next!(round, 2, 0x02);
    next!(round, 3, 0x04);
    next!(round, 4, 0x08);
    next!(round, 5, 0x10);
    next!(round, 6, 0x20);
    next!(round, 7, 0x40);
    next!(round, 8, 0x80);
    next!(round, 9, 0x1b);
    next!(round, 10, 0x36);
    round
}

#[target_feature(enable = "aes,avx2")]
pub(super) fn hash_narrow(round: &[u128; 11], inputs: &[u128], outputs: &mut [u128]) {
    let keys = round.map(from_number);
    in_blocks(inputs, outputs, |inputs, outputs| *outputs = hash_eight(&keys, inputs));
}

#[target_feature(enable = "aes,avx2")]
pub(super) fn double_narrow(
    left: &[u128; 11],
    right: &[u128; 11],
    parents: &[[u128; 8]],
    children: &mut [[u128; 16]],
) {
    let (left, right) = (left.map(from_number), right.map(from_number));
    for (parents, children) in parents.iter().zip(children) {
        children[..8].copy_from_slice(&hash_eight(&left, parents));
        children[8..].copy_from_slice(&hash_eight(&right, parents));
    }
}

#[inline]
#[target_feature(enable = "aes,avx2")]
fn hash_eight(keys: &[__m128i; 11], inputs: &[u128; 8]) -> [u128; 8] {
    let inputs = inputs.map(from_number);
    let mut state = inputs.map(|input| _mm_xor_si128(input, keys[0]));
    for key in &keys[1..10] {
        state = state.map(|state| _mm_aesenc_si128(state, *key));
    }
    state = state.map(|state| _mm_aesenclast_si128(state, keys[10]));
    array::from_fn(|i| to_number(_mm_xor_si128(state[i], inputs[i])))
}

#[target_feature(enable = "avx512f,vaes")]
pub(super) fn hash_wide(round: &[u128; 11], inputs: &[u128], outputs: &mut [u128]) {
    let keys = round.map(|key| _mm512_broadcast_i32x4(from_number(key)));
    in_blocks(inputs, outputs, |inputs: &[u128; 16], outputs| {
        let inputs = load(inputs);
        let mut state = inputs.map(|input| _mm512_xor_si512(input, keys[0]));
        for key in &keys[1..10] {
            state = state.map(|state| _mm512_aesenc_epi128(state, *key));
        }
        state = state.map(|state| _mm512_aesenclast_epi128(state, keys[10]));
        store(outputs, array::from_fn(|i| _mm512_xor_si512(state[i], inputs[i])));
    });
}

#[target_feature(enable = "avx512f,vaes")]
pub(super) fn double_wide(
    left: &[u128; 11],
    right: &[u128; 11],
    parents: &[[u128; 8]],
    children: &mut [[u128; 16]],
) {
    let left = left.map(|key| _mm512_broadcast_i32x4(from_number(key)));
    let right = right.map(|key| _mm512_broadcast_i32x4(from_number(key)));
    for (parents, children) in parents.iter().zip(children) {
        let (low, high) = (load_four(&parents[..4]), load_four(&parents[4..]));
        let inputs = [low, high, low, high];
        let key = |round: usize| [left[round], left[round], right[round], right[round]];
        let first = key(0);
        let mut state: Four = array::from_fn(|i| _mm512_xor_si512(inputs[i], first[i]));
        for round in 1..10 {
            let key = key(round);
            state = array::from_fn(|i| _mm512_aesenc_epi128(state[i], key[i]));
        }
        let last = key(10);
        state = array::from_fn(|i| _mm512_aesenclast_epi128(state[i], last[i]));
        store(children, array::from_fn(|i| _mm512_xor_si512(state[i], inputs[i])));
    }
}

#[target_feature(enable = "pclmulqdq,avx2")]
pub(super) fn multiply_add_narrow(values: &[u128], factor: u128, sums: &mut [u128]) {
    let factor = from_number(factor);
    for (value, sum) in values.iter().zip(sums) {
        *sum ^= to_number(reduce(product(from_number(*value), factor)));
    }
}

#[target_feature(enable = "pclmulqdq,avx2")]
pub(super) fn evaluate_add_narrow(coefficients: &[u128], points: &[u128], sums: &mut [u128]) {
    for (point, sum) in points.iter().zip(sums) {
        let point = from_number(*point);
        let value = coefficients.iter().rev().fold(_mm_setzero_si128(), |value, c| {
            reduce(product(_mm_xor_si128(value, from_number(*c)), point))
        });
        *sum ^= to_number(value);
    }
}

#[target_feature(enable = "pclmulqdq,avx2")]
pub(super) fn universal_hash_narrow(values: &[u128], powers: &[u128; LANES]) -> u128 {
    let powers = powers.map(from_number);
    let mut hash = _mm_setzero_si128();
    // From the last value to the first, so that each step raises what came after it.
    for values in values.rchunks(LANES) {
        let mut sum = product(hash, powers[values.len() - 1]);
        for (value, power) in values.iter().zip(&powers) {
            let (low, high) = product(from_number(*value), *power);
            sum = (_mm_xor_si128(sum.0, low), _mm_xor_si128(sum.1, high));
        }
        hash = reduce(sum);
    }
    to_number(hash)
}

#[target_feature(enable = "avx512f,vpclmulqdq")]
pub(super) fn multiply_add_wide(values: &[u128], factor: u128, sums: &mut [u128]) {
    let factor = _mm512_broadcast_i32x4(from_number(factor));
    in_blocks(values, sums, |values: &[u128; 16], sums| {
        let (values, before) = (load(values), load(sums));
        let products = values.map(|value| reduce_wide(product_wide(value, factor)));
        store(sums, array::from_fn(|i| _mm512_xor_si512(before[i], products[i])));
    });
}

#[target_feature(enable = "avx512f,vpclmulqdq")]
pub(super) fn evaluate_add_wide(coefficients: &[u128], points: &[u128], sums: &mut [u128]) {
    in_blocks(points, sums, |points: &[u128; 16], sums| {
        let (points, before) = (load(points), load(sums));
        let mut values = [_mm512_setzero_si512(); 4];
        for coefficient in coefficients.iter().rev() {
            let coefficient = _mm512_broadcast_i32x4(from_number(*coefficient));
            values = array::from_fn(|i| {
                let value = _mm512_xor_si512(values[i], coefficient);
                reduce_wide(product_wide(value, points[i]))
            });
        }
        store(sums, array::from_fn(|i| _mm512_xor_si512(before[i], values[i])));
    });
}

#[target_feature(enable = "avx512f,vpclmulqdq,pclmulqdq,avx2")]
pub(super) fn universal_hash_wide(values: &[u128], powers: &[u128; LANES]) -> u128 {
    // What does not fill a step comes first in the order of the steps, which is from the end.
    let (whole, rest) = values.as_chunks::<LANES>();
    let mut hash = from_number(universal_hash_narrow(rest, powers));
    let highest = from_number(powers[LANES - 1]);
    let powers = load(powers);
    for values in whole.iter().rev() {
        let values = load(values);
        let mut sum = product_wide(values[0], powers[0]);
        for i in 1..4 {
            let (low, high) = product_wide(values[i], powers[i]);
            sum = (_mm512_xor_si512(sum.0, low), _mm512_xor_si512(sum.1, high));
        }
        let (low, high) = product(hash, highest);
        hash = reduce((_mm_xor_si128(low, together(sum.0)), _mm_xor_si128(high, together(sum.1))));
    }
    to_number(hash)
}

#[target_feature(enable = "avx2")]
pub(super) fn accumulate_narrow(values: &mut [u128; BLOCK], coefficients: &[u32; BLOCK]) {
    let main = BLOCK - 25;
    for place in 0..main {
        let (value, bits) = (values[place], coefficients[place]);
        for (step, other) in values[place + 1..place + 26].iter_mut().enumerate() {
            *other ^= value & u128::from(bits >> step & 1).wrapping_neg();
        }
    }
    portable::accumulate(values, coefficients, main);
}

/// Holds a window of 32 elements in eight registers: four of them at a time get their value, are
/// added where their bits say, and leave.
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) fn accumulate_wide(values: &mut [u128; BLOCK], coefficients: &[u32; BLOCK]) {
    const WINDOW: usize = 32;
    let places: [__m512i; 8] = array::from_fn(|register| {
        let bit = |element: usize| 1_i64 << (4 * register + element);
        let [a, b, c, d] = array::from_fn(bit);
        _mm512_set_epi64(d, d, c, c, b, b, a, a)
    });
    let mut window: [__m512i; 8] = array::from_fn(|i| load_four(&values[4 * i..4 * i + 4]));
    macro_rules! add {
        ($coefficients:ident, $element:literal) => {{
            let value = _mm512_shuffle_i64x2(window[0], window[0], $element * 0x55);
            let bits = i64::from($coefficients[$element]) << ($element + 1);
            let bits = _mm512_set1_epi64(bits);
            for (register, places) in window.iter_mut().zip(&places) {
                let mask = _mm512_test_epi64_mask(bits, *places);
                *register = _mm512_mask_xor_epi64(*register, mask, *register, value);
            }
        }};
    }
    let (groups, _) = coefficients.as_chunks::<4>();
    for (group, coefficients) in groups[..(BLOCK - WINDOW) / 4].iter().enumerate() {
        add!(coefficients, 0);
        add!(coefficients, 1);
        add!(coefficients, 2);
        add!(coefficients, 3);
        let first = 4 * group;
        store_four(&mut values[first..first + 4], window[0]);
        window.rotate_left(1);
        window[7] = load_four(&values[first + WINDOW..first + WINDOW + 4]);
    }
    for (values, register) in values[BLOCK - WINDOW..].chunks_exact_mut(4).zip(window) {
        store_four(values, register);
    }
    portable::accumulate(values, coefficients, BLOCK - WINDOW);
}

#[target_feature(enable = "avx2")]
pub(super) fn gather<const W: usize>(
    values: &[u128; BLOCK],
    places: &[[u16; W]],
    sums: &mut [u128],
) {
    portable::gather(values, places, sums);
}

/// Cuts both slices into blocks of `N`; what is left over is worked on in a block of its own.
#[inline(always)]
fn in_blocks<const N: usize>(
    inputs: &[u128],
    outputs: &mut [u128],
    mut work: impl FnMut(&[u128; N], &mut [u128; N]),
) {
    let length = inputs.len().min(outputs.len());
    let (whole, rest) = inputs[..length].as_chunks::<N>();
    let (outputs, end) = outputs[..length].as_chunks_mut::<N>();
    for (inputs, outputs) in whole.iter().zip(outputs) {
        work(inputs, outputs);
    }
    if !rest.is_empty() {
        let (mut inputs, mut outputs) = ([0; N], [0; N]);
        inputs[..rest.len()].copy_from_slice(rest);
        outputs[..rest.len()].copy_from_slice(end);
        work(&inputs, &mut outputs);
        end.copy_from_slice(&outputs[..rest.len()]);
    }
}

/// The product of two polynomials of degree 127, its low and its high half.
#[inline]
#[target_feature(enable = "pclmulqdq")]
fn product(one: __m128i, other: __m128i) -> (__m128i, __m128i) {
    let low = _mm_clmulepi64_si128(one, other, 0x00);
    let high = _mm_clmulepi64_si128(one, other, 0x11);
    let middle = _mm_xor_si128(
        _mm_clmulepi64_si128(one, other, 0x10),
        _mm_clmulepi64_si128(one, other, 0x01),
    );
    let low = _mm_xor_si128(low, _mm_slli_si128(middle, 8));
    (low, _mm_xor_si128(high, _mm_srli_si128(middle, 8)))
}

/// Reduces by X^128 + X^7 + X^2 + X + 1: the top quarter first, then the third.
#[inline]
#[target_feature(enable = "pclmulqdq")]
fn reduce((low, high): (__m128i, __m128i)) -> __m128i {
    let polynomial = _mm_set_epi64x(0, 0x87);
    let top = _mm_clmulepi64_si128(high, polynomial, 0x01);
    let high = _mm_xor_si128(high, _mm_srli_si128(top, 8));
    let low = _mm_xor_si128(low, _mm_slli_si128(top, 8));
    _mm_xor_si128(low, _mm_clmulepi64_si128(high, polynomial, 0x00))
}

#[inline]
#[target_feature(enable = "avx512f,vpclmulqdq")]
fn product_wide(one: __m512i, other: __m512i) -> (__m512i, __m512i) {
    let low = _mm512_clmulepi64_epi128(one, other, 0x00);
    let high = _mm512_clmulepi64_epi128(one, other, 0x11);
    let middle = _mm512_xor_si512(
        _mm512_clmulepi64_epi128(one, other, 0x10),
        _mm512_clmulepi64_epi128(one, other, 0x01),
    );
    let low = _mm512_xor_si512(low, upper(middle));
    (low, _mm512_xor_si512(high, lower(middle)))
}

#[inline]
#[target_feature(enable = "avx512f,vpclmulqdq")]
fn reduce_wide((low, high): (__m512i, __m512i)) -> __m512i {
    let polynomial = _mm512_set_epi64(0, 0x87, 0, 0x87, 0, 0x87, 0, 0x87);
    let top = _mm512_clmulepi64_epi128(high, polynomial, 0x01);
    let high = _mm512_xor_si512(high, lower(top));
    let low = _mm512_xor_si512(low, upper(top));
    _mm512_xor_si512(low, _mm512_clmulepi64_epi128(high, polynomial, 0x00))
}

/// The low half of each 128 bits in the place of the high one, and 0 in its own.
#[inline]
#[target_feature(enable = "avx512f")]
fn upper(value: __m512i) -> __m512i {
    _mm512_maskz_permutex_epi64::<0b1010_0000>(0b1010_1010, value)
}

/// The high half of each 128 bits in the place of the low one, and 0 in its own.
#[inline]
#[target_feature(enable = "avx512f")]
fn lower(value: __m512i) -> __m512i {
    _mm512_maskz_permutex_epi64::<0b1111_0101>(0b0101_0101, value)
}

/// The sum of the four elements.
#[inline]
#[target_feature(enable = "avx512f,avx2")]
fn together(value: __m512i) -> __m128i {
    let half =
        _mm256_xor_si256(_mm512_castsi512_si256(value), _mm512_extracti64x4_epi64::<1>(value));
    _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256::<1>(half))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(values: &[u128; 16]) -> Four {
    array::from_fn(|i| load_four(&values[4 * i..4 * i + 4]))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(values: &mut [u128; 16], registers: Four) {
    for (values, register) in values.chunks_exact_mut(4).zip(registers) {
        store_four(values, register);
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_four(values: &[u128]) -> __m512i {
    assert!(values.len() == 4, "a register has four elements");
    // SAFETY: 64 bytes are readable there, by the line above, and need no alignment.
    unsafe { _mm512_loadu_si512(values.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store_four(values: &mut [u128], register: __m512i) {
    assert!(values.len() == 4, "a register has four elements");
    // SAFETY: 64 bytes are writable there, by the line above, and need no alignment.
    unsafe { _mm512_storeu_si512(values.as_mut_ptr().cast(), register) }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "each half is meant")]
fn from_number(value: u128) -> __m128i {
    // SAFETY: SSE2 is part of x86-64.
    unsafe { _mm_set_epi64x((value >> 64) as i64, value as i64) }
}

#[inline]
fn to_number(value: __m128i) -> u128 {
    // SAFETY: both are 16 bytes of plain bits, and x86-64 is little-endian.
    unsafe { std::mem::transmute(value) }
}
