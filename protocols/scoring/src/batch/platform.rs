//! The platform adds the answers, block by block.

use std::collections::VecDeque;

use bytes::Bytes;
use session::incoming::{in_round, out_of_turn};
use session::{Chunk, Role, Session, Turn, Unexpected};

use crate::batch::{ANSWERS, Answer, SUMS, Span, Tally, Terms};
use crate::terms::index_of;
use crate::{Encode, Error, LENDER};

/// The platform's side: adds every holder's answers, sends each block's sum to the lender as soon
/// as it is complete, learns nothing.
///
/// Keeps one sum for each block between the slowest holder and the fastest, 32 KiB each: at most 64,
/// however fast a holder sends.
pub struct Platform {
    terms: Terms,
    span: Span,
    state: State,
}

enum State {
    AddAnswers(Progress),
    Over,
}

struct Progress {
    /// The next block of each holder.
    next: Vec<u32>,
    /// The sums in the making: of the first incomplete block, the one after it, and so on.
    tallies: VecDeque<Tally>,
    /// The first incomplete block.
    first: u32,
    /// Sums that are complete but not sent, and the block that the next one sent is of.
    ready: VecDeque<Bytes>,
    sent: u32,
}

impl Platform {
    /// A session that adds the answers to the blocks of `span`.
    ///
    /// # Errors
    ///
    /// [`Error::Span`] beyond the list.
    pub fn new(terms: Terms, span: Span) -> Result<Self, Error> {
        terms.expect(span)?;
        let progress = Progress {
            next: vec![span.from(); terms.holders().len()],
            tallies: VecDeque::new(),
            first: span.from(),
            ready: VecDeque::new(),
            sent: span.from(),
        };
        Ok(Self { terms, span, state: State::AddAnswers(progress) })
    }

    fn take(&self, progress: &mut Progress, from: Role, chunk: Chunk) -> Result<(), Error> {
        let holders = self.terms.holders().len();
        let place = index_of(from, holders).map_err(|_| out_of_turn::<Error>(from))?;
        let block = progress.next[place];
        if block == self.span.to() {
            return Err(out_of_turn(from));
        }
        let (body, last) = in_round(chunk, from, ANSWERS)?;
        if last != (block + 1 == self.span.to()) {
            return Err(Unexpected::Ending { what: "answers", from }.into());
        }
        let answer = Answer::from_bytes(&body, &self.terms, block, from)?;
        progress.next[place] += 1;
        // A holder sends in order, so its block is at most one beyond the last tally.
        let index = (block - progress.first) as usize;
        if index == progress.tallies.len() {
            progress.tallies.push_back(Tally::new(&self.terms, block));
        }
        progress.tallies[index].add(&answer)?;
        if progress.tallies[0].is_complete() {
            let complete = progress.tallies.pop_front().expect("it was just looked at");
            progress.first += 1;
            progress.ready.push_back(complete.finish()?.to_bytes().into());
        }
        Ok(())
    }
}

impl Session for Platform {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::AddAnswers(mut progress) => {
                let Some(body) = progress.ready.pop_front() else {
                    if progress.sent == self.span.to() {
                        return Ok(Turn::Done(()));
                    }
                    self.state = State::AddAnswers(progress);
                    return Ok(Turn::Await);
                };
                progress.sent += 1;
                let last = progress.sent == self.span.to();
                self.state = State::AddAnswers(progress);
                Ok(Turn::Send(LENDER, Chunk { round: SUMS, last, body }))
            }
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::AddAnswers(mut progress) => {
                self.take(&mut progress, from, chunk)?;
                self.state = State::AddAnswers(progress);
                Ok(())
            }
            State::Over => Err(out_of_turn(from)),
        }
    }
}
