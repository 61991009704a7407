//! The loops in plain code, inlined into a function for each instruction set.

use super::{TILE_COLUMNS, TILE_ROWS};

/// Words of a plane that stay in the first cache while planes are combined.
const BLOCK: usize = 256;

#[inline(always)]
pub(super) fn add_products(sum: &mut [u64], x: &[u64], k: u64, y: &[u64], l: u64) {
    for ((sum, &x), &y) in sum.iter_mut().zip(x).zip(y) {
        *sum = sum.wrapping_add(x.wrapping_mul(k)).wrapping_add(y.wrapping_mul(l));
    }
}

#[inline(always)]
pub(super) fn add_product(sum: &mut [u64], x: &[u64], k: u64) {
    for (sum, &x) in sum.iter_mut().zip(x) {
        *sum = sum.wrapping_add(x.wrapping_mul(k));
    }
}

#[inline(always)]
pub(super) fn dot_two(x: &[u64], s: &[u64], y: &[u64], t: &[u64]) -> u64 {
    let mut sum = 0u64;
    for (((&x, &s), &y), &t) in x.iter().zip(s).zip(y).zip(t) {
        sum = sum.wrapping_add(x.wrapping_mul(s)).wrapping_add(y.wrapping_mul(t));
    }
    sum
}

#[inline(always)]
pub(super) fn dot_tile(
    x: [&[u64]; TILE_ROWS],
    s: [&[u64]; TILE_COLUMNS],
    y: [&[u64]; TILE_ROWS],
    t: [&[u64]; TILE_COLUMNS],
) -> [[u64; TILE_COLUMNS]; TILE_ROWS] {
    const LANES: usize = 8;
    let len = s[0].len();
    let (x, y) = (x.map(|x| &x[..len]), y.map(|y| &y[..len]));
    let (s, t) = (s.map(|s| &s[..len]), t.map(|t| &t[..len]));
    let mut sums = [[[0u64; LANES]; TILE_COLUMNS]; TILE_ROWS];
    let whole = len - len % LANES;
    for at in (0..whole).step_by(LANES) {
        for i in 0..TILE_ROWS {
            let (x, y) = (&x[i][at..at + LANES], &y[i][at..at + LANES]);
            for j in 0..TILE_COLUMNS {
                let (s, t) = (&s[j][at..at + LANES], &t[j][at..at + LANES]);
                for lane in 0..LANES {
                    sums[i][j][lane] = sums[i][j][lane]
                        .wrapping_add(x[lane].wrapping_mul(s[lane]))
                        .wrapping_add(y[lane].wrapping_mul(t[lane]));
                }
            }
        }
    }
    let mut out = [[0; TILE_COLUMNS]; TILE_ROWS];
    for (i, row) in out.iter_mut().enumerate() {
        for (j, sum) in row.iter_mut().enumerate() {
            let lanes = sums[i][j].iter().fold(0u64, |sum, lane| sum.wrapping_add(*lane));
            let rest = dot_two(&x[i][whole..], &s[j][whole..], &y[i][whole..], &t[j][whole..]);
            *sum = lanes.wrapping_add(rest);
        }
    }
    out
}

#[inline(always)]
pub(super) fn dot(x: &[u64], s: &[u64]) -> u64 {
    let mut sum = 0u64;
    for (&x, &s) in x.iter().zip(s) {
        sum = sum.wrapping_add(x.wrapping_mul(s));
    }
    sum
}

#[inline(always)]
pub(super) fn multiply(out: &mut [u64], xa: &[u64], xb: &[u64], ya: &[u64], yb: &[u64]) {
    for ((((out, &xa), &xb), &ya), &yb) in out.iter_mut().zip(xa).zip(xb).zip(ya).zip(yb) {
        *out = xa.wrapping_mul(ya.wrapping_add(yb)).wrapping_add(xb.wrapping_mul(ya));
    }
}

#[inline(always)]
pub(super) fn and(out: &mut [u64], xa: &[u64], xb: &[u64], ya: &[u64], yb: &[u64]) {
    for ((((out, &xa), &xb), &ya), &yb) in out.iter_mut().zip(xa).zip(xb).zip(ya).zip(yb) {
        *out ^= (xa & (ya ^ yb)) ^ (xb & ya);
    }
}

