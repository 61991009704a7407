//! The role that asks, and learns.

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

use crate::cached::delivery::Delivery;
use crate::cached::rounds::{AGREEMENT, BLINDED, EVALUATED, TRANSCRIPT};
use crate::cached::terms::{Binding, Input, PeriodBinding};
use crate::cached::{HOLDER, List, Terms};
use crate::error::out_of_turn;
use crate::oprf::{Blind, Oprf, outputs};
use crate::seed::seeded;
use crate::stream::Stream;
use crate::{BATCH, Error, Items, Lanes, POINT};

/// What the asker learns.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which of its items are in the register, ascending.
    pub found: Vec<u32>,
    /// The period's list, for the next run.
    pub list: Arc<List>,
}

/// The role that learns which of its items are in the holder's register.
///
/// It holds the items and what blinds them, so it is neither printed nor cloned:
///
/// ```compile_fail,E0277
/// fn printed(asker: psi::cached::Asker) { println!("{asker:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(asker: psi::cached::Asker) { asker.clone(); }
/// ```
pub struct Asker {
    binding: Binding,
    period: PeriodBinding,
    items: Arc<Items>,
    oprf: Oprf,
    rng: ChaCha20Rng,
    /// The list, once it is here.
    list: Option<Arc<List>>,
    /// Of the chunks that were sent and not answered, in order.
    blinds: VecDeque<Vec<Blind>>,
    blinded: Stream,
    evaluated: Stream,
    found: Vec<u32>,
    sending: Sending,
    expecting: Expecting,
}

enum Sending {
    SendAgreement,
    SendBlinded,
    Nothing,
}

enum Expecting {
    ExpectList(Box<Delivery>),
    ExpectEvaluated,
    ExpectTranscript,
    Finish,
    /// After an error or the output.
    Ended,
}

impl Asker {
    /// Takes the asker's part of a run under `terms`, with the period's list unless the terms
    /// deliver it.
    ///
    /// All of the run's secrets come from 32 bytes of `rng`.
    ///
    /// # Errors
    ///
    /// When the terms allow no such run, or fewer items; when a list is there and delivered, or
    /// neither, or is another period's.
    pub fn new(
        terms: Terms,
        list: Option<Arc<List>>,
        items: impl Into<Arc<Items>>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        Self::with_lanes(terms, list, items, Lanes::detect(), rng)
    }

    /// The same in these lanes: for tests and benches.
    ///
    /// # Errors
    ///
    /// As [`Asker::new`].
    pub fn with_lanes(
        terms: Terms,
        list: Option<Arc<List>>,
        items: impl Into<Arc<Items>>,
        lanes: Lanes,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        terms.check()?;
        let items = items.into();
        items.expect_at_most(terms.queries)?;
        let of_another_period = list.as_ref().is_some_and(|list| list.period() != terms.period);
        if list.is_none() != terms.delivers || of_another_period {
            return Err(Error::ListNotAgreed);
        }
        let expecting = if terms.delivers {
            Expecting::ExpectList(Box::new(Delivery::new(terms.period)))
        } else {
            Expecting::ExpectEvaluated
        };
        Ok(Self {
            binding: Binding::new(&terms),
            period: terms.period.binding(),
            items,
            oprf: Oprf::with_lanes(lanes),
            rng: seeded(rng),
            list,
            blinds: VecDeque::new(),
            blinded: Stream::of_points(BLINDED, terms.queries),
            evaluated: Stream::of_points(EVALUATED, terms.queries),
            found: Vec::new(),
            sending: Sending::SendAgreement,
            expecting,
        })
    }

    /// Blinds the items of the next chunk, and what pads them.
    fn blind(&mut self) -> Result<Vec<u8>, Error> {
        let (first, due) = (self.blinded.passed(), self.blinded.due());
        let mut inputs = self.inputs(first, due);
        // > §C3.3 Padding is an input that nobody knows.
        inputs.resize_with(due, || {
            let mut input = Zeroizing::new([0; 64]);
            self.rng.fill_bytes(&mut *input);
            input
        });
        let (body, blinds) = self.oprf.blind_chunk(&inputs, &mut self.rng)?;
        self.blinds.push_back(blinds);
        Ok(body)
    }

