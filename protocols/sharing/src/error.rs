//! Why a computation on shares fails, and whose fault it is.

use session::{Blame, Culprit, Fault, Role};

/// Why a computation on shares fails.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A chunk came that was not due.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A number has no place in the ring at its scale.
    #[error("a number is not finite, or too large for its scale: clip the column first")]
    Unencodable,
    /// A table leaves 0..1, or its grid leaves the window of a look-up.
    #[error("a table has values in 0..1 on a grid that the look-up's window covers")]
    Table,
    /// A peer's public key is one that gives the same secret to everybody.
    #[error("{from} sent a public key of small order")]
    KeyAgreement {
        /// Who sent it.
        from: Role,
    },
    /// A role opened another value than it had committed to.
    #[error("{from} opened another value than it had committed to")]
    Commitment {
        /// Who opened it.
        from: Role,
    },
    /// An uploaded message is longer or shorter than the job makes it.
    #[error(
        "a message of an upload has {expected} bytes by the job, one of {found} came from {from}"
    )]
    Upload {
        /// Which holder sent it.
        from: Role,
        /// How many bytes it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// What the roles released is not one vector of the length that was agreed.
    #[error("what the three roles released does not fit together: one of them altered it")]
    Released,
    /// Stored bytes are no state or shares of this version.
    #[error("the stored bytes are not what this version stored")]
    State,
}

impl Blame for Error {
    fn blame(&self) -> Culprit {
        match self {
            Self::Fault(fault) => fault.blame(),
            Self::KeyAgreement { from } | Self::Commitment { from } | Self::Upload { from, .. } => {
                Culprit::Peer(*from)
            }
            Self::Unencodable | Self::Table | Self::Released | Self::State => Culprit::Us,
        }
    }
}
