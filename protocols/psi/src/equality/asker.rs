//! The role that claims, and learns.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use rand_core::CryptoRng;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;
use session::{Chunk, Role, Session, Turn};
use subtle::ConstantTimeEq;

use crate::equality::answers::Received;
use crate::equality::rounds::{AGREEMENT, ANSWERS, BLINDED, TRANSCRIPT};
use crate::equality::terms::{Binding, Input};
use crate::equality::{Answer, Claims, HOLDER, Terms};
use crate::error::out_of_turn;
use crate::oprf::{Blind, Oprf, outputs};
use crate::seed::seeded;
use crate::stream::Stream;
use crate::{BATCH, Error, Lanes};

/// The role that learns of each row whether its claim is the holder's value.
///
/// It holds the claims and what blinds them, so it is neither printed nor cloned:
///
/// ```compile_fail,E0277
/// fn printed(asker: psi::equality::Asker) { println!("{asker:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(asker: psi::equality::Asker) { asker.clone(); }
/// ```
pub struct Asker {
    claims: Arc<Claims>,
    binding: Binding,
    oprf: Oprf,
    rng: ChaCha20Rng,
    /// Of the chunks that were sent and not answered, in order; none is moved as more are added.
    blinds: VecDeque<Vec<Blind>>,
    blinded: Stream,
    answered: Stream,
    answers: Vec<Answer>,
    sending: Sending,
    expecting: Expecting,
}

enum Sending {
    SendAgreement,
    SendBlinded,
    Nothing,
}

enum Expecting {
    ExpectAnswers,
    ExpectTranscript,
    Finish,
    /// After an error or the output.
    Ended,
}

impl Asker {
    /// Takes the asker's part of a run under `terms`.
    ///
    /// All of the run's secrets come from 32 bytes of `rng`.
    ///
    /// # Errors
    ///
    /// When the terms allow no such run, or name another number of rows.
    pub fn new(
        terms: Terms,
        claims: impl Into<Arc<Claims>>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        Self::with_lanes(terms, claims, Lanes::detect(), rng)
    }

    /// The same in these lanes: for tests and benches.
    ///
    /// # Errors
    ///
    /// As [`Asker::new`].
    pub fn with_lanes(
        terms: Terms,
        claims: impl Into<Arc<Claims>>,
        lanes: Lanes,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        let claims = claims.into();
        terms.check(claims.len())?;
        Ok(Self {
            binding: Binding::new(&terms, claims.about()),
            claims,
            oprf: Oprf::with_lanes(lanes),
            rng: seeded(rng),
            blinds: VecDeque::new(),
            blinded: Stream::of_points(BLINDED, terms.rows),
            answered: Stream::of_answers(ANSWERS, terms.answer_length(), terms.rows),
            answers: Vec::new(),
            sending: Sending::SendAgreement,
            expecting: Expecting::ExpectAnswers,
        })
    }

    /// How many rows were answered so far.
    pub fn answered(&self) -> u64 {
        self.answered.passed()
    }

    /// Blinds the claims of the next chunk.
    fn blind(&mut self) -> Result<Vec<u8>, Error> {
        let inputs = self.inputs(self.blinded.passed(), self.blinded.due());
        // > §E3.2 The asker blinds the input of each claim.
        let (body, blinds) = self.oprf.blind_chunk(&inputs, &mut self.rng)?;
        self.blinds.push_back(blinds);
        Ok(body)
    }