#[inline(always)]
pub(super) fn to_planes(values: &[u64], low: u32, planes: &mut [u64], stride: usize, width: usize) {
    let mut block = [0u64; 64];
    for (word, rows) in values.chunks(64).enumerate() {
        block.fill(0);
        for (slot, value) in block.iter_mut().zip(rows) {
            *slot = value >> low;
        }
        transpose(&mut block);
        for (k, bits) in block.iter().enumerate().take(width) {
            planes[k * stride + word] = *bits;
        }
    }
}

/// Exchanges rows and columns of a square of 64 by 64 bits: six rounds of swaps.
#[inline(always)]
fn transpose(block: &mut [u64; 64]) {
    swap::<32>(block, 0x0000_0000_ffff_ffff);
    swap::<16>(block, 0x0000_ffff_0000_ffff);
    swap::<8>(block, 0x00ff_00ff_00ff_00ff);
    swap::<4>(block, 0x0f0f_0f0f_0f0f_0f0f);
    swap::<2>(block, 0x3333_3333_3333_3333);
    swap::<1>(block, 0x5555_5555_5555_5555);
}

/// Exchanges the high bits of each row with the low bits of the row `DISTANCE` below.
#[inline(always)]
fn swap<const DISTANCE: usize>(block: &mut [u64; 64], low: u64) {
    for pair in block.chunks_exact_mut(2 * DISTANCE) {
        let (upper, lower) = pair.split_at_mut(DISTANCE);
        for (upper, lower) in upper.iter_mut().zip(lower) {
            let changed = ((*upper >> DISTANCE) ^ *lower) & low;
            *lower ^= changed;
            *upper ^= changed << DISTANCE;
        }
    }
}

#[inline(always)]
pub(super) fn combine_into(out: &mut [u64], all: &[u64], words: usize, masks: &[Vec<usize>]) {
    for start in (0..words).step_by(BLOCK) {
        let end = (start + BLOCK).min(words);
        for (at, mask) in masks.iter().enumerate() {
            let out = &mut out[at * words + start..at * words + end];
            for &plane in mask {
                let plane = &all[plane * words + start..plane * words + end];
                for (out, word) in out.iter_mut().zip(plane) {
                    *out ^= word;
                }
            }
        }
    }
}

#[inline(always)]
pub(super) fn hide_bits(bits: &[u64], message: &mut [u64], sum: &mut [u64], shift: u32) {
    let rows = message.chunks_mut(64).zip(sum.chunks_mut(64));
    for (&bits, (message, sum)) in bits.iter().zip(rows) {
        for (row, (message, sum)) in (0u64..).zip(message.iter_mut().zip(sum)) {
            let bit = bits >> row & 1;
            *message = bit.wrapping_sub(*message);
            *sum = sum.wrapping_add(bit << shift);
        }
    }
}

#[inline(always)]
pub(super) fn add_bits(bits: &[u64], mask: &[u64], sum: &mut [u64], shift: u32) {
    let rows = mask.chunks(64).zip(sum.chunks_mut(64));
    for (&bits, (mask, sum)) in bits.iter().zip(rows) {
        for (row, (&mask, sum)) in (0u64..).zip(mask.iter().zip(sum)) {
            let chosen = (bits >> row & 1).wrapping_neg();
            *sum = sum.wrapping_add((1u64 << shift).wrapping_sub(mask << shift << 1) & chosen);
        }
    }
}

#[inline(always)]
pub(super) fn take_bits(bits: &[u64], mask: &[u64], sum: &mut [u64], shift: u32) {
    let rows = mask.chunks(64).zip(sum.chunks_mut(64));
    for (&bits, (mask, sum)) in bits.iter().zip(rows) {
        for (row, (&mask, sum)) in (0u64..).zip(mask.iter().zip(sum)) {
            let chosen = (bits >> row & 1).wrapping_neg();
            *sum = sum.wrapping_sub((mask << shift << 1) & chosen);
        }
    }
}
