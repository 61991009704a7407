//! That a log only grew (RFC 6962 §2.1.2, RFC 9162 §2.1.4.2).

use domain::Digest;

use crate::hash::{EMPTY_ROOT, node_hash};
use crate::span::{self, Coordinate, Span, split};
use crate::{Error, Head};

/// The nodes to fetch for the proof that the first `new` leaves begin with the first `old`.
///
/// # Errors
///
/// [`Error::Shrunk`] when `new` is less than `old`.
pub fn consistency_needs(old: u64, new: u64) -> Result<Vec<Coordinate>, Error> {
    Ok(span::needs(&subproof(old, new)?))
}

/// The proof itself, from the hashes of [`consistency_needs`] in their order: at most 65 hashes.
///
/// # Errors
///
/// [`Error::Shrunk`] when `new` is less than `old`, [`Error::Nodes`] when hashes are missing or
/// too many.
pub fn consistency_proof(old: u64, new: u64, hashes: &[Digest]) -> Result<Vec<Digest>, Error> {
    span::roots(&subproof(old, new)?, hashes)
}

/// Checks that the log of `new` begins with all the leaves of `old`.
///
/// Every log begins with the empty one, and with itself; both need no proof and allow none.
///
/// # Errors
///
/// [`Error::Shrunk`] when `new` has fewer leaves, [`Error::Consistency`] when the proof fails.
pub fn verify_consistency(old: &Head, new: &Head, proof: &[Digest]) -> Result<(), Error> {
    if new.size < old.size {
        return Err(Error::Shrunk { old: old.size, new: new.size });
    }
    let holds = if old.size == 0 {
        proof.is_empty() && old.root == EMPTY_ROOT && (new.size > 0 || new.root == EMPTY_ROOT)
    } else if old.size == new.size {
        proof.is_empty() && old.root == new.root
    } else {
        proved_roots(old, new.size, proof) == Some((old.root, new.root))
    };
    if holds { Ok(()) } else { Err(Error::Consistency) }
}

/// The two roots that a proof between different sizes, the smaller not 0, leads to; none when the
/// proof is too long or too short.
///
/// When the second is the root of the new log, the first is truly the root of its first
/// `old.size` leaves: whether or not it is the one that was told before.
pub(crate) fn proved_roots(old: &Head, new: u64, proof: &[Digest]) -> Option<(Digest, Digest)> {
    // RFC 9162 §2.1.4.2. "If first is an exact power of 2, prepend first_hash."
    let (start, rest) =
        if old.size.is_power_of_two() { (&old.root, proof) } else { proof.split_first()? };
    let shift = (old.size - 1).trailing_ones();
    let (mut place, mut last) = ((old.size - 1) >> shift, (new - 1) >> shift);
    let (mut first, mut second) = (*start, *start);
    for hash in rest {
        if last == 0 {
            return None;
        }
        if place & 1 == 1 || place == last {
            first = node_hash(hash, &first);
            second = node_hash(hash, &second);
            let lone = place.trailing_zeros();
            place >>= lone;
            last >>= lone;
        } else {
            second = node_hash(&second, hash);
        }
        place >>= 1;
        last >>= 1;
    }
    (last == 0).then_some((first, second))
}

/// RFC 6962 §2.1.2: SUBPROOF, with its recursion written as a walk from the root.
fn subproof(old: u64, new: u64) -> Result<Vec<Span>, Error> {
    if new < old {
        return Err(Error::Shrunk { old, new });
    }
    let mut spans = Vec::new();
    if old == 0 || old == new {
        return Ok(spans);
    }
    let mut here = Span { start: 0, length: new };
    while here.start + here.length != old {
        let left = Span { start: here.start, length: split(here.length) };
        let right = Span { start: here.start + left.length, length: here.length - left.length };
        let (inside, beside) = if old <= right.start { (left, right) } else { (right, left) };
        spans.push(beside);
        here = inside;
    }
    // Whoever checks knows the root of the old log, if that is where the walk ends.
    if here.start > 0 {
        spans.push(here);
    }
    spans.reverse();
    Ok(spans)
}
