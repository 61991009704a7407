//! A question as its lender signs it: a platform carries it, and can neither make nor alter one.

use domain::{Digest, ModelId, PartyId, Purpose, Refusal, RunId, Subject};
use envelope::{Envelope, PublicKey, SigningKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

use crate::document::{MAX_PAYLOAD, decode, encode, hash};
use crate::{Document, Error};

/// What a lender asks, of whom, over whom and what for.
///
/// Nothing in it identifies the subject to whoever has no [`SubjectSalt`]. The run's number is the
/// nonce: the lender draws it at random, and no holder answers under one that it has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Who asks.
    pub lender: PartyId,
    /// Who carries it to the holders and combines their answers.
    pub platform: PartyId,
    /// Who is to answer, in the order of the run's terms.
    pub holders: Vec<PartyId>,
    /// The run that it is asked in, and no other.
    pub run: RunId,
    /// What for.
    pub purpose: Purpose,
    /// What is asked.
    pub asks: Asks,
    /// About whom: [`SubjectSalt::commit`], or the SHA-256 of the list.
    pub subject: Digest,
    /// SHA-256 of all other terms that the lender proposed, the salt among them.
    pub terms: Digest,
}

/// What a question asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Asks {
    /// One subject's score.
    Score {
        /// Through which model.
        model: ModelId,
        /// SHA-256 that names its publication to the lender.
        publication: Digest,
    },
    /// The scores of a list.
    List {
        /// Through which model.
        model: ModelId,
        /// SHA-256 that names its publication to the lender.
        publication: Digest,
    },
    /// Whether a formula holds for one subject.
    Verify {
        /// SHA-256 that names the formula.
        formula: Digest,
    },
}

/// A question with the time at which it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedQuestion {
    /// What is asked.
    pub question: Question,
    /// When, by the lender's clock.
    #[serde(with = "crate::moment::written")]
    pub asked_at: OffsetDateTime,
}

/// What hides a subject in its commitment: 32 random bytes, drawn for each question. They travel
/// beside the question to those who are asked, and are no part of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SubjectSalt([u8; 32]);

impl SubjectSalt {
    /// The salt of these bytes, from the host's generator.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The salt's 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The commitment to a subject: `SHA-256(domain || salt || kind || 0 || identifier)`.
    #[must_use]
    pub fn commit(&self, subject: &Subject) -> Digest {
        let hash = Sha256::new()
            .chain_update(b"tacit/consent/v1/subject")
            .chain_update(self.0)
            .chain_update(subject.kind().code())
            .chain_update([0])
            .chain_update(subject.reveal())
            .finalize();
        Digest::from_bytes(hash.into())
    }
}

/// Without the bytes: with them a subject is found by trying.
impl std::fmt::Debug for SubjectSalt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SubjectSalt(redacted)")
    }
}

impl Question {
    /// Signs with the lender's key.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`] where its parties are not distinct, [`Error::Oversized`], [`Error::Text`].
    pub fn sign(self, lender: &SigningKey, asked_at: OffsetDateTime) -> Result<Envelope, Error> {
        self.check()?;
        // Whole seconds: every question on the same terms has as many bytes.
        let asked_at = asked_at.replace_nanosecond(0).expect("0 is a nanosecond");
        let signed = SignedQuestion { question: self, asked_at };
        let payload = encode(Document::Question, &signed)?;
        Ok(Envelope::sign(SignedQuestion::TYPE, payload, lender))
    }

    fn check(&self) -> Result<(), Error> {
        let Self { lender, platform, holders, .. } = self;
        let mut parties: Vec<&PartyId> = holders.iter().chain([lender, platform]).collect();
        let all = parties.len();
        parties.sort_unstable();
        parties.dedup();
        if holders.is_empty() || parties.len() < all {
            let rule = "its holders are different parties, and neither its lender nor its platform";
            return Err(Error::Rule { document: Document::Question, rule });
        }
        Ok(())
    }
}

impl SignedQuestion {
    /// The type of the payload in its envelope.
    pub const TYPE: &'static str = "application/vnd.tacit.question.v1+json";

    /// How long after it was signed a question may still be answered, by clocks that agree.
    pub const MAX_AGE: Duration = Duration::seconds(60);

    /// What an envelope says, if the lender's key has signed it.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`], [`Error::Malformed`], [`Error::Oversized`], [`Error::Rule`].
    pub fn open(envelope: &Envelope, lender: &PublicKey) -> Result<Self, Error> {
        let document = Document::Question;
        let payload = envelope.open(Self::TYPE, lender);
        let payload = payload.map_err(|source| Error::Envelope { document, source })?;
        let signed: Self = decode(document, MAX_PAYLOAD, payload)?;
        signed.question.check()?;
        Ok(signed)
    }

    /// What an envelope says, whoever signed it: for a party that passes it on.
    ///
    /// # Errors
    ///
    /// Those of [`SignedQuestion::open`], but for the signature.
    pub fn unverified(envelope: &Envelope) -> Result<Self, Error> {
        let document = Document::Question;
        let payload = envelope.unverified(Self::TYPE);
        let payload = payload.map_err(|source| Error::Envelope { document, source })?;
        decode(document, MAX_PAYLOAD, payload)
    }

    /// Checks that the lender has signed exactly the question that somebody brings, a moment ago.
    ///
    /// Whether it was answered before is for the caller to look up.
    ///
    /// # Errors
    ///
    /// [`Refusal::QuestionSignature`], [`Refusal::QuestionAltered`], [`Refusal::QuestionStale`].
    pub fn verify(
        envelope: &Envelope,
        lender: &PublicKey,
        brought: &Question,
        (now, skew): (OffsetDateTime, Duration),
    ) -> Result<Self, Refusal> {
        let signed = Self::open(envelope, lender).map_err(|_| Refusal::QuestionSignature)?;
        if signed.question != *brought {
            return Err(Refusal::QuestionAltered);
        }
        let age = now - signed.asked_at;
        if age > Self::MAX_AGE + skew || -age > skew {
            return Err(Refusal::QuestionStale);
        }
        Ok(signed)
    }

    /// A question's id: SHA-256 of the payload as signed, whoever signed it.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`] for another type.
    pub fn id(envelope: &Envelope) -> Result<Digest, Error> {
        let document = Document::Question;
        let payload = envelope.unverified(Self::TYPE);
        Ok(hash(payload.map_err(|source| Error::Envelope { document, source })?))
    }
}

#[cfg(test)]
#[path = "question_tests.rs"]
mod tests;
