//! A training job as its proposer lays it before its parties, and their countersignatures.

use std::collections::BTreeSet;

use domain::{Digest, ModelId, PartyId, Purpose, SubjectKind};
use envelope::{Envelope, PublicKey, SigningKey};
use serde::{Deserialize, Serialize};
use time::Date;

use crate::document::{MAX_PAYLOAD, decode, encode, hash};
use crate::{Document, Error};

pub(crate) mod rules;
pub(crate) mod scorecard;

pub use scorecard::{ColumnTrend, Opens, Scorecard, Trend};

/// What one joint training is: who computes, over which rows and columns, and what opens to whom.
///
/// The proposer signs it, and every other party signs the same bytes: nobody computes or uploads
/// under a job that it has not signed itself, and a job that changes is another job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The model that it makes.
    pub id: ModelId,
    /// Who proposes it: the lender, or the platform.
    pub proposer: PartyId,
    /// Who computes on shares.
    pub computing: Computing,
    /// What the model is for.
    pub purpose: Purpose,
    /// Whom the rows are about.
    pub rows: Rows,
    /// What the lender knows of its customers.
    pub label: Label,
    /// Who brings which columns, in the order of the model's weights.
    pub contributions: Vec<Contribution>,
    /// How the weights are fitted.
    pub training: Training,
    /// Where the model is a scorecard: how columns are binned, what points mean, and what opens of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scorecard: Option<Scorecard>,
    /// What opens, and to whom.
    pub outputs: Outputs,
    /// The last day on which it may be trained.
    #[serde(with = "day")]
    pub valid_until: Date,
}

/// The three parties that compute. **Any two of them together can read every row.**
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Computing {
    /// A department.
    pub department: PartyId,
    /// The platform.
    pub platform: PartyId,
    /// The lender.
    pub lender: PartyId,
}

/// The rows of a training, in their order: each is a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// The kind of their identifiers.
    pub kind: SubjectKind,
    /// How many there are.
    pub count: u32,
    /// SHA-256 of `tacit/party/v1/list`, the code of the kind and a line feed, then of the
    /// identifiers in their canonical form and in ascending order, each with a line feed after it.
    /// Whoever has a guess at the list can check it by this hash: it is for those who may have it.
    pub list: Digest,
    /// Where not every row is a customer of the lender: at least one in so many is (1 to
    /// 16). The others hide which are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<u8>,
}

/// How the lender's loans ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The lender's register.
    pub register: String,
    /// Its column: 1 where the loan was not repaid, 0 where it was.
    pub column: String,
    /// The column that says how much a row counts, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// In words: what counts as not repaid, and over which window.
    pub meaning: String,
}

/// What one party brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contribution {
    /// Who.
    pub party: PartyId,
    /// From which of its registers.
    pub register: String,
    /// Its columns: fields of the catalogue, or column names where the identifiers are opaque or the
    /// register is the lender's.
    pub columns: Vec<String>,
    /// What stands where the register has no number: in an empty cell, and in every cell of a
    /// subject that it does not have.
    pub missing: Missing,
    /// Whether one more column says which subjects the register does not have.
    #[serde(default)]
    pub absence: bool,
}

/// What stands in the place of a number that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Nothing: the training is refused.
    Refuse,
    /// The mean of those that are.
    Mean,
    /// A bin of its own, in a scorecard.
    Bin,
}

/// How the weights are fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// The ridge, in millionths: 100 to 1,000,000.
    pub ridge_millionths: u32,
    /// Newton steps after the accelerated ones: 3 to 12.
    pub newton_steps: u8,
    /// How many rows of a hundred are held out: 0 to 50.
    pub held_out_percent: u8,
}

/// What opens, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outputs {
    /// Who learns the weights.
    pub weights: Weights,
    /// Whether the lender learns each weight's standard error.
    pub standard_errors: bool,
    /// Whether the lender learns AUC, KS and the histograms that they come from.
    pub evaluation: bool,
}

