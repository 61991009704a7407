//! What tables are made under: a lender's public key, of the single form or of the batch form.

use rand_core::CryptoRng;
use session::Culprit;

use crate::{Encode, Error, Fingerprint};

/// A lender's public key that tables are made under: [`PublicKey`](crate::PublicKey) for single
/// scores, [`batch::PublicKey`](crate::batch::PublicKey) for blocks.
///
/// Issue is one protocol for both: they differ in the ring, and so in the bytes of an entry. No
/// other crate can implement it.
pub trait TableKey: Sealed + Encode + Clone + Sync {
    /// Bytes of the encoded key.
    const KEY_BYTES: usize;
    /// Bytes of one encoded entry.
    const ENTRY_BYTES: usize;
    /// Words of one entry in memory.
    const ENTRY_WORDS: usize;

    /// SHA-256 of the key, by which terms name it.
    fn fingerprint(&self) -> Fingerprint;

    /// Reads a key that `culprit` answers for.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] or [`Error::NotReduced`].
    fn decode(bytes: &[u8], culprit: Culprit) -> Result<Self, Error>;

    /// The words of a fresh encryption of `points` at the constant coefficient.
    fn entry(&self, points: u16, rng: &mut impl CryptoRng) -> Vec<u64>;

    /// Adds whole entries, ciphertext by ciphertext.
    fn add(sum: &mut [u64], entries: &[u64]);

    /// Encodes the words of whole entries.
    fn write(entries: &[u64]) -> Vec<u8>;

    /// Reads whole entries; the caller has checked the length.
    ///
    /// # Errors
    ///
    /// [`Error::NotReduced`].
    fn read(bytes: &[u8], culprit: Culprit) -> Result<Vec<u64>, Error>;

    /// Refuses to be another key than the agreed one.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`].
    fn expect(&self, agreed: Fingerprint, culprit: Culprit) -> Result<(), Error> {
        let found = self.fingerprint();
        if found == agreed {
            Ok(())
        } else {
            Err(Error::OtherKey { expected: agreed, found, culprit })
        }
    }

    /// Reads a key and refuses another than the agreed one.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode) and [`expect`](Self::expect).
    fn decode_agreed(bytes: &[u8], agreed: Fingerprint, culprit: Culprit) -> Result<Self, Error> {
        let key = Self::decode(bytes, culprit)?;
        key.expect(agreed, culprit)?;
        Ok(key)
    }
}

/// Keeps other crates from implementing [`TableKey`].
pub trait Sealed {}
