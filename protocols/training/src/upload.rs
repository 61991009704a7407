//! What a holder or the lender uploads: one message of seeds, then one a column (SPEC §3.1).

use bytes::Bytes;
use rand_core::CryptoRng;
use session::Role;
use sha2::{Digest, Sha256};
use sharing::Layout;
use zeroize::Zeroizing;

use crate::error::of_holder;
use crate::transfer::Outgoing;
use crate::{DOMAIN_UPLOAD, Error, Terms, Whose};

/// What an upload consists of, as the terms say.
pub(crate) struct Shape {
    pub(crate) whose: Whose,
    /// How many numbers each message after the seeds stands for.
    pub(crate) lengths: Vec<usize>,
    /// What its masks are bound to.
    pub(crate) context: [u8; 32],
}

impl Shape {
    pub(crate) fn of(terms: &Terms, whose: Whose) -> Result<Self, Error> {
        terms.check()?;
        let rows = terms.rows as usize;
        let lengths = match whose {
            Whose::Holder(holder) => {
                let columns = *of_holder(&terms.columns, holder)?;
                vec![rows; usize::from(columns)]
            }
            Whose::Labels if terms.is_weighted() => vec![1, rows, rows, rows],
            Whose::Labels => vec![1, rows],
        };
        // > §3.1 SHA-256(…/upload || binding (32) || whose (9)): seeds that are replayed in another
        // > job or place give other words.
        let context = context(DOMAIN_UPLOAD, &terms.binding(), whose);
        Ok(Self { whose, lengths, context })
    }

    /// How many messages there are, the seeds among them.
    pub(crate) fn messages(&self) -> usize {
        1 + self.lengths.len()
    }
}

/// Whose upload, in 9 bytes.
pub(crate) fn encoded(whose: Whose) -> [u8; 9] {
    let (kind, holder) = match whose {
        Whose::Holder(holder) => (0, holder as u64),
        Whose::Labels => (1, 0),
    };
    let mut bytes = [kind; 9];
    bytes[1..].copy_from_slice(&holder.to_be_bytes());
    bytes
}

/// What the masks of an upload are bound to: a kind of terms, the terms, and whose upload it is.
pub(crate) fn context(domain: &[u8], binding: &[u8; 32], whose: Whose) -> [u8; 32] {
    Sha256::new_with_prefix(domain)
        .chain_update(binding)
        .chain_update(encoded(whose))
        .finalize()
        .into()
}

/// An upload on its way out: its numbers, masked, a column at a time.
pub(crate) struct Upload<I> {
    inner: sharing::Upload,
    lengths: std::vec::IntoIter<usize>,
    columns: I,
    gone: usize,
}

impl<I: Iterator<Item = Zeroizing<Vec<i64>>>> Upload<I> {
    pub(crate) fn new(shape: Shape, columns: I, rng: &mut impl CryptoRng) -> Self {
        let inner = sharing::Upload::new(Layout::Replicated, &shape.context, rng);
        Self { inner, lengths: shape.lengths.into_iter(), columns, gone: 0 }
    }
}

impl<I: Iterator<Item = Zeroizing<Vec<i64>>> + Send> Outgoing for Upload<I> {
    fn seeds(&self, role: Role) -> Bytes {
        self.inner.seeds(role)
    }

    /// The next column's message to each role, empty to the one that has all from seeds; nothing
    /// after the last.
    ///
    /// Refuses columns that are too few, too many or of another length than the terms say, before
    /// the last has gone.
    fn next(&mut self) -> Result<Option<[Bytes; 3]>, Error> {
        let Some(expected) = self.lengths.next() else { return Ok(None) };
        let all = self.gone + 1 + self.lengths.len();
        let shape = |what, expected, found| Err(Error::Shape { what, expected, found });
        let Some(column) = self.columns.next() else { return shape("columns", all, self.gone) };
        if column.len() != expected {
            return shape("rows", expected, column.len());
        }
        self.gone += 1;
        if self.gone == all && self.columns.next().is_some() {
            return shape("columns", all, all + 1);
        }
        Ok(Some(self.inner.column(&column)))
    }
}
