//! Tables that are made up, from a seed.

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use crate::support::exact::Table;

/// Numbers from a seed.
pub(crate) struct Made(ChaCha20Rng);

impl Made {
    pub(crate) fn from(seed: u64) -> Self {
        Self(ChaCha20Rng::seed_from_u64(seed))
    }

    /// From 0 to 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Of mean 0 and deviation 1.
    pub(crate) fn normal(&mut self) -> f64 {
        let sum: f64 = (0..12).map(|_| self.uniform()).sum();
        sum - 6.0
    }

    pub(crate) fn normals(&mut self, rows: usize) -> Vec<f64> {
        (0..rows).map(|_| self.normal()).collect()
    }

    /// Bad with the probability that the logit says.
    pub(crate) fn bad(&mut self, logit: f64) -> bool {
        self.uniform() < 1.0 / (1.0 + (-logit).exp())
    }

    /// Independent columns, and outcomes by these slopes and this intercept.
    pub(crate) fn table(&mut self, rows: usize, slopes: &[f64], intercept: f64) -> Table {
        let columns: Vec<_> = slopes.iter().map(|_| self.normals(rows)).collect();
        let mut weights = slopes.to_vec();
        weights.push(intercept);
        let logits = Table { columns: columns.clone(), bad: vec![false; rows] }.logits(&weights);
        let bad = logits.into_iter().map(|z| self.bad(z)).collect();
        Table { columns, bad }
    }
}
