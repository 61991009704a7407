//! A holder takes one part of its table.

use session::{Chunk, Role, Session, Turn};

use crate::issue::TableReceiver;
use crate::{Error, PartTerms, PublicKey, TableKey, TablePart, batch};

/// The holder's side: takes the lender's key and every entry from one maker, who plays the
/// [`PLATFORM`](crate::PLATFORM) here, and yields the part.
pub struct PartReceiver<K = PublicKey> {
    terms: PartTerms,
    inner: TableReceiver<K>,
}

impl PartReceiver {
    /// A session that takes the part of `terms`, and no other.
    pub fn new(terms: PartTerms) -> Self {
        Self { inner: TableReceiver::new(terms.part().clone()), terms }
    }
}

impl PartReceiver<batch::PublicKey> {
    /// A session that takes the part of a batch table, and no other, under a key that this holder
    /// has tried (SPEC §2.8).
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`] when the terms name another key than the tried one.
    pub fn for_batch(terms: PartTerms, tried: batch::CheckedKey) -> Result<Self, Error> {
        Ok(Self { inner: TableReceiver::for_batch(terms.part().clone(), tried)?, terms })
    }
}

impl<K: TableKey> Session for PartReceiver<K> {
    type Output = TablePart<K>;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<TablePart<K>>, Error> {
        Ok(match self.inner.advance()? {
            Turn::Send(to, chunk) => Turn::Send(to, chunk),
            Turn::Await => Turn::Await,
            Turn::Done(table) => Turn::Done(TablePart::new(self.terms.clone(), table)),
        })
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        self.inner.receive(from, chunk)
    }
}
