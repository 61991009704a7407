//! Secret bits, and everything that is made from them.

use lattice::noise::seed;
use lattice::{KeyNoise, Sample, SecretKey, words};
use rand_core::CryptoRng;
use session::Culprit;
use tfhe::core_crypto::commons::generators::DeterministicSeeder;
use tfhe::core_crypto::commons::math::random::{CompressionSeed, Seed, TUniform};
use tfhe::core_crypto::prelude::{
    CiphertextModulus, DecompositionBaseLog, DecompositionLevelCount, DefaultRandomGenerator,
    GlweDimension, LweDimension, LweSecretKey, LweSecretKeyOwned, PolynomialSize,
    SecretRandomGenerator, SeededLweBootstrapKey, SeededLweKeyswitchKey,
    generate_seeded_lwe_keyswitch_key, par_generate_seeded_lwe_bootstrap_key,
};
use zeroize::Zeroize;

use crate::lwe::Lwe;
use crate::parameters::{SPACE, ZERO_NOISE};
use crate::{
    BOOTSTRAP_BASE_BITS, EvaluationKey, NOISE_BITS, PublicKey, RING, SMALL, SMALL_NOISE_BITS,
    SWITCH_BASE_BITS, SWITCH_LEVELS, evaluation_key,
};

/// What a lender generates.
pub(crate) struct Keys {
    pub(crate) secret: Secret,
    pub(crate) evaluation: EvaluationKey,
}

/// The large secret key.
pub(crate) struct Secret(SecretKey);

/// The small secret key: only in the making of the others.
pub(crate) struct Small(pub(crate) LweSecretKeyOwned<u32>);

type Seeder = DeterministicSeeder<DefaultRandomGenerator>;

impl Keys {
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Self {
        let [large_seed, small_seed, mask, noise] = [(); 4].map(|()| seed(rng));
        let secret = Secret(SecretKey::generate(SPACE, large_seed));
        let small = Small(LweSecretKey::generate_new_binary(
            LweDimension(SMALL),
            &mut SecretRandomGenerator::<DefaultRandomGenerator>::new(small_seed),
        ));
        let body = secret.encrypt(mask, noise, &[0; RING]);
        let switch = secret.switch_to(&small, seed(rng), seed(rng));
        let bootstrap = secret.bootstrap_from(&small, seed(rng), seed(rng));
        let content = [switch, bootstrap].concat();
        let sample = Sample::new(SPACE, ZERO_NOISE, mask, body);
        let public = PublicKey::new(sample, evaluation_key::digest(&content));
        let evaluation = EvaluationKey::from_parts(public, content, Culprit::Us)
            .expect("the line above names this content");
        Self { secret, evaluation }
    }
}

impl Secret {
    /// Reads what [`packed`](Self::packed) yielded; none if its length is wrong.
    pub(crate) fn from_packed(packed: &[u8]) -> Option<Self> {
        SecretKey::from_packed(SPACE, packed).map(Self)
    }

    /// The key at rest.
    pub(crate) fn packed(&self) -> impl Iterator<Item = u8> {
        self.0.packed()
    }

    /// The body of an encryption of `plain` over the mask of a seed.
    pub(crate) fn encrypt(&self, mask: Seed, noise: Seed, plain: &[u64]) -> Vec<u64> {
        self.0.encrypt(mask, noise, KeyNoise::TUniform { bits: NOISE_BITS }, plain)
    }

    /// `body - <mask, s>`, in a time that does not depend on `s`.
    pub(crate) fn phase(&self, lwe: &Lwe) -> u64 {
        self.0.phase(lwe.words())
    }

    /// Whether `public` is an encryption of zero under this key, with the noise of a fresh one.
    pub(crate) fn opens(&self, public: &PublicKey) -> bool {
        self.0.opens(public.sample(), 1 << NOISE_BITS)
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
        let mut large = self.0.as_tfhe().clone().into_lwe_secret_key();
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
            self.0.as_tfhe(),
            &mut key,
            TUniform::new(NOISE_BITS),
            &mut Seeder::new(noise),
        );
        [mask.0.to_le_bytes().as_slice(), &words::to_bytes(&key.into_container())].concat()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        self.0.as_mut().zeroize();
    }
}
