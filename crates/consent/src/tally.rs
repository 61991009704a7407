//! How many subjects have authorised a lender: asked by a holder, signed by the registry.

use std::collections::BTreeSet;

use domain::{ClassId, PartyId};
use envelope::{Envelope, SigningKey};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::document::{MAX_PAYLOAD, decode, encode};
use crate::moment::Moment;
use crate::{Document, Error, Trust};

/// What a holder asks a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyQuestion {
    /// Who keeps the registry.
    pub registry: PartyId,
    /// Who asks.
    pub holder: PartyId,
    /// Of which lender's authorisations.
    pub lender: PartyId,
    /// Of which classes: an authorisation that has one of them in its scope counts.
    pub classes: BTreeSet<ClassId>,
    /// Drawn anew for each question, so that no earlier answer is one to this.
    pub nonce: [u8; 32],
}

/// A registry's word on how many subjects have authorised a lender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// What was asked.
    pub question: TallyQuestion,
    /// How many subjects: never more than JSON numbers are exact.
    pub subjects: u64,
    /// When it was said.
    pub issued_at: OffsetDateTime,
}

/// The most subjects: larger numbers are not exact in every reader of JSON.
const MAX_SUBJECTS: u64 = 1 << 53;

impl Tally {
    /// The type of the payload in its envelope.
    pub const TYPE: &'static str = "application/vnd.tacit.authorisation-tally.v1+json";

    /// Signs with the registry's key.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`] when the count is none, [`Error::Oversized`].
    pub fn sign(&self, registry: &SigningKey) -> Result<Envelope, Error> {
        let form = Form {
            registry: self.question.registry.clone(),
            holder: self.question.holder.clone(),
            lender: self.question.lender.clone(),
            classes: self.question.classes.clone(),
            nonce: written(&self.question.nonce),
            subjects: self.subjects,
            issued_at: Moment::new(self.issued_at)?,
        };
        form.check()?;
        Ok(Envelope::sign(Self::TYPE, encode(Document::Tally, &form)?, registry))
    }

    /// Opens the answer to this question with a key of the registry that was asked, if `trust` has one.
    ///
    /// # Errors
    ///
    /// [`Error::Untrusted`], [`Error::Envelope`], [`Error::Rule`] when it answers another question, and
    /// those of reading.
    pub fn open(
        envelope: &Envelope,
        trust: &Trust,
        question: &TallyQuestion,
    ) -> Result<Self, Error> {
        let document = Document::Tally;
        // Only the registry that was asked: another one's word is not wanted, however well signed.
        let payload =
            trust.opened_by_registry(envelope, Self::TYPE, &question.registry, document)?;
        let form: Form = decode(document, MAX_PAYLOAD, payload)?;
        form.check()?;
        let rules = [
            (form.registry == question.registry, "its registry is the one that was asked"),
            (form.holder == question.holder, "it is for the holder that asked"),
            (form.lender == question.lender, "it is about the lender that was asked about"),
            (form.classes == question.classes, "it is about the classes that were asked about"),
            (form.nonce == written(&question.nonce), "it answers this question and no earlier one"),
        ];
        if let Some((_, rule)) = rules.into_iter().find(|(holds, _)| !holds) {
            return Err(Error::Rule { document, rule });
        }
        let issued_at = form.issued_at.at();
        Ok(Self { question: question.clone(), subjects: form.subjects, issued_at })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    registry: PartyId,
    holder: PartyId,
    lender: PartyId,
    classes: BTreeSet<ClassId>,
    nonce: String,
    subjects: u64,
    issued_at: Moment,
}

impl Form {
    fn check(&self) -> Result<(), Error> {
        if self.subjects > MAX_SUBJECTS {
            let rule = "a count is of 2^53 subjects at most";
            return Err(Error::Rule { document: Document::Tally, rule });
        }
        Ok(())
    }
}

/// A nonce in hexadecimal digits.
fn written(nonce: &[u8; 32]) -> String {
    use std::fmt::Write;
    nonce.iter().fold(String::with_capacity(64), |mut text, byte| {
        // A string takes whatever is written into it.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn party(name: &str) -> PartyId {
        name.parse().unwrap()
    }

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    fn question() -> TallyQuestion {
        TallyQuestion {
            registry: party("province"),
            holder: party("tax"),
            lender: party("bank"),
            classes: [1, 2].map(|class| ClassId::new(class).unwrap()).into(),
            nonce: [7; 32],
        }
    }

    fn tally() -> Tally {
        let issued_at = datetime!(2026-03-05 10:00 +8);
        Tally { question: question(), subjects: 400, issued_at }
    }

    fn trust() -> Trust {
        Trust::default()
            .with_registry(party("province"), key(1).public())
            .with_registry(party("other"), key(2).public())
    }

    #[test]
    fn a_registrys_count_is_read_as_it_was_signed() {
        let sealed = tally().sign(&key(1)).unwrap();
        let sealed = Envelope::from_json(&sealed.to_json()).unwrap();
        assert_eq!(Tally::open(&sealed, &trust(), &question()).unwrap(), tally());
    }

    #[test]
    fn a_count_signed_by_anybody_but_the_registry_that_was_asked_is_refused() {
        for seed in [2, 3] {
            let sealed = tally().sign(&key(seed)).unwrap();
            let refused = Tally::open(&sealed, &trust(), &question()).unwrap_err();
            assert!(matches!(refused, Error::Envelope { document: Document::Tally, .. }));
        }
        let asked = TallyQuestion { registry: party("nobody"), ..question() };
        let sealed = Tally { question: asked.clone(), ..tally() }.sign(&key(1)).unwrap();
        let refused = Tally::open(&sealed, &trust(), &asked).unwrap_err();
        assert_eq!(refused, Error::Untrusted { document: Document::Tally });
    }

    #[test]
    fn a_count_that_answers_another_question_is_refused() {
        let others = [
            TallyQuestion { holder: party("social"), ..question() },
            TallyQuestion { lender: party("fund"), ..question() },
            TallyQuestion { classes: [ClassId::new(1).unwrap()].into(), ..question() },
            TallyQuestion { nonce: [8; 32], ..question() },
        ];
        let sealed = tally().sign(&key(1)).unwrap();
        for other in others {
            let refused = Tally::open(&sealed, &trust(), &other).unwrap_err();
            assert!(matches!(refused, Error::Rule { document: Document::Tally, .. }), "{other:?}");
        }
        // Signed by the registry that was asked, in another's name.
        let named = TallyQuestion { registry: party("other"), ..question() };
        let sealed = Tally { question: named, ..tally() }.sign(&key(1)).unwrap();
        assert!(Tally::open(&sealed, &trust(), &question()).is_err());
    }

    #[test]
    fn another_document_of_the_registrys_is_no_count() {
        let sealed = Envelope::sign("application/json", b"{}".to_vec(), &key(1));
        assert!(Tally::open(&sealed, &trust(), &question()).is_err());
    }
}
