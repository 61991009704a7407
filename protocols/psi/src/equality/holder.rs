//! The role that holds the values asked about, and learns nothing.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use rand_core::{CryptoRng, Rng};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;
use session::{Chunk, Role, Session, Turn};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::equality::answers::append;
use crate::equality::rounds::{AGREEMENT, ANSWERS, BLINDED, TRANSCRIPT};
use crate::equality::terms::{Binding, Input};
use crate::equality::{ASKER, Records, Terms};
use crate::error::out_of_turn;
use crate::oprf::{Oprf, SecretKey};
use crate::seed::seeded;
use crate::stream::Stream;
use crate::{BATCH, Error, Lanes, POINT};

/// The role that answers of each row whether the asker's claim is its value.
///
/// It holds the values and the keys, so it is neither printed nor cloned:
///
/// ```compile_fail,E0277
/// fn printed(holder: psi::equality::Holder) { println!("{holder:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(holder: psi::equality::Holder) { holder.clone(); }
/// ```
pub struct Holder {
    records: Arc<Records>,
    binding: Binding,
    oprf: Oprf,
    rng: ChaCha20Rng,
    blinded: Stream,
    answered: Stream,
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
    /// Takes the holder's part of a run under `terms`.
    ///
    /// All of the run's secrets come from 32 bytes of `rng`.
    ///
    /// # Errors
    ///
    /// When the terms allow no such run, or name another number of rows.
    pub fn new(
        terms: Terms,
        records: impl Into<Arc<Records>>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        Self::with_lanes(terms, records, Lanes::detect(), rng)
    }

    /// The same in these lanes: for tests and benches.
    ///
    /// # Errors
    ///
    /// As [`Holder::new`].
    pub fn with_lanes(
        terms: Terms,
        records: impl Into<Arc<Records>>,
        lanes: Lanes,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        let records = records.into();
        terms.check(records.len())?;
        Ok(Self {
            binding: Binding::new(&terms, records.about()),
            records,
            oprf: Oprf::with_lanes(lanes),
            rng: seeded(rng),
            blinded: Stream::of_points(BLINDED, terms.rows),
            answered: Stream::of_answers(ANSWERS, terms.answer_length(), terms.rows),
            answers: VecDeque::new(),
            state: State::ExpectAgreement,
        })
    }

    /// How many rows were answered so far.
    pub fn answered(&self) -> u64 {
        self.answered.passed()
    }

    /// The answers to a chunk of blinded claims.
    fn answer(&mut self, from: Role, first: u64, body: &Bytes) -> Result<Vec<u8>, Error> {
        // The length was checked to be a multiple of a point's.
        let (points, _) = body.as_chunks::<POINT>();
        let rows: Vec<_> = (first..).take(points.len()).map(|row| self.row(row)).collect();
        let length = self.answered.unit();
        let answer = |batch, points, rows: &[Row]| {
            // > §E3.3 The holder evaluates the blinded claim and its own value under the row's key.
            let keys = || rows.iter().map(|row| &row.key);
            let first = first + (batch * BATCH) as u64;
            let evaluated = self.oprf.blind_evaluate_encoded(keys(), points);
            let evaluated = evaluated.map_err(|flawed| flawed.blame(from, BLINDED, first))?;
            let inputs = rows.iter().map(|row| &row.input[..]);
            let outputs = self.oprf.evaluate(keys().zip(inputs))?;
            let mut body = Vec::with_capacity(length * rows.len());
            for ((row, evaluated), output) in rows.iter().zip(&evaluated).zip(&outputs) {
                append(&mut body, length, evaluated, row.known, output);
            }
            Ok(body)
        };
        // Batches are judged in order, so that the same chunk gives the same error.
        let batches: Vec<Result<Vec<u8>, Error>> = points
            .par_chunks(BATCH)
            .zip(rows.par_chunks(BATCH))
            .enumerate()
            .map(|(batch, (points, rows))| answer(batch, points, rows))
            .collect();
        let mut answers = Vec::with_capacity(length * rows.len());
        for batch in batches {
            answers.extend_from_slice(&batch?);
        }
        Ok(answers)
    }

    /// Draws a row's key, and what stands in for its value if there is none.
    fn row(&mut self, row: u64) -> Row {
        // > §E3.3 Each row has a key of its own: an evaluation serves no other row.
        let key = SecretKey::random(&mut self.rng);
        // An unknown row takes a known one's road, so that their pace does not tell them apart.
        let mut input = Zeroizing::new([0; 64]);
        self.rng.fill_bytes(&mut *input);
        let value = self.records.value(usize::try_from(row).expect("the records are in memory"));
        let known = value.is_some();
        if let Some(value) = value {
            input = self.binding.input(row, value);
        }
        Row { key, input, known }
    }

    fn take(&mut self, from: Role, chunk: Chunk) -> Result<State, Error> {
        match mem::replace(&mut self.state, State::Ended) {
            State::ExpectAgreement => {
                // > §E3.1 The holder goes on only if it holds the same terms and rows.
                let theirs = Stream::of_one(AGREEMENT, 32).accept(from, chunk)?;
                if !bool::from(self.binding.agreement().ct_eq(&theirs)) {
                    return Err(Error::Agreement { from });
                }
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

/// What a row is answered from.
struct Row {
    key: SecretKey,
    input: Input,
    known: bool,
}

impl Session for Holder {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        if let Some(body) = self.answers.pop_front() {
            return Ok(Turn::Send(ASKER, self.answered.send(body)));
        }
        match self.state {
            State::ExpectAgreement | State::ExpectBlinded => Ok(Turn::Await),
            State::SendTranscript => {
                // > §E3.4 The holder gives its account of rounds 2 and 3.
                let account =
                    self.binding.transcript(&self.blinded.digest(), &self.answered.digest());
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
            self.answers.clear();
            self.state = State::Ended;
        })?;
        Ok(())
    }
}
