//! A holder's table: the points of each bin, encrypted under the lender's public key.

use std::fmt;

use chacha20::ChaCha20Rng;
use lattice::{Hasher, extraction, hexadecimal};
use rand_core::{CryptoRng, SeedableRng};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use session::Culprit;
use zeroize::Zeroizing;

use crate::digest::Use;
use crate::error::expect_length;
use crate::scorecard::Plain;
use crate::{
    Encode, Error, ModelDigest, PublicKey, RING, Scorecard, Shape, TableKey, TableTerms, batch,
};

/// Bytes of one entry: a GLWE ciphertext, 4096 words of mask and 4096 of body.
pub const ENTRY_BYTES: usize = 16 * RING;

/// One GLWE ciphertext per feature and bin, of that bin's points at the constant coefficient.
///
/// Neither who makes it with a public key nor who holds it can open it. A single score works on
/// [`Table::extract`]; the batch form has tables under its own key, and works on
/// [`batch::ReadyTable`](crate::batch::ReadyTable).
pub struct Table<K = PublicKey> {
    terms: TableTerms,
    key: K,
    entries: Vec<u64>,
    digest: TableDigest,
}

/// SHA-256 over a table's terms and ciphertexts: its name in audit records.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TableDigest(pub [u8; 32]);

hexadecimal!(TableDigest);

impl<K: TableKey> Table<K> {
    /// Encrypts a scorecard under the lender's public key. The platform does this.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`] or [`Error::OtherShape`] when key or scorecard are not those of the terms.
    pub fn encrypt(
        terms: &TableTerms,
        key: &K,
        scorecard: Scorecard,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        Self::pressed(terms, key, scorecard.0, rng)
    }

    /// Encrypts whatever its entries are to hold.
    pub(crate) fn pressed(
        terms: &TableTerms,
        key: &K,
        plain: Plain,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let press = Press::new(terms, key.clone(), plain, rng)?;
        let entries = press.entries(0, terms.shape().entries()).concat();
        let digest = digest_of(terms, &K::write(&entries));
        Ok(Self::assemble(terms.clone(), key.clone(), entries, digest))
    }

    /// The sum of some tables' entries, under terms of its own.
    pub(crate) fn sum(terms: TableTerms, mut tables: impl Iterator<Item = Self>) -> Option<Self> {
        let Self { key, mut entries, .. } = tables.next()?;
        tables.for_each(|table| K::add(&mut entries, &table.entries));
        let digest = digest_of(&terms, &K::write(&entries));
        Some(Self::assemble(terms, key, entries, digest))
    }

    /// What the holder agreed to.
    pub fn terms(&self) -> &TableTerms {
        &self.terms
    }

    /// Its digest, which the platform knows too.
    pub fn digest(&self) -> TableDigest {
        self.digest
    }

    /// Reads a stored table of whatever form `K` is.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        Self::decode_under(bytes, Ok)
    }

    /// Reads a stored table whose digest binds what `bound` makes of its terms.
    pub(crate) fn decode_under(
        bytes: &[u8],
        bound: impl FnOnce(TableTerms) -> Result<TableTerms, Error>,
    ) -> Result<Self, Error> {
        const WHAT: &str = "stored table";
        let length = |expected| expect_length(WHAT, expected, bytes.len(), Culprit::Us);
        let short = |least| move || length(least).err().unwrap_or(Error::Shape);
        let (model, rest) = bytes.split_first_chunk().ok_or_else(short(32 + 2))?;
        let (features, rest) = rest.split_first_chunk().ok_or_else(short(32 + 2))?;
        let features = usize::from(u16::from_le_bytes(*features));
        let least = 32 + 2 + 2 * features;
        let (bins, rest) = rest.split_at_checked(2 * features).ok_or_else(short(least))?;
        let bins = bins.as_chunks().0.iter().map(|bins| u16::from_le_bytes(*bins)).collect();
        let shape = Shape::new(bins)?;
        length(least + K::KEY_BYTES + shape.entries() * K::ENTRY_BYTES + 32)?;
        let (key, rest) = rest.split_at(K::KEY_BYTES);
        let (entries, digest) = rest.split_at(shape.entries() * K::ENTRY_BYTES);
        let key = K::decode(key, Culprit::Us)?;
        let terms = bound(TableTerms::new(key.fingerprint(), ModelDigest(*model), shape))?;
        let found = digest_of(&terms, entries);
        if found.0 != digest {
            return Err(Error::Unbound { what: WHAT, culprit: Culprit::Us });
        }
        Ok(Self::assemble(terms, key, K::read(entries, Culprit::Us)?, found))
    }

    /// The table of these entries; their number and digest are the caller's care.
    pub(crate) fn assemble(
        terms: TableTerms,
        key: K,
        entries: Vec<u64>,
        digest: TableDigest,
    ) -> Self {
        Self { terms, key, entries, digest }
    }

    pub(crate) fn key(&self) -> &K {
        &self.key
    }

    /// The words of all entries.
    pub(crate) fn entries(&self) -> &[u64] {
        &self.entries
    }
}

