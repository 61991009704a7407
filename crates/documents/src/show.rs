//! What a document says, and what of it was verified.

use std::path::Path;

use consent::{Authorisation, Change, ChangeKind, Document, Error, SubjectCertificate, Trust};
use domain::{Digest, PartyId};
use envelope::{Envelope, PublicKey};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::envelopes;
use crate::letter::follows_from;
use crate::refused::refused;

/// A document as it was read, with what was verified of it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What it says.
    pub content: Content,
    /// The payload as its writer signed it.
    pub payload: Value,
    /// What was looked at, in order; what is missing or [`Outcome::Open`] must not be relied on.
    pub checks: Vec<Check>,
}

/// What a document says; nobody vouches for it but the checks.
#[derive(Clone, Debug)]
pub enum Content {
    /// An authorisation.
    Authorisation(Box<Authorisation>),
    /// A revocation, suspension or resumption.
    Change(Box<Change>),
    /// The certificate of a subject's key.
    Certificate(Box<SubjectCertificate>),
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Check {
    /// What.
    pub what: What,
    /// What came of it.
    pub outcome: Outcome,
}

/// What can be looked at in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The signature, under the key that the certificate inside names.
    Signature,
    /// Everything from the document to an identity issuer that this party trusts.
    Issuer,
    /// That the letter's text follows from the record.
    Letter,
    /// Whether it is in force; only its registry can say.
    State,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Holds,
    /// It does not, and why.
    Fails(crate::Error),
    /// It was not verified: what it takes is not here.
    Open,
}

/// Reads the one document in a file and verifies what can be verified with these issuers at this
/// time.
///
/// # Errors
///
/// `FILE`, `OVERSIZED`; `DOCUMENT` when it is no document of a subject's.
pub fn show(
    path: &Path,
    issuers: &[(PartyId, PublicKey)],
    at: OffsetDateTime,
) -> Result<Shown, crate::Error> {
    let envelope = envelopes::one(path)?;
    let view = View { envelope: &envelope, issuers, at };
    for kind in [Authorisation::TYPE, Change::TYPE, SubjectCertificate::TYPE] {
        if let Ok(payload) = envelope.unverified(kind) {
            let (content, checks) = match kind {
                Authorisation::TYPE => view.authorisation()?,
                Change::TYPE => view.change(payload)?,
                _ => view.certificate()?,
            };
            let document = Document::Authorisation;
            let payload = serde_json::from_slice(payload).map_err(|error| {
                refused(Error::Malformed { document, message: error.to_string() })
            })?;
            return Ok(Shown { content, payload, checks });
        }
    }
    let path = path.display();
    Err(crate::Error::new(
        "DOCUMENT",
        format!(
            "{path} is signed, and is no authorisation, no change of one and no certificate of a subject's key."
        ),
        format!("{path} 有签名，但不是授权、授权变更或主体密钥证书。"),
    ))
}

struct View<'a> {
    envelope: &'a Envelope,
    issuers: &'a [(PartyId, PublicKey)],
    at: OffsetDateTime,
}

type Read = (Content, Vec<Check>);

impl View<'_> {
    fn authorisation(&self) -> Result<Read, crate::Error> {
        let record = Authorisation::unverified(self.envelope).map_err(refused)?;
        let letter = match follows_from(&record) {
            Some(true) => Outcome::Holds,
            Some(false) => Outcome::Fails(other_letter()),
            None => Outcome::Open,
        };
        let verified = self.trust().verify(self.envelope, self.at).map(drop);
        let checks = vec![
            Check { what: What::Signature, outcome: self.signature(Authorisation::TYPE) },
            Check { what: What::Issuer, outcome: self.known(verified) },
            Check { what: What::Letter, outcome: letter },
            Check { what: What::State, outcome: Outcome::Open },
        ];
        Ok((Content::Authorisation(Box::new(record)), checks))
    }

    fn change(&self, payload: &[u8]) -> Result<Read, crate::Error> {
        let form: ChangeForm = serde_json::from_slice(payload).map_err(|error| {
            let message = format!("line {} column {}", error.line(), error.column());
            refused(Error::Malformed { document: Document::Change, message })
        })?;
        let change = Change {
            authorisation: form.authorisation_id,
            version: form.version,
            record_hash: form.record_hash,
            kind: form.change,
        };
        let verified = self.trust().verify_change(self.envelope, self.at).map(drop);
        let checks = vec![
            Check { what: What::Signature, outcome: self.signature(Change::TYPE) },
            Check { what: What::Issuer, outcome: self.known(verified) },
            Check { what: What::State, outcome: Outcome::Open },
        ];
        Ok((Content::Change(Box::new(change)), checks))
    }

    fn certificate(&self) -> Result<Read, crate::Error> {
        let certificate = SubjectCertificate::unverified(self.envelope).map_err(refused)?;
        let (kind, document) = (SubjectCertificate::TYPE, Document::Certificate);
        let mut keys = self.issuers.iter().filter(|(name, _)| *name == certificate.issuer);
        let opened = keys.any(|(_, key)| self.envelope.open(kind, key).is_ok());
        let verified = if opened { Ok(()) } else { Err(Error::Untrusted { document }) };
        let checks = vec![Check { what: What::Issuer, outcome: self.known(verified) }];
        Ok((Content::Certificate(Box::new(certificate)), checks))
    }

    fn trust(&self) -> Trust {
        let issuers = self.issuers.iter().cloned();
        issuers.fold(Trust::default(), |trust, (name, key)| trust.with_issuer(name, key))
    }

    /// What came of a walk to an issuer, which nobody can go who knows none.
    fn known(&self, verified: Result<(), Error>) -> Outcome {
        match verified {
            Ok(()) => Outcome::Holds,
            Err(_) if self.issuers.is_empty() => Outcome::Open,
            Err(error) => Outcome::Fails(refused(error)),
        }
    }

    /// Whether the key signed that the certificate inside the document names.
    fn signature(&self, kind: &'static str) -> Outcome {
        let key = self.envelope.unverified(kind).ok().and_then(certified_key);
        let Some(key) = key else { return Outcome::Open };
        match self.envelope.open(kind, &key) {
            Ok(_) => Outcome::Holds,
            Err(source) => {
                let document = Document::Authorisation;
                Outcome::Fails(refused(Error::Envelope { document, source }))
            }
        }
    }
}

fn certified_key(payload: &[u8]) -> Option<PublicKey> {
    let form: Value = serde_json::from_slice(payload).ok()?;
    let certificate = form["signature"]["certificate"].as_str()?;
    let certificate = Envelope::from_json(certificate.as_bytes()).ok()?;
    Some(SubjectCertificate::unverified(&certificate).ok()?.key)
}

fn other_letter() -> crate::Error {
    crate::Error::new(
        "LETTER",
        "the letter's hash is not that of the text which follows from the record. Do not rely on it; ask for a new authorisation.",
        "授权书哈希与由授权记录生成的文本不符。请勿采信，并要求重新授权。",
    )
}

/// The members of a change that are shown; whoever receives it reads it strictly.
#[derive(Deserialize)]
struct ChangeForm {
    authorisation_id: consent::AuthorisationId,
    version: u32,
    record_hash: Digest,
    change: ChangeKind,
}
