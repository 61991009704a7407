//! The lender's public key, and encryptions under it.

use std::fmt;

use lattice::{Sample, words};
use rand_core::CryptoRng;
use session::Culprit;
use zeroize::Zeroizing;

use crate::digest::Use;
use crate::error::expect_length;
use crate::lwe::Lwe;
use crate::parameters::{SPACE, ZERO_NOISE};
use crate::{Encode, Error, Fingerprint};

/// A lender's public key: one ring-LWE sample `(a, b = a·s + e)`, `a` expanded from a seed, and the
/// digest of the evaluation key that belongs to it.
///
/// A holder without sealed atoms needs this much of the lender's keys and no more.
#[derive(Clone)]
pub struct PublicKey {
    sample: Sample,
    evaluation: [u8; 32],
    fingerprint: Fingerprint,
}

/// Bytes of an encoded public key: the seed, the body, the digest of the evaluation key.
pub const PUBLIC_KEY_BYTES: usize = Sample::bytes(SPACE) + 32;

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
        let (sample, evaluation) = bytes.split_last_chunk().expect("the length was checked above");
        let sample = Sample::from_bytes(SPACE, ZERO_NOISE, sample);
        Ok(Self::new(sample.expect("the length was checked above"), *evaluation))
    }

    /// The key that this sample is, with the evaluation key of this digest.
    pub(crate) fn new(sample: Sample, evaluation: [u8; 32]) -> Self {
        let fingerprint = Use::LenderKey.hasher().with(&sample.to_bytes()).with(&evaluation);
        Self { sample, evaluation, fingerprint: Fingerprint(fingerprint.finish()) }
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

    pub(crate) fn sample(&self) -> &Sample {
        &self.sample
    }

    /// A fresh encryption of `plain`: `(a·u + e1, b·u + e2 + plain)`, 2048 words each.
    pub(crate) fn encrypt(
        &self,
        plain: &[u64],
        rng: &mut impl CryptoRng,
    ) -> (Vec<u64>, Zeroizing<Vec<u64>>) {
        let (mask, body) = self.sample.zero(rng);
        let mut body = Zeroizing::new(body);
        words::add(&mut body, plain);
        (mask, body)
    }

    /// A fresh encryption of zero: the constant coefficient, the only one whose body is computed.
    pub(crate) fn zero(&self, rng: &mut impl CryptoRng) -> Lwe {
        Lwe::from(self.sample.zero_at_constant(rng, |rng| ZERO_NOISE.draw(rng)))
    }
}

impl Encode for PublicKey {
    fn to_bytes(&self) -> Vec<u8> {
        [self.sample.to_bytes().as_slice(), &self.evaluation].concat()
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