    /// Looks up the items of a chunk, of which the first has the place `first`.
    fn look_up(&mut self, from: Role, first: u64, body: &Bytes) -> Result<(), Error> {
        // The length was checked to be a multiple of a point's.
        let (points, _) = body.as_chunks::<POINT>();
        let inputs = self.inputs(first, points.len());
        // Both rounds are cut into chunks alike, and this one was asked.
        let blinds = self.blinds.pop_front().expect("a chunk was sent for each that is taken");
        let list = self.list.as_ref().expect("the list comes before what is looked up in it");
        // > §C3.4 The asker finalises each evaluated element and looks its tag up in the list.
        let look_up = |batch, points: &[_], blinds: &[Blind]| -> Result<Vec<bool>, Error> {
            let place = batch * BATCH;
            let unblinded = self
                .oprf
                .unblind_encoded(blinds, points)
                .map_err(|flawed| flawed.blame(from, EVALUATED, first + place as u64))?;
            // What is past the items is padding, which nobody asks about.
            let inputs = inputs.iter().skip(place).map(|input| &input[..]);
            let outputs = outputs(inputs.zip(&unblinded))?;
            Ok(outputs.iter().map(|output| list.contains(output)).collect())
        };
        // Batches are judged in order, so that the same chunk gives the same error.
        let batches: Vec<_> = points
            .par_chunks(BATCH)
            .zip(blinds.par_chunks(BATCH))
            .enumerate()
            .map(|(batch, (points, blinds))| look_up(batch, points, blinds))
            .collect();
        let found = batches.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
        let first = u32::try_from(first).expect("a run has at most 2^32 queries");
        let items = (first..=u32::MAX).zip(found);
        self.found.extend(items.filter_map(|(item, found)| found.then_some(item)));
        Ok(())
    }

    /// What goes into the OPRF for those of the `due` queries from `first` on that are items.
    fn inputs(&self, first: u64, due: usize) -> Vec<Input> {
        let items = self.items.len();
        let first = usize::try_from(first).map_or(items, |first| first.min(items));
        let places = first..items.min(first.saturating_add(due));
        places.map(|place| self.period.input(self.items.item(place))).collect()
    }

    fn take(&mut self, from: Role, chunk: Chunk) -> Result<Expecting, Error> {
        match mem::replace(&mut self.expecting, Expecting::Ended) {
            Expecting::ExpectList(mut delivery) => {
                if matches!(self.sending, Sending::SendAgreement) {
                    return Err(out_of_turn(from));
                }
                delivery.take(from, chunk)?;
                if !delivery.is_over() {
                    return Ok(Expecting::ExpectList(delivery));
                }
                self.list = Some(Arc::new(delivery.finish()));
                Ok(Expecting::ExpectEvaluated)
            }
            Expecting::ExpectEvaluated => {
                let first = self.evaluated.passed();
                self.evaluated.expect_asked(&self.blinded, from)?;
                let body = self.evaluated.accept(from, chunk)?;
                self.look_up(from, first, &body)?;
                Ok(if self.evaluated.is_over() {
                    Expecting::ExpectTranscript
                } else {
                    Expecting::ExpectEvaluated
                })
            }
            Expecting::ExpectTranscript => {
                // > §C3.5 The asker compares before it gives an output.
                let account = Stream::of_one(TRANSCRIPT, 32).accept(from, chunk)?;
                let list = self.list.as_ref().expect("the list comes before the transcript");
                let rounds = [self.blinded.digest(), self.evaluated.digest()];
                let ours = self.binding.transcript(list.digest(), &rounds[0], &rounds[1]);
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
    type Output = Answer;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<Answer>, Error> {
        match self.sending {
            Sending::SendAgreement => {
                // > §C3.1 The asker shows its terms, and which list it keeps.
                let agreement =
                    self.binding.agreement(self.list.as_ref().map(|list| list.digest()));
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
            Sending::Nothing => match mem::replace(&mut self.expecting, Expecting::Ended) {
                Expecting::Finish => {
                    let list = self.list.take().expect("the list comes before the transcript");
                    Ok(Turn::Done(Answer { found: mem::take(&mut self.found), list }))
                }
                Expecting::Ended => Err(Error::Ended),
                expecting @ (Expecting::ExpectList(..)
                | Expecting::ExpectEvaluated
                | Expecting::ExpectTranscript) => {
                    self.expecting = expecting;
                    Ok(Turn::Await)
                }
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
