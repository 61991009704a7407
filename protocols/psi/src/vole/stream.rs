//! A round's message cut into chunks, the same way by both sides.

use bytes::Bytes;
use session::{Chunk, MAX_CHUNK, Role};
use sha2::{Digest, Sha256};

use super::{DOMAIN, Terms};
use crate::Error;

/// A round of equal units under way, in either direction; the terms fix every chunk's length.
pub(crate) struct Stream {
    round: u32,
    /// Bytes of a unit.
    unit: usize,
    /// Units passed.
    passed: u64,
    total: u64,
    over: bool,
    hash: Sha256,
}

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
        Self { round, unit, passed: 0, total, over: false, hash }
    }

    pub(crate) fn round(&self) -> u32 {
        self.round
    }

    /// Bytes of a unit.
    pub(crate) fn unit(&self) -> usize {
        self.unit
    }

    /// Units passed so far.
    pub(crate) fn passed(&self) -> usize {
        usize::try_from(self.passed).expect("what passed is in memory")
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// How many units the next chunk has; an empty round is one empty chunk.
    pub(crate) fn due(&self) -> usize {
        let most = per_chunk(self.unit);
        usize::try_from(self.total - self.passed).map_or(most, |left| left.min(most))
    }

    /// Makes the next chunk of `body`, which must hold the units that are due.
    pub(crate) fn send(&mut self, body: Vec<u8>) -> Chunk {
        debug_assert_eq!(body.len(), self.due() * self.unit, "a caller cuts by `due`");
        let last = self.pass(&body);
        Chunk { round: self.round, last, body: body.into() }
    }

    /// The body of the next chunk, if it has the shape that the terms give it.
    pub(crate) fn accept(&mut self, from: Role, chunk: Chunk) -> Result<Bytes, Error> {
        let round = self.round;
        let (body, last) =
            chunk.in_round(round).map_err(|misplaced| Error::Misplaced { from, misplaced })?;
        let (expected, found) = (self.due() * self.unit, body.len());
        if found != expected {
            return Err(Error::Length { from, round, expected, found });
        }
        let expected = self.pass(&body);
        if last != expected {
            return Err(Error::Last { from, round, expected });
        }
        Ok(body)
    }

    /// A hash of all that passed.
    pub(crate) fn digest(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }

    /// Counts the next chunk, and says whether it is the last.
    fn pass(&mut self, body: &[u8]) -> bool {
        self.passed += self.due() as u64;
        self.hash.update(body);
        self.over = self.passed == self.total;
        self.over
    }
}
