//! The steps of a joint training, and what the parties of a job say to one another about it.

use domain::{Digest, RunId};

use crate::field::{array, sealed};
use crate::peer::{self, job_request, train_terms};
use crate::terms::BinnedColumn;
use crate::{Error, MAX_REASON};

/// A step of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainTerms {
    /// The job that its parties have countersigned.
    pub job: Digest,
    /// The training: the number of the lender's run.
    pub training: RunId,
    /// What is to be done.
    pub step: TrainStep,
}

/// What is to be done in a training.
#[derive(Clone, Debug, PartialEq)]
pub enum TrainStep {
    /// Lender to department and platform: take the uploads.
    Gather {
        /// Whether the training went before, and shall go on from what is kept.
        again: bool,
    },
    /// Lender to whoever brings columns: align them with the rows that the exchange streams.
    Contribute,
    /// To whoever computes: take shares of columns, or of the lender's labels.
    Upload {
        /// Whose place among the contributions; none for the labels.
        place: Option<u16>,
        /// Whether it is to be counted: bins of rows in the place of columns.
        bins: bool,
    },
    /// Lender to department and platform: count what was uploaded to be counted.
    Count,
    /// Lender to whoever brings columns: weigh them by what was counted.
    Weigh,
    /// Whoever brings columns to whoever computes: release what was counted of them.
    Collect {
        /// Whose place among the contributions.
        place: u16,
    },
    /// Whoever brings columns to the lender: these are their bins.
    Disclose {
        /// Whose place among the contributions.
        place: u16,
        /// In the order of the job.
        columns: Vec<BinnedColumn>,
    },
    /// Lender to department and platform: compute.
    Compute {
        /// After how many passes all three go on; none from the beginning.
        from: Option<u8>,
    },
    /// Platform to department: the third link.
    Join {
        /// Whether it is one of the counting.
        counting: bool,
    },
    /// Lender to department and platform: it is over.
    End,
}

/// How far an acceptor is with a training that shall go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// After how many passes it has a checkpoint, ascending.
    pub passes: Vec<u8>,
    /// Whether it has every upload.
    pub gathered: bool,
    /// Whether it has every upload that is to be counted.
    pub binned: bool,
}

/// The most checkpoints of one training that a party keeps.
const MAX_CHECKPOINTS: usize = 4;

impl Kept {
    /// What an agreement says of it.
    ///
    /// # Errors
    ///
    /// [`Error::Field`] when there are more checkpoints than a party keeps, or passes than there are.
    pub fn of(agreement: &peer::TrainAgreement) -> Result<Self, Error> {
        let passes = agreement.passes.iter().map(|&passes| u8::try_from(passes).ok());
        let passes = passes.take(MAX_CHECKPOINTS + 1).collect::<Option<Vec<u8>>>();
        let passes = passes.filter(|passes| passes.len() <= MAX_CHECKPOINTS);
        let passes =
            passes.ok_or(Error::Field { field: "passes", expected: "a few, below 256" })?;
        Ok(Self { passes, gathered: agreement.gathered, binned: agreement.binned })
    }

    /// The agreement that says it.
    pub fn agreement(&self) -> peer::TrainAgreement {
        peer::TrainAgreement {
            passes: self.passes.iter().map(|&passes| passes.into()).collect(),
            gathered: self.gathered,
            binned: self.binned,
        }
    }
}

impl TryFrom<peer::TrainTerms> for TrainTerms {
    type Error = Error;

    fn try_from(terms: peer::TrainTerms) -> Result<Self, Error> {
        use train_terms::Step;
        let step = match terms.step.ok_or(Error::Missing("step"))? {
            Step::Gather(peer::GatherStep { again }) => TrainStep::Gather { again },
            Step::Contribute(peer::ContributeStep {}) => TrainStep::Contribute,
            Step::Upload(peer::UploadStep { place, bins }) => {
                TrainStep::Upload { place: place.map(place_of).transpose()?, bins }
            }
            Step::Count(peer::CountStep {}) => TrainStep::Count,
            Step::Weigh(peer::WeighStep {}) => TrainStep::Weigh,
            Step::Collect(peer::CollectStep { place }) => {
                TrainStep::Collect { place: place_of(place)? }
            }
            Step::Disclose(peer::DiscloseStep { place, columns }) => TrainStep::Disclose {
                place: place_of(place)?,
                columns: BinnedColumn::all(columns)?,
            },
            Step::Compute(peer::ComputeStep { from }) => {
                let from = from.map(u8::try_from).transpose();
                let from =
                    from.map_err(|_| Error::Field { field: "from", expected: "passes below 256" })?;
                TrainStep::Compute { from }
            }
            Step::Join(peer::JoinStep { counting }) => TrainStep::Join { counting },
            Step::End(peer::EndStep {}) => TrainStep::End,
        };
        Ok(Self {
            job: Digest::from_bytes(array(&terms.job, "job", "32 bytes")?),
            training: RunId::from_bytes(array(&terms.training, "training", "16 bytes")?),
            step,
        })
    }
}

