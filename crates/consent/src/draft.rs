//! What a subject is about to sign.

use domain::{Digest, Output, Purpose, Subject};
use envelope::Envelope;
use time::{Duration, OffsetDateTime};

use crate::form::Form;
use crate::narrow::narrows;
use crate::parts::MAX_SEPARATE_CONSENTS;
use crate::signature::Signature;
use crate::term::MAX_TERM_DAYS;
use crate::{
    Authorisation, AuthorisationId, Consent, Document, Error, Grantee, Letter, Limits, Models,
    Scope, SeparateConsent, Signer, SubjectName, SubjectSigner, Term, Word,
};

/// An authorisation that nobody has signed yet: every member of the record but the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its number, the same in all versions.
    pub id: AuthorisationId,
    /// Its version, from 1.
    pub version: u32,
    /// The record hash of the version before; none for version 1.
    pub previous: Option<Digest>,
    /// Whom it is about.
    pub subject: Subject,
    /// The subject's name, for the reader of the letter.
    pub subject_name: Option<SubjectName>,
    /// Who signs for the subject; what the certificate says.
    pub signer: Signer,
    /// That the subject was informed and acts itself.
    pub consent: Consent,
    /// Who may process.
    pub grantee: Grantee,
    /// What may come of which fields.
    pub scope: Scope,
    /// Through which models.
    pub models: Models,
    /// For what.
    pub purpose: Purpose,
    /// For which application.
    pub application_no: Option<Word>,
    /// From when to when.
    pub term: Term,
    /// How often and how densely.
    pub limits: Limits,
    /// The natural persons' own authorisations that it leans on, 16 at most.
    pub separate_consents: Vec<SeparateConsent>,
    /// The text that is signed.
    pub letter: Letter,
}

impl Draft {
    /// Reads a draft's JSON: the record's members without `signature`.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`], [`Error::Malformed`], [`Error::Rule`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        Form::read_draft(bytes)
    }

    /// The draft's JSON, one line.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`] when its lists are longer than a record may be.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        Form::write(self, None)
    }

    /// Signs a first version. A later one is made with [`Authorisation::narrow`].
    ///
    /// # Errors
    ///
    /// Whatever a party would refuse in the record that comes out, and [`Error::AnotherHolder`] or
    /// [`Error::CertificateTime`] when the signer is not this subject's.
    pub fn sign(&self, signer: &SubjectSigner<'_>) -> Result<Envelope, Error> {
        let (signature, certificate) =
            Signature::prepare(signer, Document::Authorisation, &self.subject)?;
        if certificate.signer != self.signer {
            let document = Document::Authorisation;
            return Err(Error::AnotherHolder { document, of: "signer" });
        }
        let payload = Form::write(self, Some(&signature))?;
        Authorisation::read(&payload)?;
        Ok(Envelope::sign(Authorisation::TYPE, payload, signer.key))
    }

    /// The rules that go across members.
    pub(crate) fn check(&self, signed_at: OffsetDateTime) -> Result<(), Error> {
        let rules = [
            (
                self.version >= 1 && (self.version == 1) == self.previous.is_none(),
                "versions start at 1, and every later one names the hash of the one before",
            ),
            (
                self.signer.capacity().fits(self.subject.kind()),
                "a person signs for itself, and an organisation through somebody",
            ),
            (
                self.consent.notice_shown_at() < signed_at,
                "the notice is shown before the signature is given",
            ),
            (
                self.signer.checked_at() <= signed_at,
                "the identity is checked before the signature is given",
            ),
            (
                signed_at < self.term.not_after()
                    && self.term.not_after() - signed_at <= Duration::days(MAX_TERM_DAYS),
                "it ends after it was signed, and within five years of that",
            ),
            (
                !self.scope.allows(Output::Score) || self.models != Models::None,
                "a score needs a named model, or `*` for any",
            ),
            (
                self.separate_consents.len() <= MAX_SEPARATE_CONSENTS,
                "it leans on 16 separate consents at most",
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, rule)) => Err(Error::Rule { document: Document::Authorisation, rule }),
        }
    }
}

impl Authorisation {
    /// Signs the next version, made smaller by `edit`. The number and the chain of versions are
    /// set, the signer is the one that signs; the rest starts as in this version.
    ///
    /// # Errors
    ///
    /// [`Error::Widens`] when something grew, and those of [`Draft::sign`].
    pub fn narrow(
        &self,
        signer: &SubjectSigner<'_>,
        edit: impl FnOnce(&mut Draft),
    ) -> Result<Envelope, Error> {
        let mut draft = self.draft().clone();
        let document = Document::Authorisation;
        let rule = "there are no more versions after this one";
        draft.version = self.version().checked_add(1).ok_or(Error::Rule { document, rule })?;
        draft.previous = Some(self.record_hash());
        draft.signer = Signature::prepare(signer, document, self.subject())?.1.signer;
        edit(&mut draft);
        let envelope = draft.sign(signer)?;
        narrows(self, &Self::unverified(&envelope)?)?;
        Ok(envelope)
    }
}
