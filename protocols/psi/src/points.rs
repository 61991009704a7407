//! A peer's points as they come: canonical ones only, and never the identity.

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::IsIdentity;
use session::Role;

use crate::{Error, POINT};

/// What is wrong with an encoded point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    NotAPoint,
    Identity,
}

/// The first of a batch of encoded points that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flawed {
    pub(crate) place: usize,
    pub(crate) flaw: Flaw,
}

impl Flawed {
    /// Blames `from` for a point of `round`, in which the batch's first has the place `first`.
    pub(crate) fn blame(self, from: Role, round: u32, first: u64) -> Error {
        let index = first + self.place as u64;
        match self.flaw {
            Flaw::NotAPoint => Error::NotAPoint { from, round, index },
            Flaw::Identity => Error::Identity { from, round, index },
        }
    }
}

/// Decodes one point.
pub(crate) fn decode(point: &[u8; POINT]) -> Result<RistrettoPoint, Flaw> {
    let point = CompressedRistretto(*point).decompress().ok_or(Flaw::NotAPoint)?;
    if point.is_identity() { Err(Flaw::Identity) } else { Ok(point) }
}
