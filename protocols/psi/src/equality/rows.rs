//! The rows that both sides hold, and each side's value in each.

use std::fmt;

use sha2::{Digest, Sha512};

use crate::Error;
use crate::equality::DOMAIN_ROWS;

/// The asker's list: what each row is about, and the value that it claims.
///
/// What a row is about (a subject's typed identifier and a field) is known to both sides, and the
/// two lists must agree in it to the byte. Values are compared byte by byte: the hosts make one
/// spelling of each before they enter. A row may come twice: each asks on its own.
pub struct Claims(Rows);

/// The holder's list: what each row is about, and the value that it has, or none.
pub struct Records {
    rows: Rows,
    known: Vec<bool>,
}

impl Claims {
    /// Packs pairs of what a row is about and what is claimed of it.
    ///
    /// # Errors
    ///
    /// [`Error::SetTooLarge`].
    pub fn new<A, V>(claims: impl IntoIterator<Item = (A, V)>) -> Result<Self, Error>
    where
        A: AsRef<[u8]>,
        V: AsRef<[u8]>,
    {
        let mut rows = Packing::default();
        for (about, value) in claims {
            rows.push(about.as_ref(), value.as_ref())?;
        }
        Ok(Self(rows.finish()))
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.0.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A hash of what the rows are about.
    pub(crate) fn about(&self) -> &[u8; 64] {
        &self.0.about
    }

    /// What is claimed of `row`.
    pub(crate) fn value(&self, row: usize) -> &[u8] {
        self.0.value(row)
    }
}

impl Records {
    /// Packs pairs of what a row is about and the value that the holder has.
    ///
    /// `None` answers "unknown". A host that may not answer a row leaves it out of the agreed list,
    /// or gives `None`: the two look alike.
    ///
    /// # Errors
    ///
    /// [`Error::SetTooLarge`].
    pub fn new<A, V>(records: impl IntoIterator<Item = (A, Option<V>)>) -> Result<Self, Error>
    where
        A: AsRef<[u8]>,
        V: AsRef<[u8]>,
    {
        let (mut rows, mut known) = (Packing::default(), Vec::new());
        for (about, value) in records {
            rows.push(about.as_ref(), value.as_ref().map_or(&[], AsRef::as_ref))?;
            known.push(value.is_some());
        }
        Ok(Self { rows: rows.finish(), known })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// A hash of what the rows are about.
    pub(crate) fn about(&self) -> &[u8; 64] {
        &self.rows.about
    }

    /// The value of `row`, if the holder has one.
    pub(crate) fn value(&self, row: usize) -> Option<&[u8]> {
        self.known[row].then(|| self.rows.value(row))
    }
}

/// Values in one arena, at their length and 4 bytes each; of what the rows are about, only a hash.
struct Rows {
    about: [u8; 64],
    values: Vec<u8>,
    /// Where each value ends in `values`.
    ends: Vec<u32>,
}

impl Rows {
    fn value(&self, row: usize) -> &[u8] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.values[start as usize..self.ends[row] as usize]
    }
}

/// Rows while they are taken in.
struct Packing {
    about: Sha512,
    values: Vec<u8>,
    ends: Vec<u32>,
}

impl Packing {
    fn push(&mut self, about: &[u8], value: &[u8]) -> Result<(), Error> {
        let length = u32::try_from(about.len()).map_err(|_| Error::SetTooLarge)?;
        self.about.update(length.to_be_bytes());
        self.about.update(about);
        self.values.extend_from_slice(value);
        let end = u32::try_from(self.values.len()).map_err(|_| Error::SetTooLarge)?;
        // The last index that a u32 holds belongs to the 2^32nd row.
        u32::try_from(self.ends.len()).map_err(|_| Error::SetTooLarge)?;
        self.ends.push(end);
        Ok(())
    }

    fn finish(self) -> Rows {
        let Self { about, mut values, mut ends } = self;
        values.shrink_to_fit();
        ends.shrink_to_fit();
        Rows { about: about.finalize().into(), values, ends }
    }
}

impl Default for Packing {
    fn default() -> Self {
        let about = Sha512::new().chain_update(DOMAIN_ROWS);
        Self { about, values: Vec::new(), ends: Vec::new() }
    }
}

// Values are a party's secrets, so they are never printed.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claims {{ {} }}", self.len())
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Records {{ {} }}", self.len())
    }
}
