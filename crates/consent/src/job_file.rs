//! The file in which a lender or a platform describes a training job.

use std::path::PathBuf;

use domain::{CheckMode, Digest, ModelId, PartyId, Purpose, SubjectKind};
use time::Date;

use crate::Error;
use crate::job::{Computing, Contribution, Job, Label, Outputs, Rows, Scorecard, Training};

mod form;

/// A training job as its proposer writes it, in TOML: everything but how many rows there are and
/// which, for these stand in the file that it names.
///
/// [`JobFile::SAMPLE`] shows every key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFile {
    /// The model that it makes.
    pub id: ModelId,
    /// What the model is for.
    pub purpose: Purpose,
    /// The last day on which it may be trained.
    pub valid_until: Date,
    /// Who computes on shares.
    pub computing: Computing,
    /// Where the list of rows is.
    pub rows: RowsFile,
    /// What the lender knows of its customers.
    pub label: Label,
    /// Who brings which columns.
    pub contributions: Vec<Contribution>,
    /// How the weights are fitted.
    pub training: Training,
    /// How columns are binned and what points mean, where the model is a scorecard.
    pub scorecard: Option<Scorecard>,
    /// What opens, and to whom.
    pub outputs: Outputs,
}

/// Where the list of rows is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsFile {
    /// The table, as it is written there: relative to the folder of the job's file.
    pub file: PathBuf,
    /// Its column of identifiers.
    pub column: String,
    /// What they are.
    pub kind: SubjectKind,
    /// How much of a social credit code must fit.
    pub check: CheckMode,
    /// At least one row in so many is a customer of the lender; none where all are.
    pub cover: Option<u8>,
}

impl JobFile {
    /// A job's file with every key, explained.
    pub const SAMPLE: &'static str = include_str!("job_file/sample.toml");

    /// Reads a job's file.
    ///
    /// # Errors
    ///
    /// [`Error::JobFile`], with the line and what to write there. Keys that mean nothing are
    /// refused, and so is whatever [`Job::check`] would refuse of it.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        form::read(text)
    }

    /// The job over a list of rows: how many there are, and the hash that [`Rows::list`] is.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`], as [`Job::check`]: there are too few rows or too many, or the proposer is
    /// neither the lender nor the platform.
    pub fn job(&self, proposer: &PartyId, count: u32, list: Digest) -> Result<Job, Error> {
        let RowsFile { file: _, column: _, kind, check: _, cover } = self.rows;
        let job = Job {
            id: self.id.clone(),
            proposer: proposer.clone(),
            computing: self.computing.clone(),
            purpose: self.purpose,
            rows: Rows { kind, count, list, cover },
            label: self.label.clone(),
            contributions: self.contributions.clone(),
            training: self.training,
            scorecard: self.scorecard.clone(),
            outputs: self.outputs,
            valid_until: self.valid_until,
        };
        job.check()?;
        Ok(job)
    }
}

#[cfg(test)]
mod tests;
