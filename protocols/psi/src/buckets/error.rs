//! Why a run in buckets fails.

use session::{Blame, Culprit, Misplaced, Role};

/// Why a run in buckets fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A bucket's own run failed.
    #[error("bucket {bucket}: {error}")]
    Bucket {
        /// Which, from 0.
        bucket: u32,
        /// Why.
        error: crate::Error,
    },
    /// The terms cut the sets into no buckets, or more than there may be.
    #[error("the terms name {buckets} buckets: there are 1 to {most}")]
    Count {
        /// How many they name.
        buckets: u32,
        /// How many there may be.
        most: u32,
    },
    /// The list of finished buckets names one that there is not.
    #[error("bucket {bucket} is said to be finished, and there is none of this number")]
    NoBucket {
        /// Which.
        bucket: u32,
    },
    /// More items fell into a bucket than its padding hides, which happens with probability 2^-40.
    #[error(
        "{found} items fell into bucket {bucket}, which has room for {most}: it happens once in 2^40 runs; \
         start a new one"
    )]
    Overflow {
        /// Which.
        bucket: u32,
        /// Into which so many fell.
        found: u64,
        /// For how many there is room.
        most: u64,
    },
    /// The host could not give a bucket's items, or not keep what came of it.
    #[error("the buckets cannot be kept: {0}")]
    Kept(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A chunk came of a bucket that is not under way.
    #[error("{misplaced}")]
    Misplaced {
        /// Who sent it.
        from: Role,
        /// What is wrong with its place.
        misplaced: Misplaced,
    },
    /// The session was driven on after its output or an error.
    #[error("this session has ended: start a new run")]
    Ended,
}

impl Blame for Error {
    fn blame(&self) -> Culprit {
        match self {
            Self::Bucket { error, .. } => error.blame(),
            Self::Misplaced { from, .. } => Culprit::Peer(*from),
            Self::Count { .. }
            | Self::NoBucket { .. }
            | Self::Overflow { .. }
            | Self::Kept(_)
            | Self::Ended => Culprit::Us,
        }
    }

    fn code(&self) -> Option<&'static str> {
        match self {
            Self::Bucket { error, .. } => error.code(),
            Self::Count { .. }
            | Self::NoBucket { .. }
            | Self::Overflow { .. }
            | Self::Kept(_)
            | Self::Misplaced { .. }
            | Self::Ended => None,
        }
    }
}
