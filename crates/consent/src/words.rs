//! The short texts of a record.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The longest of both, in bytes.
const LONGEST: usize = 64;

/// The longest name of a subject, in bytes.
const LONGEST_NAME: usize = 200;

/// Defines a short text: 1 to 64 ASCII letters, digits and a few marks; a string in serde.
macro_rules! word {
    ($(#[$doc:meta])* $type:ident, $what:literal, $marks:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(Arc<str>);

        impl $type {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || $marks.contains(&byte);
                if (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain) {
                    return Ok(Self(text.into()));
                }
                Err(Error::Text { what: $what, expected: $expected })
            }
        }

        impl TryFrom<String> for $type {
            type Error = Error;

            fn try_from(text: String) -> Result<Self, Error> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(word: $type) -> Self {
                word.0.as_ref().into()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($type), self.0)
            }
        }
    };
}

word!(
    /// The number of an authorisation, the same in all its versions, like `AU-2026-000123`.
    ///
    /// `[A-Za-z0-9-]{1,64}`. Logs carry it, so it must not be made from an identifier.
    AuthorisationId,
    "an authorisation's number",
    b"-",
    "1 to 64 letters, digits and hyphens, like `AU-2026-000123`"
);

word!(
    /// A short text that somebody else gave out: the number of a notice, a template or an
    /// application, the name of a method.
    ///
    /// `[A-Za-z0-9._/-]{1,64}`.
    Word,
    "a number or name",
    b"-._/",
    "1 to 64 letters, digits and `-._/`, like `js-enterprise-zh-3`"
);

/// A subject's name as the letter writes it: 1 to 200 bytes, no control characters.
///
/// Not printed; the one way to its text is [`SubjectName::reveal`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubjectName(Box<str>);

impl SubjectName {
    /// The name's text. Only for the owner's own files and screens.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for SubjectName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let fits = (1..=LONGEST_NAME).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits {
            return Ok(Self(text.into()));
        }
        let expected = "1 to 200 bytes without control characters";
        Err(Error::Text { what: "a subject's name", expected })
    }
}

impl TryFrom<String> for SubjectName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<SubjectName> for String {
    fn from(name: SubjectName) -> Self {
        name.0.into()
    }
}

impl fmt::Debug for SubjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectName(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{AuthorisationId, SubjectName, Word};

    #[test]
    fn numbers_and_words_keep_to_their_alphabets_and_lengths() {
        let (longest, long) = ("a".repeat(64), "a".repeat(65));
        for good in ["AU-2026-000123", "0", longest.as_str()] {
            assert_eq!(good.parse::<AuthorisationId>().unwrap().as_str(), good);
            assert_eq!(good.parse::<Word>().unwrap().as_str(), good);
        }
        for bad in ["", "AU 1", "AU\n", "授权", long.as_str()] {
            assert!(bad.parse::<AuthorisationId>().is_err(), "{bad:?}");
            assert!(bad.parse::<Word>().is_err(), "{bad:?}");
        }
        assert!("a/1.0".parse::<AuthorisationId>().is_err());
        assert!("a/1.0".parse::<Word>().is_ok());
    }

    #[test]
    fn a_name_is_bounded_and_not_printed() {
        let name: SubjectName = "示例企业二".parse().unwrap();
        assert_eq!(format!("{name:?}"), "SubjectName(…)");
        assert_eq!(name.reveal(), "示例企业二");
        for bad in [String::new(), "a\nb".into(), "企".repeat(67)] {
            assert!(bad.parse::<SubjectName>().is_err());
        }
    }
}
