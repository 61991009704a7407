//! How large an encoding is, so that it fails with probability at most 2^-40.

use super::number::{exp, ln, ln_factorial};

/// How many items a bin has on average, at most: its part of the vector, 0.7 MB, stays in the
/// second-level cache.
const BIN: u64 = 1 << 15;
/// An encoding fails, as a whole, with probability at most 2^-STATISTICAL.
const STATISTICAL: f64 = 40.0;

/// The shape of an encoding; both sides compute it from the agreed number of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// How many items are encoded.
    pub(crate) items: u64,
    pub(crate) bins: usize,
    /// The most items that a bin may have.
    pub(crate) most: usize,
    /// Sparse columns of a bin, of which each row has three; fewer than 2^16.
    pub(crate) sparse: usize,
    /// Dense columns of a bin.
    pub(crate) dense: usize,
}

impl Shape {
    /// The shape for so many items, where this many encodings may fail with probability 2^-40 together.
    pub(crate) fn new(items: u64, parts: u32) -> Self {
        let bins = items.div_ceil(BIN).max(1);
        let exponent = STATISTICAL + ln(bins as f64 * f64::from(parts.max(1))) / ln(2.0);
        let most = if bins == 1 { items } else { largest_load(items, bins, exponent) };
        // > §V2.2 e = 1.223 + (s + 9.2) / 2^(0.555 log2 n + 0.093 w^3 - 1.01 w^2 + 2.925 w - 0.133)
        let load = most.max(1) as f64;
        let w = ln(3.0) / ln(2.0);
        let line =
            0.555 * ln(load) / ln(2.0) + 0.093 * w * w * w - 1.01 * w * w + 2.925 * w - 0.133;
        let expansion = 1.223 + (exponent + 9.2) / exp(line * ln(2.0));
        let sparse = (expansion * load).ceil();
        let dense = (exponent / (ln(expansion * load) / ln(2.0))).floor().max(1.0);
        Self {
            items,
            bins: number(bins as f64),
            most: number(most as f64),
            sparse: number(sparse),
            dense: number(dense),
        }
    }

    /// Columns of a bin.
    pub(crate) fn width(&self) -> usize {
        self.sparse + self.dense
    }

    /// Columns of all bins: the length of the vector.
    pub(crate) fn size(&self) -> u64 {
        self.bins as u64 * self.width() as u64
    }

    /// The bin of a row.
    ///
    /// > §V2.3 floor(bins word_3 / 2^32)
    #[inline(always)]
    pub(crate) fn bin(&self, hash: u128) -> usize {
        (((hash >> 96) as u64 * self.bins as u64) >> 32) as usize
    }
}

/// The most of so many items that fall into any of these buckets, but with probability 2^-40.
pub(crate) fn most_of(items: u64, buckets: u32) -> u64 {
    if buckets <= 1 {
        return items;
    }
    let exponent = STATISTICAL + ln(f64::from(buckets)) / ln(2.0);
    largest_load(items, buckets.into(), exponent)
}

/// The least load that no bin exceeds, but with probability 2^-exponent for each.
fn largest_load(items: u64, bins: u64, exponent: f64) -> u64 {
    let bound = -exponent * ln(2.0);
    let (mut low, mut high) = (items / bins, items);
    while low < high {
        let middle = low + (high - low) / 2;
        if ln_tail(items as f64, 1.0 / bins as f64, middle as f64) <= bound {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// ln of an upper bound of `Pr[Bin(n, p) > k]`, k not below the mean: the first term, and after it
/// a geometric series.
fn ln_tail(n: f64, p: f64, k: f64) -> f64 {
    let x = k + 1.0;
    if x > n {
        return f64::NEG_INFINITY;
    }
    let term =
        ln_factorial(n) - ln_factorial(x) - ln_factorial(n - x) + x * ln(p) + (n - x) * ln(1.0 - p);
    let ratio = (n - x) * p / ((x + 1.0) * (1.0 - p));
    if ratio >= 1.0 { 0.0 } else { term - ln(1.0 - ratio) }
}

#[expect(clippy::cast_possible_truncation, reason = "sizes are positive and far below 2^53")]
fn number(size: f64) -> usize {
    size as usize
}
