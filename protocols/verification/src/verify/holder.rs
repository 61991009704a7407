//! A holder answers its atoms.

use std::sync::Arc;

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use lattice::noise::fork;
use rand_core::CryptoRng;
use session::incoming::{out_of_turn, whole};
use session::{Chunk, Culprit, Role, Session, Turn};

use crate::verify::{ATOMS, RELAYED, thresholds};
use crate::{Atoms, Encode, Error, Evaluator, PLATFORM, PublicKey, Query};

/// A holder's side: takes the thresholds of its sealed atoms, sends its atoms, learns nothing.
pub struct Holder(State);

enum State {
    ExpectThresholds(Box<Comparing>),
    SendAtoms(Bytes),
    Finish,
    Over,
}

struct Comparing {
    query: Query,
    evaluator: Arc<Evaluator>,
    rng: ChaCha20Rng,
}

impl Holder {
    /// A session that answers `query`, none of whose atoms is sealed. The atoms are made here.
    ///
    /// # Errors
    ///
    /// As [`Query::answer`].
    pub fn new(query: Query, key: &PublicKey, rng: &mut impl CryptoRng) -> Result<Self, Error> {
        Ok(Self::sending(&query.answer(key, rng)?))
    }

    /// A session that awaits the thresholds of the sealed atoms of `query`, and compares.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`], or [`Error::NothingSealed`].
    pub fn comparing(
        query: Query,
        evaluator: Arc<Evaluator>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        evaluator.public().expect(query.terms().lender_key(), Culprit::Us)?;
        if query.thresholds().is_empty() {
            return Err(Error::NothingSealed);
        }
        let rng = fork(rng);
        Ok(Self(State::ExpectThresholds(Box::new(Comparing { query, evaluator, rng }))))
    }

    /// A session that sends atoms made before: those that its host had to store first.
    #[must_use]
    pub fn sending(atoms: &Atoms) -> Self {
        Self(State::SendAtoms(atoms.to_bytes().into()))
    }
}

impl Session for Holder {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        match std::mem::replace(&mut self.0, State::Over) {
            waiting @ State::ExpectThresholds(_) => {
                self.0 = waiting;
                Ok(Turn::Await)
            }
            State::SendAtoms(body) => {
                self.0 = State::Finish;
                Ok(Turn::Send(PLATFORM, Chunk::whole(ATOMS, body)))
            }
            State::Finish => Ok(Turn::Done(())),
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        match (std::mem::replace(&mut self.0, State::Over), from) {
            (State::ExpectThresholds(comparing), PLATFORM) => {
                let Comparing { query, evaluator, mut rng } = *comparing;
                let body = whole(chunk, from, RELAYED, "thresholds")?;
                let agreed = query.thresholds();
                let sealed = thresholds::from_bytes(&body, &agreed, Culprit::Peer(from))?;
                let atoms = query.compare(&sealed, &evaluator, &mut rng)?;
                self.0 = State::SendAtoms(atoms.to_bytes().into());
                Ok(())
            }
            (State::ExpectThresholds(_) | State::SendAtoms(_) | State::Finish | State::Over, _) => {
                Err(out_of_turn(from))
            }
        }
    }
}
