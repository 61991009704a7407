//! How a model came about: for what, from whose data, under which papers.

use std::collections::BTreeMap;

use domain::{Digest, ModelId, PartyId, Purpose, Slot};
use scorecard::{Fact, Scorecard};
use serde::Serialize;
use time::Date;

/// How a model came about, as far as whoever writes the card knows.
///
/// A file of a model says whose slots it has and a few facts of its training; a joint training knows
/// the rest.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Provenance {
    /// What it is for.
    pub purpose: Option<Purpose>,
    /// What counts as bad, in the words of whoever has the outcomes.
    pub outcome: Option<String>,
    /// When the outcomes that it was fitted on were observed.
    pub window: Option<Window>,
    /// Who brings features.
    pub parties: Vec<PartyShare>,
    /// The training job.
    pub job: Option<JobReference>,
    /// Who learns the points.
    pub policy: Option<PointsPolicy>,
    /// The certificate over job, transcript, bins, tables and figures.
    pub certificate: Option<Digest>,
    /// The receipts of what was released for it.
    pub receipts: Vec<Digest>,
    /// What else is said of the training.
    pub facts: BTreeMap<String, Fact>,
}

/// The days between which outcomes were observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
}

/// A slot of a model, and who fills it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartyShare {
    /// The slot.
    pub slot: Slot,
    /// The party; `None` where the card is of no training.
    pub party: Option<PartyId>,
    /// How many features it brings.
    pub features: u64,
    /// Whether it is the lender itself.
    pub lender: bool,
}

/// The job that a model was trained under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JobReference {
    /// Its name.
    pub job: ModelId,
    /// The hash that every party has signed.
    pub digest: Digest,
}

/// Who learns the points of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PointsPolicy {
    /// Policy A: the lender.
    Lender,
    /// Policy B: nobody; tables are encrypted out of shares.
    Nobody,
}

impl Provenance {
    /// What a model's file says by itself. `lender` is the slot that the lender fills.
    #[must_use]
    pub fn of(card: &Scorecard, lender: Option<&Slot>) -> Self {
        let share = |slot: Slot| PartyShare {
            features: card.features().filter(|(holder, ..)| **holder == slot).count() as u64,
            party: None,
            lender: lender == Some(&slot),
            slot,
        };
        let parties = card.holders().into_iter().map(share).collect();
        Self { parties, facts: card.training().clone(), ..Self::default() }
    }
}

impl Serialize for Window {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.from.to_string(), self.until.to_string()).serialize(serializer)
    }
}
