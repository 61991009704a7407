//! Who speaks in a protocol, and who is to blame when it fails.

use std::error::Error;
use std::fmt;

/// A part in a protocol, numbered by the protocol that defines it.
///
/// Each protocol crate names its roles as constants (`psi::RECEIVER`, `scoring::PLATFORM`); a party
/// decides which organisation plays which.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role(pub u8);

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "role {}", self.0)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// An error that knows whose fault it is: a peer's is recorded against it, ours is a bug or a bad
/// input.
pub trait Blame: Error + Send + Sync + 'static {
    /// Whose fault this is.
    fn blame(&self) -> Culprit;

    /// The stable code of a failure that a host tells its operator, and the peers, in words of its own;
    /// nothing where what it displays says enough.
    fn code(&self) -> Option<&'static str> {
        None
    }
}

/// Whose fault a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Culprit {
    /// This side's: a wrong input, or a bug.
    Us,
    /// The role that sent what was refused.
    Peer(Role),
}
