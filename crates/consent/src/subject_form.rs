//! How records and certificates write the subject.

use std::fmt;

use domain::{CheckMode, Subject, SubjectKind};
use serde::{Deserialize, Serialize};

use crate::{Error, SubjectName};

/// The subject as JSON: `{"kind":"uscc","id":"…","name":"…"}`.
///
/// `domain::Subject` has no serde, so that no message carries an identifier by accident. Here it is
/// right to write one: the record is the subject's own document, signed by it to be shown to the
/// parties that it names, and says nothing if it does not say about whom.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubjectForm {
    kind: SubjectKind,
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<SubjectName>,
}

impl SubjectForm {
    pub(crate) fn new(subject: &Subject, name: Option<SubjectName>) -> Self {
        Self { kind: subject.kind(), id: subject.reveal().into(), name }
    }

    /// The subject and its name.
    ///
    /// The check digits are left to the identity issuer: some codes of real enterprises fail them
    /// (of those that Xiamen issued before 2016), and such an enterprise may consent like any
    /// other. One spelling an identifier: a record that would have to be normalised is refused, or
    /// two parties might read two subjects.
    pub(crate) fn read(self) -> Result<(Subject, Option<SubjectName>), &'static str> {
        let read = Subject::parse(self.kind, &self.id, CheckMode::Report);
        match read {
            Ok(read) if !read.normalised => Ok((read.value, self.name)),
            Ok(_) | Err(_) => Err("the subject's identifier is not one of its kind, as it stands"),
        }
    }
}

impl fmt::Debug for SubjectForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubjectForm({}, …)", self.kind)
    }
}

/// A certificate's subject, which has no name beside it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "SubjectForm", into = "SubjectForm")]
pub(crate) struct Bare(pub(crate) Subject);

impl TryFrom<SubjectForm> for Bare {
    type Error = Error;

    fn try_from(form: SubjectForm) -> Result<Self, Error> {
        let refused = |expected| Error::Text { what: "a certificate's subject", expected };
        match form.read() {
            Ok((subject, None)) => Ok(Self(subject)),
            Ok((_, Some(_))) => Err(refused("written without a name")),
            Err(_) => Err(refused("an identifier of its kind, as it stands")),
        }
    }
}

impl From<Bare> for SubjectForm {
    fn from(bare: Bare) -> Self {
        Self::new(&bare.0, None)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bare, SubjectForm};

    fn read(json: &str) -> Result<(domain::Subject, bool), String> {
        let form: SubjectForm = serde_json::from_str(json).map_err(|e| e.to_string())?;
        form.read().map(|(subject, name)| (subject, name.is_some())).map_err(Into::into)
    }

    #[test]
    fn a_subject_is_read_by_kind_and_text_and_written_back() {
        let json = r#"{"kind":"uscc","id":"91320500PDY000175A","name":"示例企业二"}"#;
        let form: SubjectForm = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&form).unwrap(), json);
        assert!(!format!("{form:?}").contains("PDY"));
        let (subject, name) = form.read().unwrap();
        assert_eq!(subject.reveal(), "91320500PDY000175A");
        assert_eq!(name.unwrap().reveal(), "示例企业二");
    }

    #[test]
    fn an_identifier_in_another_spelling_or_of_another_kind_is_refused() {
        for bad in [
            r#"{"kind":"uscc","id":"91320500pdy000175a"}"#,
            r#"{"kind":"uscc","id":"91320500PDY000175A "}"#,
            r#"{"kind":"cn-id","id":"91320500PDY000175A"}"#,
            r#"{"kind":"uscc","id":""}"#,
            r#"{"kind":"opaque","id":" 1"}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let named = r#"{"kind":"opaque","id":"1","name":"x"}"#;
        assert!(read(named).unwrap().1);
        assert!(serde_json::from_str::<Bare>(named).is_err());
    }
}
