//! The file that a receiver keeps: everything to prove, offline, that a release was covered.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use consent::SubjectSalt;
use domain::Digest;
use envelope::Envelope;
use serde::{Deserialize, Serialize};

use crate::commitment::MAX_ANSWER;
use crate::{Answer, Error, Note, Salt};

/// The most bytes of a proof file.
pub const MAX_PROOF: usize = 1 << 20;

/// The most hashes of an inclusion proof: a tree of 2^64 leaves has no longer one.
pub(crate) const MAX_PATH: usize = 64;

const FORMAT: &str = "tacit/proof/v1";

/// What proves that a release was covered, without the data and without anybody's help
/// ([`crate::verify`]).
///
/// Its JSON has one spelling, and envelopes, record and note are texts in it: a file that differs
/// in any byte is another file, and refused.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    /// The receipt, signed by holder and platform.
    pub receipt: Envelope,
    /// The authorisations, the subject's first, in the receipt's order; none where the receipt says
    /// that it needed none.
    pub authorisations: Vec<Shown>,
    /// What hides the answer in the receipt's commitment.
    pub salt: Salt,
    /// The answer.
    pub answer: Answer,
    /// The bytes of the audit record that closes the release.
    pub record: String,
    /// That the record is in the holder's log: see [`crate::inclusion_proof`].
    pub inclusion: Vec<Digest>,
    /// The holder's signed checkpoint.
    pub checkpoint: Note,
    /// The receiver's question; none where no platform stood between, whose place the receiver's own
    /// signature takes, and in a proof of an older version.
    pub question: Option<ShownQuestion>,
}

/// A question as it is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownQuestion {
    /// The question, signed by its lender.
    pub signed: Envelope,
    /// Opens its commitment to the subject, where an authorisation names that in the same proof.
    pub salt: Option<SubjectSalt>,
}

/// An authorisation as it is shown: the subject's record, and the registry's word that it was in
/// force.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown {
    /// The record, signed by its subject.
    pub record: Envelope,
    /// The statement of its state, signed by the registry.
    pub statement: Envelope,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    format: String,
    receipt: String,
    authorisations: Vec<ShownForm>,
    salt: Salt,
    answer: AnswerForm,
    record: String,
    inclusion: Vec<Digest>,
    checkpoint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    question: Option<QuestionForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionForm {
    signed: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShownForm {
    record: String,
    statement: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum AnswerForm {
    Bytes(String),
    Hash(Digest),
}

impl Proof {
    /// Reads a proof file; checks nothing that it says.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`] before anything is allocated, [`Error::Malformed`], [`Error::Proof`],
    /// and those of the envelopes and the note inside.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        Error::bounded("a proof", MAX_PROOF, bytes)?;
        let form: Form =
            serde_json::from_slice(bytes).map_err(|error| Error::malformed("a proof", &error))?;
        let proof = Self::read(form)?;
        // A space more, or a letter written by its number, says the same and is not the same file.
        if proof.to_json() == bytes { Ok(proof) } else { Err(Error::Proof("has another spelling")) }
    }

    /// The proof file, one line.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let shown = |shown: &Shown| ShownForm {
            record: text(&shown.record),
            statement: text(&shown.statement),
        };
        let form = Form {
            format: FORMAT.into(),
            receipt: text(&self.receipt),
            authorisations: self.authorisations.iter().map(shown).collect(),
            salt: self.salt.clone(),
            answer: match &self.answer {
                Answer::Bytes(bytes) => AnswerForm::Bytes(STANDARD.encode(bytes)),
                Answer::Hash(hash) => AnswerForm::Hash(*hash),
            },
            record: self.record.clone(),
            inclusion: self.inclusion.clone(),
            checkpoint: self.checkpoint.to_string(),
            question: self.question.as_ref().map(|question| QuestionForm {
                signed: text(&question.signed),
                salt: question.salt.map(|salt| STANDARD.encode(salt.as_bytes())),
            }),
        };
        serde_json::to_vec(&form).expect("strings are always JSON")
    }

    fn read(form: Form) -> Result<Self, Error> {
        if form.format != FORMAT {
            return Err(Error::Proof("is of another format"));
        }
        if form.inclusion.len() > MAX_PATH {
            return Err(Error::Proof("has an inclusion proof of more than 64 hashes"));
        }
        let shown = |form: ShownForm| {
            let record = envelope("an authorisation", &form.record)?;
            let statement = envelope("a statement of an authorisation's state", &form.statement)?;
            Ok(Shown { record, statement })
        };
        Ok(Self {
            receipt: envelope("a receipt", &form.receipt)?,
            authorisations: form
                .authorisations
                .into_iter()
                .map(shown)
                .collect::<Result<_, Error>>()?,
            salt: form.salt,
            answer: match form.answer {
                AnswerForm::Bytes(text) => Answer::Bytes(answer(&text)?),
                AnswerForm::Hash(hash) => Answer::Hash(hash),
            },
            record: form.record,
            inclusion: form.inclusion,
            checkpoint: Note::from_bytes(form.checkpoint.as_bytes())?,
            question: form.question.map(question).transpose()?,
        })
    }
}

fn question(form: QuestionForm) -> Result<ShownQuestion, Error> {
    let salt = |text: String| {
        let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(SubjectSalt::from_bytes).ok_or(Error::Salt)
    };
    Ok(ShownQuestion {
        signed: envelope("a question", &form.signed)?,
        salt: form.salt.map(salt).transpose()?,
    })
}

fn answer(text: &str) -> Result<Vec<u8>, Error> {
    let bytes =
        STANDARD.decode(text).map_err(|_| Error::Proof("has an answer that is no base64"))?;
    Error::bounded("an answer in a proof", MAX_ANSWER, &bytes)?;
    Ok(bytes)
}

pub(crate) fn envelope(what: &'static str, text: &str) -> Result<Envelope, Error> {
    Envelope::from_json(text.as_bytes()).map_err(|source| Error::Envelope { what, source })
}

pub(crate) fn text(envelope: &Envelope) -> String {
    String::from_utf8_lossy(&envelope.to_json()).into_owned()
}

/// Without its contents: an authorisation spells its subject's identifier.
impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(…)")
    }
}

/// Without its contents, as [`Proof`].
impl fmt::Debug for ShownQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShownQuestion(…)")
    }
}

/// Without its contents, as [`Proof`].
impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(…)")
    }
}
