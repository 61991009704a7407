//! The role that holds the register.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;
use session::{Chunk, Role, Session, Turn};
use subtle::ConstantTimeEq;

use crate::cached::delivery::list_of;
use crate::cached::rounds::{AGREEMENT, BLINDED, EVALUATED, TRANSCRIPT};
use crate::cached::terms::Binding;
use crate::cached::{ASKER, Register, Terms};
use crate::error::out_of_turn;
use crate::oprf::encoded;
use crate::stream::Stream;
use crate::{BATCH, Error, POINT};

/// The role that evaluates what it is asked, and learns no more than how much that is.
///
/// It reaches the register's key, so it is neither printed nor cloned:
///
/// ```compile_fail,E0277
/// fn printed(holder: psi::cached::Holder) { println!("{holder:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(holder: psi::cached::Holder) { holder.clone(); }
/// ```
pub struct Holder {
    register: Arc<Register>,
    binding: Binding,
    delivers: bool,
    /// The list as it is sent, from round 1 on if it is.
    list: Option<Stream>,
    blinded: Stream,
    evaluated: Stream,
    /// Chunks' bodies that are ready to leave.
    answers: VecDeque<Vec<u8>>,
    state: State,
}

enum State {
    ExpectAgreement,
    ExpectBlinded,
    /// Nothing more is due to come.
    SendTranscript,
    Finish,
    /// After an error or the output.
    Ended,
}

impl Holder {
    /// Takes the holder's part of a run under `terms`, in the register's lanes. It needs no
    /// randomness.
    ///
    /// # Errors
    ///
    /// When the terms allow no such run, or are of another period.
    pub fn new(terms: Terms, register: impl Into<Arc<Register>>) -> Result<Self, Error> {
        terms.check()?;
        let register = register.into();
        if register.list().period() != terms.period {
            return Err(Error::ListNotAgreed);
        }
        Ok(Self {
            register,
            binding: Binding::new(&terms),
            delivers: terms.delivers,
            list: None,
            blinded: Stream::of_points(BLINDED, terms.queries),
            evaluated: Stream::of_points(EVALUATED, terms.queries),
            answers: VecDeque::new(),
            state: State::ExpectAgreement,
        })
    }

    /// The answers to a chunk of blinded items.
    fn answer(&self, from: Role, first: u64, body: &Bytes) -> Result<Vec<u8>, Error> {
        // The length was checked to be a multiple of a point's.
        let (points, _) = body.as_chunks::<POINT>();
        // Batches are judged in order, so that the same chunk gives the same error.
        let batches: Vec<_> = points
            .par_chunks(BATCH)
            .enumerate()
            .map(|(batch, points)| {
                // > §C3.4 The holder evaluates each blinded item under the period's key.
                let evaluated = self.register.oprf.blind_evaluate_all(&self.register.key, points);
                evaluated
                    .map_err(|flawed| flawed.blame(from, BLINDED, first + (batch * BATCH) as u64))
            })
            .collect();
        Ok(encoded(&batches.into_iter().collect::<Result<Vec<_>, _>>()?))
    }

    fn take(&mut self, from: Role, chunk: Chunk) -> Result<State, Error> {
        match mem::replace(&mut self.state, State::Ended) {
            State::ExpectAgreement => {
                // > §C3.1 The holder goes on only if it holds the same terms and the same list.
                let theirs = Stream::of_one(AGREEMENT, 32).accept(from, chunk)?;
                let list = self.register.list();
                let kept = (!self.delivers).then_some(list.digest());
                if !bool::from(self.binding.agreement(kept).ct_eq(&theirs)) {
                    return Err(Error::Agreement { from });
                }
                self.list = self.delivers.then(|| list_of(&list.period()));
                Ok(State::ExpectBlinded)
            }
            State::ExpectBlinded => {
                let first = self.blinded.passed();
                let body = self.blinded.accept(from, chunk)?;
                let answers = self.answer(from, first, &body)?;
                self.answers.push_back(answers);
                Ok(if self.blinded.is_over() {
                    State::SendTranscript
                } else {
                    State::ExpectBlinded
                })
            }
            State::SendTranscript | State::Finish => Err(out_of_turn(from)),
            State::Ended => Err(Error::Ended),
        }
    }
}

impl Session for Holder {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        if let Some(mut list) = self.list.take() {
            // > §C3.2 The holder sends its list.
            let first = usize::try_from(list.passed()).expect("the list is in memory");
            let due = first * list.unit()..(first + list.due()) * list.unit();
            let chunk = list.send(self.register.list().as_bytes()[due].to_vec());
            self.list = (!list.is_over()).then_some(list);
            return Ok(Turn::Send(ASKER, chunk));
        }
        if let Some(body) = self.answers.pop_front() {
            return Ok(Turn::Send(ASKER, self.evaluated.send(body)));
        }
        match self.state {
            State::ExpectAgreement | State::ExpectBlinded => Ok(Turn::Await),
            State::SendTranscript => {
                // > §C3.5 The holder gives its account of the list and rounds 3 and 4.
                let rounds = [self.blinded.digest(), self.evaluated.digest()];
                let list = self.register.list().digest();
                let account = self.binding.transcript(list, &rounds[0], &rounds[1]);
                self.state = State::Finish;
                Ok(Turn::Send(ASKER, Stream::of_one(TRANSCRIPT, 32).send(account.to_vec())))
            }
            State::Finish => {
                self.state = State::Ended;
                Ok(Turn::Done(()))
            }
            State::Ended => Err(Error::Ended),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        let taken = if from == ASKER { self.take(from, chunk) } else { Err(out_of_turn(from)) };
        self.state = taken.inspect_err(|_| {
            (self.list, self.answers) = (None, VecDeque::new());
            self.state = State::Ended;
        })?;
        Ok(())
    }
}
