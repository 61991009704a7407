//! A round's message cut into chunks, the same way by both sides, as the terms of this road shape it.

use session::MAX_CHUNK;
use sha2::{Digest, Sha256};

use super::{DOMAIN, Terms};
use crate::stream;

/// A round of equal units under way, in either direction; the terms fix every chunk's length.
pub(crate) type Stream = stream::Stream<Sha256>;

/// Units of `unit` bytes in a full chunk.
pub(crate) fn per_chunk(unit: usize) -> usize {
    // A multiple of 64 units, so that a chunk of bits or of an encoding ends on a word.
    MAX_CHUNK / unit / 64 * 64
}

impl Stream {
    /// The round as the terms shape it.
    pub(crate) fn new(terms: &Terms, round: u32) -> Self {
        let (unit, total) = terms.shape_of_round(round).expect("a run streams rounds that it has");
        let hash = Sha256::new().chain_update(DOMAIN).chain_update(b"round");
        let hash = hash.chain_update(round.to_be_bytes());
        Self::hashed(round, (unit, per_chunk(unit)), total, hash)
    }

    /// Units passed so far, as a place in what is in memory.
    pub(crate) fn place(&self) -> usize {
        usize::try_from(self.passed()).expect("what passed is in memory")
    }
}
