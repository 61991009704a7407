//! The platform adds the answers.

use bytes::Bytes;
use session::incoming::{out_of_turn, whole};
use session::{Chunk, Role, Session, Turn};

use crate::score::{ANSWER, SUM};
use crate::{Answer, Encode, Error, LENDER, Tally, Terms};

/// The platform's side: takes every holder's answer, sends their sum to the lender, learns nothing.
pub struct Platform(State);

enum State {
    ExpectAnswers(Tally),
    SendSum(Bytes),
    Finish,
    Over,
}

impl Platform {
    /// A session that adds the answers of the holders in `terms`.
    pub fn new(terms: Terms) -> Self {
        Self(State::ExpectAnswers(Tally::new(terms)))
    }
}

impl Session for Platform {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        match std::mem::replace(&mut self.0, State::Over) {
            waiting @ State::ExpectAnswers(_) => {
                self.0 = waiting;
                Ok(Turn::Await)
            }
            State::SendSum(body) => {
                self.0 = State::Finish;
                Ok(Turn::Send(LENDER, Chunk::whole(SUM, body)))
            }
            State::Finish => Ok(Turn::Done(())),
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        match std::mem::replace(&mut self.0, State::Over) {
            State::ExpectAnswers(mut tally) => {
                if tally.terms().index_of(from).is_err() {
                    return Err(out_of_turn(from));
                }
                tally.expect_first(from)?;
                let body = whole(chunk, from, ANSWER, "answer")?;
                tally.add(Answer::from_bytes(&body, tally.terms(), from)?)?;
                self.0 = if tally.is_complete() {
                    State::SendSum(tally.finish()?.to_bytes().into())
                } else {
                    State::ExpectAnswers(tally)
                };
                Ok(())
            }
            State::SendSum(_) | State::Finish | State::Over => Err(out_of_turn(from)),
        }
    }
}
