//! The envelope: DSSE v1.0.2 (github.com/secure-systems-lab/dsse, envelope.md and protocol.md).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::{Error, PublicKey, SigningKey};

/// The most bytes of JSON that are read as an envelope.
pub const MAX_ENVELOPE: usize = 64 << 10;

/// The most signatures that an envelope may carry.
pub const MAX_SIGNATURES: usize = 8;

/// The longest payload type and key name that are read, in bytes.
const MAX_WORD: usize = 200;

/// A payload with its type and signatures.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<Signed>,
}

#[derive(Clone, PartialEq, Eq)]
struct Signed {
    key: String,
    signature: Vec<u8>,
}

impl Envelope {
    /// Signs a payload.
    #[must_use]
    pub fn sign(payload_type: &'static str, payload: Vec<u8>, key: &SigningKey) -> Self {
        let unsigned = Self { payload_type: payload_type.into(), payload, signatures: Vec::new() };
        unsigned.also_signed_by(key)
    }

    /// The same payload with one more signature: a counter-signature says the same thing.
    #[must_use]
    pub fn also_signed_by(mut self, key: &SigningKey) -> Self {
        let signature = key.sign(&pre_authentication(&self.payload_type, &self.payload)).to_vec();
        self.signatures.push(Signed { key: key.public().id(), signature });
        self
    }

    /// The payload, if it is of this type and this key has signed it.
    ///
    /// # Errors
    ///
    /// [`Error::Type`] or [`Error::Signature`].
    pub fn open(&self, payload_type: &'static str, key: &PublicKey) -> Result<&[u8], Error> {
        let payload = self.unverified(payload_type)?;
        let message = pre_authentication(&self.payload_type, &self.payload);
        // A key's name is only a hint (protocol.md): every signature is tried.
        if self.signatures.iter().any(|s| key.verify(&message, &s.signature).is_ok()) {
            Ok(payload)
        } else {
            Err(Error::Signature)
        }
    }

    /// The payload as somebody claims it: to find out whose key should have signed it.
    ///
    /// # Errors
    ///
    /// [`Error::Type`] when it is of another type.
    pub fn unverified(&self, payload_type: &'static str) -> Result<&[u8], Error> {
        if self.payload_type == payload_type {
            return Ok(&self.payload);
        }
        let found = self.payload_type.chars().take(80).collect();
        Err(Error::Type { expected: payload_type, found })
    }

    /// Reads an envelope's JSON; checks no signature.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`] before anything is allocated, [`Error::Malformed`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_json_within(bytes, MAX_ENVELOPE)
    }

    /// [`Envelope::from_json`] for a type of document that may have another length.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn from_json_within(bytes: &[u8], limit: usize) -> Result<Self, Error> {
        if bytes.len() > limit {
            return Err(Error::Oversized { limit, found: bytes.len() });
        }
        let form: Form = serde_json::from_slice(bytes).map_err(|e| malformed(&e))?;
        if form.signatures.is_empty() || form.signatures.len() > MAX_SIGNATURES {
            return Err(Error::Malformed(format!("1 to {MAX_SIGNATURES} signatures expected")));
        }
        let long = |word: &str| word.len() > MAX_WORD;
        if long(&form.payload_type) || form.signatures.iter().any(|s| long(&s.keyid)) {
            return Err(Error::Malformed(format!("a word has more than {MAX_WORD} bytes")));
        }
        let decode = |text: &str| STANDARD.decode(text).map_err(|e| malformed(&e));
        let signatures = form.signatures.into_iter().map(|signature| {
            let SignatureForm { keyid: key, sig } = signature;
            Ok(Signed { key, signature: decode(&sig)? })
        });
        Ok(Self {
            signatures: signatures.collect::<Result<_, Error>>()?,
            payload: decode(&form.payload)?,
            payload_type: form.payload_type,
        })
    }

    /// The envelope's JSON, one line.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let signatures = self.signatures.iter().map(|signed| SignatureForm {
            keyid: signed.key.clone(),
            sig: STANDARD.encode(&signed.signature),
        });
        let form = Form {
            payload_type: self.payload_type.clone(),
            payload: STANDARD.encode(&self.payload),
            signatures: signatures.collect(),
        };
        serde_json::to_vec(&form).expect("strings are always JSON")
    }
}

