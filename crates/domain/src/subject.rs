//! Whom credit data is about.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{CheckMode, CnId, Error, Flags, OpaqueId, Uscc};

/// The most natural persons whose own consent one question carries and one decision looks at.
pub const MAX_PERSONS: usize = 16;

/// Whom credit data is about, as a typed identifier.
///
/// 24 bytes, so that a register of 1.5 million fits into 36 MB.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An organisation.
    Uscc(Uscc),
    /// A natural person.
    CnId(CnId),
    /// A row of research data.
    Opaque(OpaqueId),
}

impl Subject {
    /// Reads an identifier of the kind that the caller says it is; `mode` counts for social
    /// credit codes only.
    ///
    /// # Errors
    ///
    /// Those of [`Uscc::parse`], [`CnId::parse`] or [`OpaqueId::parse`].
    pub fn parse(kind: SubjectKind, text: &str, mode: CheckMode) -> Result<Parsed<Self>, Error> {
        match kind {
            SubjectKind::Uscc => Ok(Uscc::parse(text, mode)?.map(Self::Uscc)),
            SubjectKind::CnId => Ok(CnId::parse(text)?.map(Self::CnId)),
            SubjectKind::Opaque => Ok(OpaqueId::parse(text)?.map(Self::Opaque)),
        }
    }

    /// The kind of the identifier.
    #[must_use]
    pub fn kind(&self) -> SubjectKind {
        match self {
            Self::Uscc(_) => SubjectKind::Uscc,
            Self::CnId(_) => SubjectKind::CnId,
            Self::Opaque(_) => SubjectKind::Opaque,
        }
    }

    /// The identifier's text without its kind. Only for the owner's own files and screens.
    #[must_use]
    pub fn reveal(&self) -> &str {
        match self {
            Self::Uscc(code) => code.reveal(),
            Self::CnId(number) => number.reveal(),
            Self::Opaque(id) => id.reveal(),
        }
    }

    /// What enters a private set intersection: the kind, a colon and the normalised text,
    /// `uscc:…`, `cn-id:…` or `id:…`.
    #[must_use]
    pub fn psi_item(&self) -> Vec<u8> {
        let mut item = Vec::with_capacity(6 + self.reveal().len());
        self.write_psi_item(&mut item);
        item
    }

    /// Appends [`Subject::psi_item`] to `item`.
    pub fn write_psi_item(&self, item: &mut Vec<u8>) {
        item.extend_from_slice(self.kind().psi_prefix());
        item.extend_from_slice(self.reveal().as_bytes());
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uscc(code) => code.fmt(f),
            Self::CnId(number) => number.fmt(f),
            Self::Opaque(id) => id.fmt(f),
        }
    }
}

/// The kind of an identifier: stated by whoever configures a column, never guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// Unified social credit code, `uscc`.
    Uscc,
    /// Citizen identity number, `cn-id`.
    CnId,
    /// Anything else, `opaque`.
    Opaque,
}

impl SubjectKind {
    /// The word that configuration files use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Uscc => "uscc",
            Self::CnId => "cn-id",
            Self::Opaque => "opaque",
        }
    }

    const fn psi_prefix(self) -> &'static [u8] {
        match self {
            Self::Uscc => b"uscc:",
            Self::CnId => b"cn-id:",
            Self::Opaque => b"id:",
        }
    }
}

impl FromStr for SubjectKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::Uscc, Self::CnId, Self::Opaque]
            .into_iter()
            .find(|kind| kind.code() == text)
            .ok_or(Error::Word { what: "a kind of identifier", expected: "uscc, cn-id, opaque" })
    }
}

impl fmt::Display for SubjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An identifier that was read, with what a register's owner wants counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parsed<T> {
    /// The identifier.
    pub value: T,
    /// Whether the text as given differed from the identifier.
    pub normalised: bool,
    /// What is wrong with it though it was accepted.
    pub flags: Flags,
}

impl<T> Parsed<T> {
    fn map<U>(self, into: impl FnOnce(T) -> U) -> Parsed<U> {
        Parsed { value: into(self.value), normalised: self.normalised, flags: self.flags }
    }
}

#[cfg(test)]
mod tests {
    use super::{Subject, SubjectKind};
    use crate::{CheckMode, Error};

    /// An identity number that passes the modulo 31 check of a code.
    const BOTH: &str = "320100188501010010";

    fn parse(kind: SubjectKind, text: &str) -> Subject {
        Subject::parse(kind, text, CheckMode::Standard).unwrap().value
    }

    #[test]
    fn a_subject_takes_24_bytes() {
        assert!(size_of::<Subject>() <= 24);
    }

    #[test]
    fn the_same_digits_of_two_kinds_are_two_subjects_and_two_items() {
        let code = parse(SubjectKind::Uscc, BOTH);
        let number = parse(SubjectKind::CnId, BOTH);
        let opaque = parse(SubjectKind::Opaque, BOTH);
        assert!(code != number && number != opaque);
        assert_eq!(code.reveal(), number.reveal());
        assert_eq!(code.psi_item(), b"uscc:320100188501010010");
        assert_eq!(number.psi_item(), b"cn-id:320100188501010010");
        assert_eq!(opaque.psi_item(), b"id:320100188501010010");
    }

    #[test]
    fn the_kind_is_what_the_caller_says_and_not_what_the_text_looks_like() {
        assert_eq!(parse(SubjectKind::Uscc, BOTH).kind(), SubjectKind::Uscc);
        assert_eq!(parse(SubjectKind::CnId, BOTH).kind(), SubjectKind::CnId);
        let strict = Subject::parse(SubjectKind::Uscc, BOTH, CheckMode::Strict);
        assert_eq!(strict.unwrap_err(), Error::OrganisationCode);
    }

    #[test]
    fn an_opaque_identifier_cannot_imitate_another_kind() {
        let imitation = parse(SubjectKind::Opaque, "uscc:91320100PDY00001XR");
        assert_eq!(imitation.psi_item(), b"id:uscc:91320100PDY00001XR");
    }

    #[test]
    fn kinds_have_one_word_each_in_text_and_in_json() {
        for kind in [SubjectKind::Uscc, SubjectKind::CnId, SubjectKind::Opaque] {
            assert_eq!(kind.code().parse::<SubjectKind>().unwrap(), kind);
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
        assert!("USCC".parse::<SubjectKind>().is_err());
    }

    #[test]
    fn debug_never_shows_a_whole_identifier() {
        for kind in [SubjectKind::Uscc, SubjectKind::CnId, SubjectKind::Opaque] {
            let shown = format!("{:?}", parse(kind, BOTH));
            assert!(!shown.contains("01001885"), "{shown}");
        }
    }
}
