//! What the subject's documents say about their own signature.

use std::fmt;

use domain::Subject;
use envelope::{Envelope, SigningKey, Suite};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::moment::Moment;
use crate::{Document, Error, SubjectCertificate};

/// The most bytes of a certificate inside another document.
const MAX_CERTIFICATE: usize = 8 << 10;

/// What a subject signs with: its key, the certificate of that key, and the time.
#[derive(Clone, Copy)]
pub struct SubjectSigner<'a> {
    /// The key that signs.
    pub key: &'a SigningKey,
    /// The issuer's certificate of that key.
    pub certificate: &'a Envelope,
    /// The time that the document will bear.
    pub at: OffsetDateTime,
}

/// The signature's own part of a document. The value of the signature is in the envelope.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) suite: Suite,
    pub(crate) certificate: Envelope,
    pub(crate) signed_at: Moment,
}

/// As JSON. The certificate is the text of its envelope, not an object: a text has one reading.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignatureForm {
    suite: String,
    certificate: String,
    signed_at: Moment,
}

impl Signature {
    /// The part that `signer` will write, after making sure that the signer is this subject's.
    pub(crate) fn prepare(
        signer: &SubjectSigner<'_>,
        document: Document,
        subject: &Subject,
    ) -> Result<(Self, SubjectCertificate), Error> {
        let certificate = SubjectCertificate::unverified(signer.certificate)?;
        if certificate.subject != *subject {
            return Err(Error::AnotherHolder { document, of: "subject" });
        }
        if certificate.key != signer.key.public() {
            return Err(Error::AnotherHolder { document, of: "key" });
        }
        if !certificate.validity.contains(signer.at) {
            return Err(Error::CertificateTime { document });
        }
        let suite = certificate.key.suite();
        let signed_at = Moment::new(signer.at)?;
        Ok((Self { suite, certificate: signer.certificate.clone(), signed_at }, certificate))
    }

    pub(crate) fn read(form: SignatureForm, document: Document) -> Result<Self, Error> {
        let suite = form.suite.parse();
        let suite = suite.map_err(|source| Error::Envelope { document, source })?;
        let (limit, found) = (MAX_CERTIFICATE, form.certificate.len());
        if found > limit {
            return Err(Error::Oversized { document: Document::Certificate, limit, found });
        }
        let certificate = Envelope::from_json(form.certificate.as_bytes())
            .map_err(|source| Error::Envelope { document: Document::Certificate, source })?;
        Ok(Self { suite, certificate, signed_at: form.signed_at })
    }

    pub(crate) fn form(&self) -> SignatureForm {
        SignatureForm {
            suite: self.suite.code().into(),
            certificate: String::from_utf8_lossy(&self.certificate.to_json()).into_owned(),
            signed_at: self.signed_at,
        }
    }
}

/// Without the certificate, whose bytes spell the subject's identifier.
impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({}, {})", self.suite.code(), self.signed_at.at())
    }
}
