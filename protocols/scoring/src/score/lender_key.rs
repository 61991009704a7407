//! The lender's secret key, the only thing that opens a score.

use std::fmt;

use rand_core::CryptoRng;
use session::Culprit;
use tfhe::core_crypto::commons::generators::DeterministicSeeder;
use tfhe::core_crypto::commons::math::random::Seed;
use tfhe::core_crypto::prelude::{
    CiphertextModulus, DefaultRandomGenerator, Gaussian, GlweDimension, GlweSecretKey,
    GlweSecretKeyOwned, PlaintextCount, PlaintextList, PolynomialSize, SecretRandomGenerator,
    SeededGlweCiphertext, StandardDev, encrypt_seeded_glwe_ciphertext,
};
use zeroize::{Zeroize, Zeroizing};

use crate::error::expect_length;
use crate::parameters::{SHORT_STEP_BITS, noise_bound};
use crate::score::public_key::PUBLIC_KEY_BYTES;
use crate::{Encode, Error, KEY_NOISE, PLATFORM, PublicKey, RING, Sum, TableKey, Terms, ring};

/// A lender's key: 4096 secret bits, and the public key made from them.
///
/// Wiped on drop, never printed, never cloned.
///
/// ```compile_fail,E0277
/// # fn with(key: scoring::LenderKey) {
/// println!("{key:?}");
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn with(key: scoring::LenderKey) {
/// let copy = key.clone();
/// # }
/// ```
pub struct LenderKey {
    secret: Secret,
    public: PublicKey,
}

/// Bytes of a lender key at rest: 4096 secret bits, then the public key.
pub const LENDER_KEY_BYTES: usize = RING / 8 + PUBLIC_KEY_BYTES;

/// What a lender learns: the points of one subject, and nothing that they are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Points(pub u16);

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl LenderKey {
    /// A new key. Takes 48 bytes from `rng`: three independent seeds of 128 bits for AES-128 in
    /// counter mode (secret bits; public mask; noise), the whole strength of that generator.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = || {
            let mut bytes = Zeroizing::new([0; 16]);
            rng.fill_bytes(&mut *bytes);
            u128::from_le_bytes(*bytes)
        };
        let (secret_seed, mask_seed, noise_seed) = (seed(), seed(), seed());
        let secret = Secret(GlweSecretKey::generate_new_binary(
            GlweDimension(1),
            PolynomialSize(RING),
            &mut SecretRandomGenerator::<DefaultRandomGenerator>::new(Seed(secret_seed)),
        ));
        let public = secret.public_key(mask_seed, noise_seed);
        Self { secret, public }
    }

    /// Its public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The key as the host keeps it at rest, to be encrypted by the host.
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(LENDER_KEY_BYTES));
        let bits = self.secret.bits().as_chunks::<8>().0;
        bytes.extend(bits.iter().map(|byte| {
            byte.iter().enumerate().fold(0u8, |packed, (i, &bit)| packed | u8::from(bit != 0) << i)
        }));
        bytes.extend(self.public.to_bytes());
        bytes
    }

    /// Reads what [`to_secret_bytes`](Self::to_secret_bytes) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Length`], or [`Error::BrokenKey`] when the two halves do not belong together.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, Error> {
        expect_length("stored lender key", LENDER_KEY_BYTES, bytes.len(), Culprit::Us)?;
        let (packed, public) = bytes.split_at(RING / 8);
        let mut bits = Vec::with_capacity(RING);
        bits.extend(packed.iter().flat_map(|byte| (0..8).map(move |i| u64::from(byte >> i & 1))));
        let secret = Secret(GlweSecretKey::from_container(bits, PolynomialSize(RING)));
        let public = PublicKey::decode(public, Culprit::Us)?;
        if !secret.opens(&public) {
            return Err(Error::BrokenKey);
        }
        Ok(Self { secret, public })
    }

    /// Opens the sum of all answers, and refuses what cannot be a score.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`], [`Error::Unbound`] for a sum of other terms, [`Error::MasksRemain`],
    /// [`Error::NotAScore`] or [`Error::AboveMaximum`]. None carries what was opened.
    pub fn decrypt(&self, sum: Sum, terms: &Terms) -> Result<Points, Error> {
        self.public.expect(terms.lender_key(), Culprit::Us)?;
        sum.expect_unmasked(terms, Culprit::Peer(PLATFORM))?;
        // SPEC §3.2 step 9: "L opens phase = b - <a, s>, in units of 2^-32".
        let (mask, body) = sum.lwe();
        let phase = body.wrapping_sub(self.secret.inner_product(mask));
        // "and points = round(2^10 · phase / 2^32) mod 2^10".
        let nearest = phase.wrapping_add(1 << (SHORT_STEP_BITS - 1));
        let points = u16::try_from(nearest >> SHORT_STEP_BITS).expect("ten bits remain");
        let noise = phase.wrapping_sub(u32::from(points) << SHORT_STEP_BITS).cast_signed();
        if noise.unsigned_abs() > noise_bound(terms.holders().len()) {
            return Err(Error::NotAScore);
        }
        if points > terms.max_points() {
            return Err(Error::AboveMaximum { max: terms.max_points() });
        }
        Ok(Points(points))
    }

    #[cfg(test)]
    pub(crate) fn bits(&self) -> &[u64] {
        self.secret.bits()
    }
}

/// The secret bits, in tfhe's own type, which neither wipes nor hides itself.
struct Secret(GlweSecretKeyOwned<u64>);

impl Secret {
    fn bits(&self) -> &[u64] {
        self.0.as_ref()
    }

    fn public_key(&self, mask_seed: u128, noise_seed: u128) -> PublicKey {
        let mut zero = SeededGlweCiphertext::new(
            0u64,
            GlweDimension(1).to_glwe_size(),
            PolynomialSize(RING),
            Seed(mask_seed).into(),
            CiphertextModulus::new_native(),
        );
        encrypt_seeded_glwe_ciphertext(
            &self.0,
            &mut zero,
            &PlaintextList::new(0, PlaintextCount(RING)),
            Gaussian::from_dispersion_parameter(StandardDev(KEY_NOISE / 2f64.powi(64)), 0.0),
            &mut DeterministicSeeder::<DefaultRandomGenerator>::new(Seed(noise_seed)),
        );
        PublicKey::from_parts(mask_seed, zero.into_container())
    }

    /// Whether `public` is an encryption of zero under this key, with the noise of a fresh one.
    fn opens(&self, public: &PublicKey) -> bool {
        const FRESH: u64 = 64; // 20 standard deviations
        let product = Zeroizing::new(ring::product(public.mask(), self.bits()));
        public.body().iter().zip(product.iter()).all(|(body, product)| {
            body.wrapping_sub(*product).cast_signed().unsigned_abs() <= FRESH
        })
    }

    /// `<mask, s>` modulo 2^32, in a time that does not depend on `s`.
    fn inner_product(&self, mask: &[u32]) -> u32 {
        mask.iter().zip(self.bits()).fold(0, |sum: u32, (&word, &bit)| {
            #[expect(clippy::cast_possible_truncation, reason = "a bit fits")]
            let select = (bit as u32).wrapping_neg();
            sum.wrapping_add(word & select)
        })
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.as_mut().zeroize();
    }
}
