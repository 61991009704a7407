//! A round's message cut into chunks, the same way by both sides.

use bytes::Bytes;
use session::{Chunk, Role};
use sha2::digest::Output;
use sha2::{Digest, Sha512};

use crate::error::out_of_turn;
use crate::{DOMAIN_ROUND, Error, POINT, POINTS_PER_CHUNK, TAGS_PER_CHUNK};

/// A round of equal units under way, in either direction.
///
/// The terms fix every chunk's length and which is the last, so a receiver knows what comes next
/// to the byte and a sender has no choice that could carry anything.
///
/// `H` hashes all that passes, for the transcript: SHA-512 here, SHA-256 on the road over VOLE.
pub(crate) struct Stream<H = Sha512> {
    round: u32,
    /// Bytes of a unit.
    unit: usize,
    per_chunk: usize,
    /// Units passed.
    passed: u64,
    total: u64,
    over: bool,
    hash: H,
}

impl Stream {
    /// A round of `total` points.
    pub(crate) fn of_points(round: u32, total: u64) -> Self {
        Self::new(round, POINT, POINTS_PER_CHUNK, total)
    }

    /// A round of `total` tags of `length` bytes.
    pub(crate) fn of_tags(round: u32, length: usize, total: u64) -> Self {
        Self::new(round, length, TAGS_PER_CHUNK, total)
    }

    /// A round of `total` answers of `length` bytes, in chunks like those of the points they answer.
    pub(crate) fn of_answers(round: u32, length: usize, total: u64) -> Self {
        Self::new(round, length, POINTS_PER_CHUNK, total)
    }

    /// A round that is one unit of `length` bytes.
    pub(crate) fn of_one(round: u32, length: usize) -> Self {
        Self::new(round, length, 1, 1)
    }

    fn new(round: u32, unit: usize, per_chunk: usize, total: u64) -> Self {
        let hash = Sha512::new().chain_update(DOMAIN_ROUND).chain_update(round.to_be_bytes());
        Self::hashed(round, (unit, per_chunk), total, hash)
    }
}

impl<H: Digest + Clone> Stream<H> {
    /// A round of `total` units, of which each has `unit` bytes and a full chunk so many; what passes
    /// goes into `hash`.
    pub(crate) fn hashed(
        round: u32,
        (unit, per_chunk): (usize, usize),
        total: u64,
        hash: H,
    ) -> Self {
        Self { round, unit, per_chunk, passed: 0, total, over: false, hash }
    }

    pub(crate) fn round(&self) -> u32 {
        self.round
    }

    /// Bytes of a unit.
    pub(crate) fn unit(&self) -> usize {
        self.unit
    }

    /// Units passed so far.
    pub(crate) fn passed(&self) -> u64 {
        self.passed
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// How many units the next chunk has; an empty round is one empty chunk.
    pub(crate) fn due(&self) -> usize {
        usize::try_from(self.total - self.passed).map_or(self.per_chunk, |n| n.min(self.per_chunk))
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

    /// Expects that what comes next was asked for in `asked`, a round that is cut into chunks like
    /// this one.
    pub(crate) fn expect_asked(&self, asked: &Self, from: Role) -> Result<(), Error> {
        let due = self.due();
        // Nobody can answer what was not asked, nor an empty round that has not left.
        if self.passed + due as u64 > asked.passed || (due == 0 && !asked.over) {
            return Err(out_of_turn(from));
        }
        Ok(())
    }

    /// A hash of all that passed.
    pub(crate) fn digest<const N: usize>(&self) -> [u8; N]
    where
        Output<H>: Into<[u8; N]>,
    {
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

/// How many chunks carry so many units; an empty round is one empty chunk.
pub(crate) fn chunks(units: u64, per_chunk: usize) -> u64 {
    units.div_ceil(per_chunk as u64).max(1)
}
