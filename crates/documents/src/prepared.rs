//! An authorisation between being shown and being signed.

use consent::{Authorisation, Draft};
use time::OffsetDateTime;

use crate::Error;
use crate::SubjectKey;
use crate::letter::Text;
use crate::refused::refused;

/// An authorisation that can be read and has not been signed yet.
#[derive(Clone, Debug)]
pub struct Prepared {
    draft: Draft,
    /// The version that this one takes the place of.
    previous: Option<Authorisation>,
    text: Text,
}

/// A signed authorisation.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The JSON of its envelope, one line.
    pub json: Vec<u8>,
    /// What it says.
    pub record: Authorisation,
    /// The text of its letter, where it was written here; keep it beside the envelope.
    pub letter: Option<String>,
}

impl Prepared {
    pub(crate) fn first(draft: Draft, text: Text) -> Self {
        Self { draft, previous: None, text }
    }

    pub(crate) fn next(previous: Authorisation, draft: Draft, text: Text) -> Self {
        Self { draft, previous: Some(previous), text }
    }

    /// Every term of it in words, for whoever is about to sign: Chinese, the legal language.
    #[must_use]
    pub fn notice(&self) -> &str {
        &self.text.notice
    }

    /// Signs it.
    ///
    /// # Errors
    ///
    /// `WIDENS` with the dimension when a next version is larger than the one before;
    /// `CONTRADICTION` when its parts do not go together; `CERTIFICATE_TIME`, `ANOTHER_HOLDER`.
    pub fn sign(self, subject: &SubjectKey, at: OffsetDateTime) -> Result<Signed, Error> {
        let Self { draft, previous, text } = self;
        let signer = subject.signer(at);
        let envelope = match previous {
            None => draft.sign(&signer),
            Some(previous) => previous.narrow(&signer, |next| *next = draft),
        };
        let envelope = envelope.map_err(refused)?;
        let record = Authorisation::unverified(&envelope).map_err(refused)?;
        Ok(Signed { json: envelope.to_json(), record, letter: text.own })
    }
}
