//! Firms made for the story: nine values each, of three holders, and the bins that they fall into.

use rand::{Rng, RngExt};

pub(crate) const FEATURES: usize = 9;
pub(crate) const BINS: usize = 5;
/// Ways in which a firm can fall into the bins.
pub(crate) const KINDS: usize = BINS.pow(9);
/// Values are below this.
pub(crate) const RANGE: f64 = 100_000.0;
/// The share of the firms in each bin, of every feature; that is known.
pub(crate) const SHARES: [f64; BINS] = [0.14, 0.26, 0.24, 0.20, 0.16];
/// The holders; each has three of the features, in order.
pub(crate) const HOLDERS: [&str; 3] = ["tax", "social", "power"];

/// A firm's values.
pub(crate) struct Firm {
    pub(crate) values: [f64; FEATURES],
}

impl Firm {
    /// Whole numbers, many small and few large ones.
    pub(crate) fn drawn(rng: &mut impl Rng) -> Self {
        let mut value = || (RANGE * rng.random::<f64>().powi(2)).floor();
        Self { values: std::array::from_fn(|_| value()) }
    }

    pub(crate) fn bins(&self) -> [usize; FEATURES] {
        let bounds = bounds();
        self.values.map(|value| bounds.partition_point(|bound| *bound <= value))
    }

    /// The number of its kind: its bins are the digits, the first feature's the last.
    pub(crate) fn kind(&self) -> usize {
        self.bins().iter().rev().fold(0, |kind, bin| kind * BINS + bin)
    }
}

/// The bins of a kind.
pub(crate) fn bins_of(mut kind: usize) -> [usize; FEATURES] {
    std::array::from_fn(|_| {
        let bin = kind % BINS;
        kind /= BINS;
        bin
    })
}

/// How likely a kind is before any score is read.
pub(crate) fn likelihood(kind: usize) -> f64 {
    bins_of(kind).iter().map(|bin| SHARES[*bin]).product()
}

/// Below which value each bin ends; the last has no bound.
pub(crate) fn bounds() -> [f64; BINS - 1] {
    let mut below = 0.0;
    std::array::from_fn(|bin| {
        below += SHARES[bin];
        (RANGE * f64::powi(below, 2)).floor() + 1.0
    })
}

/// The holder and the column of a feature.
pub(crate) fn named(feature: usize) -> (&'static str, String) {
    (HOLDERS[feature / 3], format!("c{feature}"))
}
