//! The platform makes a holder's table and streams it.

use bytes::Bytes;
use lattice::Hasher;
use rand_core::CryptoRng;
use session::incoming::out_of_turn;
use session::{Chunk, Role, Session, Turn};

use crate::issue::{KEY, TABLE, entries_a_chunk};
use crate::scorecard::Plain;
use crate::table::{Press, table_hasher};
use crate::{
    Error, PartTerms, PublicKey, Scorecard, ScorecardShare, TableDigest, TableKey, TableTerms,
    holder,
};

/// The platform's side: encrypts a scorecard chunk by chunk and sends it.
///
/// Yields the table's digest, for the record. Each `advance` encrypts at most a chunk of
/// entries, on rayon's threads.
pub struct TableSender<K = PublicKey> {
    state: State,
    press: Press<K>,
    entries: usize,
}

enum State {
    SendKey { body: Bytes, hasher: Hasher },
    SendEntries { from: usize, hasher: Hasher },
    Finish(TableDigest),
    Over,
}

impl<K: TableKey> TableSender<K> {
    /// A session that encrypts `scorecard` under `key` as `terms` say.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`] or [`Error::OtherShape`] when key or scorecard are not those of the terms.
    pub fn new(
        terms: &TableTerms,
        key: &K,
        scorecard: Scorecard,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        Self::of(terms, key, scorecard.0, rng)
    }

    /// A session that encrypts this maker's share of points under `key`: the part of a table that
    /// `terms` say. The maker, whoever it is, plays the [`PLATFORM`](crate::PLATFORM) here.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn of_part(
        terms: &PartTerms,
        key: &K,
        share: ScorecardShare,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        Self::of(terms.part(), key, share.0, rng)
    }

    fn of(
        terms: &TableTerms,
        key: &K,
        plain: Plain,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let press = Press::new(terms, key.clone(), plain, rng)?;
        let body = [&terms.digest(), key.to_bytes().as_slice()].concat().into();
        let state = State::SendKey { body, hasher: table_hasher(terms) };
        Ok(Self { state, press, entries: terms.shape().entries() })
    }

    /// SPEC §3.1 step 3: "P sends the entries in order, as many as a chunk holds; the table's
    /// digest ends the last".
    fn send_entries(&mut self, from: usize, mut hasher: Hasher) -> Chunk {
        let to = self.entries.min(from + entries_a_chunk::<K>());
        let mut body = K::write(&self.press.entries(from, to).concat());
        hasher.update(&body);
        let last = to == self.entries;
        if last {
            let digest = TableDigest(hasher.finish());
            body.extend(digest.0);
            self.state = State::Finish(digest);
        } else {
            self.state = State::SendEntries { from: to, hasher };
        }
        Chunk { round: TABLE, last, body: body.into() }
    }
}

impl<K: TableKey> Session for TableSender<K> {
    type Output = TableDigest;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<TableDigest>, Error> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::SendKey { body, hasher } => {
                self.state = State::SendEntries { from: 0, hasher };
                Ok(Turn::Send(holder(0), Chunk::whole(KEY, body)))
            }
            State::SendEntries { from, hasher } => {
                Ok(Turn::Send(holder(0), self.send_entries(from, hasher)))
            }
            State::Finish(digest) => Ok(Turn::Done(digest)),
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, _chunk: Chunk) -> Result<(), Error> {
        self.state = State::Over;
        Err(out_of_turn(from))
    }
}
