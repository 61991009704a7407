//! The authorisations that a lender shows with its questions.

use std::collections::HashMap;

use consent::{Authorisation, AuthorisationId};
use domain::{MAX_PERSONS, Purpose, Subject};
use envelope::Envelope;

use crate::Trouble;

/// The authorisations that a lender shows with its questions, and what the scores are for.
pub(crate) struct Letters {
    purpose: Purpose,
    by_subject: HashMap<Subject, Letter>,
    by_id: HashMap<AuthorisationId, Vec<u8>>,
}

/// A subject's authorisation as it came, and those of persons that it leans on.
struct Letter {
    bytes: Vec<u8>,
    leans_on: Vec<AuthorisationId>,
}

impl Letters {
    /// Sorts envelopes by the subjects that they name; whether they hold is for others to say.
    pub(crate) fn new(purpose: Purpose, envelopes: Vec<bytes::Bytes>) -> Result<Self, Trouble> {
        let (mut by_subject, mut by_id) = (HashMap::new(), HashMap::new());
        for bytes in envelopes {
            let sealed = Envelope::from_json(&bytes).map_err(|error| unreadable(&error))?;
            let record = Authorisation::unverified(&sealed).map_err(|error| unreadable(&error))?;
            let consents = record.separate_consents().iter();
            let leans_on = consents.map(|consent| consent.authorisation().clone()).collect();
            let bytes = bytes.to_vec();
            by_id.insert(record.id().clone(), bytes.clone());
            by_subject.insert(record.subject().clone(), Letter { bytes, leans_on });
        }
        Ok(Self { purpose, by_subject, by_id })
    }

    /// What the answers are for.
    pub(crate) fn purpose(&self) -> Purpose {
        self.purpose
    }

    pub(crate) fn of(&self, subject: &Subject) -> Option<&[u8]> {
        self.by_subject.get(subject).map(|letter| letter.bytes.as_slice())
    }

    /// Those of the persons whom the subject's names; one that is not here is the holder's to miss.
    pub(crate) fn of_persons(&self, subject: &Subject) -> Vec<Vec<u8>> {
        let leans_on = self.by_subject.get(subject).into_iter().flat_map(|letter| &letter.leans_on);
        leans_on.filter_map(|id| self.by_id.get(id)).take(MAX_PERSONS).cloned().collect()
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "AUTHORISATION",
        format!("an authorisation cannot be read: {error}"),
        format!("授权文件无法读取：{error}"),
    )
}
