//! The keys that the lender uploads, as they travel and as they are stored.

use std::fmt;

use lattice::words;
use session::Culprit;
use tfhe::core_crypto::commons::math::random::{CompressionSeed, Seed};
use tfhe::core_crypto::prelude::{
    CiphertextModulus, DecompositionBaseLog, DecompositionLevelCount, GlweDimension, LweDimension,
    PolynomialSize, SeededLweBootstrapKey, SeededLweKeyswitchKey,
};

use crate::digest::Use;
use crate::error::expect_length;
use crate::public_key::PUBLIC_KEY_BYTES;
use crate::{
    BOOTSTRAP_BASE_BITS, Encode, Error, Evaluator, Fingerprint, PublicKey, RING, SMALL,
    SWITCH_BASE_BITS, SWITCH_LEVELS,
};

/// All of a lender's public material: its public key, and the seeded keys for key switch and
/// bootstrap. Opens nothing.
#[derive(Clone)]
pub struct EvaluationKey {
    public: PublicKey,
    content: Vec<u8>,
}

const SWITCH_BYTES: usize = 4 * RING * SWITCH_LEVELS;
const BOOTSTRAP_BYTES: usize = 8 * SMALL * 2 * RING;
const CONTENT_BYTES: usize = 16 + SWITCH_BYTES + 16 + BOOTSTRAP_BYTES;

/// Bytes of an encoded evaluation key: the public key, then each of the two others behind its seed.
pub const EVALUATION_KEY_BYTES: usize = PUBLIC_KEY_BYTES + CONTENT_BYTES;

impl EvaluationKey {
    /// Reads a stored evaluation key.
    ///
    /// # Errors
    ///
    /// [`Error::Length`], or [`Error::Damaged`] when its parts do not belong together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::decode(bytes, Culprit::Us)
    }

    /// The SHA-256 of all of it, by which terms name it.
    pub fn fingerprint(&self) -> Fingerprint {
        self.public.fingerprint()
    }

    /// The lender's public key alone.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Expands it to the form that computes: 90 MB, in a second of two cores.
    pub fn expand(&self) -> Evaluator {
        let (switch, bootstrap) = self.content.split_at(16 + SWITCH_BYTES);
        let (seed, switch) = seeded(switch);
        let switch = switch.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
        let switch = SeededLweKeyswitchKey::from_container(
            switch,
            DecompositionBaseLog(SWITCH_BASE_BITS),
            DecompositionLevelCount(SWITCH_LEVELS),
            LweDimension(SMALL).to_lwe_size(),
            seed,
            CiphertextModulus::new_native(),
        );
        let (seed, bootstrap) = seeded(bootstrap);
        let bootstrap = SeededLweBootstrapKey::from_container(
            words::from_bytes(bootstrap),
            GlweDimension(1).to_glwe_size(),
            PolynomialSize(RING),
            DecompositionBaseLog(BOOTSTRAP_BASE_BITS),
            DecompositionLevelCount(1),
            seed,
            CiphertextModulus::new_native(),
        );
        Evaluator::expand(self.public.clone(), switch, bootstrap)
    }

    /// The key with this content, whose digest `public` must name.
    pub(crate) fn from_parts(
        public: PublicKey,
        content: Vec<u8>,
        culprit: Culprit,
    ) -> Result<Self, Error> {
        if digest(&content) != *public.evaluation() {
            return Err(Error::Damaged { what: "evaluation key", culprit });
        }
        Ok(Self { public, content })
    }

    pub(crate) fn decode(bytes: &[u8], culprit: Culprit) -> Result<Self, Error> {
        expect_length("lender's evaluation key", EVALUATION_KEY_BYTES, bytes.len(), culprit)?;
        let (public, content) = bytes.split_at(PUBLIC_KEY_BYTES);
        Self::from_parts(PublicKey::decode(public, culprit)?, content.to_vec(), culprit)
    }
}

impl Encode for EvaluationKey {
    fn to_bytes(&self) -> Vec<u8> {
        [self.public.to_bytes(), self.content.clone()].concat()
    }
}

impl fmt::Debug for EvaluationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EvaluationKey({})", self.public.fingerprint())
    }
}

/// The digest by which a public key names the evaluation key with this content.
pub(crate) fn digest(content: &[u8]) -> [u8; 32] {
    Use::EvaluationKey.hasher().with(content).finish()
}

/// What follows a seed, and the seed.
fn seeded(bytes: &[u8]) -> (CompressionSeed, &[u8]) {
    let (seed, rest) = bytes.split_first_chunk().expect("every length was checked in decode");
    (CompressionSeed::from(Seed(u128::from_le_bytes(*seed))), rest)
}
