//! The file that a lender keeps of each party of a joint training: under which job it took part.

use std::fmt;

use domain::Digest;
use envelope::Envelope;
use serde::{Deserialize, Serialize};

use crate::proof::{MAX_PATH, MAX_PROOF, envelope, text};
use crate::{Error, Note};

/// The most records of a training proof. A training that is not taken up again has three at most.
pub const MAX_TRAINING_RECORDS: usize = 64;

const FORMAT: &str = "tacit/training-proof/v1";

/// What proves under which job a party has taken part in a joint training, without any row of it and
/// without anybody's help ([`crate::verify_training`]).
///
/// Its JSON has one spelling, as that of a [`crate::Proof`].
#[derive(Clone, PartialEq, Eq)]
pub struct TrainingProof {
    /// The job, signed by its lender and countersigned by the party; the lender's own by it alone.
    pub job: Envelope,
    /// The party's audit records of the training, in the order of its log; 1 to
    /// [`MAX_TRAINING_RECORDS`].
    pub records: Vec<ShownRecord>,
    /// The party's signed checkpoint, which covers all of them.
    pub checkpoint: Note,
}

/// An audit record as it is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownRecord {
    /// Its bytes.
    pub record: String,
    /// That it is in the party's log: see [`crate::inclusion_proof`].
    pub inclusion: Vec<Digest>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    format: String,
    job: String,
    records: Vec<ShownRecord>,
    checkpoint: String,
}

impl TrainingProof {
    /// Whether these bytes say that they are a training proof; nothing else of them is checked.
    #[must_use]
    pub fn is_claimed(bytes: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Claimed {
            format: String,
        }

        let claimed = serde_json::from_slice(bytes);
        bytes.len() <= MAX_PROOF && claimed.is_ok_and(|it: Claimed| it.format == FORMAT)
    }

    /// Reads a proof file; checks nothing that it says.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`] before anything is allocated, [`Error::Malformed`], [`Error::Proof`],
    /// and those of the envelope and the note inside.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let what = "a training proof";
        Error::bounded(what, MAX_PROOF, bytes)?;
        let form: Form =
            serde_json::from_slice(bytes).map_err(|error| Error::malformed(what, &error))?;
        if form.format != FORMAT {
            return Err(Error::Proof("is of another format"));
        }
        if !(1..=MAX_TRAINING_RECORDS).contains(&form.records.len()) {
            return Err(Error::Proof("has no record, or more than 64"));
        }
        if form.records.iter().any(|shown| shown.inclusion.len() > MAX_PATH) {
            return Err(Error::Proof("has an inclusion proof of more than 64 hashes"));
        }
        let proof = Self {
            job: envelope("a training job", &form.job)?,
            records: form.records,
            checkpoint: Note::from_bytes(form.checkpoint.as_bytes())?,
        };
        if proof.to_json() == bytes { Ok(proof) } else { Err(Error::Proof("has another spelling")) }
    }

    /// The proof file, one line.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let form = Form {
            format: FORMAT.into(),
            job: text(&self.job),
            records: self.records.clone(),
            checkpoint: self.checkpoint.to_string(),
        };
        serde_json::to_vec(&form).expect("strings are always JSON")
    }
}

/// Without its contents, as [`crate::Proof`].
impl fmt::Debug for TrainingProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrainingProof(…)")
    }
}

/// Without its contents, as [`crate::Proof`].
impl fmt::Debug for ShownRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShownRecord(…)")
    }
}
