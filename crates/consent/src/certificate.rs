//! Keys of subjects: who may sign for whom.

use domain::{PartyId, Subject};
use envelope::{Envelope, PublicKey, SigningKey};
use serde::{Deserialize, Serialize};

use crate::document::{MAX_PAYLOAD, decode, encode};
use crate::subject_form::Bare;
use crate::{Document, Error, Signer, Term};

/// An identity issuer's word that a key signs for a subject.
///
/// The issuer is the authority of the electronic business licence or a platform's real-name check.
/// Whoever a party trusts as an issuer can give anybody's name to a key of its own: the list of
/// issuers in a party's configuration is the root of everything that this crate decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectCertificate {
    /// Who certifies.
    pub issuer: PartyId,
    /// For whom the key signs.
    pub subject: Subject,
    /// Who holds the key, in which capacity, checked how.
    pub signer: Signer,
    /// The key.
    pub key: PublicKey,
    /// When the key may sign. What it signed in that time stands afterwards, unless the issuer
    /// revokes the key ([`crate::KeyRevocations`]).
    pub validity: Term,
}

impl SubjectCertificate {
    /// The type of the payload in its envelope.
    pub const TYPE: &'static str = "application/vnd.tacit.subject-key.v1+json";

    /// Signs with the issuer's key.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`] when the signer's capacity does not fit the kind of subject.
    pub fn sign(&self, issuer: &SigningKey) -> Result<Envelope, Error> {
        self.check()?;
        let form = Form {
            issuer: self.issuer.clone(),
            subject: Bare(self.subject.clone()),
            signer: self.signer.clone(),
            key: self.key,
            validity: self.validity,
        };
        Ok(Envelope::sign(Self::TYPE, encode(Document::Certificate, &form)?, issuer))
    }

    /// Reads the payload; checks no signature.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`], [`Error::Malformed`], [`Error::Rule`].
    pub(crate) fn read(payload: &[u8]) -> Result<Self, Error> {
        let form: Form = decode(Document::Certificate, MAX_PAYLOAD, payload)?;
        let Form { issuer, subject: Bare(subject), signer, key, validity } = form;
        let certificate = Self { issuer, subject, signer, key, validity };
        certificate.check()?;
        Ok(certificate)
    }

    /// The certificate that an envelope claims to hold, for the tool of the key's owner: no
    /// signature is checked, so nothing may be decided by it.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`] for another type, and those of reading.
    pub fn unverified(envelope: &Envelope) -> Result<Self, Error> {
        let document = Document::Certificate;
        let payload = envelope.unverified(Self::TYPE);
        Self::read(payload.map_err(|source| Error::Envelope { document, source })?)
    }

    fn check(&self) -> Result<(), Error> {
        if self.signer.capacity().fits(self.subject.kind()) {
            return Ok(());
        }
        let rule = "a person signs for itself, and an organisation through somebody";
        Err(Error::Rule { document: Document::Certificate, rule })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    issuer: PartyId,
    subject: Bare,
    signer: Signer,
    key: PublicKey,
    validity: Term,
}
