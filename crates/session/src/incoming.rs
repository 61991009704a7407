//! What every session asks of a chunk before it looks inside.

use bytes::Bytes;

use crate::{Blame, Chunk, Culprit, Misplaced, Role};

/// A chunk that is refused before anybody looks inside: always its sender's fault.
///
/// A protocol's error has it as a variant, `#[error(transparent)] Unexpected(#[from] Unexpected)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unexpected {
    /// A chunk cannot belong where it came.
    #[error("from {from}: {reason}")]
    Misplaced {
        /// Who sent it.
        from: Role,
        /// What is wrong with it.
        reason: Misplaced,
    },
    /// A round ended before its content was complete, or went on after.
    #[error("{from} marked the wrong chunk of the {what} as its last")]
    Ending {
        /// Which message.
        what: &'static str,
        /// Who sent it.
        from: Role,
    },
}

impl Blame for Unexpected {
    fn blame(&self) -> Culprit {
        match self {
            Self::Misplaced { from, reason: _ } | Self::Ending { from, what: _ } => {
                Culprit::Peer(*from)
            }
        }
    }
}

/// Returns the body of a chunk of `round`, and whether the chunk is the round's last.
///
/// # Errors
///
/// [`Unexpected::Misplaced`].
pub fn in_round(chunk: Chunk, from: Role, round: u32) -> Result<(Bytes, bool), Unexpected> {
    chunk.in_round(round).map_err(|reason| Unexpected::Misplaced { from, reason })
}

/// Returns the body of a round's only chunk, which carries `what`.
///
/// # Errors
///
/// [`Unexpected::Misplaced`], or [`Unexpected::Ending`] when it is not marked as the last.
pub fn whole(
    chunk: Chunk,
    from: Role,
    round: u32,
    what: &'static str,
) -> Result<Bytes, Unexpected> {
    match in_round(chunk, from, round)? {
        (body, true) => Ok(body),
        (_, false) => Err(Unexpected::Ending { what, from }),
    }
}

/// Refuses a chunk of a role that says nothing now.
///
/// The error is the protocol's own, so that a session ends with `Err(out_of_turn(from))`.
pub fn out_of_turn<E: From<Unexpected>>(from: Role) -> E {
    Unexpected::Misplaced { from, reason: Misplaced::OutOfTurn { from } }.into()
}

#[cfg(test)]
mod tests {
    use super::{Unexpected, in_round, out_of_turn, whole};
    use crate::{Blame, Chunk, Culprit, MAX_CHUNK, Misplaced, Role};

    const PEER: Role = Role(3);

    #[test]
    fn a_chunk_of_its_round_is_taken_and_any_other_blames_its_sender() {
        let part = Chunk { round: 2, last: false, body: "ab".into() };
        assert_eq!(in_round(part.clone(), PEER, 2), Ok(("ab".into(), false)));
        assert_eq!(whole(Chunk::whole(2, "ab"), PEER, 2, "word"), Ok("ab".into()));
        let ending = Unexpected::Ending { what: "word", from: PEER };
        assert_eq!(whole(part, PEER, 2, "word"), Err(ending));

        let oversized = whole(Chunk::whole(2, vec![0; MAX_CHUNK + 1]), PEER, 2, "word");
        let reason = Misplaced::Oversized { found: MAX_CHUNK + 1 };
        assert_eq!(oversized, Err(Unexpected::Misplaced { from: PEER, reason }));
        let late = whole(Chunk::whole(3, "ab"), PEER, 2, "word");
        let reason = Misplaced::Round { expected: 2, found: 3 };
        assert_eq!(late, Err(Unexpected::Misplaced { from: PEER, reason }));

        for refused in [ending, late.unwrap_err(), out_of_turn(PEER)] {
            assert_eq!(refused.blame(), Culprit::Peer(PEER));
        }
    }
}
