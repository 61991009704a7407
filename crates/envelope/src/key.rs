//! Keys, by suite.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Error;

/// Which algorithm signs, and over which hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// Ed25519 with SHA-512 (RFC 8032).
    Ed25519,
}

impl Suite {
    /// The word that records carry.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
        }
    }
}

impl FromStr for Suite {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "ed25519" => Ok(Self::Ed25519),
            other => Err(Error::Suite(other.chars().take(40).collect())),
        }
    }
}

/// A key that signs. Wiped on drop, not printed, not cloned.
///
/// ```compile_fail
/// fn encoded<T: serde::Serialize>(_: T) {}
/// encoded(envelope::SigningKey::from_seed(&[0; 32])); // a secret does not implement `Serialize`
/// ```
///
/// ```compile_fail
/// println!("{}", envelope::SigningKey::from_seed(&[0; 32])); // nor `Display`
/// ```
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// A new key from the host's generator.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self::from_seed(&seed)
    }

    /// The key of this seed (RFC 8032's private key, 32 bytes).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The seed, for the owner's own key file.
    #[must_use]
    pub fn reveal_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The half that everybody may have.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey { suite: Suite::Ed25519, key: self.0.verifying_key() }
    }

    /// A signature over exactly these bytes: 64 bytes.
    ///
    /// For formats that are no envelope, like signed notes. The bytes must begin with something
    /// that binds them to their use.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

/// A key that verifies, written `ed25519:` and the base64 of its 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey {
    suite: Suite,
    key: ed25519_dalek::VerifyingKey,
}

impl PublicKey {
    /// The key of the Ed25519 suite with these 32 bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] when the bytes are no point of the curve, or one of small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| Error::Key)?;
        // A key of small order verifies what nobody signed.
        if key.is_weak() { Err(Error::Key) } else { Ok(Self { suite: Suite::Ed25519, key }) }
    }

    /// The key's 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// The suite that the key belongs to.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// A short name for the key, to find it by: suite, colon, the first 16 hexadecimal digits of
    /// its SHA-256. No proof of anything.
    #[must_use]
    pub fn id(&self) -> String {
        let hash = Sha256::digest(self.key.as_bytes());
        let short: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("{}:{short}", self.suite.code())
    }

    /// Checks a signature over exactly these bytes, strictly.
    ///
    /// # Errors
    ///
    /// [`Error::Signature`] when it does not hold.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let bytes = signature.try_into().map_err(|_| Error::Signature)?;
        let signature = ed25519_dalek::Signature::from_bytes(bytes);
        self.key.verify_strict(message, &signature).map_err(|_| Error::Signature)
    }
}

impl FromStr for PublicKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (suite, key) = text.split_once(':').ok_or(Error::Key)?;
        let Suite::Ed25519 = suite.parse()?;
        let bytes = STANDARD.decode(key).map_err(|_| Error::Key)?;
        Self::from_bytes(&bytes.try_into().map_err(|_| Error::Key)?)
    }
}

impl TryFrom<String> for PublicKey {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.suite.code(), STANDARD.encode(self.key.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{PublicKey, SigningKey};
    use crate::Error;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        hex::decode(hex).unwrap().try_into().unwrap()
    }

    #[test]
    fn rfc_8032_test_3() {
        let key = SigningKey::from_seed(&bytes(
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        ));
        assert_eq!(
            key.public().as_bytes(),
            &bytes::<32>("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
        );
        let signature = bytes::<64>(
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac\
             18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        );
        assert_eq!(key.sign(&[0xaf, 0x82]), signature);
        key.public().verify(&[0xaf, 0x82], &signature).unwrap();
        assert_eq!(key.public().verify(&[0xaf, 0x83], &signature), Err(Error::Signature));
    }

    #[test]
    fn a_key_is_read_as_it_is_written_and_a_reserved_suite_is_named() {
        let key = SigningKey::from_seed(&[1; 32]).public();
        assert_eq!(key.to_string().parse::<PublicKey>().unwrap(), key);
        assert_eq!(serde_json::from_str::<PublicKey>(&format!("\"{key}\"")).unwrap(), key);
        assert_eq!("sm2-sm3:AAAA".parse::<PublicKey>(), Err(Error::Suite("sm2-sm3".into())));
        assert_eq!("ed25519:AAAA".parse::<PublicKey>(), Err(Error::Key));
    }

    #[test]
    fn a_key_of_small_order_is_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(PublicKey::from_bytes(&identity), Err(Error::Key));
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", SigningKey::from_seed(&[9; 32])), "SigningKey(redacted)");
    }
}
