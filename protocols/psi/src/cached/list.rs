//! The tags of a period's register: what an asker keeps, and what a holder sends.

use std::cmp::Ordering;
use std::fmt;

use bytes::Bytes;
use sha2::{Digest, Sha512};

use crate::Error;
use crate::cached::{DOMAIN_LIST, Period};
use crate::oprf::Output;

/// The tags of a period's register, ascending: of every entry and of the padding the first few
/// bytes of its OPRF value. Without evaluations they are as good as random.
#[derive(Clone)]
pub struct List {
    period: Period,
    tags: Bytes,
    digest: [u8; 64],
}

impl List {
    /// Reads a list that was kept, from its [`bytes`](Self::as_bytes).
    ///
    /// # Errors
    ///
    /// [`Error::List`] when they are not as many tags as the period has, ascending;
    /// [`Error::TermsTooLarge`].
    pub fn from_bytes(period: Period, tags: impl Into<Bytes>) -> Result<Self, Error> {
        period.check()?;
        let (tags, length) = (tags.into(), period.tag_length());
        let expected = u128::from(period.items) * length as u128;
        if tags.len() as u128 != expected || first_unsorted(&tags, length).is_some() {
            return Err(Error::List);
        }
        Ok(Self::sorted(period, tags))
    }

    /// The list of tags that are as many as the period has, and ascending.
    pub(crate) fn sorted(period: Period, tags: Bytes) -> Self {
        let digest = Self::hash(&period).chain_update(&tags).finalize().into();
        Self::hashed(period, tags, digest)
    }

    /// The same of tags whose digest was taken as they came.
    pub(crate) fn hashed(period: Period, tags: Bytes, digest: [u8; 64]) -> Self {
        Self { period, tags, digest }
    }

    /// The hash that a list's digest is taken with, before its tags.
    pub(crate) fn hash(period: &Period) -> Sha512 {
        Sha512::new().chain_update(DOMAIN_LIST).chain_update(period.binding().0)
    }

    /// The tags, one behind the other: for whoever keeps them until the next run.
    pub fn as_bytes(&self) -> &Bytes {
        &self.tags
    }

    /// The period whose list it is.
    pub fn period(&self) -> Period {
        self.period
    }

    /// Whether the tag of this value is in it.
    pub(crate) fn contains(&self, value: &Output) -> bool {
        let length = self.period.tag_length();
        let tag = &value.as_bytes()[..length];
        let (mut from, mut to) = (0, self.tags.len() / length);
        while from < to {
            let middle = from.midpoint(to);
            match self.tags[middle * length..][..length].cmp(tag) {
                Ordering::Less => from = middle + 1,
                Ordering::Equal => return true,
                Ordering::Greater => to = middle,
            }
        }
        false
    }

    /// A hash of the period and of all tags.
    pub(crate) fn digest(&self) -> &[u8; 64] {
        &self.digest
    }
}

/// The place of the first tag that is smaller than the one before it.
pub(crate) fn first_unsorted(tags: &[u8], length: usize) -> Option<usize> {
    let next = tags.chunks_exact(length).skip(1);
    let smaller = tags.chunks_exact(length).zip(next).position(|(one, next)| next < one)?;
    Some(smaller + 1)
}

// It may be large, and it is of use to nobody else.
impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "List {{ {} }}", self.period.items)
    }
}
