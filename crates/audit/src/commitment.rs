//! A commitment to an answer: it shows nothing, and opens to one answer only.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Digest;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Error;
use crate::hash::sha256;

/// The most bytes of an answer inside a proof; what is longer goes by its hash.
pub const MAX_ANSWER: usize = 256 << 10;

/// What hides an answer in its commitment: 32 random bytes, drawn for each answer, for its
/// receiver only. Wiped on drop, not printed.
#[derive(Clone, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Salt([u8; 32]);

/// An answer as its receiver shows it, in full or by its hash.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// The bytes that were released: at most 256 KiB.
    Bytes(Vec<u8>),
    /// Their SHA-256, for a proof that is shown to somebody who may not read the answer. Whoever
    /// knows the few answers that there can be finds the right one by trying.
    Hash(Digest),
}

impl Salt {
    /// The salt of these bytes, from the host's generator.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The commitment: `SHA-256(salt || SHA-256(answer))`.
    ///
    /// The hash inside lets a proof be shown without the answer. The salt has a fixed length and
    /// comes first: no other use hashes 64 bytes that begin with it.
    #[must_use]
    pub fn commit(&self, answer: &Answer) -> Digest {
        sha256(&[&self.0, answer.hash().as_bytes()])
    }
}

impl Answer {
    /// The answer of these bytes, by its hash where they are more than [`MAX_ANSWER`].
    #[must_use]
    pub fn of(bytes: Vec<u8>) -> Self {
        let hash = sha256(&[&bytes]);
        if bytes.len() > MAX_ANSWER { Self::Hash(hash) } else { Self::Bytes(bytes) }
    }

    /// The SHA-256 of its bytes.
    #[must_use]
    pub fn hash(&self) -> Digest {
        match self {
            Self::Bytes(bytes) => sha256(&[bytes]),
            Self::Hash(hash) => *hash,
        }
    }
}

impl PartialEq for Salt {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl TryFrom<String> for Salt {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(Error::Salt)
    }
}

impl From<Salt> for String {
    fn from(salt: Salt) -> Self {
        STANDARD.encode(salt.0)
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(redacted)")
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(redacted)")
    }
}
