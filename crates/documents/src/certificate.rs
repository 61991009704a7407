//! What an identity issuer says of a key.

use consent::{Capacity, Signer, SubjectCertificate, Term, Word};
use domain::{PartyId, Subject};
use envelope::{PublicKey, SigningKey};
use time::{Duration, OffsetDateTime};

use crate::Error;
use crate::day::to_the_second;
use crate::refused::refused;

/// Whose key an issuer certifies, and how sure it is of that.
#[derive(Clone, Debug)]
pub struct Certification {
    /// For whom the key signs.
    pub subject: Subject,
    /// The key.
    pub key: PublicKey,
    /// Who certifies, as the parties' configurations name it.
    pub issuer: PartyId,
    /// In which capacity the key's owner signs.
    pub capacity: Capacity,
    /// How its identity was checked.
    pub method: Word,
    /// How sure that check is, 1 to 4.
    pub level: u8,
    /// For how many days from now the key may sign.
    pub days: u16,
}

/// Signs a certificate, as the JSON of its envelope; the identity counts as checked at `at`.
///
/// # Errors
///
/// `USAGE` for a level or a number of days that no certificate can have, `CONTRADICTION` for a
/// capacity that does not fit the kind of subject.
pub fn certify(
    certification: &Certification,
    issuer: &SigningKey,
    at: OffsetDateTime,
) -> Result<Vec<u8>, Error> {
    let at = to_the_second(at);
    let Certification { subject, key, issuer: name, capacity, method, level, days } = certification;
    let signer = Signer::new(*capacity, method.clone(), *level, at).map_err(refused)?;
    let end = at.saturating_add(Duration::days((*days).into()));
    let certificate = SubjectCertificate {
        issuer: name.clone(),
        subject: subject.clone(),
        signer,
        key: *key,
        validity: Term::new(at, end).map_err(refused)?,
    };
    Ok(certificate.sign(issuer).map_err(refused)?.to_json())
}
