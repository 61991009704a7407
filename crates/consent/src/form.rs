//! The JSON of a record, member by member.

use domain::{Digest, Purpose};
use serde::{Deserialize, Serialize};

use crate::document::{MAX_PAYLOAD, decode, encode};
use crate::signature::{Signature, SignatureForm};
use crate::subject_form::SubjectForm;
use crate::{
    AuthorisationId, Consent, Document, Draft, Error, Grantee, Letter, Limits, Models, Scope,
    SeparateConsent, Signer, Term, Word,
};

/// A record with its signature's part, or a draft without.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    authorisation_id: AuthorisationId,
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_version_hash: Option<Digest>,
    subject: SubjectForm,
    signer: Signer,
    consent: Consent,
    grantee: Grantee,
    scope: Scope,
    model_ids: Models,
    purpose: Purpose,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application_no: Option<Word>,
    term: Term,
    limits: Limits,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    separate_consents: Vec<SeparateConsent>,
    letter: Letter,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<SignatureForm>,
}

const DOCUMENT: Document = Document::Authorisation;

impl Form {
    /// A record that its subject has signed, or says so.
    pub(crate) fn read_signed(payload: &[u8]) -> Result<(Draft, Signature), Error> {
        let mut form: Self = decode(DOCUMENT, MAX_PAYLOAD, payload)?;
        let rule = "a record has a signature's part";
        let signature = form.signature.take().ok_or(Error::Rule { document: DOCUMENT, rule })?;
        Ok((form.draft()?, Signature::read(signature, DOCUMENT)?))
    }

    /// A record that nobody has signed yet.
    pub(crate) fn read_draft(bytes: &[u8]) -> Result<Draft, Error> {
        let form: Self = decode(DOCUMENT, MAX_PAYLOAD, bytes)?;
        if form.signature.is_some() {
            let rule = "a draft has no signature's part";
            return Err(Error::Rule { document: DOCUMENT, rule });
        }
        form.draft()
    }

    pub(crate) fn write(draft: &Draft, signature: Option<&Signature>) -> Result<Vec<u8>, Error> {
        let draft = draft.clone();
        let form = Self {
            authorisation_id: draft.id,
            version: draft.version,
            previous_version_hash: draft.previous,
            subject: SubjectForm::new(&draft.subject, draft.subject_name),
            signer: draft.signer,
            consent: draft.consent,
            grantee: draft.grantee,
            scope: draft.scope,
            model_ids: draft.models,
            purpose: draft.purpose,
            application_no: draft.application_no,
            term: draft.term,
            limits: draft.limits,
            separate_consents: draft.separate_consents,
            letter: draft.letter,
            signature: signature.map(Signature::form),
        };
        encode(DOCUMENT, &form)
    }

    fn draft(self) -> Result<Draft, Error> {
        let (subject, subject_name) =
            self.subject.read().map_err(|rule| Error::Rule { document: DOCUMENT, rule })?;
        Ok(Draft {
            id: self.authorisation_id,
            version: self.version,
            previous: self.previous_version_hash,
            subject,
            subject_name,
            signer: self.signer,
            consent: self.consent,
            grantee: self.grantee,
            scope: self.scope,
            models: self.model_ids,
            purpose: self.purpose,
            application_no: self.application_no,
            term: self.term,
            limits: self.limits,
            separate_consents: self.separate_consents,
            letter: self.letter,
        })
    }
}
