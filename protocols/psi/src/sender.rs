//! The role that answers, and learns only in two-sided runs.

use std::mem;
use std::sync::Arc;

use rand_core::CryptoRng;
use session::{Chunk, Role, Session, Turn};

use crate::error::out_of_turn;
use crate::exchange::{Exchange, Step};
use crate::own::Own;
use crate::rounds::{COMMITMENT, OPENING, Progress, SALT};
use crate::salt::{Commitment, HASH, OPENING as OPENING_LENGTH};
use crate::stream::Stream;
use crate::{Error, Items, Lanes, Learned, RECEIVER, SENDER, Terms};

/// The role that answers; it learns nothing but in a two-sided run.
///
/// Like [`Receiver`](crate::Receiver) it is neither printed nor cloned:
///
/// ```compile_fail,E0277
/// fn printed(sender: psi::Sender) { println!("{sender:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(sender: psi::Sender) { sender.clone(); }
/// ```
pub struct Sender {
    terms: Terms,
    state: State,
}

enum State {
    ExpectCommitment(Own),
    SendSalt(Commitment, Own),
    ExpectOpening(Commitment, Own),
    Exchange(Box<Exchange>),
    /// After an error or the output.
    Ended,
}

impl Sender {
    /// Takes the sender's part of a run under `terms`.
    ///
    /// All of the run's secrets come from 32 bytes of `rng`.
    ///
    /// # Errors
    ///
    /// When the terms allow no such run, or fewer items.
    pub fn new(
        terms: Terms,
        items: impl Into<Arc<Items>>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        Self::with_lanes(terms, items, Lanes::detect(), rng)
    }

    /// The same in these lanes: for tests and benches.
    ///
    /// # Errors
    ///
    /// As [`Sender::new`].
    pub fn with_lanes(
        terms: Terms,
        items: impl Into<Arc<Items>>,
        lanes: Lanes,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        terms.check()?;
        let own = Own::draw(items.into(), terms.sender_items, lanes, rng)?;
        Ok(Self { terms, state: State::ExpectCommitment(own) })
    }

    /// How far the session has come.
    pub fn progress(&self) -> Progress {
        let of = self.terms.receiver_items + self.terms.sender_items;
        match &self.state {
            State::ExpectCommitment(_) | State::SendSalt(..) | State::ExpectOpening(..) => {
                Progress { masked: 0, remasked: 0, of }
            }
            State::Exchange(exchange) => exchange.progress(),
            State::Ended => Progress {
                masked: self.terms.sender_items,
                remasked: self.terms.receiver_items,
                of,
            },
        }
    }
}

impl Session for Sender {
    type Output = Learned;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<Learned>, Error> {
        let (turn, next) = match mem::replace(&mut self.state, State::Ended) {
            State::SendSalt(commitment, own) => {
                // > §3.2 The sender tells its part of the salt.
                let chunk = Stream::of_one(SALT, HASH).send(own.salt.open().to_vec());
                (Turn::Send(RECEIVER, chunk), State::ExpectOpening(commitment, own))
            }
            State::Exchange(mut exchange) => match exchange.advance()? {
                Step::Send(chunk) => (Turn::Send(RECEIVER, chunk), State::Exchange(exchange)),
                Step::Await => (Turn::Await, State::Exchange(exchange)),
                Step::Done(learned) => (Turn::Done(learned), State::Ended),
            },
            state @ (State::ExpectCommitment(_) | State::ExpectOpening(..)) => (Turn::Await, state),
            State::Ended => return Err(Error::Ended),
        };
        self.state = next;
        Ok(turn)
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        let state = mem::replace(&mut self.state, State::Ended);
        if from != RECEIVER {
            return Err(out_of_turn(from));
        }
        self.state = match state {
            State::ExpectCommitment(own) => {
                let body = Stream::of_one(COMMITMENT, HASH).accept(from, chunk)?;
                let mut commitment = [0; HASH];
                commitment.copy_from_slice(&body);
                State::SendSalt(Commitment::new(commitment), own)
            }
            State::ExpectOpening(commitment, own) => {
                let body = Stream::of_one(OPENING, OPENING_LENGTH).accept(from, chunk)?;
                let mut opening = [0; OPENING_LENGTH];
                opening.copy_from_slice(&body);
                // > §3.3 The sender goes on only if the opening keeps the promise.
                let run = commitment.open(&self.terms.binding(), &own.salt, opening)?;
                State::Exchange(Box::new(Exchange::new(SENDER, self.terms, own, run)?))
            }
            State::Exchange(mut exchange) => {
                exchange.receive(from, chunk)?;
                State::Exchange(exchange)
            }
            State::SendSalt(..) => return Err(out_of_turn(from)),
            State::Ended => return Err(Error::Ended),
        };
        Ok(())
    }
}
