//! The steps of a verification, and what comes of them.

use std::fmt;

use domain::Digest;
use time::Duration;

use crate::{Head, Receipt};

/// The steps, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The file can be read, and has one spelling.
    Form,
    /// Subject, registry, holder and platform have signed what is theirs.
    Signatures,
    /// The authorisation's record is in the registry's log, at the tree size that it states.
    Registration,
    /// The authorisation was in force, by a statement that was fresh.
    State,
    /// The authorisation covers fields, output, purpose, model, receiver, platform and time.
    Scope,
    /// The answer opens the receipt's commitment.
    Answer,
    /// The holder's log has the release, under a checkpoint that it signed.
    Audit,
    /// The receiver has asked for it, by its own signature.
    Question,
}

impl Step {
    /// Every step there is, in order.
    pub const ALL: [Self; 8] = [
        Self::Form,
        Self::Signatures,
        Self::Registration,
        Self::State,
        Self::Scope,
        Self::Answer,
        Self::Audit,
        Self::Question,
    ];

    /// The stable word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Signatures => "signatures",
            Self::Registration => "registration",
            Self::State => "state",
            Self::Scope => "scope",
            Self::Answer => "answer",
            Self::Audit => "audit",
            Self::Question => "question",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What came of a step that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// There is nothing to check, which is not the same as passed: the release needed no
    /// authorisation, or was made before lenders signed their questions.
    NotApplicable,
}

/// A proof that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What is proved.
    pub receipt: Receipt,
    /// The receipt's id.
    pub id: Digest,
    /// The place of the release in the holder's log.
    pub sequence: u64,
    /// The holder's log, as its checkpoint states it.
    pub log: Head,
    /// What came of each step, in order.
    pub steps: Vec<(Step, Outcome)>,
}

/// A proof that does not hold, by the first step that fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {problem}")]
pub struct ProofError<S = Step> {
    /// Which step.
    pub step: S,
    /// What was expected.
    pub problem: String,
}

/// How old a registry's statement may have been at the release, and how far clocks may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// The age limit: what the holder's profile allowed, 60 s online.
    pub max_age: Duration,
    /// By how much the clocks of subject and registry may be ahead of the holder's.
    pub skew: Duration,
}

/// The limit online, 60 s, and five seconds between two clocks.
impl Default for Freshness {
    fn default() -> Self {
        Self { max_age: Duration::seconds(60), skew: Duration::seconds(5) }
    }
}
