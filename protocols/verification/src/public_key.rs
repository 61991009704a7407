//! The lender's public key, and encryptions under it.

use std::fmt;

use rand_core::CryptoRng;
use session::Culprit;
use zeroize::Zeroizing;

use crate::digest::{Hasher, Use};
use crate::error::expect_length;
use crate::lwe::Lwe;
use crate::{Encode, Error, Fingerprint, RING, noise, ring, words};

/// A lender's public key: one ring-LWE sample `(a, b = a·s + e)`, `a` expanded from a seed, and the
/// digest of the evaluation key that belongs to it.
///
/// A holder without sealed atoms needs this much of the lender's keys and no more.
#[derive(Clone)]
pub struct PublicKey {
    seed: u128,
    mask: Vec<u64>,
    body: Vec<u64>,
    evaluation: [u8; 32],
    fingerprint: Fingerprint,
}

/// Bytes of an encoded public key: the seed, the body, the digest of the evaluation key.
pub const PUBLIC_KEY_BYTES: usize = 16 + 8 * RING + 32;

impl PublicKey {
    /// Reads a stored public key.
    ///
    /// # Errors
    ///
    /// [`Error::Length`]. Any bytes of the right length are a key: compare its fingerprint.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::decode(bytes, Culprit::Us)
    }

    /// The SHA-256 of all of the lender's keys, by which terms name them.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(crate) fn decode(bytes: &[u8], culprit: Culprit) -> Result<Self, Error> {
        expect_length("lender's public key", PUBLIC_KEY_BYTES, bytes.len(), culprit)?;
        let (seed, rest) = bytes.split_first_chunk().expect("the length was checked above");
        let (body, evaluation) = rest.split_last_chunk().expect("the length was checked above");
        Ok(Self::from_parts(u128::from_le_bytes(*seed), words::from_bytes(body), *evaluation))
    }

    /// The key whose body was made over the mask of `seed`.
    pub(crate) fn from_parts(seed: u128, body: Vec<u64>, evaluation: [u8; 32]) -> Self {
        let fingerprint = Hasher::new(Use::LenderKey)
            .with(&seed.to_le_bytes())
            .with(&words::to_bytes(&body))
            .with(&evaluation)
            .finish();
        let mask = ring::expanded(seed);
        Self { seed, mask, body, evaluation, fingerprint: Fingerprint(fingerprint) }
    }

    /// Refuses this key unless the terms name it.
    pub(crate) fn expect(&self, agreed: Fingerprint, culprit: Culprit) -> Result<(), Error> {
        if self.fingerprint == agreed {
            return Ok(());
        }
        Err(Error::OtherKey { expected: agreed, found: self.fingerprint, culprit })
    }

    pub(crate) fn evaluation(&self) -> &[u8; 32] {
        &self.evaluation
    }

    pub(crate) fn mask(&self) -> &[u64] {
        &self.mask
    }

    pub(crate) fn body(&self) -> &[u64] {
        &self.body
    }

    /// A fresh encryption of `plain`: `(a·u + e1, b·u + e2 + plain)`, 2048 words each.
    pub(crate) fn encrypt(
        &self,
        plain: &[u64],
        rng: &mut impl CryptoRng,
    ) -> (Vec<u64>, Zeroizing<Vec<u64>>) {
        let (mask, u) = self.fresh_mask(rng);
        let mut body = Zeroizing::new(ring::product(&self.body, &u));
        noise::add_small(&mut body, rng);
        for (word, plain) in body.iter_mut().zip(plain) {
            *word = word.wrapping_add(*plain);
        }
        (mask, body)
    }

    /// A fresh encryption of zero: the constant coefficient, the only one whose body is computed.
    pub(crate) fn zero(&self, rng: &mut impl CryptoRng) -> Lwe {
        let (mask, u) = self.fresh_mask(rng);
        let body = ring::constant_of_product(&self.body, &u).wrapping_add(noise::small(rng));
        Lwe::extract(&mask, body, 0)
    }

    /// The mask `a·u + e1`, and `u`.
    fn fresh_mask(&self, rng: &mut impl CryptoRng) -> (Vec<u64>, Zeroizing<Vec<u64>>) {
        let u = noise::binary(rng);
        let mut mask = ring::product(&self.mask, &u);
        noise::add_small(&mut mask, rng);
        (mask, u)
    }
}

impl Encode for PublicKey {
    fn to_bytes(&self) -> Vec<u8> {
        let seed = self.seed.to_le_bytes();
        [&seed, words::to_bytes(&self.body).as_slice(), &self.evaluation].concat()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for PublicKey {}
