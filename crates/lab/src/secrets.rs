//! What a party keeps on disk, read as its own process reads it.

use std::fs;
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// The certificate that a party shows, with its key.
pub(crate) fn identity(dir: &Path) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let read = |name: &str| fs::read(dir.join("identity/1").join(name)).expect("init made it");
    let certificate = CertificateDer::from_pem_slice(&read("certificate.pem"));
    let key = PrivateKeyDer::from_pem_slice(&secret(dir, "private.key"));
    (certificate.expect("init made it"), key.expect("init made it"))
}

/// Opens a secret of a party whose keys are plain, from the format as the guide describes it.
///
/// # Panics
///
/// When the party is not made, or its keys are not plain.
#[must_use]
pub fn secret(dir: &Path, name: &str) -> Vec<u8> {
    let sealed = fs::read(dir.join("identity/1").join(name)).expect("init made it");
    let rest = sealed.strip_prefix(b"tacit-s1").expect("a sealed secret");
    let (nonce, sealed) = rest.split_first_chunk::<24>().expect("a nonce");
    let associated = format!("tacit/party/v1/at-rest/{name}");
    let payload = Payload { msg: sealed, aad: associated.as_bytes() };
    data_key(dir).decrypt(&XNonce::from(*nonce), payload).expect("it is sealed under the data key")
}

/// The key under which a party whose keys are plain seals its secrets.
///
/// # Panics
///
/// When the party is not made, or its keys are not plain.
#[must_use]
pub fn data_key(dir: &Path) -> XChaCha20Poly1305 {
    let text = fs::read_to_string(dir.join("identity/protection.toml")).expect("init made it");
    let table: toml::Table = text.parse().expect("TOML");
    let key = hex::decode(table["data_key"].as_str().expect("it is plain")).expect("digits");
    XChaCha20Poly1305::new_from_slice(&key).expect("32 bytes")
}
