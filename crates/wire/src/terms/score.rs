//! The terms of one subject's score.

use domain::{PartyId, RunId, SubjectKind};
use prost::Message;

use crate::field::{array, authorisation, kind, party, persons, sealed, short};
use crate::{Error, peer};

/// Lender to platform, and platform to holder.
#[derive(Clone, PartialEq, Eq)]
pub struct ScoreTerms {
    /// Which publication.
    pub digest: [u8; 32],
    /// Who will read the score.
    pub lender: PartyId,
    /// The kind of identifier.
    pub kind: SubjectKind,
    /// The identifier as written.
    pub subject: String,
    /// The subject's authorisation, as the JSON of a DSSE envelope; none for research data.
    pub authorisation: Option<Vec<u8>>,
    /// Those of natural persons whose classes the model uses, likewise.
    pub persons: Vec<Vec<u8>>,
    /// Whether a new answer is wanted even if there is an earlier one.
    pub fresh: bool,
    /// The question as the lender has signed it, as the JSON of a DSSE envelope; empty where nobody has.
    pub question: Vec<u8>,
    /// Opens the question's commitment to the subject.
    pub salt: [u8; 32],
}

impl ScoreTerms {
    /// Encodes what the lender signs of its terms: all but the question itself.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let unsigned = Self { question: Vec::new(), ..self.clone() };
        peer::ScoreTerms::from(unsigned).encode_to_vec()
    }
}

// The subject is a firm or a person: not for logs.
impl std::fmt::Debug for ScoreTerms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScoreTerms").field("lender", &self.lender).finish_non_exhaustive()
    }
}

impl TryFrom<peer::ScoreTerms> for ScoreTerms {
    type Error = Error;

    fn try_from(terms: peer::ScoreTerms) -> Result<Self, Error> {
        Ok(Self {
            digest: array(&terms.digest, "digest", "32 bytes")?,
            lender: party(terms.lender, "lender")?,
            kind: kind(&terms.kind, "kind")?,
            subject: short(terms.subject, "subject")?,
            authorisation: authorisation(&terms.authorisation)?,
            persons: persons(&terms.persons)?,
            fresh: terms.fresh,
            question: sealed(&terms.question, "question")?,
            salt: array(&terms.salt, "salt", "32 bytes")?,
        })
    }
}

impl From<ScoreTerms> for peer::ScoreTerms {
    fn from(terms: ScoreTerms) -> Self {
        Self {
            digest: terms.digest.to_vec().into(),
            lender: terms.lender.into(),
            kind: terms.kind.to_string(),
            subject: terms.subject,
            authorisation: terms.authorisation.unwrap_or_default().into(),
            persons: terms.persons.into_iter().map(Into::into).collect(),
            fresh: terms.fresh,
            question: terms.question.into(),
            salt: terms.salt.to_vec().into(),
        }
    }
}

/// The run whose answer an acceptor hands over again, if it does.
///
/// # Errors
///
/// [`Error::Field`] for a number that is none.
pub fn stored_run(agreement: &peer::ScoreAgreement) -> Result<Option<RunId>, Error> {
    if agreement.stored.is_empty() {
        return Ok(None);
    }
    array(&agreement.stored, "stored", "16 bytes, or none").map(RunId::from_bytes).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_proposal_does_not_print_its_subject_and_all_but_its_question_is_signed() {
        let terms = ScoreTerms {
            digest: [3; 32],
            lender: "bank".parse().unwrap(),
            kind: SubjectKind::Opaque,
            subject: "25115".into(),
            authorisation: None,
            persons: Vec::new(),
            fresh: false,
            question: Vec::new(),
            salt: [4; 32],
        };
        let other = ScoreTerms { fresh: true, ..terms.clone() };
        assert_ne!(other.signed_bytes(), terms.signed_bytes());
        let signed = ScoreTerms { question: b"{}".to_vec(), ..terms.clone() };
        assert_eq!(signed.signed_bytes(), terms.signed_bytes());
        assert!(!format!("{terms:?}").contains("25115"));
    }
}
