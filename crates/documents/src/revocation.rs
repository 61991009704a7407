//! What an identity issuer takes its word back for: a list of keys, and the next one after it.

use std::path::{Path, PathBuf};

use consent::{KeyRevocations, MAX_REVOCATIONS, SubjectCertificate};
use domain::PartyId;
use envelope::{PublicKey, SigningKey};
use time::OffsetDateTime;

use crate::Error;
use crate::day::to_the_second;
use crate::refused::refused;
use crate::{envelopes, file};

/// What an issuer's next list is made of.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// Who takes its word back, as the parties' configurations name it.
    pub issuer: PartyId,
    /// The issuer's newest list; none before the first.
    pub previous: Option<PathBuf>,
    /// Certificates whose keys are revoked.
    pub certificates: Vec<PathBuf>,
    /// Keys that are revoked, where the certificate is not at hand.
    pub keys: Vec<PublicKey>,
}

/// An issuer's list, signed.
#[derive(Clone, Debug)]
pub struct SignedRevocations {
    /// The JSON of its envelope.
    pub json: Vec<u8>,
    /// Its number.
    pub number: u64,
    /// How many keys it has, those of the previous list among them.
    pub keys: usize,
}

/// Signs an issuer's next list of revoked keys.
///
/// # Errors
///
/// `FILE`, `OVERSIZED`, `DOCUMENT`; `CONTRADICTION` for another issuer's list or certificate, or for
/// more keys than a list has.
pub fn revoke(
    revocation: &Revocation,
    issuer: &SigningKey,
    at: OffsetDateTime,
) -> Result<SignedRevocations, Error> {
    let Revocation { issuer: name, previous, certificates, keys } = revocation;
    let previous = previous.as_ref().map(|path| read(path, issuer)).transpose()?;
    let mut keys = keys.clone();
    for path in certificates {
        let certificate = SubjectCertificate::unverified(&envelopes::one(path)?);
        let certificate = certificate.map_err(refused)?;
        if certificate.issuer != *name {
            return Err(foreign(path));
        }
        keys.push(certificate.key);
    }
    let list = KeyRevocations::after(previous.as_ref(), name.clone(), &keys, to_the_second(at));
    let list = list.map_err(refused)?;
    let json = list.sign(issuer).map_err(refused)?.to_json();
    Ok(SignedRevocations { json, number: list.number(), keys: list.len() })
}

/// The list in a file, as it was signed.
///
/// # Errors
///
/// `FILE`; `OVERSIZED` past what any list has.
pub fn read_revocations(path: &Path) -> Result<Vec<u8>, Error> {
    Ok(file::read(path, MAX_REVOCATIONS)?.trim_ascii().to_vec())
}

/// The issuer's own earlier list.
fn read(path: &Path, issuer: &SigningKey) -> Result<KeyRevocations, Error> {
    let envelope = KeyRevocations::envelope(&read_revocations(path)?).map_err(refused)?;
    let document = consent::Document::Revocations;
    envelope
        .open(KeyRevocations::TYPE, &issuer.public())
        .map_err(|source| refused(consent::Error::Envelope { document, source }))?;
    KeyRevocations::unverified(&envelope).map_err(refused)
}

fn foreign(path: &Path) -> Error {
    let path = path.display();
    Error::new(
        "CONTRADICTION",
        format!("{path} is another issuer's certificate: only who certified a key revokes it."),
        format!("{path} 是其他签发机构的证书：只有认证该密钥的机构才能吊销。"),
    )
}