/// Who learns the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// The lender alone.
    Lender,
    /// Nobody: they stay in shares.
    Nobody,
}

impl Job {
    /// The type of the payload in its envelope.
    pub const TYPE: &'static str = "application/vnd.tacit.training-job.v1+json";
    /// The fewest rows, held-out ones apart: 200 of each class must be among them.
    pub const LEAST_ROWS: u32 = 400;
    /// The most rows.
    pub const MOST_ROWS: u32 = 1 << 21;
    /// The most columns of all contributions, those of absences counted.
    pub const MOST_COLUMNS: usize = 512;
    /// The most parties.
    pub const MOST_PARTIES: usize = 64;
    /// The longest name of a register or a column, in bytes.
    pub const LONGEST_NAME: usize = 128;
    /// The longest meaning of a label, in bytes.
    pub const LONGEST_MEANING: usize = 1000;

    /// Signs with the proposer's key.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`] when its parts do not go together (the rules are those of [`Job::check`]),
    /// [`Error::Oversized`].
    pub fn sign(&self, proposer: &SigningKey) -> Result<Envelope, Error> {
        self.check()?;
        Ok(Envelope::sign(Self::TYPE, encode(Document::Job, self)?, proposer))
    }

    /// What an envelope says, if this key (the proposer's, or another party's) has signed it.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`], [`Error::Malformed`], [`Error::Oversized`], [`Error::Rule`].
    pub fn open(envelope: &Envelope, key: &PublicKey) -> Result<Self, Error> {
        let document = Document::Job;
        let payload = envelope.open(Self::TYPE, key);
        let payload = payload.map_err(|source| Error::Envelope { document, source })?;
        let job: Self = decode(document, MAX_PAYLOAD, payload)?;
        job.check()?;
        // A second spelling would let two parties sign different bytes under one digest.
        if encode(document, &job)? != payload {
            let rule = "its JSON is written in the one way that a job has";
            return Err(Error::Rule { document, rule });
        }
        Ok(job)
    }

    /// Names the job: SHA-256 of its canonical form.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`].
    pub fn digest(&self) -> Result<Digest, Error> {
        Ok(hash(&encode(Document::Job, self)?))
    }

    /// Every party of the job, once.
    #[must_use]
    pub fn parties(&self) -> BTreeSet<&PartyId> {
        let Computing { department, platform, lender } = &self.computing;
        let contributing = self.contributions.iter().map(|contribution| &contribution.party);
        contributing.chain([department, platform, lender]).collect()
    }

    /// How many columns each contribution has, absence counted.
    #[must_use]
    pub fn widths(&self) -> Vec<u16> {
        let width = |contribution: &Contribution| {
            let columns = contribution.columns.len() + usize::from(contribution.absence);
            u16::try_from(columns).unwrap_or(u16::MAX)
        };
        self.contributions.iter().map(width).collect()
    }

    /// Refuses a job whose parts do not go together.
    ///
    /// Its three computing parties are different, and the lender or the platform among them proposes
    /// it. Each of its parties (64 at most) brings its columns in one contribution, and one of them is another
    /// than the lender. A contribution names 1 or more columns, each once; there are 512 in all at
    /// most. There are 400 rows or more besides those held out, and at most 2^21. Where the rows are
    /// firms or persons, every column that is not the lender's is a field of the catalogue, and the
    /// label says what it means. A scorecard's weights open to the lender, its missing values have bins of
    /// their own, and trends are of columns that are there. Numbers keep to the bounds of [`Training`] and [`Rows`], names and
    /// texts to their lengths, in visible characters.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`], with the rule that it breaks.
    pub fn check(&self) -> Result<(), Error> {
        let document = Document::Job;
        rules::check(self).map_err(|rule| Error::Rule { document, rule })
    }
}

mod day {
    time::serde::format_description!(form, Date, "[year]-[month]-[day]");

    pub(super) use form::{deserialize, serialize};
}

#[cfg(test)]
mod tests;
