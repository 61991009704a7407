//! A round's message cut into chunks, the same way by both sides.

use bytes::Bytes;
use session::{Chunk, Role};

use crate::Error;

/// A round of equal units under way, in either direction; the terms fix every chunk's length.
pub(crate) struct Stream {
    round: u32,
    /// Bytes of a unit.
    unit: usize,
    per_chunk: usize,
    /// Units passed.
    passed: u64,
    total: u64,
}

impl Stream {
    pub(crate) fn new(round: u32, unit: usize, per_chunk: usize, total: u64) -> Self {
        Self { round, unit, per_chunk, passed: 0, total }
    }

    /// A round that is one unit of `length` bytes.
    pub(crate) fn of_one(round: u32, length: usize) -> Self {
        Self::new(round, length, 1, 1)
    }

    /// Units passed so far.
    pub(crate) fn passed(&self) -> usize {
        usize::try_from(self.passed).expect("what passed is in memory")
    }

    pub(crate) fn is_over(&self) -> bool {
        self.passed == self.total
    }

    /// How many units the next chunk has.
    pub(crate) fn due(&self) -> usize {
        usize::try_from(self.total - self.passed).map_or(self.per_chunk, |n| n.min(self.per_chunk))
    }

    /// Makes the next chunk of `body`, which must hold the units that are due.
    pub(crate) fn send(&mut self, body: Vec<u8>) -> Chunk {
        debug_assert_eq!(body.len(), self.due() * self.unit, "a caller cuts by `due`");
        self.passed += self.due() as u64;
        Chunk { round: self.round, last: self.is_over(), body: body.into() }
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
        self.passed += self.due() as u64;
        if last != self.is_over() {
            return Err(Error::Last { from, round, expected: self.is_over() });
        }
        Ok(body)
    }
}

/// The elements of a body, 16 bytes each.
pub(crate) fn elements(body: &[u8]) -> impl Iterator<Item = u128> + '_ {
    body.as_chunks::<16>().0.iter().map(|bytes| u128::from_le_bytes(*bytes))
}
