//! The oblivious pseudorandom function of RFC 9497: suite `ristretto255-SHA512`, mode OPRF,
//! under the RFC's names.
//!
//! A server holds a key, a client an input. The client learns the function's output on its input
//! and nothing of the key; the server learns nothing, not even the output.
//!
//! Every operation takes a batch, whose elements are encoded with one field inversion.
//!
//! ```
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::seed_from_u64(7);
//! use psi::oprf::{Blind, Element, Oprf, SecretKey};
//!
//! let oprf = Oprf::new();
//! // The client:
//! let blind = Blind::random(&mut rng);
//! let blinded = oprf.blind([(&b"input"[..], &blind)])?;
//! // The server, which is given 32 bytes:
//! let key = SecretKey::random(&mut rng);
//! let received = Element::decode(*blinded[0].as_bytes())?;
//! let evaluated = oprf.blind_evaluate([(&key, &received)]);
//! // The client again:
//! let output = oprf.finalize([(&b"input"[..], &blind, &evaluated[0])])?;
//!
//! assert_eq!(output, oprf.evaluate([(&key, &b"input"[..])])?);
//! # Ok::<(), psi::oprf::Error>(())
//! ```

mod element;
mod error;
mod secrets;
mod suite;

pub use element::{Element, PublicKey};
pub use error::Error;
pub use secrets::{Blind, KeyPair, Output, SecretKey};

pub(crate) use element::encoded;
pub(crate) use suite::outputs;
use suite::{Suite, half_inverses, halves};

use rand_core::CryptoRng;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

use crate::points::Flawed;
use crate::simd::Halves;
use crate::{BATCH, Lanes, POINT};

/// The function: the client must take the server's word for which key it used.
pub struct Oprf(Suite);

impl Oprf {
    /// The function in as many lanes as the CPU has.
    pub fn new() -> Self {
        Self::with_lanes(Lanes::detect())
    }

    /// The function in these lanes: for tests and benches.
    pub fn with_lanes(lanes: Lanes) -> Self {
        Self(Suite::new(lanes))
    }

    /// The key that a seed and public information give: `DeriveKeyPair` of RFC 9497.
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
        let (inputs, blinds): (Vec<_>, Vec<_>) = inputs.into_iter().unzip();
        // > blindedElement = blind * inputElement
        let halves = halves(blinds.into_iter().map(Blind::scalar));
        self.0.multiply_hashed(inputs, Halves::Each(&halves))
    }

    /// Hides a chunk of inputs on all cores, each under a blind drawn for it: the encodings, and
    /// the blinds.
    pub(crate) fn blind_chunk(
        &self,
        inputs: &[impl AsRef<[u8]> + Sync],
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<(Vec<u8>, Vec<Blind>), Error> {
        let blinds: Vec<_> = inputs.iter().map(|_| Blind::random(rng)).collect();
        let batches: Vec<_> = inputs
            .par_chunks(BATCH)
            .zip(blinds.par_chunks(BATCH))
            .map(|(inputs, blinds)| self.blind(inputs.iter().map(AsRef::as_ref).zip(blinds)))
            .collect::<Result<_, _>>()?;
        Ok((encoded(&batches), blinds))
    }

    /// Evaluates blinded elements, each under the key beside it: `BlindEvaluate` of RFC 9497.
    pub fn blind_evaluate<'a>(
        &self,
        blinded: impl IntoIterator<Item = (&'a SecretKey, &'a Element)>,
    ) -> Vec<Element> {
        let (keys, blinded): (Vec<_>, Vec<_>) =
            blinded.into_iter().map(|(key, element)| (key, *element.as_bytes())).unzip();
        self.blind_evaluate_encoded(keys, &blinded).expect("an element is a point")
    }

    /// The same for elements as they come from a client.
    pub(crate) fn blind_evaluate_encoded<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a SecretKey>,
        blinded: &[[u8; POINT]],
    ) -> Result<Vec<Element>, Flawed> {
        // > evaluatedElement = skS * blindedElement
        let halves = halves(keys.into_iter().map(SecretKey::scalar));
        self.0.multiply_decoded(blinded, Halves::Each(&halves))
    }

    /// The function's outputs, from inputs, their blinds and what was evaluated: `Finalize` of
    /// RFC 9497.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] when an input is too long.
    pub fn finalize<'a>(
        &self,
        evaluated: impl IntoIterator<Item = (&'a [u8], &'a Blind, &'a Element)>,
    ) -> Result<Vec<Output>, Error> {
        let ((inputs, blinds), evaluated): ((Vec<_>, Vec<_>), Vec<_>) = evaluated
            .into_iter()
            .map(|(input, blind, element)| ((input, blind), *element.as_bytes()))
            .unzip();
        let unblinded = self.unblind_encoded(blinds, &evaluated).expect("an element is a point");
        outputs(inputs.into_iter().zip(&unblinded))
    }

    /// The first step of `Finalize`, for elements as they come from a server.
    pub(crate) fn unblind_encoded<'a>(
        &self,
        blinds: impl IntoIterator<Item = &'a Blind>,
        evaluated: &[[u8; POINT]],
    ) -> Result<Vec<Element>, Flawed> {
        // > N = G.ScalarInverse(blind) * evaluatedElement
        let halves = half_inverses(blinds.into_iter().map(Blind::scalar));
        self.0.multiply_decoded(evaluated, Halves::Each(&halves))
    }

    /// The function's outputs, for one who has key and input: `Evaluate` of RFC 9497.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] when an input is too long.
    pub fn evaluate<'a>(
        &self,
        inputs: impl IntoIterator<Item = (&'a SecretKey, &'a [u8])>,
    ) -> Result<Vec<Output>, Error> {
        let (keys, inputs): (Vec<_>, Vec<_>) = inputs.into_iter().unzip();
        // > evaluatedElement = skS * inputElement
        let halves = halves(keys.into_iter().map(SecretKey::scalar));
        let evaluated = self.0.multiply_hashed(inputs.iter().copied(), Halves::Each(&halves))?;
        outputs(inputs.into_iter().zip(&evaluated))
    }

    /// The same under one key.
    pub(crate) fn evaluate_all<'a>(
        &self,
        key: &SecretKey,
        inputs: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Vec<Output>, Error> {
        let (inputs, halves) = (inputs.into_iter().collect::<Vec<_>>(), halves([key.scalar()]));
        let evaluated = self.0.multiply_hashed(inputs.iter().copied(), Halves::One(&halves[0]))?;
        outputs(inputs.into_iter().zip(&evaluated))
    }

    /// [`Self::blind_evaluate_encoded`] under one key.
    pub(crate) fn blind_evaluate_all(
        &self,
        key: &SecretKey,
        blinded: &[[u8; POINT]],
    ) -> Result<Vec<Element>, Flawed> {
        let halves = halves([key.scalar()]);
        self.0.multiply_decoded(blinded, Halves::One(&halves[0]))
    }
}

impl Default for Oprf {
    fn default() -> Self {
        Self::new()
    }
}
