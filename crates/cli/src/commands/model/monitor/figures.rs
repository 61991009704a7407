//! What is measured, as people and programs read it.

use ndarray::Array1;
use scorecard::monitoring::{self, Calibration, Shift, Swap};
use scorecard::{Error, Gain, Separation};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::rows::Pair;

/// Everything that is said of scores and their outcomes.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    pub(super) scored: u64,
    pub(super) without_score: u64,
    pub(super) without_outcome: u64,
    /// Outcomes of whom there is no score.
    pub(super) unknown: u64,
    pub(super) all: Measures,
    pub(super) brier: Option<f64>,
    #[serde(serialize_with = "as_gains")]
    pub(super) gains: Vec<Gain>,
    pub(super) calibration: Option<Vec<Calibration>>,
    pub(super) shift: Option<Shift>,
    pub(super) segments: Vec<Segment>,
    pub(super) challenge: Option<Challenge>,
}

/// How well scores part good from bad.
#[derive(Debug, Serialize)]
pub(super) struct Measures {
    pub(super) rows: u64,
    pub(super) bad: u64,
    pub(super) bad_rate: f64,
    pub(super) auc: f64,
    /// The interval that has the true AUC in 95 of 100 samples.
    pub(super) auc_95: (f64, f64),
    pub(super) ks: f64,
    pub(super) gini: f64,
}

impl Measures {
    /// Nothing where there are fewer than two rows of a class.
    pub(super) fn of(score: &Array1<f64>, bad: &Array1<bool>) -> Option<Self> {
        let auc = monitoring::auc(score.mapv(|score| -score).view(), bad.view()).ok()?;
        let both: Vec<_> = score.iter().copied().zip(bad.iter().copied()).collect();
        let separation = Separation::of(&both)?;
        let bads = bad.iter().filter(|bad| **bad).count() as u64;
        let rows = bad.len() as u64;
        Some(Self {
            rows,
            bad: bads,
            bad_rate: super::share(bads, rows),
            auc: auc.area,
            auc_95: auc.interval(),
            ks: separation.ks,
            gini: separation.gini(),
        })
    }

    /// `0.7731 (0.7655–0.7807)`.
    pub(super) fn auc_words(&self) -> String {
        let (low, high) = self.auc_95;
        format!("{:.4} ({low:.4}–{high:.4})", self.auc)
    }
}

/// The rows that share a value.
#[derive(Debug, Serialize)]
pub(super) struct Segment {
    pub(super) value: String,
    pub(super) rows: u64,
    pub(super) bad: u64,
    pub(super) measures: Option<Measures>,
}

/// Another model against the one in use, over the rows that both have scored.
#[derive(Debug, Serialize)]
pub(super) struct Challenge {
    pub(super) rows: u64,
    /// The challenger's AUC less the champion's, and how probable it is where there is no difference.
    pub(super) difference: f64,
    pub(super) p: f64,
    pub(super) swap: Swap,
}

impl Challenge {
    pub(super) fn of(pair: &Pair, approve_from: f64) -> Result<Self, Error> {
        let Pair { champion, challenger, bad } = pair;
        let [first, second] = [champion, challenger].map(|scores| scores.mapv(|score| -score));
        let found = monitoring::compare_aucs(first.view(), second.view(), bad.view())?;
        let swap =
            monitoring::swap_set(champion.view(), challenger.view(), bad.view(), approve_from)?;
        let rows = bad.len() as u64;
        Ok(Self { rows, difference: found.difference, p: found.p, swap })
    }
}

fn as_gains<S: Serializer>(gains: &[Gain], to: S) -> Result<S::Ok, S::Error> {
    let gain = |gain: &Gain| {
        json!({
            "group": gain.group, "good": gain.good, "bad": gain.bad, "bad_rate": gain.badrate,
            "lift": gain.lift, "bad_so_far": gain.cumbad, "good_so_far": gain.cumgood, "ks": gain.ks,
        })
    };
    gains.iter().map(gain).collect::<Vec<Value>>().serialize(to)
}
