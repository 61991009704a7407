//! A holder takes its table.

use bytes::Bytes;
use lattice::Hasher;
use session::incoming::{in_round, out_of_turn, whole};
use session::{Chunk, Culprit, Role, Session, Turn, Unexpected};

use crate::error::expect_length;
use crate::issue::{KEY, TABLE, entries_a_chunk};
use crate::table::table_hasher;
use crate::{Error, PLATFORM, PublicKey, Table, TableDigest, TableKey, TableTerms, batch};

/// The holder's side: takes the lender's key and every entry, and yields the table.
pub struct TableReceiver<K = PublicKey> {
    terms: TableTerms,
    state: State<K>,
}

enum State<K> {
    ExpectKey,
    ExpectEntries { key: K, entries: Vec<u64>, hasher: Hasher },
    Finish(Table<K>),
    Over,
}

impl TableReceiver {
    /// A session that takes the table of `terms`, and no other.
    pub fn new(terms: TableTerms) -> Self {
        Self { terms, state: State::ExpectKey }
    }
}

impl TableReceiver<batch::PublicKey> {
    /// A session that takes the batch table of `terms`, and no other, under a key that this holder
    /// has tried (SPEC §2.8): a table under any other is never taken.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`] when the terms name another key than the tried one.
    pub fn for_batch(terms: TableTerms, tried: batch::CheckedKey) -> Result<Self, Error> {
        tried.expect(terms.lender_key())?;
        Ok(Self { terms, state: State::ExpectKey })
    }
}

impl<K: TableKey> TableReceiver<K> {
    /// SPEC §3.1 step 2: "H refuses a key with another fingerprint than the terms'".
    fn take_key(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        const WHAT: &str = "table's header";
        let culprit = Culprit::Peer(from);
        let body = whole(chunk, from, KEY, WHAT)?;
        expect_length(WHAT, 32 + K::KEY_BYTES, body.len(), culprit)?;
        let (digest, key) = body.split_at(32);
        if self.terms.digest() != digest {
            return Err(Error::Unbound { what: WHAT, culprit });
        }
        let key = K::decode_agreed(key, self.terms.lender_key(), culprit)?;
        let hasher = table_hasher(&self.terms);
        self.state = State::ExpectEntries { key, entries: Vec::new(), hasher };
        Ok(())
    }

    /// Every chunk's length follows from the terms, so nothing is stored beyond them.
    fn take_entries(
        &mut self,
        from: Role,
        (body, last): (Bytes, bool),
        key: K,
        mut entries: Vec<u64>,
        mut hasher: Hasher,
    ) -> Result<(), Error> {
        const WHAT: &str = "table";
        let culprit = Culprit::Peer(from);
        let missing = self.terms.shape().entries() - entries.len() / K::ENTRY_WORDS;
        let complete = missing <= entries_a_chunk::<K>();
        if last != complete {
            return Err(Unexpected::Ending { what: WHAT, from }.into());
        }
        let content = missing.min(entries_a_chunk::<K>()) * K::ENTRY_BYTES;
        let expected = if complete { content + 32 } else { content };
        expect_length("chunk of the table", expected, body.len(), culprit)?;
        let (content, digest) = body.split_at(content);
        hasher.update(content);
        entries.extend(K::read(content, culprit)?);
        self.state = if complete {
            let found = TableDigest(hasher.finish());
            if found.0 != digest {
                return Err(Error::Unbound { what: WHAT, culprit });
            }
            State::Finish(Table::assemble(self.terms.clone(), key, entries, found))
        } else {
            State::ExpectEntries { key, entries, hasher }
        };
        Ok(())
    }
}

impl<K: TableKey> Session for TableReceiver<K> {
    type Output = Table<K>;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<Table<K>>, Error> {
        match std::mem::replace(&mut self.state, State::Over) {
            waiting @ (State::ExpectKey | State::ExpectEntries { .. }) => {
                self.state = waiting;
                Ok(Turn::Await)
            }
            State::Finish(table) => Ok(Turn::Done(table)),
            State::Over => Err(Error::Over),
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        match (std::mem::replace(&mut self.state, State::Over), from) {
            (State::ExpectKey, PLATFORM) => self.take_key(from, chunk),
            (State::ExpectEntries { key, entries, hasher }, PLATFORM) => {
                self.take_entries(from, in_round(chunk, from, TABLE)?, key, entries, hasher)
            }
            (
                State::ExpectKey | State::ExpectEntries { .. } | State::Finish(_) | State::Over,
                _,
            ) => Err(out_of_turn(from)),
        }
    }
}