impl Table {
    /// The table for single scores: the constant coefficients as LWE ciphertexts, half the size.
    pub fn extract(&self) -> ExtractedTable {
        let mut entries = Vec::with_capacity(self.terms.shape().entries() * (RING + 1));
        for glwe in self.entries.chunks_exact(2 * RING) {
            entries.extend(extraction(&glwe[..RING], 0));
            entries.push(glwe[RING]);
        }
        ExtractedTable { terms: self.terms.clone(), key: self.key.clone(), entries }
    }

    /// Reads a stored table.
    ///
    /// # Errors
    ///
    /// [`Error::Length`], [`Error::Shape`] or, when the file was damaged, [`Error::Unbound`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::decode(bytes)
    }
}

impl Table<batch::PublicKey> {
    /// Reads a stored batch table.
    ///
    /// # Errors
    ///
    /// As [`from_bytes`](Table::from_bytes), or [`Error::NotReduced`].
    pub fn from_batch_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::decode(bytes)
    }
}

impl<K: TableKey> Encode for Table<K> {
    fn to_bytes(&self) -> Vec<u8> {
        let parts: [&[u8]; 5] = [
            &self.terms.model().0,
            &self.terms.shape().to_bytes(),
            &self.key.to_bytes(),
            &K::write(&self.entries),
            &self.digest.0,
        ];
        parts.concat()
    }
}

impl<K> fmt::Debug for Table<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({})", self.digest)
    }
}

/// A table as single scores use it: one LWE ciphertext per feature and bin, 32 KiB each.
pub struct ExtractedTable {
    terms: TableTerms,
    key: PublicKey,
    entries: Vec<u64>,
}

impl ExtractedTable {
    /// What the table is made for.
    pub fn terms(&self) -> &TableTerms {
        &self.terms
    }

    pub(crate) fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The LWE ciphertext of an entry.
    pub(crate) fn entry(&self, index: usize) -> &[u64] {
        &self.entries[index * (RING + 1)..][..RING + 1]
    }
}

/// What makes a table's entries, in any order and on any number of threads.
pub(crate) struct Press<K> {
    key: K,
    plain: Plain,
    seed: Zeroizing<[u8; 32]>,
}

impl<K: TableKey> Press<K> {
    pub(crate) fn new(
        terms: &TableTerms,
        key: K,
        plain: Plain,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        key.expect(terms.lender_key(), Culprit::Us)?;
        if plain.shape != *terms.shape() {
            return Err(Error::OtherShape { what: "scorecard" });
        }
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        Ok(Self { key, plain, seed })
    }

    /// Entries `from..to`.
    pub(crate) fn entries(&self, from: usize, to: usize) -> Vec<Vec<u64>> {
        (from..to).into_par_iter().map(|index| self.entry(index)).collect()
    }

    /// Entry `index`: its points added to a fresh encryption of zero.
    fn entry(&self, index: usize) -> Vec<u64> {
        // A stream an entry: bytes do not depend on which thread makes which.
        let mut rng = ChaCha20Rng::from_seed(*self.seed);
        rng.set_stream(index as u64);
        self.key.entry(self.plain.points[index], &mut rng)
    }
}

/// The hash that becomes a table's digest once it has taken every entry.
pub(crate) fn table_hasher(terms: &TableTerms) -> Hasher {
    Use::Table.hasher().with(&terms.digest())
}

fn digest_of(terms: &TableTerms, entries: &[u8]) -> TableDigest {
    TableDigest(table_hasher(terms).with(entries).finish())
}
