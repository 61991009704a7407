//! Why a run fails, and whose fault it is.

use session::{Blame, Culprit, Misplaced, Role};

/// Why a run fails.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The terms name a size that no run can have.
    #[error("the terms name {outputs} correlations: a run has at most 2^32")]
    TermsTooLarge {
        /// How many they name.
        outputs: u64,
    },
    /// The session was driven on after its output or an error.
    #[error("this session has ended: start a new run")]
    Ended,
    /// A chunk came that cannot belong where it came.
    #[error("{misplaced}")]
    Misplaced {
        /// Who sent it.
        from: Role,
        /// What is wrong with its place.
        misplaced: Misplaced,
    },
    /// A chunk is longer or shorter than the terms make it.
    #[error(
        "the next chunk of round {round} has {expected} bytes by the terms, one of {found} came: \
         compare the two sides' terms"
    )]
    Length {
        /// Who sent it.
        from: Role,
        /// Its round.
        round: u32,
        /// How many bytes it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A round ended early, or goes on when it should be over.
    #[error("round {round}: the last chunk is expected {}", if *expected { "now" } else { "later" })]
    Last {
        /// Who sent it.
        from: Role,
        /// Its round.
        round: u32,
        /// Whether this chunk had to be the last.
        expected: bool,
    },
    /// A point of the base OTs is no canonical encoding of a group element, or is the identity.
    #[error("round {round}: point {index} is the identity or not a canonical encoding of a point")]
    NotAPoint {
        /// Who sent it.
        from: Role,
        /// Its round.
        round: u32,
        /// Its place in the round, from 0.
        index: usize,
    },
    /// The columns of the OT extension do not all hide the same choices.
    #[error(
        "the check of the correlated OTs fails: the peer cheats, or a chunk was altered on its way"
    )]
    Columns {
        /// Who sent them.
        from: Role,
    },
    /// The trees do not hide one correlation each.
    #[error("the check of the trees fails: the peer cheats, or a chunk was altered on its way")]
    Trees {
        /// Who sent them.
        from: Role,
    },
}

impl Blame for Error {
    fn blame(&self) -> Culprit {
        match self {
            Self::TermsTooLarge { .. } | Self::Ended => Culprit::Us,
            Self::Misplaced { from, .. }
            | Self::Length { from, .. }
            | Self::Last { from, .. }
            | Self::NotAPoint { from, .. }
            | Self::Columns { from }
            | Self::Trees { from } => Culprit::Peer(*from),
        }
    }
}

/// The error of a chunk that came when none of its sender's was due.
pub(crate) fn out_of_turn(from: Role) -> Error {
    Error::Misplaced { from, misplaced: Misplaced::OutOfTurn { from } }
}
