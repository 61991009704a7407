//! The terms of the batch form: a check of a key, and the steps of a run over a list.

use domain::{PartyId, SubjectKind};
use prost::Message;

use crate::Error;
use crate::field::{array, kind, party, sealed};
use crate::peer::{self, batch_terms};

/// Holder to lender: show that your batch key is well formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyCheckTerms {
    /// Fingerprint of the lender's batch key.
    pub lender_key: [u8; 32],
}

/// Lender to platform, and platform to holder: one step of a batch run.
///
/// Every step names all of the terms; a run has one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchTerms {
    /// Which publication.
    pub digest: [u8; 32],
    /// Who will read the scores.
    pub lender: PartyId,
    /// The kind of the identifiers on the list.
    pub kind: SubjectKind,
    /// SHA-256 of the list.
    pub list: [u8; 32],
    /// How many subjects are on it.
    pub subjects: u32,
    /// What shall be done now.
    pub step: BatchStep,
    /// The question as the lender has signed it for this step, as the JSON of a DSSE envelope; empty
    /// where nobody has.
    pub question: Vec<u8>,
}

impl BatchTerms {
    /// Encodes what the lender signs of its terms: all but the question itself.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let step = self.shared_step();
        let unsigned = Self { question: Vec::new(), step, ..self.clone() };
        peer::BatchTerms::from(unsigned).encode_to_vec()
    }

    /// The step as it is signed: a platform brings the list itself before it passes a span on.
    const fn shared_step(&self) -> BatchStep {
        match self.step {
            BatchStep::List | BatchStep::Span { .. } => BatchStep::List,
            BatchStep::Over => BatchStep::Over,
        }
    }
}

/// A step of a batch run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchStep {
    /// Take the list.
    List,
    /// Score these blocks.
    Span {
        /// The first.
        from: u32,
        /// The one after the last.
        to: u32,
    },
    /// The lender has every score.
    Over,
}

/// The subjects of a list, or of a span of it, that fall into no bin: a bit each, the first subject's
/// the lowest of the first byte. What is beyond the last byte falls into one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WithoutBin(Vec<u8>);

impl WithoutBin {
    /// Marks the subject at this place.
    pub fn mark(&mut self, place: usize) {
        if self.0.len() <= place / 8 {
            self.0.resize(place / 8 + 1, 0);
        }
        self.0[place / 8] |= 1 << (place % 8);
    }

    /// Whether the subject at this place is marked.
    #[must_use]
    pub fn has(&self, place: usize) -> bool {
        self.0.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1)
    }

    /// Marks what another has marked.
    pub fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(ours, theirs)| *ours |= theirs);
    }

    /// The marks of so many subjects from a place on, which is a multiple of 8.
    #[must_use]
    pub fn of_span(&self, from: usize, subjects: usize) -> Self {
        let bytes = self.0.iter().skip(from / 8).take(subjects.div_ceil(8));
        Self(bytes.copied().collect())
    }

    /// What an agreement says of a span of so many subjects.
    ///
    /// # Errors
    ///
    /// [`Error::Field`] where it says more than there are subjects.
    pub fn from_agreement(
        agreement: &peer::BatchAgreement,
        subjects: usize,
    ) -> Result<Self, Error> {
        let marks = Self(agreement.without_bin.to_vec());
        let beyond = (subjects..subjects.next_multiple_of(8)).any(|place| marks.has(place));
        if marks.0.len() > subjects.div_ceil(8) || beyond {
            return Err(Error::Field {
                field: "without_bin",
                expected: "at most a bit for each subject of the span",
            });
        }
        Ok(marks)
    }

    /// Says so in an agreement: nothing where nobody is marked.
    #[must_use]
    pub fn into_agreement(self) -> peer::BatchAgreement {
        let marked = self.0.iter().any(|byte| *byte != 0);
        let without_bin = if marked { self.0.into() } else { bytes::Bytes::new() };
        peer::BatchAgreement { without_bin, ..peer::BatchAgreement::default() }
    }
}

impl TryFrom<peer::KeyCheckTerms> for KeyCheckTerms {
    type Error = Error;

