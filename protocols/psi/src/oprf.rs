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

use suite::Suite;

/// The function: the client must take the server's word for which key it used.
pub struct Oprf(Suite);

impl Oprf {
    /// Its hashes.
    pub fn new() -> Self {
        Self(Suite::new())
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
        self.0.blind(inputs)
    }

    /// Evaluates blinded elements, each under the key beside it: `BlindEvaluate` of RFC 9497.
    pub fn blind_evaluate<'a>(
        &self,
        blinded: impl IntoIterator<Item = (&'a SecretKey, &'a Element)>,
    ) -> Vec<Element> {
        self.0.blind_evaluate(blinded)
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
        self.0.finalize(evaluated)
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
        self.0.evaluate(inputs)
    }
}

impl Default for Oprf {
    fn default() -> Self {
        Self::new()
    }
}
