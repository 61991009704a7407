//! The small groups of a record.

use std::collections::BTreeSet;

use domain::{ClassId, Digest, PartyId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::moment::Moment;
use crate::scope::distinct;
use crate::{AuthorisationId, Error, Word};

/// The most separate consents that a record refers to.
pub const MAX_SEPARATE_CONSENTS: usize = 16;

/// The parties that may process (被授权方): all three hops of both gates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grantee {
    /// The institution that receives results.
    #[serde(rename = "institution_id")]
    pub institution: PartyId,
    /// The platform that brings them about.
    #[serde(rename = "platform_id")]
    pub platform: PartyId,
    /// The node above the platform, where there is one; it then keeps the registry.
    #[serde(rename = "node_id", default, skip_serializing_if = "Option::is_none")]
    pub node: Option<PartyId>,
}

/// That the subject was informed and acted itself (充分知晓、明确同意、主动授权).
///
/// `self_initiated` is part of the JSON and has one value, `true`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ConsentForm", into = "ConsentForm")]
pub struct Consent {
    notice_version: Word,
    notice_shown_at: Moment,
    act: Word,
}

impl Consent {
    /// The subject saw this version of the notice at this time, and then did this, like `signed`.
    ///
    /// # Errors
    ///
    /// [`Error::Text`] when the time is out of range.
    pub fn new(notice: Word, shown_at: OffsetDateTime, act: Word) -> Result<Self, Error> {
        Ok(Self { notice_version: notice, notice_shown_at: Moment::new(shown_at)?, act })
    }

    /// The version of the notice that was shown.
    #[must_use]
    pub const fn notice_version(&self) -> &Word {
        &self.notice_version
    }

    /// When it was shown.
    #[must_use]
    pub const fn notice_shown_at(&self) -> OffsetDateTime {
        self.notice_shown_at.at()
    }

    /// What the subject did to consent.
    #[must_use]
    pub const fn act(&self) -> &Word {
        &self.act
    }
}

/// A natural person's own authorisation, which this record leans on for classes about that person.
///
/// By number and not by hash: when the person narrows, the number stays. What counts is that
/// person's record, shown beside this one; a reference alone permits nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "SeparateForm", into = "SeparateForm")]
pub struct SeparateConsent {
    authorisation: AuthorisationId,
    classes: BTreeSet<ClassId>,
}

impl SeparateConsent {
    /// The authorisation of a person, and the classes about that person.
    ///
    /// # Errors
    ///
    /// [`Error::Text`] for no class, or more than 32.
    pub fn new(authorisation: AuthorisationId, classes: BTreeSet<ClassId>) -> Result<Self, Error> {
        if (1..=32).contains(&classes.len()) {
            return Ok(Self { authorisation, classes });
        }
        Err(Error::Text { what: "a separate consent", expected: "for 1 to 32 classes" })
    }

    /// The person's authorisation.
    #[must_use]
    pub const fn authorisation(&self) -> &AuthorisationId {
        &self.authorisation
    }

    /// The classes about that person.
    #[must_use]
    pub const fn classes(&self) -> &BTreeSet<ClassId> {
        &self.classes
    }

    pub(crate) fn within(&self, old: &[Self]) -> bool {
        self.classes.iter().all(|class| {
            old.iter().any(|o| o.authorisation == self.authorisation && o.classes.contains(class))
        })
    }
}

/// The text that was signed (授权书): its template, its hash, its language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// Which template it was made from.
    pub template_id: Word,
    /// The SHA-256 of the text as signed.
    pub hash: Digest,
    /// The language of that text.
    pub language: Language,
}

/// The language of a letter: Chinese is the legal text, English a courtesy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsentForm {
    notice_version: Word,
    notice_shown_at: Moment,
    act: Word,
    self_initiated: bool,
}

impl TryFrom<ConsentForm> for Consent {
    type Error = Error;

    fn try_from(form: ConsentForm) -> Result<Self, Error> {
        let ConsentForm { notice_version, notice_shown_at, act, self_initiated } = form;
        if self_initiated {
            return Ok(Self { notice_version, notice_shown_at, act });
        }
        Err(Error::Text { what: "self_initiated", expected: "always true" })
    }
}

impl From<Consent> for ConsentForm {
    fn from(Consent { notice_version, notice_shown_at, act }: Consent) -> Self {
        Self { notice_version, notice_shown_at, act, self_initiated: true }
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeparateForm {
    authorisation_id: AuthorisationId,
    classes: Vec<ClassId>,
}

impl TryFrom<SeparateForm> for SeparateConsent {
    type Error = Error;

    fn try_from(form: SeparateForm) -> Result<Self, Error> {
        let what = "the classes of a separate consent";
        let classes = distinct(form.classes.into_iter().map(Some))
            .ok_or(Error::Text { what, expected: "named once each" })?;
        Self::new(form.authorisation_id, classes)
    }
}

impl From<SeparateConsent> for SeparateForm {
    fn from(SeparateConsent { authorisation, classes }: SeparateConsent) -> Self {
        Self { authorisation_id: authorisation, classes: classes.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Consent, Grantee, SeparateConsent};

    #[test]
    fn only_the_subjects_own_act_is_consent() {
        let json = |own: &str| {
            format!(
                r#"{{"notice_version":"N-7","notice_shown_at":"2026-03-02T09:13:10+08:00","act":"signed"{own}}}"#
            )
        };
        let read = |own| serde_json::from_str::<Consent>(&json(own));
        let own = read(r#","self_initiated":true"#).unwrap();
        assert_eq!(serde_json::to_string(&own).unwrap(), json(r#","self_initiated":true"#));
        assert!(read(r#","self_initiated":false"#).is_err());
        assert!(read("").is_err());
    }

    #[test]
    fn a_grantee_is_an_institution_and_a_platform_and_perhaps_a_node() {
        let read = |json: &str| serde_json::from_str::<Grantee>(json);
        assert!(read(r#"{"institution_id":"bank-a","platform_id":"platform-js"}"#).is_ok());
        assert!(read(r#"{"institution_id":"*","platform_id":"platform-js"}"#).is_err());
        assert!(read(r#"{"institution_id":"bank-a"}"#).is_err());
    }

    #[test]
    fn a_separate_consent_is_for_named_classes() {
        let read = |json: &str| serde_json::from_str::<SeparateConsent>(json);
        assert!(read(r#"{"authorisation_id":"AU-2","classes":[29,30]}"#).is_ok());
        for bad in ["[]", "[29,29]", "[1000]"] {
            let json = format!(r#"{{"authorisation_id":"AU-2","classes":{bad}}}"#);
            assert!(read(&json).is_err());
        }
        let many: Vec<_> = (1..=33).collect();
        assert!(read(&format!(r#"{{"authorisation_id":"AU-2","classes":{many:?}}}"#)).is_err());
    }
}
