//! The lender's public key, and encryptions of zero under it.

use std::fmt;

use lattice::{Sample, flood, words};
use rand_core::CryptoRng;
use session::Culprit;
use zeroize::Zeroizing;

use crate::digest::Use;
use crate::error::expect_length;
use crate::parameters::{SPACE, STEP_BITS, ZERO_NOISE};
use crate::table_key::{Sealed, TableKey};
use crate::{ENTRY_BYTES, Encode, Error, FLOOD_BITS, FLOOD_TERMS, Fingerprint, RING};

/// A lender's public key: one ring-LWE sample `(a, b = a·s + e)`, `a` expanded from a seed.
#[derive(Clone)]
pub struct PublicKey {
    sample: Sample,
    fingerprint: Fingerprint,
}

/// Bytes of an encoded public key: the seed, then the body.
pub const PUBLIC_KEY_BYTES: usize = Sample::bytes(SPACE);

impl PublicKey {
    /// Reads a stored public key.
    ///
    /// # Errors
    ///
    /// [`Error::Length`]. Any bytes of the right length are a key: compare its fingerprint.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        <Self as TableKey>::decode(bytes, Culprit::Us)
    }

    /// Its SHA-256, by which terms name it.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The key that this sample is.
    pub(crate) fn new(sample: Sample) -> Self {
        let fingerprint = Use::LenderKey.hasher().with(&sample.to_bytes()).finish();
        Self { sample, fingerprint: Fingerprint(fingerprint) }
    }

    pub(crate) fn sample(&self) -> &Sample {
        &self.sample
    }

    /// A fresh GLWE encryption of zero, 4096 words of mask, 4096 of body.
    pub(crate) fn zero(&self, rng: &mut impl CryptoRng) -> Vec<u64> {
        let (mut glwe, body) = self.sample.zero(rng);
        glwe.extend(body);
        glwe
    }

    /// A fresh LWE encryption of zero with a flooded body: 4096 words of mask, one of body.
    pub(crate) fn flooded_zero(&self, rng: &mut impl CryptoRng) -> Zeroizing<Vec<u64>> {
        self.sample
            .zero_at_constant(rng, |rng| flood::sum_of_uniforms(FLOOD_TERMS, FLOOD_BITS, rng))
    }
}

impl Encode for PublicKey {
    fn to_bytes(&self) -> Vec<u8> {
        self.sample.to_bytes()
    }
}

impl Sealed for PublicKey {}

impl TableKey for PublicKey {
    const KEY_BYTES: usize = PUBLIC_KEY_BYTES;
    const ENTRY_BYTES: usize = ENTRY_BYTES;
    const ENTRY_WORDS: usize = 2 * RING;

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    fn decode(bytes: &[u8], culprit: Culprit) -> Result<Self, Error> {
        const WHAT: &str = "lender's public key";
        expect_length(WHAT, PUBLIC_KEY_BYTES, bytes.len(), culprit)?;
        let sample =
            Sample::from_bytes(SPACE, ZERO_NOISE, bytes).expect("the length was checked above");
        Ok(Self::new(sample))
    }

    fn entry(&self, points: u16, rng: &mut impl CryptoRng) -> Vec<u64> {
        let mut glwe = self.zero(rng);
        glwe[RING] = glwe[RING].wrapping_add(u64::from(points) << STEP_BITS);
        glwe
    }

    fn add(sum: &mut [u64], entries: &[u64]) {
        sum.iter_mut().zip(entries).for_each(|(sum, word)| *sum = sum.wrapping_add(*word));
    }

    fn write(entry: &[u64]) -> Vec<u8> {
        words::to_bytes(entry)
    }

    fn read(bytes: &[u8], _culprit: Culprit) -> Result<Vec<u64>, Error> {
        Ok(words::from_bytes(bytes))
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
