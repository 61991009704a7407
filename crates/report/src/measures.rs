//! How well scores part good from bad, in one line.

use ndarray::{Array1, ArrayView1};
use scorecard::Separation;
use scorecard::monitoring::auc;
use serde::Serialize;

/// How well scores part good from bad.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measures {
    /// All rows.
    pub rows: u64,
    /// The bad ones.
    pub bad: u64,
    /// Their share.
    pub bad_rate: f64,
    /// The chance that a good one scores higher than a bad one.
    pub auc: f64,
    /// The interval that has the true AUC in 95 of 100 samples (DeLong); `None` where there are fewer
    /// than two rows of a class.
    pub auc_95: Option<(f64, f64)>,
    /// The greatest distance between the two distributions.
    pub ks: f64,
    /// Twice the AUC less 1.
    pub gini: f64,
}

/// The rows that share a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Segment {
    /// The value.
    pub value: String,
    /// Its rows.
    pub rows: u64,
    /// The bad ones.
    pub bad: u64,
    /// `None` where there are fewer than two rows of a class.
    pub measures: Option<Measures>,
}

impl Measures {
    /// Measures scores, the higher the better, against outcomes, `true` for bad. `None` unless there are
    /// good and bad ones.
    #[must_use]
    pub fn of(scores: ArrayView1<'_, f64>, bad: ArrayView1<'_, bool>) -> Option<Self> {
        let both: Vec<_> = scores.iter().copied().zip(bad.iter().copied()).collect();
        let separation = Separation::of(&both)?;
        let risks: Array1<f64> = scores.mapv(|score| -score);
        let bads = bads(bad);
        let rows = bad.len() as u64;
        Some(Self {
            rows,
            bad: bads,
            bad_rate: share(bads, rows),
            auc: separation.auc,
            auc_95: auc(risks.view(), bad).ok().map(|auc| auc.interval()),
            ks: separation.ks,
            gini: separation.gini(),
        })
    }

    /// The AUC with its interval as people read it: `0.7731 (0.7655–0.7807)`.
    #[must_use]
    pub fn auc_words(&self) -> String {
        match self.auc_95 {
            Some((low, high)) => format!("{:.4} ({low:.4}–{high:.4})", self.auc),
            None => format!("{:.4}", self.auc),
        }
    }
}

impl Segment {
    /// Measures the rows of one value.
    #[must_use]
    pub fn of(value: &str, scores: ArrayView1<'_, f64>, bad: ArrayView1<'_, bool>) -> Self {
        let measures = Measures::of(scores, bad).filter(|measures| measures.auc_95.is_some());
        Self { value: value.into(), rows: bad.len() as u64, bad: bads(bad), measures }
    }
}

fn bads(bad: ArrayView1<'_, bool>) -> u64 {
    bad.iter().filter(|bad| **bad).count() as u64
}

/// What some are of all; a share of nothing is nothing.
pub(crate) fn share(of: u64, all: u64) -> f64 {
    real(of) / real(all.max(1))
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
pub(crate) const fn real(count: u64) -> f64 {
    count as f64
}
