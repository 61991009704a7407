//! Both roles: bucket after bucket, two under way at once.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use rand_core::CryptoRng;
use session::{Chunk, Misplaced, Role, Session, Turn};

use super::{Error, ROUNDS, Terms};
use crate::vole::{self, Machine};
use crate::{Items, Learned, RECEIVER, SENDER};

/// How many buckets this side begins before the first of them is over: while one's chunks are on the line,
/// the next is computed.
const UNDER_WAY: usize = 2;

/// How many may be under way: a peer that is done with one may have begun one more.
const AHEAD: usize = UNDER_WAY + 1;

/// Where a side's buckets lie, and where what comes of them is kept.
pub trait Buckets {
    /// Why that fails.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The items of a bucket, distinct.
    ///
    /// # Errors
    ///
    /// When they cannot be read: the run ends.
    fn items(&mut self, bucket: u32) -> Result<Items, Self::Error>;

    /// Keeps what was learnt of a bucket: it counts as finished when this returns, and not before.
    ///
    /// # Errors
    ///
    /// When it cannot be kept: the run ends, and the bucket is not finished.
    fn finished(&mut self, bucket: u32, learned: Learned) -> Result<(), Self::Error>;
}

/// The role that learns which of its items the other side also has.
pub struct Receiver<B, R>(Run<vole::Receiver, B, R>);

/// The role that answers, and learns only in two-sided runs.
pub struct Sender<B, R>(Run<vole::Sender, B, R>);

impl<B: Buckets, R: CryptoRng> Receiver<B, R> {
    /// Takes the receiver's part of an attempt; the buckets in `finished` are finished on both sides.
    ///
    /// Each bucket's secrets come from 32 bytes of `rng`, which must not give the same ever again.
    ///
    /// # Errors
    ///
    /// When the terms allow no such run.
    pub fn new(
        terms: Terms,
        finished: &[u32],
        buckets: B,
        machine: Machine,
        rng: R,
    ) -> Result<Self, Error> {
        let begin: Begin<_, R> =
            |terms, items, machine, rng| vole::Receiver::new(terms, items, machine, rng);
        Run::new((terms, finished), SENDER, begin, buckets, (machine, rng)).map(Self)
    }
}

impl<B: Buckets, R: CryptoRng> Sender<B, R> {
    /// Takes the sender's part of an attempt; the buckets in `finished` are finished on both sides.
    ///
    /// Each bucket's secrets come from 32 bytes of `rng`, which must not give the same ever again.
    ///
    /// # Errors
    ///
    /// When the terms allow no such run.
    pub fn new(
        terms: Terms,
        finished: &[u32],
        buckets: B,
        machine: Machine,
        rng: R,
    ) -> Result<Self, Error> {
        let begin: Begin<_, R> =
            |terms, items, machine, rng| vole::Sender::new(terms, items, machine, rng);
        Run::new((terms, finished), RECEIVER, begin, buckets, (machine, rng)).map(Self)
    }
}

impl<B: Buckets, R: CryptoRng> Session for Receiver<B, R> {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        self.0.advance()
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        self.0.receive(from, chunk)
    }
}

impl<B: Buckets, R: CryptoRng> Session for Sender<B, R> {
    type Output = ();
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        self.0.advance()
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        self.0.receive(from, chunk)
    }
}

/// Begins a role's session of one bucket.
type Begin<S, R> = fn(vole::Terms, Arc<Items>, Machine, &mut R) -> Result<S, crate::Error>;

/// What both roles do alike.
struct Run<S, B, R> {
    terms: Terms,
    peer: Role,
    begin: Begin<S, R>,
    buckets: B,
    machine: Machine,
    rng: R,
    /// The buckets that are left, in order.
    left: Vec<u32>,
    /// How many of these are over.
    over: usize,
    /// Those after them that are under way, in order.
    under_way: VecDeque<S>,
    /// What was to be said when the peer was heard first.
    unsaid: VecDeque<(Role, Chunk)>,
    ended: bool,
}

