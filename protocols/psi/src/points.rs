//! A peer's points as they come: canonical ones only, and never the identity.

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::IsIdentity;
use session::Role;

use crate::oprf::Element;
use crate::{Error, POINT};

/// What is wrong with an encoded point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    NotAPoint,
    Identity,
}

/// Decodes the points of `from` in `round`, of which the first has the place `first` there.
pub(crate) fn decode_all(
    points: &[[u8; POINT]],
    from: Role,
    round: u32,
    first: u64,
) -> Result<Vec<RistrettoPoint>, Error> {
    let decode = |(point, index): (&[u8; POINT], u64)| {
        decode(*point).map_err(|flaw| match flaw {
            Flaw::NotAPoint => Error::NotAPoint { from, round, index },
            Flaw::Identity => Error::Identity { from, round, index },
        })
    };
    points.iter().zip(first..).map(decode).collect()
}

/// The same, with their encodings.
pub(crate) fn elements(
    points: &[[u8; POINT]],
    from: Role,
    round: u32,
    first: u64,
) -> Result<Vec<Element>, Error> {
    let decoded = decode_all(points, from, round, first)?;
    let pairs = decoded.into_iter().zip(points);
    let element = |(point, bytes): (_, &_)| Element { point, encoded: CompressedRistretto(*bytes) };
    Ok(pairs.map(element).collect())
}

/// Decodes one point.
pub(crate) fn decode(point: [u8; POINT]) -> Result<RistrettoPoint, Flaw> {
    let point = CompressedRistretto(point).decompress().ok_or(Flaw::NotAPoint)?;
    if point.is_identity() { Err(Flaw::Identity) } else { Ok(point) }
}