impl From<TrainTerms> for peer::TrainTerms {
    fn from(terms: TrainTerms) -> Self {
        use train_terms::Step;
        let step = match terms.step {
            TrainStep::Gather { again } => Step::Gather(peer::GatherStep { again }),
            TrainStep::Contribute => Step::Contribute(peer::ContributeStep {}),
            TrainStep::Upload { place, bins } => {
                Step::Upload(peer::UploadStep { place: place.map(Into::into), bins })
            }
            TrainStep::Count => Step::Count(peer::CountStep {}),
            TrainStep::Weigh => Step::Weigh(peer::WeighStep {}),
            TrainStep::Collect { place } => {
                Step::Collect(peer::CollectStep { place: place.into() })
            }
            TrainStep::Disclose { place, columns } => {
                let columns = columns.into_iter().map(Into::into).collect();
                Step::Disclose(peer::DiscloseStep { place: place.into(), columns })
            }
            TrainStep::Compute { from } => {
                Step::Compute(peer::ComputeStep { from: from.map(Into::into) })
            }
            TrainStep::Join { counting } => Step::Join(peer::JoinStep { counting }),
            TrainStep::End => Step::End(peer::EndStep {}),
        };
        Self {
            job: terms.job.as_bytes().to_vec().into(),
            training: terms.training.to_bytes().to_vec().into(),
            step: Some(step),
        }
    }
}

fn place_of(place: u32) -> Result<u16, Error> {
    let expected = "a place of the job";
    u16::try_from(place).map_err(|_| Error::Field { field: "place", expected })
}

/// One message between the parties of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobMessage {
    /// The proposer to a party: do you take part?
    Asked(Vec<u8>),
    /// Back to the proposer: the job with the party's signature too.
    Countersigned(Vec<u8>),
    /// Back to the proposer: the party does not take part, or not any more.
    Refused {
        /// The job's digest.
        job: [u8; 32],
        /// Why, in the operator's words.
        reason: String,
    },
    /// The proposer to a party: the job is withdrawn.
    Withdrawn([u8; 32]),
}

impl TryFrom<peer::JobRequest> for JobMessage {
    type Error = Error;

    fn try_from(message: peer::JobRequest) -> Result<Self, Error> {
        use job_request::About;
        Ok(match message.about.ok_or(Error::Missing("about"))? {
            About::Asked(envelope) => Self::Asked(sealed(&envelope, "asked")?),
            About::Countersigned(envelope) => {
                Self::Countersigned(sealed(&envelope, "countersigned")?)
            }
            About::Refused(peer::JobRefused { job, reason }) => {
                if reason.len() > MAX_REASON {
                    return Err(Error::Field { field: "reason", expected: "at most 1000 bytes" });
                }
                Self::Refused { job: array(&job, "job", "32 bytes")?, reason }
            }
            About::Withdrawn(job) => Self::Withdrawn(array(&job, "withdrawn", "32 bytes")?),
        })
    }
}

impl From<JobMessage> for peer::JobRequest {
    fn from(message: JobMessage) -> Self {
        use job_request::About;
        let about = match message {
            JobMessage::Asked(envelope) => About::Asked(envelope.into()),
            JobMessage::Countersigned(envelope) => About::Countersigned(envelope.into()),
            JobMessage::Refused { job, reason } => {
                About::Refused(peer::JobRefused { job: job.to_vec().into(), reason })
            }
            JobMessage::Withdrawn(job) => About::Withdrawn(job.to_vec().into()),
        };
        Self { about: Some(about) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(step: TrainStep) -> TrainTerms {
        let job = Digest::from_bytes([1; 32]);
        TrainTerms { job, training: RunId::from_bytes([2; 16]), step }
    }

    #[test]
    fn every_step_and_every_message_survives_the_wire() {
        for step in [
            TrainStep::Gather { again: true },
            TrainStep::Contribute,
            TrainStep::Upload { place: Some(3), bins: true },
            TrainStep::Upload { place: None, bins: false },
            TrainStep::Count,
            TrainStep::Weigh,
            TrainStep::Collect { place: 2 },
            TrainStep::Compute { from: Some(7) },
            TrainStep::Compute { from: None },
            TrainStep::Join { counting: true },
            TrainStep::End,
        ] {
            let sent = peer::TrainTerms::from(terms(step.clone()));
            assert_eq!(TrainTerms::try_from(sent), Ok(terms(step)));
        }
        for message in [
            JobMessage::Asked(b"{}".to_vec()),
            JobMessage::Countersigned(b"{}".to_vec()),
            JobMessage::Refused { job: [3; 32], reason: "too many columns".into() },
            JobMessage::Withdrawn([4; 32]),
        ] {
            let sent = peer::JobRequest::from(message.clone());
            assert_eq!(JobMessage::try_from(sent), Ok(message));
        }
    }

    #[test]
    fn what_is_too_long_or_too_large_is_refused() {
        let good = peer::TrainTerms::from(terms(TrainStep::Join { counting: false }));
        let of = |step| TrainTerms::try_from(peer::TrainTerms { step, ..good.clone() });
        use train_terms::Step;
        assert!(
            of(Some(Step::Upload(peer::UploadStep { place: Some(70_000), bins: false }))).is_err()
        );
        assert!(of(Some(Step::Compute(peer::ComputeStep { from: Some(256) }))).is_err());
        assert_eq!(of(None), Err(Error::Missing("step")));
        let short = peer::TrainTerms { training: vec![2; 15].into(), ..good.clone() };
        assert!(TrainTerms::try_from(short).is_err());
        let passes = |passes: &[u32]| {
            let agreement =
                peer::TrainAgreement { passes: passes.to_vec(), ..peer::TrainAgreement::default() };
            Kept::of(&agreement)
        };
        assert_eq!(passes(&[3, 4]).map(|kept| kept.passes), Ok(vec![3, 4]));
        assert!(passes(&[256]).is_err() && passes(&[1; 5]).is_err());
    }
}
