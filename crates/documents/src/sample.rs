//! Subjects in memory: an identity issuer and the keys that it certifies, for demonstrations and
//! benches, where no firm is real.

use consent::{Capacity, Document, Error, SubjectCertificate};
use domain::{PartyId, Subject, SubjectKind};
use envelope::{Envelope, PublicKey, SigningKey};
use time::OffsetDateTime;

use crate::random::chacha;
use crate::refused::refused;
use crate::{Certification, SubjectKey, certify};

/// An identity issuer that certifies whomever it is given.
pub struct Sample {
    name: PartyId,
    key: SigningKey,
}

impl Sample {
    /// A new issuer of this name.
    ///
    /// # Errors
    ///
    /// `RANDOM`.
    pub fn new(name: PartyId) -> Result<Self, crate::Error> {
        Ok(Self { name, key: SigningKey::generate(&mut chacha()?) })
    }

    /// Its name, as configurations trust it.
    #[must_use]
    pub const fn name(&self) -> &PartyId {
        &self.name
    }

    /// Its public key, likewise.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.key.public()
    }

    /// A new key for a subject, certified at `at` for a month.
    ///
    /// # Errors
    ///
    /// `RANDOM`; `CONTRADICTION` for research data, which is about nobody.
    pub fn subject_key(
        &self,
        subject: &Subject,
        at: OffsetDateTime,
    ) -> Result<SubjectKey, crate::Error> {
        let key = SigningKey::generate(&mut chacha()?);
        let capacity = match subject.kind() {
            SubjectKind::CnId => Capacity::Person,
            SubjectKind::Uscc | SubjectKind::Opaque => Capacity::LegalRep,
        };
        let certification = Certification {
            subject: subject.clone(),
            key: key.public(),
            issuer: self.name.clone(),
            capacity,
            method: "sample".parse().map_err(refused)?,
            level: 1,
            days: 31,
        };
        let json = certify(&certification, &self.key, at)?;
        let document = Document::Certificate;
        let certificate = Envelope::from_json(&json)
            .map_err(|source| refused(Error::Envelope { document, source }))?;
        let certified = SubjectCertificate::unverified(&certificate).map_err(refused)?;
        Ok(SubjectKey::of(key, certificate, certified))
    }
}
