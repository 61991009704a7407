//! A holder answers.

use bytes::Bytes;
use rand_core::CryptoRng;
use session::incoming::out_of_turn;
use session::{Chunk, Role, Session, Turn};

use crate::score::ANSWER;
use crate::{Answer, Encode, Error, ExtractedTable, MaskKey, PLATFORM, Query};

/// A holder's side: sends its answer, learns nothing.
pub struct Holder(State);

enum State {
    SendAnswer(Bytes),
    Finish,
    Over,
}

impl Holder {
    /// A session that answers `query`. The answer is made here, so neither table nor key is kept.
    ///
    /// # Errors
    ///
    /// As [`Query::answer`].
    pub fn new(
        query: Query,
        table: &ExtractedTable,
        mask_key: &MaskKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        Ok(Self::sending(&query.answer(table, mask_key, rng)?))
    }

    /// A session that sends an answer made before: one that its host had to store first.
    #[must_use]
    pub fn sending(answer: &Answer) -> Self {
        Self(State::SendAnswer(answer.to_bytes().into()))
    }
}

impl Session for Holder {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        match std::mem::replace(&mut self.0, State::Over) {
            State::SendAnswer(body) => {
                self.0 = State::Finish;
                Ok(Turn::Send(PLATFORM, Chunk::whole(ANSWER, body)))
            }
            State::Finish => Ok(Turn::Done(())),
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, _chunk: Chunk) -> Result<(), Error> {
        self.0 = State::Over;
        Err(out_of_turn(from))
    }
}
