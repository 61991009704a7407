//! The lender sends its thresholds and opens the answer.

use std::sync::Arc;

use bytes::Bytes;
use session::incoming::{out_of_turn, whole};
use session::{Chunk, Culprit, Role, Session, Turn};

use crate::verify::{ANSWER, THRESHOLDS, thresholds};
use crate::{Answer, Combined, Error, LenderKey, PLATFORM, SealedThreshold, Terms};

/// The lender's side: sends what is sealed, takes the answer and opens it.
pub struct Lender(State);

enum State {
    SendThresholds { body: Bytes, terms: Terms, key: Arc<LenderKey> },
    ExpectAnswer { terms: Terms, key: Arc<LenderKey> },
    Finish(Answer),
    Over,
}

impl Lender {
    /// A session that asks the question of `terms` and opens its answer with `key`.
    ///
    /// `sealed` are the thresholds of all sealed atoms, in the order of the terms.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`] when the terms name another key, [`Error::OtherThresholds`].
    pub fn new(
        terms: Terms,
        sealed: &[SealedThreshold],
        key: Arc<LenderKey>,
    ) -> Result<Self, Error> {
        key.public().expect(terms.lender_key(), Culprit::Us)?;
        let agreed = terms.atoms().iter().filter_map(|atom| atom.threshold());
        if !agreed.eq(sealed.iter().map(SealedThreshold::digest)) {
            return Err(Error::OtherThresholds);
        }
        let body: Bytes = thresholds::to_bytes(sealed).into();
        Ok(Self(match body.is_empty() {
            true => State::ExpectAnswer { terms, key },
            false => State::SendThresholds { body, terms, key },
        }))
    }
}

impl Session for Lender {
    type Output = Answer;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<Answer>, Error> {
        match std::mem::replace(&mut self.0, State::Over) {
            State::SendThresholds { body, terms, key } => {
                self.0 = State::ExpectAnswer { terms, key };
                Ok(Turn::Send(PLATFORM, Chunk::whole(THRESHOLDS, body)))
            }
            waiting @ State::ExpectAnswer { .. } => {
                self.0 = waiting;
                Ok(Turn::Await)
            }
            State::Finish(answer) => Ok(Turn::Done(answer)),
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        match (std::mem::replace(&mut self.0, State::Over), from) {
            (State::ExpectAnswer { terms, key }, PLATFORM) => {
                let body = whole(chunk, from, ANSWER, "answer")?;
                let answer = key.decrypt(&Combined::from_bytes(&body, &terms)?, &terms)?;
                self.0 = State::Finish(answer);
                Ok(())
            }
            (
                State::SendThresholds { .. }
                | State::ExpectAnswer { .. }
                | State::Finish(_)
                | State::Over,
                _,
            ) => Err(out_of_turn(from)),
        }
    }
}
