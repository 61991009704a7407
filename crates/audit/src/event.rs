//! What happens, as a log tells it: typed words, counts, hashes and pseudonyms.

use consent::AuthorisationId;
use domain::{Digest, ModelId, PartyId, Purpose, Refusal, RunId};
use serde::{Deserialize, Serialize};

use crate::{
    Asked, AuthorisationChange, DepositOutcome, MemberChange, ModelChange, Moment, Protocol,
    Pseudonym, Release, TrainingChange,
};

/// What happened.
///
/// Nothing in it can hold a value, an answer, a score, a name or an identifier in clear: there is
/// no free text, and a subject is a [`Pseudonym`].
///
/// ```
/// fn told(subject: audit::Pseudonym) -> audit::Event {
///     audit::Event::SelfReport { subject, lines: 1 }
/// }
/// ```
///
/// ```compile_fail,E0308
/// fn told(subject: domain::Subject) -> audit::Event {
///     audit::Event::SelfReport { subject, lines: 1 } // an identifier is not a pseudonym
/// }
/// ```
///
/// ```compile_fail,E0308
/// fn told(subject: audit::Pseudonym, value: domain::Value) -> audit::Event {
///     audit::Event::SelfReport { subject, lines: value } // nor a value a count
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// A request was refused; nothing was read for it.
    Refused {
        /// Why.
        refusal: Refusal,
        /// What was asked for.
        asked: Asked,
        /// About whom.
        subject: Option<Pseudonym>,
        /// Who worked the requester's tools.
        operator: Option<Pseudonym>,
    },
    /// More requests of a peer were refused in a minute than are written down each.
    RefusedMore {
        /// Who brought them.
        by: PartyId,
        /// How many have no record of their own.
        refusals: u64,
    },
    /// Something is about to be released: written before anything is sent.
    ReleaseBegun(Use),
    /// It was released. Closes the [`Event::ReleaseBegun`] that it names.
    Released(Released),
    /// It was not: found after a crash or a lost peer. Closes as [`Event::Released`] does.
    ReleaseNotCompleted {
        /// The leaf hash of the record that begins it.
        begun: Digest,
        /// The run.
        run: RunId,
        /// About whom.
        subject: Option<Pseudonym>,
    },
    /// What lets two parties find which subjects they share is about to leave.
    AlignmentBegun {
        /// The run.
        run: RunId,
        /// The other party.
        with: PartyId,
        /// What for.
        purpose: Purpose,
        /// By which protocol.
        method: Method,
        /// How much goes in.
        counts: Counts,
    },
    /// It did not leave whole: found after a crash or a lost peer.
    AlignmentNotCompleted {
        /// The run.
        run: RunId,
    },
    /// Two parties found which subjects they share.
    Aligned {
        /// The run.
        run: RunId,
        /// The other party.
        with: PartyId,
        /// What for.
        purpose: Purpose,
        /// By which protocol.
        method: Method,
        /// How much went in and came out.
        counts: Counts,
    },
    /// An authorisation came, or its state changed.
    Authorisation {
        /// What happened to it.
        change: AuthorisationChange,
        /// Its number.
        id: AuthorisationId,
        /// Its version, from 1.
        version: u32,
        /// SHA-256 of the signed record.
        record: Digest,
        /// Whose data it is about.
        subject: Pseudonym,
    },
    /// A member's admission changed.
    Member {
        /// Who.
        party: PartyId,
        /// What happened.
        change: MemberChange,
    },
    /// A supervisor judged a checkpoint.
    Deposit {
        /// Whose log.
        origin: PartyId,
        /// How many leaves it states.
        size: u64,
        /// The root that it states.
        root: Digest,
        /// What came of it.
        verdict: DepositOutcome,
    },
    /// This log's own checkpoint was signed.
    Checkpoint {
        /// How many leaves it states: all before this record, at most.
        size: u64,
        /// The root that it states.
        root: Digest,
    },
    /// A subject was told what was done with its data.
    SelfReport {
        /// Who.
        subject: Pseudonym,
        /// How many records it was told of.
        lines: u64,
    },
    /// A report of use was made.
    UsageReport {
        /// From when on.
        from: Moment,
        /// Until when, that moment left out.
        until: Moment,
        /// How many releases it counts.
        released: u64,
    },
    /// The rules were read, at a start or anew.
    Configuration {
        /// SHA-256 of the catalogue.
        catalogue: Digest,
        /// SHA-256 of the policy profile.
        profile: Digest,
    },
    /// A model's standing changed.
    Model {
        /// Its name and version.
        id: ModelId,
        /// SHA-256 of its canonical bytes.
        hash: Digest,
        /// What happened.
        change: ModelChange,
    },
    /// A training job's standing changed.
    Job {
        /// The model that it makes.
        id: ModelId,
        /// SHA-256 of the job.
        hash: Digest,
        /// What happened.
        change: ModelChange,
    },
    /// A joint training went a step further at this party.
    Training {
        /// The lender's run.
        run: RunId,
        /// SHA-256 of the job, which says whose columns, to what end, and what opens to whom.
        job: Digest,
        /// Who learns what opens.
        receiver: PartyId,
        /// What for.
        purpose: Purpose,
        /// What happened.
        change: TrainingChange,
        /// How much went in and out.
        counts: Counts,
    },
}

