//! What a total means, and what a file says about how the model came about.

use std::f64::consts::LN_2;

use serde::{Deserialize, Serialize};

use crate::canonical::Canonical;

/// How totals map to odds, good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// The score at which the odds are `base_odds`.
    pub base_score: i32,
    /// Good to bad; above 0.
    pub base_odds: f64,
    /// Points to double the odds; above 0.
    pub pdo: f64,
}

impl Scale {
    /// The odds, good to bad, of a score.
    #[must_use]
    pub fn odds(&self, score: i32) -> f64 {
        let doublings = (f64::from(score) - f64::from(self.base_score)) / self.pdo;
        self.base_odds * doublings.exp2()
    }

    /// Points that multiply the odds by e: pdo / ln 2.
    #[must_use]
    pub fn factor(&self) -> f64 {
        self.pdo / LN_2
    }

    /// The score at odds of 1: base_score − factor · ln base_odds.
    #[must_use]
    pub fn shift(&self) -> f64 {
        f64::from(self.base_score) - self.factor() * self.base_odds.ln()
    }
}

/// A grade and the lowest score that earns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// Shown to the lender.
    pub name: String,
    /// The lowest score with this grade.
    pub from: i32,
}

/// A fact about the training of a model, for readers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// A count.
    Integer(i64),
    /// A rate or a measure.
    Number(f64),
    /// Anything else, in words.
    Text(String),
}

impl Fact {
    pub(crate) fn write(&self, canonical: &mut Canonical) {
        match self {
            Self::Integer(integer) => {
                canonical.length(0);
                canonical.integer(*integer);
            }
            Self::Number(number) => {
                canonical.length(1);
                canonical.number(*number);
            }
            Self::Text(text) => {
                canonical.length(2);
                canonical.text(text);
            }
        }
    }
}
