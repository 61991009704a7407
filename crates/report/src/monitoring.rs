//! What a score in use shows once outcomes are known.

use ndarray::Array1;
use scorecard::Error;
use scorecard::monitoring::{Shift, Swap, compare_aucs, swap_set};
use serde::Serialize;

use crate::{Measures, Performance, Segment, Source};

/// Everything that is said of the scores of a model in use and their outcomes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Monitoring {
    /// The scores.
    pub scores: Source,
    /// What came of them.
    pub outcomes: Source,
    /// Subjects with a score.
    pub scored: u64,
    /// Rows with a note instead of a score.
    pub without_score: u64,
    /// Subjects with a score whose outcome is not known.
    pub without_outcome: u64,
    /// Outcomes of subjects without a score.
    pub unknown: u64,
    /// Of the subjects with both.
    #[serde(flatten)]
    pub performance: Performance,
    /// How far the population has moved; `None` without scores of before.
    pub shift: Option<Shift>,
    /// How well the score did before; `None` without outcomes of before.
    pub before: Option<Before>,
    /// By the values of a column.
    pub segments: Vec<Segment>,
    /// What another model would have decided.
    pub challenge: Option<Challenge>,
}

/// How well a score did on the population of before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Before {
    /// The outcomes of then.
    pub outcomes: Source,
    /// Of the subjects with a score and an outcome then.
    pub measures: Measures,
}

/// Another model against the one in use, over the rows that both have scored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Challenge {
    /// The rows.
    pub rows: u64,
    /// The score from which the model in use approves.
    pub approve_from: f64,
    /// The challenger's AUC less the champion's.
    pub difference: f64,
    /// How probable a difference is to be this far from 0 where there is none.
    pub p: f64,
    /// Who approves whom.
    pub swap: Swap,
}

impl Challenge {
    /// Compares the scores of two models for the same rows, the higher the better.
    ///
    /// # Errors
    ///
    /// [`Error::Measure`] where columns have different lengths, there are fewer than two rows of a class,
    /// or the champion approves nobody.
    pub fn of(
        champion: &Array1<f64>,
        challenger: &Array1<f64>,
        bad: &Array1<bool>,
        approve_from: f64,
    ) -> Result<Self, Error> {
        let [first, second] = [champion, challenger].map(|scores| scores.mapv(|score| -score));
        let found = compare_aucs(first.view(), second.view(), bad.view())?;
        let swap = swap_set(champion.view(), challenger.view(), bad.view(), approve_from)?;
        let rows = bad.len() as u64;
        Ok(Self { rows, approve_from, difference: found.difference, p: found.p, swap })
    }
}