/// One use of somebody's data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Use {
    /// What is released, to whom, and on what ground.
    pub release: Release,
    /// About whom; none when it is about no single subject.
    pub subject: Option<Pseudonym>,
    /// Who worked the requester's tools.
    pub operator: Option<Pseudonym>,
    /// By which protocol.
    pub method: Method,
}

/// A completed release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    /// The leaf hash of the record that begins it; the receipt names it as its previous one.
    pub begun: Digest,
    /// The receipt's id: SHA-256 of its signed payload.
    pub receipt: Digest,
    /// The commitment to the answer.
    pub commitment: Digest,
    /// What was used, as when it was begun. Not spelled `use`, which is a word of Rust.
    #[serde(rename = "use")]
    pub used: Use,
    /// How much it took.
    pub counts: Counts,
}

/// The protocol that worked, and its parameters by hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Which.
    pub protocol: Protocol,
    /// Its version.
    pub version: u16,
    /// SHA-256 of the terms that both sides agreed on.
    pub parameters: Digest,
}

/// Rows, bytes and time: what a use took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Rows that were asked about.
    pub rows_in: u64,
    /// Rows that were left out: not covered, or not fit.
    pub rows_dropped: u64,
    /// Rows in the result.
    pub rows_out: u64,
    /// Bytes sent.
    pub bytes: u64,
    /// How long it took.
    pub milliseconds: u64,
}

impl Event {
    /// Its word, as records have it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::RefusedMore { .. } => "refused_more",
            Self::ReleaseBegun(_) => "release_begun",
            Self::Released(_) => "released",
            Self::ReleaseNotCompleted { .. } => "release_not_completed",
            Self::AlignmentBegun { .. } => "alignment_begun",
            Self::AlignmentNotCompleted { .. } => "alignment_not_completed",
            Self::Aligned { .. } => "aligned",
            Self::Authorisation { .. } => "authorisation",
            Self::Member { .. } => "member",
            Self::Deposit { .. } => "deposit",
            Self::Checkpoint { .. } => "checkpoint",
            Self::SelfReport { .. } => "self_report",
            Self::UsageReport { .. } => "usage_report",
            Self::Configuration { .. } => "configuration",
            Self::Model { .. } => "model",
            Self::Job { .. } => "job",
            Self::Training { .. } => "training",
        }
    }

    /// Whom it is about, where it is about one subject.
    #[must_use]
    pub fn subject(&self) -> Option<Pseudonym> {
        match self {
            Self::Refused { subject, .. } | Self::ReleaseNotCompleted { subject, .. } => *subject,
            Self::ReleaseBegun(used) => used.subject,
            Self::Released(released) => released.used.subject,
            Self::Authorisation { subject, .. } | Self::SelfReport { subject, .. } => {
                Some(*subject)
            }
            Self::RefusedMore { .. }
            | Self::Aligned { .. }
            | Self::AlignmentBegun { .. }
            | Self::AlignmentNotCompleted { .. }
            | Self::Member { .. }
            | Self::Deposit { .. }
            | Self::Checkpoint { .. }
            | Self::UsageReport { .. }
            | Self::Configuration { .. }
            | Self::Model { .. }
            | Self::Job { .. }
            | Self::Training { .. } => None,
        }
    }
}
