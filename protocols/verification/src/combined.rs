//! The answer, encrypted to the lender: the platform's one message.

use std::fmt;

use lattice::Hasher;
use session::Culprit;

use crate::digest::Use;
use crate::error::expect_length;
use crate::lwe::Lwe;
use crate::{Encode, Error, PLATFORM, RING, Terms, words};

/// One sanitised ciphertext of the answer, under the lender's key.
pub struct Combined {
    terms: [u8; 32],
    lwe: Lwe,
}

/// Bits of a word: the rounding takes a thousandth of the room that the flood fills.
const BITS: u32 = 16;

/// Bytes of an encoded answer: a digest, then 2049 words of 16 bits.
pub const COMBINED_BYTES: usize = 32 + 2 * (RING + 1);

impl Combined {
    pub(crate) fn new(terms: &Terms, lwe: &Lwe) -> Self {
        let lwe = Lwe::from_rounded(lwe.rounded(BITS), BITS);
        Self { terms: terms.digest(), lwe }
    }

    /// Reads the platform's answer to the query of `terms`.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] or [`Error::Unbound`], which blame the platform.
    pub fn from_bytes(bytes: &[u8], terms: &Terms) -> Result<Self, Error> {
        let culprit = Culprit::Peer(PLATFORM);
        expect_length("combined answer", COMBINED_BYTES, bytes.len(), culprit)?;
        let (digest, content) = bytes.split_at(32);
        if binding(&terms.digest()).with(content).finish() != digest {
            return Err(Error::Unbound { what: "combined answer", culprit });
        }
        let lwe = Lwe::from_rounded(words::from_bytes16(content), BITS);
        Ok(Self { terms: terms.digest(), lwe })
    }

    /// Refuses an answer of other terms.
    pub(crate) fn expect(&self, terms: &Terms) -> Result<(), Error> {
        match self.terms == terms.digest() {
            true => Ok(()),
            false => Err(Error::Unbound { what: "combined answer", culprit: Culprit::Us }),
        }
    }

    pub(crate) fn lwe(&self) -> &Lwe {
        &self.lwe
    }
}

impl Encode for Combined {
    fn to_bytes(&self) -> Vec<u8> {
        let content: Vec<u8> = words::to_bytes16(self.lwe.rounded(BITS)).collect();
        let digest = binding(&self.terms).with(&content).finish();
        [&digest, content.as_slice()].concat()
    }
}

impl fmt::Debug for Combined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Combined")
    }
}

/// What the digest of an answer is bound to.
fn binding(terms: &[u8; 32]) -> Hasher {
    Use::Combined.hasher().with(terms)
}
