//! The platform relays thresholds and combines atoms.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use lattice::noise::fork;
use rand_core::CryptoRng;
use session::incoming::{out_of_turn, whole};
use session::{Chunk, Culprit, Role, Session, Turn};

use crate::verify::{ANSWER, ATOMS, RELAYED, THRESHOLDS, thresholds};
use crate::{Atoms, Encode, Error, Evaluation, Evaluator, LENDER, Terms, holder};

/// The platform's side: relays the thresholds, takes every holder's atoms, sends the combined
/// answer to the lender, learns nothing.
pub struct Platform {
    state: State,
    /// What is still to be relayed.
    relays: VecDeque<(Role, Bytes)>,
    evaluator: Arc<Evaluator>,
    rng: ChaCha20Rng,
}

enum State {
    ExpectAtoms { evaluation: Box<Evaluation>, thresholds: bool },
    SendAnswer(Bytes),
    Finish,
    Over,
}

impl Platform {
    /// A session that answers the question of `terms` under the lender's keys.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`].
    pub fn new(
        terms: Terms,
        evaluator: Arc<Evaluator>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        evaluator.public().expect(terms.lender_key(), Culprit::Us)?;
        let thresholds = terms.atoms().iter().any(|atom| atom.threshold().is_some());
        let evaluation = Box::new(Evaluation::new(terms));
        let state = State::ExpectAtoms { evaluation, thresholds };
        Ok(Self { state, relays: VecDeque::new(), evaluator, rng: fork(rng) })
    }

    /// Takes all sealed thresholds apart, by holder.
    fn relay(&mut self, terms: &Terms, body: &[u8]) -> Result<(), Error> {
        let agreed: Vec<_> = terms.atoms().iter().filter_map(|atom| atom.threshold()).collect();
        let sealed = thresholds::from_bytes(body, &agreed, Culprit::Peer(LENDER))?;
        let owners = terms.atoms().iter().filter(|atom| atom.threshold().is_some());
        let owners: Vec<_> = owners.map(|atom| atom.holder()).collect();
        for place in 0..terms.holders().len() {
            let own = owners.iter().zip(&sealed).filter(|(owner, _)| **owner == place);
            let own: Vec<_> = own.map(|(_, sealed)| sealed.clone()).collect();
            if !own.is_empty() {
                self.relays.push_back((holder(place), thresholds::to_bytes(&own).into()));
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        mut evaluation: Box<Evaluation>,
        thresholds: bool,
        from: Role,
        chunk: Chunk,
    ) -> Result<State, Error> {
        if from == LENDER && thresholds {
            let body = whole(chunk, from, THRESHOLDS, "thresholds")?;
            self.relay(evaluation.terms(), &body)?;
            return Ok(State::ExpectAtoms { evaluation, thresholds: false });
        }
        let early = |place| thresholds && evaluation.terms().thresholds_of(place).next().is_some();
        if evaluation.terms().index_of(from).map_or(true, early) {
            return Err(out_of_turn(from));
        }
        evaluation.expect_first(from)?;
        let body = whole(chunk, from, ATOMS, "atoms")?;
        evaluation.take(&Atoms::from_bytes(&body, evaluation.terms(), from)?)?;
        if !evaluation.is_complete() {
            return Ok(State::ExpectAtoms { evaluation, thresholds });
        }
        let combined = evaluation.combine(&self.evaluator, &mut self.rng)?;
        Ok(State::SendAnswer(combined.to_bytes().into()))
    }
}

impl Session for Platform {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        if let Some((role, body)) = self.relays.pop_front() {
            return Ok(Turn::Send(role, Chunk::whole(RELAYED, body)));
        }
        match std::mem::replace(&mut self.state, State::Over) {
            waiting @ State::ExpectAtoms { .. } => {
                self.state = waiting;
                Ok(Turn::Await)
            }
            State::SendAnswer(body) => {
                self.state = State::Finish;
                Ok(Turn::Send(LENDER, Chunk::whole(ANSWER, body)))
            }
            State::Finish => Ok(Turn::Done(())),
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::ExpectAtoms { evaluation, thresholds } => {
                self.state = self.take(evaluation, thresholds, from, chunk)?;
                Ok(())
            }
            State::SendAnswer(_) | State::Finish | State::Over => Err(out_of_turn(from)),
        }
    }
}
