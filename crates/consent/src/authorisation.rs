//! The record of an authorisation (授权记录).

use domain::{Digest, Field, ModelId, Output, PartyId, Purpose, Refusal, Subject};
use envelope::{Envelope, Suite};
use time::OffsetDateTime;

use crate::document::hash;
use crate::form::Form;
use crate::signature::Signature;
use crate::{
    AuthorisationId, Consent, Document, Draft, Error, Grantee, Letter, Limits, Models, Scope,
    SeparateConsent, Signer, SubjectName, Term, Word,
};

/// The record of an authorisation as its subject signed it.
///
/// One that exists keeps the rules of its parts and of the whole: version 1 has no predecessor and
/// every other has one; a person signs for itself; the notice came before the signature; a score
/// has a model or the explicit "any". Whether the signature holds is for [`crate::Trust::verify`]
/// to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorisation {
    draft: Draft,
    signature: Signature,
    record_hash: Digest,
}

impl Authorisation {
    /// The type of the payload in its envelope.
    pub const TYPE: &'static str = "application/vnd.tacit.authorisation.v1+json";

    /// Reads the payload of an envelope; checks no signature.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`], [`Error::Malformed`], [`Error::Rule`], and those of the envelope
    /// around the certificate.
    pub fn read(payload: &[u8]) -> Result<Self, Error> {
        let (draft, signature) = Form::read_signed(payload)?;
        Self::new(draft, signature, payload)
    }

    /// The record that an envelope claims to hold: no signature is checked, so nothing may be
    /// decided by it.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`] for another type, and those of [`Authorisation::read`].
    pub fn unverified(envelope: &Envelope) -> Result<Self, Error> {
        let document = Document::Authorisation;
        let payload = envelope.unverified(Self::TYPE);
        Self::read(payload.map_err(|source| Error::Envelope { document, source })?)
    }

    pub(crate) fn new(draft: Draft, signature: Signature, payload: &[u8]) -> Result<Self, Error> {
        draft.check(signature.signed_at.at())?;
        // The payload's type stands in the envelope and not in the payload: the hash names bytes,
        // and a record is only ever found by it among records.
        Ok(Self { draft, signature, record_hash: hash(payload) })
    }

    /// Its number, the same in all versions.
    #[must_use]
    pub const fn id(&self) -> &AuthorisationId {
        &self.draft.id
    }

    /// Its version, from 1.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.draft.version
    }

    /// The record hash of the version before.
    #[must_use]
    pub const fn previous(&self) -> Option<Digest> {
        self.draft.previous
    }

    /// The SHA-256 of the payload's bytes as signed.
    #[must_use]
    pub const fn record_hash(&self) -> Digest {
        self.record_hash
    }

    /// Whom it is about, and who signs it.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.draft.subject
    }

    /// The subject's name as the letter has it.
    #[must_use]
    pub const fn subject_name(&self) -> Option<&SubjectName> {
        self.draft.subject_name.as_ref()
    }

    /// Who signed for the subject.
    #[must_use]
    pub const fn signer(&self) -> &Signer {
        &self.draft.signer
    }

    /// That the subject was informed and acted itself.
    #[must_use]
    pub const fn consent(&self) -> &Consent {
        &self.draft.consent
    }

    /// Who may process.
    #[must_use]
    pub const fn grantee(&self) -> &Grantee {
        &self.draft.grantee
    }

    /// Whose registry keeps its state: the node's where the record names one, else the platform's.
    ///
    /// There is exactly one. If either would do, a revocation at one could be hidden by asking
    /// the other.
    #[must_use]
    pub fn registry(&self) -> &PartyId {
        let Grantee { platform, node, .. } = self.grantee();
        node.as_ref().unwrap_or(platform)
    }

    /// What may come of which fields.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.draft.scope
    }

    /// Through which models.
    #[must_use]
    pub const fn models(&self) -> &Models {
        &self.draft.models
    }

    /// For what.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.draft.purpose
    }

    /// For which application.
    #[must_use]
    pub const fn application_no(&self) -> Option<&Word> {
        self.draft.application_no.as_ref()
    }

    /// From when to when.
    #[must_use]
    pub const fn term(&self) -> Term {
        self.draft.term
    }

    /// How often and how densely.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.draft.limits
    }

    /// The natural persons' own authorisations that it leans on.
    #[must_use]
    pub fn separate_consents(&self) -> &[SeparateConsent] {
        &self.draft.separate_consents
    }

    /// The text that was signed.
    #[must_use]
    pub const fn letter(&self) -> &Letter {
        &self.draft.letter
    }

    /// By which suite it says that it is signed.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        self.signature.suite
    }

    /// When it says that it was signed.
    #[must_use]
    pub const fn signed_at(&self) -> OffsetDateTime {
        self.signature.signed_at.at()
    }

    /// The certificate of the key, unverified.
    pub(crate) const fn signature(&self) -> &Signature {
        &self.signature
    }

    pub(crate) const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// Whether it covers this purpose, these fields, this output and this model; its state, its
    /// term and its grantee are not looked at.
    ///
    /// # Errors
    ///
    /// [`Refusal::AuthPurpose`], [`Refusal::AuthScopeClass`], [`Refusal::AuthScopeOutput`],
    /// [`Refusal::AuthScopeModel`], the first that applies.
    pub fn covers<'a, I>(
        &self,
        purpose: Option<Purpose>,
        fields: I,
        output: Output,
        model: Option<&ModelId>,
    ) -> Result<(), Refusal>
    where
        I: IntoIterator<Item = &'a Field> + Clone,
    {
        if purpose != Some(self.purpose()) {
            return Err(Refusal::AuthPurpose);
        }
        self.scope().covers(fields, output)?;
        self.models().cover(model, output)
    }
}