    fn try_from(terms: peer::KeyCheckTerms) -> Result<Self, Error> {
        Ok(Self { lender_key: array(&terms.lender_key, "lender_key", "32 bytes")? })
    }
}

impl From<KeyCheckTerms> for peer::KeyCheckTerms {
    fn from(terms: KeyCheckTerms) -> Self {
        Self { lender_key: terms.lender_key.to_vec().into() }
    }
}

impl TryFrom<peer::BatchTerms> for BatchTerms {
    type Error = Error;

    fn try_from(terms: peer::BatchTerms) -> Result<Self, Error> {
        Ok(Self {
            digest: array(&terms.digest, "digest", "32 bytes")?,
            lender: party(terms.lender, "lender")?,
            kind: kind(&terms.kind, "kind")?,
            list: array(&terms.list, "list", "32 bytes")?,
            subjects: terms.subjects,
            step: match terms.step.ok_or(Error::Missing("step"))? {
                batch_terms::Step::ListStep(_) => BatchStep::List,
                batch_terms::Step::Span(peer::SpanStep { from, to }) => {
                    BatchStep::Span { from, to }
                }
                batch_terms::Step::Over(_) => BatchStep::Over,
            },
            question: sealed(&terms.question, "question")?,
        })
    }
}

impl From<BatchTerms> for peer::BatchTerms {
    fn from(terms: BatchTerms) -> Self {
        let step = match terms.step {
            BatchStep::List => batch_terms::Step::ListStep(peer::ListStep {}),
            BatchStep::Span { from, to } => batch_terms::Step::Span(peer::SpanStep { from, to }),
            BatchStep::Over => batch_terms::Step::Over(peer::OverStep {}),
        };
        Self {
            digest: terms.digest.to_vec().into(),
            lender: terms.lender.into(),
            kind: terms.kind.to_string(),
            list: terms.list.to_vec().into(),
            subjects: terms.subjects,
            step: Some(step),
            question: terms.question.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_a_span_survive_the_wire_and_those_beyond_it_are_refused() {
        let mut marks = WithoutBin::default();
        [0, 4_095, 4_096, 5_001].into_iter().for_each(|place| marks.mark(place));
        let second = marks.of_span(4_096, 906).into_agreement();
        assert!(second.without_bin.len() <= 114);
        let mut read = WithoutBin::from_agreement(&second, 906).unwrap();
        let places =
            |marks: &WithoutBin| (0..9_000).filter(|at| marks.has(*at)).collect::<Vec<_>>();
        assert_eq!(places(&read), [0, 905]);
        assert!(WithoutBin::from_agreement(&second, 905).is_err());
        assert!(WithoutBin::from_agreement(&second, 8).is_err());
        read.join(&marks);
        assert_eq!(places(&read), [0, 905, 4_095, 4_096, 5_001]);
        let nobody = marks.of_span(8, 4_000).into_agreement();
        assert_eq!(nobody, peer::BatchAgreement::default());
    }

    #[test]
    fn every_step_survives_the_wire_and_none_is_refused() {
        let terms = |step| BatchTerms {
            digest: [1; 32],
            lender: "bank".parse().unwrap(),
            kind: SubjectKind::Opaque,
            list: [2; 32],
            subjects: 5_000,
            step,
            question: b"{}".to_vec(),
        };
        for step in [BatchStep::List, BatchStep::Span { from: 1, to: 2 }, BatchStep::Over] {
            let read = BatchTerms::try_from(peer::BatchTerms::from(terms(step)));
            assert_eq!(read.unwrap(), terms(step));
        }
        // A platform brings the list with the question of a span, and ends nothing with it.
        let signed = |step| terms(step).signed_bytes();
        let span = signed(BatchStep::Span { from: 1, to: 2 });
        assert_eq!(span, signed(BatchStep::List));
        assert_ne!(span, signed(BatchStep::Over));
        let none = peer::BatchTerms { step: None, ..terms(BatchStep::List).into() };
        assert!(matches!(BatchTerms::try_from(none), Err(Error::Missing("step"))));
        let check = KeyCheckTerms { lender_key: [3; 32] };
        assert_eq!(
            KeyCheckTerms::try_from(peer::KeyCheckTerms::from(check.clone())).unwrap(),
            check
        );
    }
}
