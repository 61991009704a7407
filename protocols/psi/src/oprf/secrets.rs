//! What must not cross the wire: keys, blinds and outputs.

use std::fmt;

use curve25519_dalek::Scalar;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

use crate::oprf::{Element, PublicKey};
use crate::seed::nonzero;

/// A server's key: wiped on drop, never printed, cloned or sent.
///
/// ```compile_fail,E0277
/// fn printed(key: psi::oprf::SecretKey) { println!("{key:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(key: psi::oprf::SecretKey) { key.clone(); }
/// ```
#[derive(ZeroizeOnDrop)]
pub struct SecretKey(Scalar);

/// A server's key and its public half.
pub struct KeyPair {
    /// `skS` of the RFC.
    pub secret: SecretKey,
    /// `pkS` of the RFC.
    pub public: PublicKey,
}

/// What hides one input from the server: wiped on drop, never printed, cloned or sent.
///
/// It must serve once. Two inputs under one blind show whether they are the same.
#[derive(ZeroizeOnDrop)]
pub struct Blind(Scalar);

/// What the function gives for one input: uniform to whoever does not know the key, wiped on drop,
/// compared in constant time.
#[derive(ZeroizeOnDrop)]
pub struct Output([u8; 64]);

impl SecretKey {
    /// A uniformly random key: that of `GenerateKeyPair` of the RFC.
    pub fn random(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        Self(nonzero(rng))
    }

    /// The key pair of this key.
    pub fn into_pair(self) -> KeyPair {
        let point = &self.0 * RISTRETTO_BASEPOINT_TABLE;
        let public = PublicKey::new(Element::encoded(point.compress().to_bytes()));
        KeyPair { secret: self, public }
    }

    pub(crate) fn derived(scalar: Scalar) -> Self {
        Self(scalar)
    }

    pub(crate) fn scalar(&self) -> &Scalar {
        &self.0
    }
}

impl Blind {
    /// A uniformly random blind.
    pub fn random(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        Self(nonzero(rng))
    }

    pub(crate) fn scalar(&self) -> &Scalar {
        &self.0
    }
}

impl Output {
    pub(crate) fn new(output: [u8; 64]) -> Self {
        Self(output)
    }

    /// The 64 bytes.
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl PartialEq for Output {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Output {}

// An output may be somebody's key, or the answer to a guess.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output")
    }
}