impl<S, B, R> Run<S, B, R>
where
    S: Session<Output = Learned, Error = crate::Error>,
    B: Buckets,
    R: CryptoRng,
{
    fn new(
        (terms, finished): (Terms, &[u32]),
        peer: Role,
        begin: Begin<S, R>,
        buckets: B,
        (machine, rng): (Machine, R),
    ) -> Result<Self, Error> {
        terms.check()?;
        if let Some(bucket) = finished.iter().copied().find(|bucket| *bucket >= terms.buckets) {
            return Err(Error::NoBucket { bucket });
        }
        let finished: BTreeSet<u32> = finished.iter().copied().collect();
        let left = (0..terms.buckets).filter(|bucket| !finished.contains(bucket)).collect();
        let under_way = VecDeque::with_capacity(AHEAD);
        let (over, ended) = (0, false);
        let unsaid = VecDeque::new();
        Ok(Self { terms, peer, begin, buckets, machine, rng, left, over, under_way, unsaid, ended })
    }

    fn advance(&mut self) -> Result<Turn<()>, Error> {
        if self.ended {
            return Err(Error::Ended);
        }
        // Until this is through, an error has ended the session.
        self.ended = true;
        let turn = self.turn()?;
        self.ended = matches!(turn, Turn::Done(()));
        Ok(turn)
    }

    fn turn(&mut self) -> Result<Turn<()>, Error> {
        if let Some((to, chunk)) = self.unsaid.pop_front() {
            return Ok(Turn::Send(to, chunk));
        }
        let mut place = 0;
        loop {
            if self.over == self.left.len() {
                return Ok(Turn::Done(()));
            }
            if place == UNDER_WAY || self.over + place == self.left.len() {
                return Ok(Turn::Await);
            }
            if place == self.under_way.len() {
                self.begin_next()?;
            }
            match self.advance_one(place)? {
                Turn::Send(to, chunk) => return Ok(Turn::Send(to, chunk)),
                // The first is waited for; the one after it may go on meanwhile.
                Turn::Await => place += 1,
                Turn::Done(()) => {}
            }
        }
    }

    /// Goes on with one bucket; if it is over, it is kept and gone.
    fn advance_one(&mut self, place: usize) -> Result<Turn<()>, Error> {
        let nth = self.over + place;
        let bucket = self.left[nth];
        let turn = self.under_way[place].advance();
        match turn.map_err(|error| Error::Bucket { bucket, error })? {
            Turn::Send(to, mut chunk) => {
                chunk.round += ROUNDS * number(nth);
                Ok(Turn::Send(to, chunk))
            }
            Turn::Await => Ok(Turn::Await),
            Turn::Done(learned) if place == 0 => {
                // > §B3 A bucket is finished when what came of it is kept.
                let kept = self.buckets.finished(bucket, learned);
                kept.map_err(|error| Error::Kept(Box::new(error)))?;
                self.under_way.pop_front();
                self.over += 1;
                Ok(Turn::Done(()))
            }
            // Nobody has the last word of a bucket before that of the one in front of it.
            Turn::Done(_) => Err(out_of_turn(self.peer)),
        }
    }

    fn receive(&mut self, from: Role, mut chunk: Chunk) -> Result<(), Error> {
        if self.ended {
            return Err(Error::Ended);
        }
        self.ended = true;
        let nth = (chunk.round / ROUNDS) as usize;
        if from != self.peer || nth < self.over || nth >= self.left.len() {
            return Err(out_of_turn(from));
        }
        // A peer that is ahead has said its last word in what is under way here.
        while nth - self.over >= AHEAD {
            if self.under_way.is_empty() {
                return Err(out_of_turn(from));
            }
            match self.advance_one(0)? {
                Turn::Send(to, chunk) => self.unsaid.push_back((to, chunk)),
                Turn::Await => return Err(out_of_turn(from)),
                Turn::Done(()) => {}
            }
        }
        let place = nth - self.over;
        while self.under_way.len() <= place {
            self.begin_next()?;
        }
        chunk.round %= ROUNDS;
        let bucket = self.left[nth];
        let taken = self.under_way[place].receive(from, chunk);
        taken.map_err(|error| Error::Bucket { bucket, error })?;
        self.ended = false;
        Ok(())
    }

    /// Begins the next bucket, with secrets of its own.
    fn begin_next(&mut self) -> Result<(), Error> {
        let bucket = self.left[self.over + self.under_way.len()];
        let items = self.buckets.items(bucket).map_err(|error| Error::Kept(Box::new(error)))?;
        let terms = self.terms.of_bucket(bucket);
        let role = if self.peer == SENDER { RECEIVER } else { SENDER };
        let (found, most) = (items.len() as u64, self.terms.most_of(role));
        if found > most {
            return Err(Error::Overflow { bucket, found, most });
        }
        let session = (self.begin)(terms, Arc::new(items), self.machine, &mut self.rng);
        self.under_way.push_back(session.map_err(|error| Error::Bucket { bucket, error })?);
        Ok(())
    }
}

fn out_of_turn(from: Role) -> Error {
    Error::Misplaced { from, misplaced: Misplaced::OutOfTurn { from } }
}

/// The number of a bucket among those that are left.
fn number(nth: usize) -> u32 {
    u32::try_from(nth).expect("there are at most 2^16 buckets")
}
