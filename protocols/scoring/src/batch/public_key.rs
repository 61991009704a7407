//! The lender's public key of the batch form, and encryptions of zero under it.

use std::fmt;

use chacha20::ChaCha20Rng;
use lattice::noise;
use rand_core::{CryptoRng, Rng, SeedableRng};
use session::Culprit;
use zeroize::Zeroizing;

use crate::batch::residue::reduced_once;
use crate::batch::ring::{POLYNOMIAL_BYTES, Polynomial, Values};
use crate::batch::{MODULUS, PRIMES};
use crate::digest::Use;
use crate::error::expect_length;
use crate::parameters::ZERO_NOISE;
use crate::table_key::{Sealed, TableKey};
use crate::{Encode, Error, Fingerprint, POINT_BITS, RING};

/// A lender's public key of the batch form: one ring-LWE sample `(a, b = a·s + e)`, `a` expanded
/// from a seed.
#[derive(Clone)]
pub struct PublicKey {
    seed: [u8; 32],
    mask: Values,
    body: Values,
    fingerprint: Fingerprint,
}

/// Bytes of an encoded public key: the seed, then the body.
pub const PUBLIC_KEY_BYTES: usize = 32 + POLYNOMIAL_BYTES;

/// Bytes of one encoded entry of a table: mask and body of a GLWE ciphertext.
pub const ENTRY_BYTES: usize = 2 * POLYNOMIAL_BYTES;

impl PublicKey {
    /// Reads a stored public key.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] or [`Error::NotReduced`]. Other bytes are a key: compare its fingerprint.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        <Self as TableKey>::decode(bytes, Culprit::Us)
    }

    /// Its SHA-256, by which terms name it.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The key whose body was made over the mask of `seed`.
    pub(crate) fn from_parts(seed: [u8; 32], body: Polynomial) -> Self {
        let mut encoded = seed.to_vec();
        body.write(&mut encoded);
        let fingerprint = Fingerprint(Use::BatchKey.hasher().with(&encoded).finish());
        let mask = mask_of(&seed).transformed();
        Self { seed, mask, body: body.transformed(), fingerprint }
    }

    pub(crate) fn mask(&self) -> &Values {
        &self.mask
    }

    pub(crate) fn body(&self) -> &Values {
        &self.body
    }

    /// A fresh encryption of zero, `(a·u + e1, b·u + e2)`.
    pub(crate) fn zero(&self, rng: &mut impl CryptoRng) -> [Polynomial; 2] {
        let mut u = Values::zero();
        u.set(&noise::ternary(RING, rng));
        [&self.mask, &self.body].map(|half| {
            let mut product = half.product(&u);
            product.add_small(&small(rng));
            product
        })
    }
}

/// The uniform mask that a seed stands for (SPEC §2.7).
///
/// The seed is hashed first: who chooses it does not choose the key of the stream.
pub(crate) fn mask_of(seed: &[u8; 32]) -> Polynomial {
    let key = Use::BatchKeyMask.hasher().with(seed).finish();
    let mut rng = ChaCha20Rng::from_seed(key);
    // Public, so it may take the time that it takes.
    Polynomial::new(PRIMES.map(|p| {
        let shift = p.leading_zeros();
        let mut residue = || loop {
            let candidate = rng.next_u64() >> shift;
            if candidate < p {
                break candidate;
            }
        };
        (0..RING).map(|_| residue()).collect()
    }))
}

/// A polynomial of centred binomial noise.
pub(crate) fn small(rng: &mut impl CryptoRng) -> Zeroizing<Vec<u64>> {
    let mut small = Zeroizing::new(vec![0; RING]);
    ZERO_NOISE.add_to(&mut small, rng);
    small
}

/// So many points as a number of the ring: `points · P / 2^10`, rounded.
pub(crate) fn message(points: u16) -> u128 {
    (u128::from(points) * MODULUS + (1 << (POINT_BITS - 1))) >> POINT_BITS
}

impl Encode for PublicKey {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.seed.to_vec();
        self.body.clone().interpolated().write(&mut bytes);
        bytes
    }
}

impl Sealed for PublicKey {}

impl TableKey for PublicKey {
    const KEY_BYTES: usize = PUBLIC_KEY_BYTES;
    const ENTRY_BYTES: usize = ENTRY_BYTES;
    const ENTRY_WORDS: usize = 4 * RING;

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    fn decode(bytes: &[u8], culprit: Culprit) -> Result<Self, Error> {
        const WHAT: &str = "lender's batch key";
        expect_length(WHAT, PUBLIC_KEY_BYTES, bytes.len(), culprit)?;
        let (seed, body) = bytes.split_first_chunk().expect("the length was checked above");
        let body = Polynomial::read(body).ok_or(Error::NotReduced { what: WHAT, culprit })?;
        Ok(Self::from_parts(*seed, body))
    }

    fn entry(&self, points: u16, rng: &mut impl CryptoRng) -> Vec<u64> {
        let [mask, mut body] = self.zero(rng);
        body.add_at(0, message(points));
        [mask.residues(), body.residues()].as_flattened().concat()
    }

    fn add(sum: &mut [u64], entries: &[u64]) {
        // Of each polynomial the residues of the first prime, then those of the second.
        let polynomials = sum.chunks_exact_mut(RING).zip(entries.chunks_exact(RING));
        for ((sum, entries), p) in polynomials.zip(PRIMES.into_iter().cycle()) {
            let pairs = sum.iter_mut().zip(entries);
            pairs.for_each(|(sum, entry)| *sum = reduced_once(*sum + entry, p));
        }
    }

    fn write(entries: &[u64]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(entries.len() * (ENTRY_BYTES / Self::ENTRY_WORDS));
        polynomials(entries).for_each(|polynomial| polynomial.write(&mut bytes));
        bytes
    }

    fn read(bytes: &[u8], culprit: Culprit) -> Result<Vec<u64>, Error> {
        let mut words = Vec::with_capacity(bytes.len() / ENTRY_BYTES * Self::ENTRY_WORDS);
        for polynomial in bytes.chunks(POLYNOMIAL_BYTES) {
            let polynomial =
                Polynomial::read(polynomial).ok_or(Error::NotReduced { what: "table", culprit })?;
            words.extend(polynomial.residues().concat());
        }
        Ok(words)
    }
}

/// The polynomials of whole entries, each entry's mask before its body.
pub(crate) fn polynomials(entries: &[u64]) -> impl Iterator<Item = Polynomial> {
    entries.chunks_exact(2 * RING).map(|words| {
        let (first, second) = words.split_at(RING);
        Polynomial::new([first.to_vec(), second.to_vec()])
    })
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "batch::PublicKey({})", self.fingerprint)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for PublicKey {}
