//! A holder answers the blocks of a span.

use std::collections::VecDeque;
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use session::incoming::out_of_turn;
use session::{Chunk, Culprit, Role, Session, Turn};

use crate::batch::{ANSWERS, Answer, Picks, ReadyTable, RunSeed, Span};
use crate::mask::Pairs;
use crate::{Encode, Error, MaskKey, PLATFORM, TableKey};

/// Blocks that are answered at once, on rayon's threads.
const TOGETHER: u32 = 8;

/// A holder's side: sends an answer a block, learns nothing.
///
/// Takes the picks of one block after another from an iterator, at most eight ahead of what was
/// sent, so that a register of any size passes in constant memory.
pub struct Holder<I> {
    run_seed: Arc<RunSeed>,
    table: Arc<ReadyTable>,
    pairs: Pairs,
    picks: I,
    span: Span,
    state: State,
}

enum State {
    /// Chunks that are ready, and the first block that is not.
    SendAnswers {
        ready: VecDeque<Chunk>,
        next: u32,
    },
    Over,
}

impl<I: Iterator<Item = Picks>> Holder<I> {
    /// A session that answers the blocks of `span` as `run_seed` says; `picks` yields the bins of
    /// exactly these blocks, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Span`] beyond the list; [`Error::OtherKey`] or [`Error::OtherModel`] when the table
    /// does not fit the terms; [`Error::OtherMaskKey`] or [`Error::WeakMaskKey`].
    pub fn new(
        run_seed: Arc<RunSeed>,
        table: Arc<ReadyTable>,
        mask_key: &MaskKey,
        span: Span,
        picks: I,
    ) -> Result<Self, Error> {
        let terms = run_seed.terms();
        terms.expect(span)?;
        table.key().expect(terms.lender_key(), Culprit::Us)?;
        if table.terms().model() != terms.model() {
            return Err(Error::OtherModel);
        }
        let pairs = mask_key.pairs(terms.holders(), run_seed.holder())?;
        let state = State::SendAnswers { ready: VecDeque::new(), next: span.from() };
        Ok(Self { run_seed, table, pairs, picks, span, state })
    }

    /// The answers to the blocks from `from` on, up to eight of them.
    fn answers(&mut self, from: u32) -> Result<VecDeque<Chunk>, Error> {
        let to = self.span.to().min(from.saturating_add(TOGETHER));
        let mut blocks = Vec::new();
        for block in from..to {
            let picks = self.picks.next();
            let none = Error::OtherShape { what: "number of blocks of picks" };
            blocks.push((block, picks.ok_or(none)?));
        }
        let (run_seed, table, pairs, last) =
            (&*self.run_seed, &*self.table, &self.pairs, self.span.to());
        let answer = |(block, picks): (u32, Picks)| {
            let answer = Answer::new(run_seed, table, pairs, block, &picks)?;
            let body = answer.to_bytes().into();
            Ok(Chunk { round: ANSWERS, last: block + 1 == last, body })
        };
        blocks.into_par_iter().map(answer).collect()
    }
}

impl<I: Iterator<Item = Picks>> Session for Holder<I> {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::SendAnswers { mut ready, mut next } => {
                if ready.is_empty() && next < self.span.to() {
                    ready = self.answers(next)?;
                    next = self.span.to().min(next.saturating_add(TOGETHER));
                }
                let Some(chunk) = ready.pop_front() else { return Ok(Turn::Done(())) };
                self.state = State::SendAnswers { ready, next };
                Ok(Turn::Send(PLATFORM, chunk))
            }
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, _chunk: Chunk) -> Result<(), Error> {
        self.state = State::Over;
        Err(out_of_turn(from))
    }
}
