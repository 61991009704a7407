//! The role that commits first and always learns.

use std::mem;
use std::sync::Arc;

use rand_core::CryptoRng;
use session::{Chunk, Role, Session, Turn};

use crate::error::out_of_turn;
use crate::exchange::{Exchange, Step};
use crate::own::Own;
use crate::rounds::{COMMITMENT, OPENING, Progress, SALT};
use crate::salt::{HASH, OPENING as OPENING_LENGTH, Run};
use crate::stream::Stream;
use crate::{Error, Items, Lanes, Learned, RECEIVER, SENDER, Terms};

/// The role that learns what the terms say it may.
///
/// It holds the secret exponent, so it is neither printed nor cloned, and neither is anything in
/// it:
///
/// ```compile_fail,E0277
/// fn printed(receiver: psi::Receiver) { println!("{receiver:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(receiver: psi::Receiver) { receiver.clone(); }
/// ```
/// ```compile_fail,E0277
/// fn sent(receiver: psi::Receiver) -> bytes::Bytes { receiver.into() }
/// ```
/// ```compile_fail,E0603
/// use psi::key::Key;
/// ```
pub struct Receiver {
    terms: Terms,
    state: State,
}

enum State {
    SendCommitment(Own),
    ExpectSalt(Own),
    SendOpening([u8; OPENING_LENGTH], Box<Exchange>),
    Exchange(Box<Exchange>),
    /// After an error or the output.
    Ended,
}

impl Receiver {
    /// Takes the receiver's part of a run under `terms`.
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
    /// As [`Receiver::new`].
    pub fn with_lanes(
        terms: Terms,
        items: impl Into<Arc<Items>>,
        lanes: Lanes,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        terms.check()?;
        let own = Own::draw(items.into(), terms.receiver_items, lanes, rng)?;
        Ok(Self { terms, state: State::SendCommitment(own) })
    }

    /// How far the session has come.
    pub fn progress(&self) -> Progress {
        let of = self.terms.receiver_items + self.terms.sender_items;
        match &self.state {
            State::SendCommitment(_) | State::ExpectSalt(_) => {
                Progress { masked: 0, remasked: 0, of }
            }
            State::SendOpening(_, exchange) | State::Exchange(exchange) => exchange.progress(),
            State::Ended => Progress {
                masked: self.terms.receiver_items,
                remasked: self.terms.sender_items,
                of,
            },
        }
    }
}

impl Session for Receiver {
    type Output = Learned;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<Learned>, Error> {
        let (turn, next) = match mem::replace(&mut self.state, State::Ended) {
            State::SendCommitment(own) => {
                // > §3.1 The receiver commits to its part of the salt.
                let commitment = own.salt.commit(&self.terms.binding());
                let chunk = Stream::of_one(COMMITMENT, HASH).send(commitment.to_vec());
                (Turn::Send(SENDER, chunk), State::ExpectSalt(own))
            }
            State::ExpectSalt(own) => (Turn::Await, State::ExpectSalt(own)),
            State::SendOpening(opening, exchange) => {
                let chunk = Stream::of_one(OPENING, OPENING_LENGTH).send(opening.to_vec());
                (Turn::Send(SENDER, chunk), State::Exchange(exchange))
            }
            State::Exchange(mut exchange) => match exchange.advance()? {
                Step::Send(chunk) => (Turn::Send(SENDER, chunk), State::Exchange(exchange)),
                Step::Await => (Turn::Await, State::Exchange(exchange)),
                Step::Done(learned) => (Turn::Done(learned), State::Ended),
            },
            State::Ended => return Err(Error::Ended),
        };
        self.state = next;
        Ok(turn)
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        let state = mem::replace(&mut self.state, State::Ended);
        if from != SENDER {
            return Err(out_of_turn(from));
        }
        self.state = match state {
            State::ExpectSalt(own) => {
                let body = Stream::of_one(SALT, HASH).accept(from, chunk)?;
                let mut theirs = [0; HASH];
                theirs.copy_from_slice(&body);
                // > §3.3 The receiver opens its part and confirms the whole.
                let run = Run::new(&self.terms.binding(), &own.salt, &theirs);
                let opening = own.salt.open_with(&run);
                let exchange = Exchange::new(RECEIVER, self.terms, own, run)?;
                State::SendOpening(opening, Box::new(exchange))
            }
            State::Exchange(mut exchange) => {
                exchange.receive(from, chunk)?;
                State::Exchange(exchange)
            }
            State::SendCommitment(_) | State::SendOpening(..) => return Err(out_of_turn(from)),
            State::Ended => return Err(Error::Ended),
        };
        Ok(())
    }
}
