//! A secret key of ring-LWE: as many bits as the ring has coefficients.

use tfhe::core_crypto::commons::generators::DeterministicSeeder;
use tfhe::core_crypto::commons::math::random::{
    CompressionSeed, Distribution, Gaussian, Seed, TUniform, Uniform,
};
use tfhe::core_crypto::prelude::{
    CiphertextModulus, DefaultRandomGenerator, Encryptable, GlweDimension, GlweSecretKey,
    GlweSecretKeyOwned, PlaintextList, PolynomialSize, SecretRandomGenerator, SeededGlweCiphertext,
    StandardDev, encrypt_seeded_glwe_ciphertext,
};
use zeroize::{Zeroize, Zeroizing};

use crate::{Ring, Sample};

/// A binary secret, in tfhe's own type, which neither wipes nor hides itself.
///
/// Wiped on drop, never printed, never cloned.
///
/// ```compile_fail,E0277
/// # fn with(key: lattice::SecretKey) {
/// println!("{key:?}");
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn with(key: lattice::SecretKey) {
/// let copy = key.clone();
/// # }
/// ```
pub struct SecretKey {
    ring: Ring,
    bits: GlweSecretKeyOwned<u64>,
}

/// The noise of an encryption under the secret key itself, in units of 2^-64 of the torus: tfhe's
/// samplers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeyNoise {
    /// A Gaussian, rounded; its sampler passes through `f64`.
    Gaussian {
        /// Its standard deviation.
        deviation: f64,
    },
    /// As [`Noise::TUniform`](crate::Noise::TUniform).
    TUniform {
        /// The logarithm of its largest value.
        bits: u32,
    },
}

impl SecretKey {
    /// The key of `ring` that `seed` stands for.
    pub fn generate(ring: Ring, seed: Seed) -> Self {
        let bits = GlweSecretKey::generate_new_binary(
            GlweDimension(1),
            PolynomialSize(ring.degree()),
            &mut SecretRandomGenerator::<DefaultRandomGenerator>::new(seed),
        );
        Self { ring, bits }
    }

    /// Reads what [`packed`](Self::packed) yielded; none if there are not N / 8 bytes.
    pub fn from_packed(ring: Ring, packed: &[u8]) -> Option<Self> {
        if packed.len() != ring.degree() / 8 {
            return None;
        }
        let mut bits = Vec::with_capacity(ring.degree());
        bits.extend(packed.iter().flat_map(|byte| (0..8).map(move |i| u64::from(byte >> i & 1))));
        let bits = GlweSecretKey::from_container(bits, PolynomialSize(ring.degree()));
        Some(Self { ring, bits })
    }

    /// The key at rest, to be encrypted by the host: eight bits a byte, the lowest first.
    pub fn packed(&self) -> impl Iterator<Item = u8> {
        self.bits().as_chunks::<8>().0.iter().map(|byte| {
            byte.iter().enumerate().fold(0u8, |packed, (i, &bit)| packed | u8::from(bit != 0) << i)
        })
    }

    /// The secret bits, a word each.
    pub fn bits(&self) -> &[u64] {
        self.bits.as_ref()
    }

    /// The key in tfhe's own type. A copy of it must be wiped by whoever made it.
    pub fn as_tfhe(&self) -> &GlweSecretKeyOwned<u64> {
        &self.bits
    }

    /// Encrypts `plain`: the body over the mask of the seed `mask`, with noise from the seed `noise`.
    ///
    /// # Panics
    ///
    /// Unless `plain` has N words.
    pub fn encrypt(&self, mask: Seed, noise: Seed, kind: KeyNoise, plain: &[u64]) -> Vec<u64> {
        match kind {
            KeyNoise::Gaussian { deviation } => {
                let deviation = StandardDev(deviation / 2f64.powi(64));
                let gaussian = Gaussian::from_dispersion_parameter(deviation, 0.0);
                self.encrypt_with(mask, noise, gaussian, plain)
            }
            KeyNoise::TUniform { bits } => {
                self.encrypt_with(mask, noise, TUniform::new(bits), plain)
            }
        }
    }

    fn encrypt_with<D: Distribution>(
        &self,
        mask: Seed,
        noise: Seed,
        distribution: D,
        plain: &[u64],
    ) -> Vec<u64>
    where
        u64: Encryptable<Uniform, D>,
    {
        let mut sealed = SeededGlweCiphertext::new(
            0u64,
            GlweDimension(1).to_glwe_size(),
            PolynomialSize(self.ring.degree()),
            CompressionSeed::from(mask),
            CiphertextModulus::new_native(),
        );
        encrypt_seeded_glwe_ciphertext(
            &self.bits,
            &mut sealed,
            &PlaintextList::from_container(plain),
            distribution,
            &mut DeterministicSeeder::<DefaultRandomGenerator>::new(noise),
        );
        sealed.into_container()
    }

    /// Computes `body - <mask, s>` of an LWE ciphertext: what it hides, with its noise. In a time
    /// that does not depend on `s`.
    ///
    /// # Panics
    ///
    /// When the ciphertext has no word.
    pub fn phase(&self, lwe: &[u64]) -> u64 {
        let (body, mask) = lwe.split_last().expect("an LWE ciphertext has a body");
        mask.iter()
            .zip(self.bits())
            .fold(*body, |phase, (&word, &bit)| phase.wrapping_sub(word & bit.wrapping_neg()))
    }

    /// Whether `public` is an encryption of zero under this key with noise of at most `fresh`.
    pub fn opens(&self, public: &Sample, fresh: u64) -> bool {
        let product = Zeroizing::new(self.ring.product(public.mask(), self.bits()));
        public.body().iter().zip(product.iter()).all(|(body, product)| {
            body.wrapping_sub(*product).cast_signed().unsigned_abs() <= fresh
        })
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.bits.as_mut().zeroize();
    }
}
