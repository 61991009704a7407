//! The lender opens the score.

use std::sync::Arc;

use session::incoming::{out_of_turn, whole};
use session::{Chunk, Culprit, Role, Session, Turn};

use crate::score::SUM;
use crate::{Error, LenderKey, PLATFORM, Points, Sum, TableKey, Terms};

/// The lender's side: takes the sum and opens it.
pub struct Lender(State);

enum State {
    ExpectSum { terms: Terms, key: Arc<LenderKey> },
    Finish(Points),
    Over,
}

impl Lender {
    /// A session that opens the score of `terms` with `key`.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`] when the terms name another key.
    pub fn new(terms: Terms, key: Arc<LenderKey>) -> Result<Self, Error> {
        key.public().expect(terms.lender_key(), Culprit::Us)?;
        Ok(Self(State::ExpectSum { terms, key }))
    }
}

impl Session for Lender {
    type Output = Points;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<Points>, Error> {
        match std::mem::replace(&mut self.0, State::Over) {
            waiting @ State::ExpectSum { .. } => {
                self.0 = waiting;
                Ok(Turn::Await)
            }
            State::Finish(points) => Ok(Turn::Done(points)),
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        match (std::mem::replace(&mut self.0, State::Over), from) {
            (State::ExpectSum { terms, key }, PLATFORM) => {
                let body = whole(chunk, from, SUM, "sum")?;
                let points = key.decrypt(Sum::from_bytes(&body, &terms)?, &terms)?;
                self.0 = State::Finish(points);
                Ok(())
            }
            (State::ExpectSum { .. } | State::Finish(_) | State::Over, _) => Err(out_of_turn(from)),
        }
    }
}
