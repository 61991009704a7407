//! The lender opens the blocks of a span, one by one.

use std::sync::Arc;

use session::incoming::{in_round, out_of_turn};
use session::{Chunk, Culprit, Role, Session, Turn, Unexpected};

use crate::batch::{LenderKey, SUMS, Span, Sum, Terms};
use crate::{Error, PLATFORM, Points, TableKey};

/// The lender's side: takes each block's sum and opens it at once.
///
/// A host that wants each block as it comes takes it with [`Lender::take_opened`] between two
/// steps; whatever it has not taken is the output at the end, at most 64 blocks.
pub struct Lender {
    terms: Terms,
    span: Span,
    key: Arc<LenderKey>,
    state: State,
    opened: Vec<Opened>,
}

/// One opened block: the points of its subjects, in the order of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Which block.
    pub block: u32,
    /// The points of the subjects from place 4096 · `block` on.
    pub points: Vec<Points>,
}

enum State {
    ExpectSum(u32),
    Finish,
    Over,
}

impl Lender {
    /// A session that opens the blocks of `span` with `key`.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`] when the terms name another key; [`Error::Span`] beyond the list.
    pub fn new(terms: Terms, span: Span, key: Arc<LenderKey>) -> Result<Self, Error> {
        key.public().expect(terms.lender_key(), Culprit::Us)?;
        terms.expect(span)?;
        Ok(Self { terms, span, key, state: State::ExpectSum(span.from()), opened: Vec::new() })
    }

    /// The blocks that were opened since the last call, in order.
    pub fn take_opened(&mut self) -> Vec<Opened> {
        std::mem::take(&mut self.opened)
    }

    fn open(&mut self, block: u32, from: Role, chunk: Chunk) -> Result<(), Error> {
        let (body, last) = in_round(chunk, from, SUMS)?;
        let next = block + 1;
        if last != (next == self.span.to()) {
            return Err(Unexpected::Ending { what: "sums", from }.into());
        }
        let sum = Sum::from_bytes(&body, &self.terms, block)?;
        let points = self.key.decrypt(sum, &self.terms)?;
        self.opened.push(Opened { block, points });
        self.state = if last { State::Finish } else { State::ExpectSum(next) };
        Ok(())
    }
}

impl Session for Lender {
    type Output = Vec<Opened>;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<Vec<Opened>>, Error> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::ExpectSum(block) => {
                self.state = State::ExpectSum(block);
                Ok(Turn::Await)
            }
            State::Finish => Ok(Turn::Done(self.take_opened())),
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        match (std::mem::replace(&mut self.state, State::Over), from) {
            (State::ExpectSum(block), PLATFORM) => self.open(block, from, chunk),
            (State::ExpectSum(_) | State::Finish | State::Over, _) => Err(out_of_turn(from)),
        }
    }
}
