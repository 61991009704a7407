//! Products of matrices and vectors, block by block so that a block stays in the cache.

use std::array::from_fn;
use std::ops::Range;

use rayon::prelude::*;

use crate::simd::{self, TILE_COLUMNS, TILE_ROWS};
use crate::words::Pair;

/// Rows of a block: its sums stay in the first cache while columns stream by.
const ROWS: usize = 1 << 11;
/// Rows of a block of inner products: two vectors stay in the second cache.
const INNER: usize = 1 << 9;

/// What a role computes alone of `X v`: `x_a (v_a + v_b) + x_b v_a` for each entry, or `x_a v_a`
/// where there is one component.
pub(crate) fn matvec(columns: &[Pair<'_>], rows: Range<usize>, vector: Pair<'_>) -> Vec<u64> {
    let mut sums = vec![0; rows.len()];
    sums.par_chunks_mut(ROWS).enumerate().for_each(|(block, sums)| {
        let start = rows.start + block * ROWS;
        let rows = start..start + sums.len();
        for (j, column) in columns.iter().enumerate() {
            let a = vector.a[j];
            match vector.b.get(j) {
                Some(&b) => {
                    let (x, y) = (&column.a[rows.clone()], &column.b[rows.clone()]);
                    simd::add_products(sums, x, a.wrapping_add(b), y, a);
                }
                None => simd::add_product(sums, &column.a[rows.clone()], a),
            }
        }
    });
    sums
}

/// What a role computes alone of `Xᵀ r`.
pub(crate) fn transposed(columns: &[Pair<'_>], rows: Range<usize>, vector: Pair<'_>) -> Vec<u64> {
    let factor = Factor::new(vector);
    let blocks = rows.len().div_ceil(ROWS);
    let block = |block: usize| {
        let within = block * ROWS..rows.len().min((block + 1) * ROWS);
        let at = rows.start + within.start..rows.start + within.end;
        let sum = |column| factor.dot(column, at.clone(), within.clone());
        columns.iter().map(sum).collect::<Vec<u64>>()
    };
    let add = |mut sums: Vec<u64>, block: Vec<u64>| {
        sums.iter_mut().zip(block).for_each(|(sum, part)| *sum = sum.wrapping_add(part));
        sums
    };
    let zeros = || vec![0; columns.len()];
    (0..blocks).into_par_iter().map(block).reduce(zeros, add)
}

/// What a role computes alone of the upper triangle of `Xᵀ U` over some rows of X.
pub(crate) fn gram(columns: &[Pair<'_>], rows: Range<usize>, others: &[Pair<'_>]) -> Vec<u64> {
    let factors: Vec<Factor<'_>> = others.iter().map(|other| Factor::new(*other)).collect();
    let size = columns.len();
    let block = |block: usize| {
        let within = block * INNER..rows.len().min((block + 1) * INNER);
        let at = rows.start + within.start..rows.start + within.end;
        triangle(columns, at, &factors, within)
    };
    let add = |mut sums: Vec<u64>, block: Vec<u64>| {
        sums.iter_mut().zip(block).for_each(|(sum, part)| *sum = sum.wrapping_add(part));
        sums
    };
    let zeros = || vec![0; size * (size + 1) / 2];
    (0..rows.len().div_ceil(INNER)).into_par_iter().map(block).reduce(zeros, add)
}

/// The upper triangle of a block, tile by tile: for each column, its rows down to the diagonal.
fn triangle(
    columns: &[Pair<'_>],
    at: Range<usize>,
    factors: &[Factor<'_>],
    within: Range<usize>,
) -> Vec<u64> {
    let size = columns.len();
    let mut sums = vec![0; size * (size + 1) / 2];
    for right in (0..size).step_by(TILE_COLUMNS) {
        // What is beyond the edge is computed of the last column, and dropped.
        let factor = |j: usize| &factors[(right + j).min(size - 1)];
        let most = (right + TILE_COLUMNS - 1).min(size - 1);
        for left in (0..=most).step_by(TILE_ROWS) {
            let column = |i: usize| &columns[(left + i).min(size - 1)];
            let tile = tile(from_fn(column), at.clone(), from_fn(factor), within.clone());
            for (i, row) in tile.iter().enumerate() {
                for (j, sum) in row.iter().enumerate() {
                    let (i, j) = (left + i, right + j);
                    if i <= j && j < size {
                        sums[i + j * (j + 1) / 2] = *sum;
                    }
                }
            }
        }
    }
    sums
}

/// The inner products of some columns at some rows with some factors' numbers at others.
fn tile(
    columns: [&Pair<'_>; TILE_ROWS],
    at: Range<usize>,
    factors: [&Factor<'_>; TILE_COLUMNS],
    within: Range<usize>,
) -> [[u64; TILE_COLUMNS]; TILE_ROWS] {
    if factors.iter().any(|factor| factor.sum.is_empty()) {
        let dot = |column| factors.map(|factor| factor.dot(column, at.clone(), within.clone()));
        return columns.map(dot);
    }
    simd::dot_tile(
        columns.map(|column| &column.a[at.clone()]),
        factors.map(|factor| &factor.sum[within.clone()]),
        columns.map(|column| &column.b[at.clone()]),
        factors.map(|factor| &factor.vector.a[within.clone()]),
    )
}

/// What a role computes alone of `w ∘ x` for each column x.
pub(crate) fn scale_rows(columns: &[Pair<'_>], rows: Range<usize>, vector: Pair<'_>) -> Vec<u64> {
    let mut out = vec![0; columns.len() * rows.len()];
    if rows.is_empty() {
        return out;
    }
    out.par_chunks_mut(rows.len()).zip(columns).for_each(|(out, column)| {
        let a = &column.a[rows.clone()];
        let b = column.b.get(rows.clone()).unwrap_or_default();
        multiply_into(out, a, b, vector);
    });
    out
}

/// What a role computes alone of `A B`, column after column.
pub(crate) fn matmul(left: &[Pair<'_>], right: &[Pair<'_>]) -> Vec<u64> {
    let rows = left.first().map_or(0, |column| column.a.len());
    let column = |column: &Pair<'_>| matvec_in_place(left, rows, *column);
    right.par_iter().flat_map_iter(column).collect()
}

/// What a role computes alone of `x ∘ y`.
pub(crate) fn multiply(x: Pair<'_>, y: Pair<'_>) -> Vec<u64> {
    let mut out = vec![0; x.a.len()];
    multiply_into(&mut out, x.a, x.b, y);
    out
}

fn matvec_in_place(columns: &[Pair<'_>], rows: usize, vector: Pair<'_>) -> Vec<u64> {
    let mut sums = vec![0; rows];
    for (j, column) in columns.iter().enumerate() {
        let a = vector.a[j];
        match vector.b.get(j) {
            Some(&b) => {
                simd::add_products(&mut sums, column.a, a.wrapping_add(b), column.b, a);
            }
            None => simd::add_product(&mut sums, column.a, a),
        }
    }
    sums
}

fn multiply_into(out: &mut [u64], a: &[u64], b: &[u64], y: Pair<'_>) {
    match y.b.is_empty() {
        false => simd::multiply(out, a, b, y.a, y.b),
        true => out.iter_mut().zip(a).zip(y.a).for_each(|((out, x), y)| *out = x.wrapping_mul(*y)),
    }
}

/// A vector that many others are multiplied by: with the sum of its components at hand.
struct Factor<'a> {
    vector: Pair<'a>,
    /// `a + b`, where there is a second component.
    sum: Vec<u64>,
}

impl<'a> Factor<'a> {
    fn new(vector: Pair<'a>) -> Self {
        let sum = match vector.b.is_empty() {
            true => Vec::new(),
            false => crate::words::zipped(vector.a, vector.b, u64::wrapping_add),
        };
        Self { vector, sum }
    }

    /// The inner product of `column` at some rows with the factor's numbers at others.
    fn dot(&self, column: &Pair<'_>, at: Range<usize>, within: Range<usize>) -> u64 {
        let a = &self.vector.a[within.clone()];
        match self.sum.get(within) {
            Some(sum) if !self.sum.is_empty() => {
                simd::dot_two(&column.a[at.clone()], sum, &column.b[at], a)
            }
            _ => simd::dot(&column.a[at], a),
        }
    }
}

impl Drop for Factor<'_> {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.sum);
    }
}
