//! Who can sign for a subject.

use std::path::Path;

use consent::{Document, Error, SubjectCertificate, SubjectSigner};
use domain::Subject;
use envelope::{Envelope, MAX_ENVELOPE, SigningKey};
use time::OffsetDateTime;

use crate::refused::refused;
use crate::{file, read_key};

/// A subject's key with its certificate: what it takes to sign for it.
///
/// The certificate's own signature is not checked here; whoever receives what was signed checks it.
pub struct SubjectKey {
    key: SigningKey,
    certificate: Envelope,
    certified: SubjectCertificate,
}

impl SubjectKey {
    /// Takes a key file and the certificate of that key.
    ///
    /// # Errors
    ///
    /// `FILE`, `KEY_FILE`, `DOCUMENT`; `ANOTHER_HOLDER` when the certificate is another key's.
    pub fn open(key: &Path, certificate: &Path) -> Result<Self, crate::Error> {
        let key = read_key(key)?;
        let bytes = file::read(certificate, MAX_ENVELOPE)?;
        let document = Document::Certificate;
        let certificate = Envelope::from_json(&bytes)
            .map_err(|source| refused(Error::Envelope { document, source }))?;
        let certified = SubjectCertificate::unverified(&certificate).map_err(refused)?;
        if certified.key != key.public() {
            return Err(refused(Error::AnotherHolder { document, of: "key" }));
        }
        Ok(Self { key, certificate, certified })
    }

    /// A key and its certificate that were made together.
    pub(crate) fn of(
        key: SigningKey,
        certificate: Envelope,
        certified: SubjectCertificate,
    ) -> Self {
        Self { key, certificate, certified }
    }

    /// For whom it signs.
    #[must_use]
    pub const fn certificate(&self) -> &SubjectCertificate {
        &self.certified
    }

    /// Refuses to sign for another subject than the certificate's.
    pub(crate) fn must_be(&self, subject: &Subject) -> Result<(), crate::Error> {
        if self.certified.subject == *subject {
            return Ok(());
        }
        let document = Document::Authorisation;
        Err(refused(Error::AnotherHolder { document, of: "subject" }))
    }

    pub(crate) fn signer(&self, at: OffsetDateTime) -> SubjectSigner<'_> {
        SubjectSigner { key: &self.key, certificate: &self.certificate, at }
    }
}
