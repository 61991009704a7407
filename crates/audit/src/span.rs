//! Neighbouring leaves, and the complete subtrees that cover them.

use domain::Digest;

use crate::Error;
use crate::hash::joined;

/// Where a complete subtree lies: it covers the `2^level` leaves from `index * 2^level` on.
///
/// Only complete subtrees are stored; a node once written never changes. Level 0 is the leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coordinate {
    /// The height over the leaves, 0 to 63.
    pub level: u8,
    /// The place within the level, from 0.
    pub index: u64,
}

/// `length` leaves from `start` on, where `start` is a multiple of a power of two no smaller than
/// `length`: the shape of every operand of RFC 6962's recursions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) length: u64,
}

impl Span {
    /// The complete subtrees that cover the span, largest first: one for each bit of its length.
    pub(crate) fn subtrees(self) -> impl Iterator<Item = Coordinate> {
        let levels = (0..64_u8).rev().filter(move |level| self.length >> level & 1 == 1);
        levels.scan(self.start, |start, level| {
            let index = *start >> level;
            // The last span of a full log ends at 2^64 - 1, and nothing reads past it.
            *start = start.wrapping_add(1 << level);
            Some(Coordinate { level, index })
        })
    }

    fn count(self) -> usize {
        self.length.count_ones() as usize
    }
}

/// The largest power of two smaller than `length`, which is at least 2 (RFC 6962 §2.1: k).
pub(crate) fn split(length: u64) -> u64 {
    1 << (63 - (length - 1).leading_zeros())
}

/// All the subtrees of the spans, in the order in which [`roots`] wants their hashes.
pub(crate) fn needs(spans: &[Span]) -> Vec<Coordinate> {
    spans.iter().flat_map(|span| span.subtrees()).collect()
}

/// The hash over each span, from the hashes of its subtrees.
pub(crate) fn roots(spans: &[Span], hashes: &[Digest]) -> Result<Vec<Digest>, Error> {
    let expected = spans.iter().map(|span| span.count()).sum();
    if hashes.len() != expected {
        return Err(Error::Nodes { expected, found: hashes.len() });
    }
    let mut rest = hashes;
    let root = |span: &Span| {
        let (own, others) = rest.split_at(span.count());
        rest = others;
        joined(own)
    };
    // No span is empty, so each has a root.
    Ok(spans.iter().filter_map(root).collect())
}
