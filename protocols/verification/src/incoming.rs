//! What every session asks of a chunk before it looks inside.

use bytes::Bytes;
use session::{Chunk, Misplaced, Role};

use crate::Error;

/// The body of a chunk of `round`, and whether the chunk is the round's last.
pub(crate) fn in_round(chunk: Chunk, from: Role, round: u32) -> Result<(Bytes, bool), Error> {
    chunk.in_round(round).map_err(|reason| Error::Misplaced { from, reason })
}

/// The body of a round's only chunk.
pub(crate) fn whole(
    chunk: Chunk,
    from: Role,
    round: u32,
    what: &'static str,
) -> Result<Bytes, Error> {
    match in_round(chunk, from, round)? {
        (body, true) => Ok(body),
        (_, false) => Err(Error::Ending { what, from }),
    }
}

/// Refuses a chunk of a role that says nothing now.
pub(crate) fn out_of_turn(from: Role) -> Error {
    Error::Misplaced { from, reason: Misplaced::OutOfTurn { from } }
}
