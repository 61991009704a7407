//! The lender's public key, and encryptions of zero under it.

use std::fmt;

use rand_core::CryptoRng;
use session::Culprit;
use tfhe::core_crypto::commons::math::random::{CompressionSeed, Seed};
use tfhe::core_crypto::prelude::{CiphertextModulus, GlweDimension, SeededGlweCiphertext};
use zeroize::Zeroizing;

use crate::digest::{Hasher, Use};
use crate::error::expect_length;
use crate::parameters::STEP_BITS;
use crate::table_key::{Sealed, TableKey};
use crate::{ENTRY_BYTES, Encode, Error, FLOOD_BITS, Fingerprint, RING, noise, ring};

/// A lender's public key: one ring-LWE sample `(a, b = a·s + e)`, `a` expanded from a seed.
#[derive(Clone)]
pub struct PublicKey {
    seed: u128,
    mask: Vec<u64>,
    body: Vec<u64>,
    fingerprint: Fingerprint,
}

/// Bytes of an encoded public key: the seed, then the body.
pub const PUBLIC_KEY_BYTES: usize = 16 + 8 * RING;

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

    /// The key whose body was made over the mask of `seed`.
    pub(crate) fn from_parts(seed: u128, body: Vec<u64>) -> Self {
        let encoded = [&seed.to_le_bytes(), ring::to_bytes(&body).as_slice()].concat();
        let fingerprint = Fingerprint(Hasher::new(Use::LenderKey).with(&encoded).finish());
        let mut mask = SeededGlweCiphertext::from_container(
            body,
            GlweDimension(1).to_glwe_size(),
            CompressionSeed::from(Seed(seed)),
            CiphertextModulus::new_native(),
        )
        .decompress_into_glwe_ciphertext()
        .into_container();
        let body = mask.split_off(RING);
        Self { seed, mask, body, fingerprint }
    }

    pub(crate) fn mask(&self) -> &[u64] {
        &self.mask
    }

    pub(crate) fn body(&self) -> &[u64] {
        &self.body
    }

    /// A fresh GLWE encryption of zero: `(a·u + e1, b·u + e2)`, 4096 words of mask, 4096 of body.
    pub(crate) fn zero(&self, rng: &mut impl CryptoRng) -> Vec<u64> {
        let (mut glwe, u) = self.zero_mask(rng);
        let mut body = ring::product(&self.body, &u);
        noise::add_binomial(&mut body, rng);
        glwe.extend(body);
        glwe
    }

    /// A fresh LWE encryption of zero with a flooded body: 4096 words of mask, one of body.
    ///
    /// It is the constant coefficient of an encryption of zero whose `e2` is the flood; the other
    /// coefficients of the body are never computed.
    pub(crate) fn flooded_zero(&self, rng: &mut impl CryptoRng) -> Zeroizing<Vec<u64>> {
        let (mut glwe, u) = self.zero_mask(rng);
        glwe.push(
            ring::constant_of_product(&self.body, &u).wrapping_add(noise::flood(FLOOD_BITS, rng)),
        );
        glwe.resize(2 * RING, 0);
        let mut lwe = Zeroizing::new(vec![0; RING + 1]);
        ring::extract_constant(&glwe, &mut lwe);
        lwe
    }

    /// The mask `a·u + e1` of an encryption of zero, and `u`.
    fn zero_mask(&self, rng: &mut impl CryptoRng) -> (Vec<u64>, Zeroizing<Vec<u64>>) {
        let u = noise::binary(rng);
        let mut mask = ring::product(&self.mask, &u);
        noise::add_binomial(&mut mask, rng);
        (mask, u)
    }
}

impl Encode for PublicKey {
    fn to_bytes(&self) -> Vec<u8> {
        [&self.seed.to_le_bytes(), ring::to_bytes(&self.body).as_slice()].concat()
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
        let (seed, body) = bytes.split_first_chunk().expect("the length was checked above");
        Ok(Self::from_parts(u128::from_le_bytes(*seed), ring::from_bytes(body)))
    }

    fn entry(&self, points: u16, rng: &mut impl CryptoRng) -> Vec<u64> {
        let mut glwe = self.zero(rng);
        glwe[RING] = glwe[RING].wrapping_add(u64::from(points) << STEP_BITS);
        glwe
    }

    fn write(entry: &[u64]) -> Vec<u8> {
        ring::to_bytes(entry)
    }

    fn read(bytes: &[u8], _culprit: Culprit) -> Result<Vec<u64>, Error> {
        Ok(ring::from_bytes(bytes))
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
