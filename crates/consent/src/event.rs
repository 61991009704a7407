//! What happens to an authorisation, and by whom.

use domain::Digest;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::moment::written;

/// Who brought an event about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The subject, by its signature.
    Subject,
    /// The registry that keeps the history.
    Registry,
}

impl Actor {
    /// Its word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Registry => "registry",
        }
    }
}

/// One thing that happened to an authorisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// Version 1 entered the registry.
    Registered(Version),
    /// A smaller version took the place of the one before.
    Narrowed(Version),
    /// Its subject let it rest.
    SuspendedBySubject(Signed),
    /// Its subject put it in force again.
    ResumedBySubject(Signed),
    /// Its subject ended it.
    Revoked(Signed),
    /// The registry let it rest.
    SuspendedByRegistry {
        /// Why.
        reason: SuspendReason,
    },
    /// The registry lifted its suspension.
    ResumedByRegistry {},
    /// The registry found it void.
    Voided {
        /// Why.
        reason: VoidReason,
    },
    /// The last permitted use was made.
    Exhausted {},
}

/// One version of an authorisation, as much of it as decides over states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// Its number, from 1.
    pub version: u32,
    /// The hash of its record.
    pub record_hash: Digest,
    /// When its subject signed it.
    #[serde(with = "written")]
    pub signed_at: OffsetDateTime,
    /// The first instant after its term.
    #[serde(with = "written")]
    pub not_after: OffsetDateTime,
}

/// The change that a subject signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// When.
    #[serde(with = "written")]
    pub signed_at: OffsetDateTime,
    /// The SHA-256 of the change's payload.
    pub change_hash: Digest,
}

/// Why a registry suspends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspendReason {
    /// Somebody objects to it.
    Objection,
    /// Data or keys may be in the wrong hands.
    SecurityEvent,
    /// The institution or the platform is itself suspended.
    PartySuspended,
}

/// Why a registry finds an authorisation void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoidReason {
    /// The enterprise is deregistered, or the person is dead.
    SubjectGone,
    /// Whoever signed had no power to.
    NoPower,
    /// The letter is not the text whose hash was signed.
    LetterMismatch,
    /// The issuer has revoked the key that signed it.
    KeyRevoked,
}

impl Act {
    /// Who brought it about.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        match self {
            Self::Registered(_)
            | Self::Narrowed(_)
            | Self::SuspendedBySubject(_)
            | Self::ResumedBySubject(_)
            | Self::Revoked(_) => Actor::Subject,
            Self::SuspendedByRegistry { .. }
            | Self::ResumedByRegistry {}
            | Self::Voided { .. }
            | Self::Exhausted {} => Actor::Registry,
        }
    }
}
