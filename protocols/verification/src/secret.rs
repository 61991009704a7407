//! Secret bits, and everything that is made from them.

use rand_core::CryptoRng;
use session::Culprit;
use tfhe::core_crypto::commons::generators::DeterministicSeeder;
use tfhe::core_crypto::commons::math::random::{CompressionSeed, Seed, TUniform};
use tfhe::core_crypto::prelude::{
    CiphertextModulus, DecompositionBaseLog, DecompositionLevelCount, DefaultRandomGenerator,
    GlweDimension, GlweSecretKey, GlweSecretKeyOwned, LweDimension, LweSecretKey,
    LweSecretKeyOwned, PlaintextList, PolynomialSize, SecretRandomGenerator, SeededGlweCiphertext,
    SeededLweBootstrapKey, SeededLweKeyswitchKey, encrypt_seeded_glwe_ciphertext,
    generate_seeded_lwe_keyswitch_key, par_generate_seeded_lwe_bootstrap_key,
};
use zeroize::{Zeroize, Zeroizing};

use crate::lwe::Lwe;
use crate::{
    BOOTSTRAP_BASE_BITS, EvaluationKey, NOISE_BITS, PublicKey, RING, SMALL, SMALL_NOISE_BITS,
    SWITCH_BASE_BITS, SWITCH_LEVELS, evaluation_key, ring, words,
};

/// What a lender generates.
pub(crate) struct Keys {
    pub(crate) secret: Secret,
    pub(crate) evaluation: EvaluationKey,
}

/// The large secret key, in tfhe's own type, which neither wipes nor hides itself.
pub(crate) struct Secret(GlweSecretKeyOwned<u64>);

/// The small secret key: only in the making of the others.
pub(crate) struct Small(pub(crate) LweSecretKeyOwned<u32>);

type Seeder = DeterministicSeeder<DefaultRandomGenerator>;

impl Keys {
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Self {
        let [large_seed, small_seed, mask, noise] = [(); 4].map(|()| seed(rng));
        let secret = Secret(GlweSecretKey::generate_new_binary(
            GlweDimension(1),
            PolynomialSize(RING),
            &mut SecretRandomGenerator::<DefaultRandomGenerator>::new(large_seed),
        ));
        let small = Small(LweSecretKey::generate_new_binary(
            LweDimension(SMALL),
            &mut SecretRandomGenerator::<DefaultRandomGenerator>::new(small_seed),
        ));
        let body = secret.encrypt(mask, noise, &[0; RING]);
        let switch = secret.switch_to(&small, seed(rng), seed(rng));
        let bootstrap = secret.bootstrap_from(&small, seed(rng), seed(rng));
        let content = [switch, bootstrap].concat();
        let public = PublicKey::from_parts(mask.0, body, evaluation_key::digest(&content));
        let evaluation = EvaluationKey::from_parts(public, content, Culprit::Us)
            .expect("the line above names this content");
        Self { secret, evaluation }
    }
}

impl Secret {
    pub(crate) fn from_bits(bits: Vec<u64>) -> Self {
        Self(GlweSecretKey::from_container(bits, PolynomialSize(RING)))
    }

    pub(crate) fn bits(&self) -> &[u64] {
        self.0.as_ref()
    }

    /// The body of an encryption of `plain` over the mask of a seed.
    pub(crate) fn encrypt(&self, mask: Seed, noise: Seed, plain: &[u64]) -> Vec<u64> {
        let mut sealed = SeededGlweCiphertext::new(
            0u64,
            GlweDimension(1).to_glwe_size(),
            PolynomialSize(RING),
            CompressionSeed::from(mask),
            CiphertextModulus::new_native(),
        );
        encrypt_seeded_glwe_ciphertext(
            &self.0,
            &mut sealed,
            &PlaintextList::from_container(plain),
            TUniform::new(NOISE_BITS),
            &mut Seeder::new(noise),
        );
        sealed.into_container()
    }

    /// `body - <mask, s>`, in a time that does not depend on `s`.
    pub(crate) fn phase(&self, lwe: &Lwe) -> u64 {
        let (body, mask) = lwe.words().split_last().expect("an LWE ciphertext has a body");
        mask.iter()
            .zip(self.bits())
            .fold(*body, |phase, (&word, &bit)| phase.wrapping_sub(word & bit.wrapping_neg()))
    }

    /// Whether `public` is an encryption of zero under this key, with the noise of a fresh one.
    pub(crate) fn opens(&self, public: &PublicKey) -> bool {
        let product = Zeroizing::new(ring::product(public.mask(), self.bits()));
        public.body().iter().zip(product.iter()).all(|(body, product)| {
            body.wrapping_sub(*product).cast_signed().unsigned_abs() <= 1 << NOISE_BITS
        })
    }

    /// A key-switching key to the small key: its seed, then a word a digit.
    pub(crate) fn switch_to(&self, small: &Small, mask: Seed, noise: Seed) -> Vec<u8> {
        let mut key = SeededLweKeyswitchKey::new(
            0u32,
            DecompositionBaseLog(SWITCH_BASE_BITS),
            DecompositionLevelCount(SWITCH_LEVELS),
            LweDimension(RING),
            LweDimension(SMALL),
            CompressionSeed::from(mask),
            CiphertextModulus::new_native(),
        );
        let mut large = self.0.clone().into_lwe_secret_key();
        generate_seeded_lwe_keyswitch_key(
            &large,
            &small.0,
            &mut key,
            TUniform::new(SMALL_NOISE_BITS),
            &mut Seeder::new(noise),
        );
        large.as_mut().zeroize();
        let words = key.into_container();
        let words = words.iter().flat_map(|word| word.to_le_bytes());
        mask.0.to_le_bytes().into_iter().chain(words).collect()
    }

    /// A bootstrapping key from the small key: its seed, then two polynomials a bit.
    pub(crate) fn bootstrap_from(&self, small: &Small, mask: Seed, noise: Seed) -> Vec<u8> {
        let mut key = SeededLweBootstrapKey::new(
            0u64,
            GlweDimension(1).to_glwe_size(),
            PolynomialSize(RING),
            DecompositionBaseLog(BOOTSTRAP_BASE_BITS),
            DecompositionLevelCount(1),
            LweDimension(SMALL),
            CompressionSeed::from(mask),
            CiphertextModulus::new_native(),
        );
        par_generate_seeded_lwe_bootstrap_key(
            &small.0,
            &self.0,
            &mut key,
            TUniform::new(NOISE_BITS),
            &mut Seeder::new(noise),
        );
        [mask.0.to_le_bytes().as_slice(), &words::to_bytes(&key.into_container())].concat()
    }
}

/// A seed of 128 bits for AES-128 in counter mode.
pub(crate) fn seed(rng: &mut impl CryptoRng) -> Seed {
    let mut bytes = Zeroizing::new([0; 16]);
    rng.fill_bytes(&mut *bytes);
    Seed(u128::from_le_bytes(*bytes))
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.as_mut().zeroize();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        self.0.as_mut().zeroize();
    }
}