    /// What the answers of a chunk say.
    fn finalize(&mut self, from: Role, first: u64, body: &Bytes) -> Result<Vec<Answer>, Error> {
        let length = self.answered.unit();
        let due = body.len() / length;
        let inputs = self.inputs(first, due);
        // Both rounds are cut into chunks alike, and this one was asked.
        let blinds = self.blinds.pop_front().expect("a chunk was sent for each that is taken");
        // > §E3.4 The asker finalises each evaluated element and compares the output with the tag.
        let finalize = |batch, answers, inputs: &[Input], blinds: &[Blind]| {
            let first = first + (batch * BATCH) as u64;
            let received = Received::parse(answers, length, from, first)?;
            let unblinded = self.oprf.unblind_encoded(blinds, &received.evaluated);
            let unblinded = unblinded.map_err(|flawed| flawed.blame(from, ANSWERS, first))?;
            let inputs = inputs.iter().map(|input| &input[..]);
            let outputs = outputs(inputs.zip(&unblinded))?;
            Ok(received.compare(&outputs))
        };
        // Batches are judged in order, so that the same chunk gives the same error.
        let batches: Vec<Result<Vec<Answer>, Error>> = body
            .par_chunks(BATCH * length)
            .zip(inputs.par_chunks(BATCH))
            .zip(blinds.par_chunks(BATCH))
            .enumerate()
            .map(|(batch, ((answers, inputs), blinds))| finalize(batch, answers, inputs, blinds))
            .collect();
        let mut answers = Vec::with_capacity(due);
        for batch in batches {
            answers.extend(batch?);
        }
        Ok(answers)
    }

    /// What goes into the OPRF for the claims from `first` on.
    fn inputs(&self, first: u64, due: usize) -> Vec<Input> {
        let place = usize::try_from(first).expect("the claims are in memory");
        (first..)
            .zip(place..place + due)
            .map(|(row, place)| self.binding.input(row, self.claims.value(place)))
            .collect()
    }

    fn take(&mut self, from: Role, chunk: Chunk) -> Result<Expecting, Error> {
        match mem::replace(&mut self.expecting, Expecting::Ended) {
            Expecting::ExpectAnswers => {
                let first = self.answered.passed();
                self.answered.expect_asked(&self.blinded, from)?;
                let body = self.answered.accept(from, chunk)?;
                let answers = self.finalize(from, first, &body)?;
                self.answers.extend(answers);
                Ok(if self.answered.is_over() {
                    Expecting::ExpectTranscript
                } else {
                    Expecting::ExpectAnswers
                })
            }
            Expecting::ExpectTranscript => {
                // > §E3.4 The asker compares before it gives an output.
                let account = Stream::of_one(TRANSCRIPT, 32).accept(from, chunk)?;
                let ours = self.binding.transcript(&self.blinded.digest(), &self.answered.digest());
                if !bool::from(ours.ct_eq(&account)) {
                    return Err(Error::Transcript { from });
                }
                Ok(Expecting::Finish)
            }
            Expecting::Finish => Err(out_of_turn(from)),
            Expecting::Ended => Err(Error::Ended),
        }
    }
}

impl Session for Asker {
    type Output = Vec<Answer>;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<Vec<Answer>>, Error> {
        match self.sending {
            Sending::SendAgreement => {
                // > §E3.1 The asker shows its terms and rows.
                let agreement = self.binding.agreement();
                self.sending = Sending::SendBlinded;
                let chunk = Stream::of_one(AGREEMENT, 32).send(agreement.to_vec());
                Ok(Turn::Send(HOLDER, chunk))
            }
            Sending::SendBlinded => {
                let body = self.blind()?;
                let chunk = self.blinded.send(body);
                if self.blinded.is_over() {
                    self.sending = Sending::Nothing;
                }
                Ok(Turn::Send(HOLDER, chunk))
            }
            Sending::Nothing => match self.expecting {
                Expecting::ExpectAnswers | Expecting::ExpectTranscript => Ok(Turn::Await),
                Expecting::Finish => {
                    self.expecting = Expecting::Ended;
                    Ok(Turn::Done(mem::take(&mut self.answers)))
                }
                Expecting::Ended => Err(Error::Ended),
            },
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        let taken = if from == HOLDER { self.take(from, chunk) } else { Err(out_of_turn(from)) };
        self.expecting = taken.inspect_err(|_| {
            self.sending = Sending::Nothing;
            self.expecting = Expecting::Ended;
        })?;
        Ok(())
    }
}
