//! The mode VOPRF.

use rand_core::CryptoRng;

use crate::oprf::suite::{Mode, Suite};
use crate::oprf::{Blind, Element, Error, KeyPair, Output, Proof, PublicKey};

/// The mode VOPRF: the server proves that the key behind its public key evaluated the batch.
pub struct Voprf(Suite);

/// What a client holds of one input when it is evaluated.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// The input.
    pub input: &'a [u8],
    /// What hid it.
    pub blind: &'a Blind,
    /// What was sent.
    pub blinded: &'a Element,
    /// What came back.
    pub evaluated: &'a Element,
}

impl Voprf {
    /// The mode's hashes.
    pub fn new() -> Self {
        Self(Suite::new(Mode::Voprf))
    }

    /// The key pair that a seed and public information give: `DeriveKeyPair` of RFC 9497.
    ///
    /// # Errors
    ///
    /// [`Error::DeriveKeyPair`] when `info` is too long.
    pub fn derive_key_pair(&self, seed: &[u8; 32], info: &[u8]) -> Result<KeyPair, Error> {
        self.0.derive_key_pair(seed, info)
    }

    /// Hides inputs, each under the blind beside it: `Blind` of RFC 9497.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] when an input is too long.
    pub fn blind<'a>(
        &self,
        inputs: impl IntoIterator<Item = (&'a [u8], &'a Blind)>,
    ) -> Result<Vec<Element>, Error> {
        self.0.blind(inputs)
    }

    /// Evaluates a batch of blinded elements and proves it: `BlindEvaluate` of RFC 9497.
    ///
    /// # Errors
    ///
    /// [`Error::BatchSize`] when the batch is empty or too large for one proof.
    pub fn blind_evaluate(
        &self,
        key: &KeyPair,
        blinded: &[Element],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<(Vec<Element>, Proof), Error> {
        let evaluated = self.0.blind_evaluate(blinded.iter().map(|element| (&key.secret, element)));
        let proof = Proof::generate(&self.0, key, blinded, &evaluated, rng)?;
        Ok((evaluated, proof))
    }

    /// The function's outputs, if the proof holds for the batch: `Finalize` of RFC 9497.
    ///
    /// # Errors
    ///
    /// [`Error::Verify`] when it does not, [`Error::BatchSize`] for a batch that no proof covers,
    /// [`Error::InvalidInput`] when an input is too long.
    pub fn finalize(
        &self,
        public: &PublicKey,
        rows: &[Row<'_>],
        proof: &Proof,
    ) -> Result<Vec<Output>, Error> {
        let blinded: Vec<_> = rows.iter().map(|row| *row.blinded).collect();
        let evaluated: Vec<_> = rows.iter().map(|row| *row.evaluated).collect();
        proof.verify(&self.0, public, &blinded, &evaluated)?;
        self.0.finalize(rows.iter().map(|row| (row.input, row.blind, row.evaluated)))
    }

    /// The function's outputs, for one who has key and input: `Evaluate` of RFC 9497.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] when an input is too long.
    pub fn evaluate<'a>(
        &self,
        key: &KeyPair,
        inputs: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Vec<Output>, Error> {
        self.0.evaluate(inputs.into_iter().map(|input| (&key.secret, input)))
    }
}

impl Default for Voprf {
    fn default() -> Self {
        Self::new()
    }
}