/// Without the payload: an authorisation spells its subject's identifier.
impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Envelope({}, {} bytes)", self.payload_type, self.payload.len())
    }
}

/// PAE (protocol.md): `DSSEv1`, then each part with its length in decimal, separated by spaces.
fn pre_authentication(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

fn malformed(error: &dyn fmt::Display) -> Error {
    Error::Malformed(error.to_string())
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(rename = "payloadType")]
    payload_type: String,
    payload: String,
    signatures: Vec<SignatureForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureForm {
    #[serde(default)]
    keyid: String,
    sig: String,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Envelope, MAX_ENVELOPE, pre_authentication};
    use crate::{Error, SigningKey};

    const TYPE: &str = "http://example.com/HelloWorld";

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    #[test]
    fn the_protocols_own_example_of_what_is_signed() {
        // protocol.md, "Test vectors".
        assert_eq!(
            pre_authentication(TYPE, b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn what_one_key_signed_opens_with_that_key_and_type_only() {
        let sealed = Envelope::sign(TYPE, b"hello world".to_vec(), &key(1));
        let read = Envelope::from_json(&sealed.to_json()).unwrap();
        assert_eq!(read, sealed);
        assert_eq!(read.open(TYPE, &key(1).public()).unwrap(), b"hello world");
        assert_eq!(read.open(TYPE, &key(2).public()), Err(Error::Signature));
        assert!(matches!(read.open("text/plain", &key(1).public()), Err(Error::Type { .. })));
    }

    #[test]
    fn debug_does_not_show_the_payload() {
        let sealed = Envelope::sign("t/v1", b"91320100PDY00001XR".to_vec(), &key(1));
        assert_eq!(format!("{sealed:?}"), "Envelope(t/v1, 18 bytes)");
    }

    #[test]
    fn a_counter_signature_leaves_the_first_in_force() {
        let both = Envelope::sign(TYPE, b"x".to_vec(), &key(1)).also_signed_by(&key(2));
        let read = Envelope::from_json(&both.to_json()).unwrap();
        assert!(read.open(TYPE, &key(1).public()).is_ok());
        assert!(read.open(TYPE, &key(2).public()).is_ok());
        assert!(read.open(TYPE, &key(3).public()).is_err());
    }

    #[test]
    fn more_than_an_envelope_may_have_is_not_read() {
        let long = vec![b' '; MAX_ENVELOPE + 1];
        assert!(matches!(Envelope::from_json(&long), Err(Error::Oversized { .. })));
        let none = br#"{"payloadType":"a","payload":"","signatures":[]}"#;
        assert!(matches!(Envelope::from_json(none), Err(Error::Malformed(_))));
    }

    #[test]
    fn every_flipped_bit_of_payload_type_or_signature_is_refused() {
        let sealed = Envelope::sign("t/v1", b"{\"a\":1}".to_vec(), &key(1));
        for byte in 0..sealed.payload.len() {
            for bit in 0..8 {
                let mut forged = sealed.clone();
                forged.payload[byte] ^= 1 << bit;
                assert_eq!(forged.open("t/v1", &key(1).public()), Err(Error::Signature));
            }
        }
        for byte in 0..64 {
            let mut forged = sealed.clone();
            forged.signatures[0].signature[byte] ^= 1;
            assert_eq!(forged.open("t/v1", &key(1).public()), Err(Error::Signature));
        }
    }

    proptest! {
        #[test]
        fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Envelope::from_json(&noise);
        }
    }
}
