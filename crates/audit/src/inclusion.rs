//! That a leaf is in a log (RFC 6962 §2.1.1, RFC 9162 §2.1.3.2).

use domain::Digest;

use crate::hash::node_hash;
use crate::span::{self, Coordinate, Span, split};
use crate::{Error, Head};

/// The nodes to fetch for the proof that leaf `index` is in the log of the first `size` leaves.
///
/// # Errors
///
/// [`Error::Outside`] when there is no such leaf.
pub fn inclusion_needs(index: u64, size: u64) -> Result<Vec<Coordinate>, Error> {
    Ok(span::needs(&path(index, size)?))
}

/// The proof itself, from the hashes of [`inclusion_needs`] in their order: at most 64 hashes.
///
/// # Errors
///
/// [`Error::Outside`] when there is no such leaf, [`Error::Nodes`] when hashes are missing or too
/// many.
pub fn inclusion_proof(index: u64, size: u64, hashes: &[Digest]) -> Result<Vec<Digest>, Error> {
    span::roots(&path(index, size)?, hashes)
}

/// Checks that the log with this head has the leaf at `index`.
///
/// # Errors
///
/// [`Error::Outside`] when the log is too short, [`Error::Inclusion`] when the proof fails.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    head: &Head,
    proof: &[Digest],
) -> Result<(), Error> {
    if index >= head.size {
        return Err(Error::Outside { index, size: head.size });
    }
    // RFC 9162 §2.1.3.2, with its names: fn is the leaf's place in the level, sn the last one's.
    let (mut place, mut last) = (index, head.size - 1);
    let mut root = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(Error::Inclusion);
        }
        if place & 1 == 1 || place == last {
            root = node_hash(sibling, &root);
            // "If LSB(fn) is not set, right-shift both until LSB(fn) is set": it is not 0 here.
            let lone = place.trailing_zeros();
            place >>= lone;
            last >>= lone;
        } else {
            root = node_hash(&root, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if last == 0 && root == head.root { Ok(()) } else { Err(Error::Inclusion) }
}

/// What stands beside the leaf on the way to the root, leaf first (RFC 6962 §2.1.1: PATH).
fn path(index: u64, size: u64) -> Result<Vec<Span>, Error> {
    if index >= size {
        return Err(Error::Outside { index, size });
    }
    let mut spans = Vec::new();
    let mut here = Span { start: 0, length: size };
    while here.length > 1 {
        let left = Span { start: here.start, length: split(here.length) };
        let right = Span { start: here.start + left.length, length: here.length - left.length };
        let (inside, beside) = if index < right.start { (left, right) } else { (right, left) };
        spans.push(beside);
        here = inside;
    }
    spans.reverse();
    Ok(spans)
}
