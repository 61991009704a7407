//! What a subject says later: revoke, suspend, resume.

use domain::Digest;
use envelope::Envelope;
use serde::{Deserialize, Serialize};

use crate::document::{MAX_PAYLOAD, decode, encode};
use crate::signature::{Signature, SignatureForm};
use crate::{Authorisation, AuthorisationId, Document, Error, SubjectSigner};

/// A change of an authorisation's state by its subject, bound to one version of one record.
///
/// It carries a certificate of its own: somebody who has lost a key, or whose agent has left,
/// revokes with the next one. Revoking is as easy as granting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which authorisation.
    pub authorisation: AuthorisationId,
    /// Which version of it.
    pub version: u32,
    /// The hash of that version's record.
    pub record_hash: Digest,
    /// What is to happen.
    pub kind: ChangeKind,
}

/// What is to happen to an authorisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It ends, for good; no reason is asked.
    Revoke,
    /// It rests.
    Suspend,
    /// It is in force again, unless the registry suspended it too.
    Resume,
}

impl Change {
    /// The type of the payload in its envelope.
    pub const TYPE: &'static str = "application/vnd.tacit.authorisation-change.v1+json";

    /// Reads the payload; checks no signature.
    pub(crate) fn read(payload: &[u8]) -> Result<(Self, Signature), Error> {
        let form: Form = decode(Document::Change, MAX_PAYLOAD, payload)?;
        let Form { authorisation_id: authorisation, version, record_hash, change, signature } =
            form;
        let signature = Signature::read(signature, Document::Change)?;
        Ok((Self { authorisation, version, record_hash, kind: change }, signature))
    }
}

impl Authorisation {
    /// Signs the end of this authorisation.
    ///
    /// # Errors
    ///
    /// [`Error::AnotherHolder`], [`Error::CertificateTime`] when the signer is not this subject's.
    pub fn revoke(&self, signer: &SubjectSigner<'_>) -> Result<Envelope, Error> {
        self.change(ChangeKind::Revoke, signer)
    }

    /// Signs a change of this authorisation.
    ///
    /// # Errors
    ///
    /// As [`Authorisation::revoke`].
    pub fn change(&self, kind: ChangeKind, signer: &SubjectSigner<'_>) -> Result<Envelope, Error> {
        let (signature, _) = Signature::prepare(signer, Document::Change, self.subject())?;
        let form = Form {
            authorisation_id: self.id().clone(),
            version: self.version(),
            record_hash: self.record_hash(),
            change: kind,
            signature: signature.form(),
        };
        Ok(Envelope::sign(Change::TYPE, encode(Document::Change, &form)?, signer.key))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    authorisation_id: AuthorisationId,
    version: u32,
    record_hash: Digest,
    change: ChangeKind,
    signature: SignatureForm,
}
