//! Who signs for a subject, and how it was made sure who that is.

use domain::{Digest, SubjectKind};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::moment::Moment;
use crate::{Error, Word};

/// Who signs for a subject and how its identity was checked (身份认证, 实名认证).
///
/// The identity issuer certifies it and the record repeats it; both must be the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Form", into = "Form")]
pub struct Signer {
    capacity: Capacity,
    method: Word,
    level: u8,
    checked_at: Moment,
}

/// In which capacity somebody signs for a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// The legal representative (法定代表人); of an individual business, its owner.
    LegalRep,
    /// A handling agent (经办人) under a mandate, named by its hash.
    Agent {
        /// The SHA-256 of the signed mandate.
        mandate: Digest,
    },
    /// The natural person itself.
    Person,
}

impl Capacity {
    /// Whether somebody in this capacity can sign for a subject of this kind: a person signs for
    /// itself and nobody else does; an organisation always acts through somebody.
    #[must_use]
    pub(crate) const fn fits(self, kind: SubjectKind) -> bool {
        match (self, kind) {
            (Self::Person, SubjectKind::CnId)
            | (Self::LegalRep | Self::Agent { .. }, SubjectKind::Uscc)
            | (Self::Person | Self::LegalRep | Self::Agent { .. }, SubjectKind::Opaque) => true,
            (Self::LegalRep | Self::Agent { .. }, SubjectKind::CnId)
            | (Self::Person, SubjectKind::Uscc) => false,
        }
    }
}

impl Signer {
    /// A signer.
    ///
    /// `method` is how the identity was checked, like `electronic_business_licence`; `level` is
    /// the level of assurance of ISO/IEC 29115, 1 to 4.
    ///
    /// # Errors
    ///
    /// [`Error::Text`] when the level or the time is out of range.
    pub fn new(
        capacity: Capacity,
        method: Word,
        level: u8,
        checked_at: OffsetDateTime,
    ) -> Result<Self, Error> {
        if !(1..=4).contains(&level) {
            return Err(Error::Text { what: "a level of identity", expected: "1 to 4" });
        }
        Ok(Self { capacity, method, level, checked_at: Moment::new(checked_at)? })
    }

    /// In which capacity it signs.
    #[must_use]
    pub const fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// How its identity was checked.
    #[must_use]
    pub const fn method(&self) -> &Word {
        &self.method
    }

    /// How sure that check is, 1 to 4.
    #[must_use]
    pub const fn level(&self) -> u8 {
        self.level
    }

    /// When its identity was checked.
    #[must_use]
    pub const fn checked_at(&self) -> OffsetDateTime {
        self.checked_at.at()
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent_mandate_hash: Option<Digest>,
    identity_method: Word,
    identity_level: u8,
    identity_checked_at: Moment,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    LegalRep,
    Agent,
    Person,
}

impl TryFrom<Form> for Signer {
    type Error = Error;

    fn try_from(form: Form) -> Result<Self, Error> {
        let capacity = match (form.kind, form.agent_mandate_hash) {
            (Kind::LegalRep, None) => Capacity::LegalRep,
            (Kind::Agent, Some(mandate)) => Capacity::Agent { mandate },
            (Kind::Person, None) => Capacity::Person,
            (Kind::Agent, None) | (Kind::LegalRep | Kind::Person, Some(_)) => {
                let expected = "given for an agent, and for nobody else";
                return Err(Error::Text { what: "the hash of a mandate", expected });
            }
        };
        let checked_at = form.identity_checked_at.at();
        Self::new(capacity, form.identity_method, form.identity_level, checked_at)
    }
}

impl From<Signer> for Form {
    fn from(signer: Signer) -> Self {
        let (kind, agent_mandate_hash) = match signer.capacity {
            Capacity::LegalRep => (Kind::LegalRep, None),
            Capacity::Agent { mandate } => (Kind::Agent, Some(mandate)),
            Capacity::Person => (Kind::Person, None),
        };
        Self {
            kind,
            agent_mandate_hash,
            identity_method: signer.method,
            identity_level: signer.level,
            identity_checked_at: signer.checked_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Signer;

    fn json(kind: &str, mandate: Option<&str>, level: u8) -> String {
        let mandate = mandate.map_or_else(String::new, |hex| {
            format!(r#""agent_mandate_hash":"sha256:{}","#, hex.repeat(32))
        });
        format!(
            r#"{{"kind":"{kind}",{mandate}"identity_method":"electronic_business_licence","identity_level":{level},"identity_checked_at":"2026-03-02T09:12:00+08:00"}}"#
        )
    }

    #[test]
    fn an_agent_has_a_mandate_and_nobody_else_has() {
        for (kind, mandate, reads) in [
            ("legal_rep", None, true),
            ("agent", Some("ab"), true),
            ("person", None, true),
            ("agent", None, false),
            ("legal_rep", Some("ab"), false),
            ("person", Some("ab"), false),
        ] {
            let text = json(kind, mandate, 3);
            let read = serde_json::from_str::<Signer>(&text);
            assert_eq!(read.is_ok(), reads, "{text}");
            if let Ok(signer) = read {
                assert_eq!(serde_json::to_string(&signer).unwrap(), text);
            }
        }
    }

    #[test]
    fn a_level_of_identity_is_1_to_4() {
        for (level, reads) in [(0, false), (1, true), (4, true), (5, false)] {
            let read = serde_json::from_str::<Signer>(&json("person", None, level));
            assert_eq!(read.is_ok(), reads);
        }
    }
}
