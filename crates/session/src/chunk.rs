//! The unit that crosses the wire.

use std::fmt;

use bytes::Bytes;

/// The longest chunk body, in bytes: bounds what a peer can make us buffer, and stays well under
/// the 4 MiB at which gRPC implementations refuse a message by default.
pub const MAX_CHUNK: usize = 1 << 20;

/// One piece of a round's message.
#[derive(Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The round this chunk belongs to, counted from 1.
    pub round: u32,
    /// Whether this is its sender's last chunk of the round.
    pub last: bool,
    /// The encoded content, at most [`MAX_CHUNK`] bytes.
    pub body: Bytes,
}

impl Chunk {
    /// A round's whole message in one chunk.
    pub fn whole(round: u32, body: impl Into<Bytes>) -> Self {
        Self { round, last: true, body: body.into() }
    }

    /// The body, if this chunk belongs to `round` and is not longer than a chunk may be.
    ///
    /// # Errors
    ///
    /// [`Misplaced`], which is always the sender's fault.
    pub fn in_round(self, round: u32) -> Result<(Bytes, bool), Misplaced> {
        if self.round != round {
            return Err(Misplaced::Round { expected: round, found: self.round });
        }
        if self.body.len() > MAX_CHUNK {
            return Err(Misplaced::Oversized { found: self.body.len() });
        }
        Ok((self.body, self.last))
    }
}

// The body may carry shares or masked identifiers, so it is never printed.
impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { round, last, body } = self;
        write!(f, "Chunk {{ round: {round}, last: {last}, body: {} bytes }}", body.len())
    }
}

/// A chunk that cannot belong where it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misplaced {
    /// The chunk belongs to another round.
    #[error("expected a chunk of round {expected}, one of round {found} came")]
    Round {
        /// The round this session is in.
        expected: u32,
        /// The round that the chunk claims.
        found: u32,
    },
    /// The chunk is longer than any chunk may be.
    #[error("a chunk has at most {MAX_CHUNK} bytes, one of {found} came")]
    Oversized {
        /// The body's length in bytes.
        found: usize,
    },
    /// The chunk came from a role that says nothing in this round, or from none that takes part.
    #[error("{from} spoke out of turn")]
    OutOfTurn {
        /// Who sent it.
        from: crate::Role,
    },
}
