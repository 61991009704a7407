//! What a catalogue lists: information classes and their fields, and what may come of a field.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;

/// An information class of a catalogue (信息类), by its number: 1 to 999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct ClassId(u16);

impl ClassId {
    /// The class of this number.
    ///
    /// # Errors
    ///
    /// [`Error::Class`] outside 1 to 999.
    pub const fn new(number: u16) -> Result<Self, Error> {
        if number >= 1 && number <= 999 { Ok(Self(number)) } else { Err(Error::Class) }
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for ClassId {
    type Error = Error;

    fn try_from(number: u16) -> Result<Self, Error> {
        Self::new(number)
    }
}

impl From<ClassId> for u16 {
    fn from(class: ClassId) -> Self {
        class.0
    }
}

impl FromStr for ClassId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let class = Self::new(text.parse().map_err(|_| Error::Class)?)?;
        if class.to_string() == text { Ok(class) } else { Err(Error::Class) }
    }
}

impl fmt::Display for ClassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ClassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClassId({self})")
    }
}

/// A field of a catalogue: its class and its name, written `2.in_arrears_now`.
///
/// The name is `[a-z][a-z0-9_]{0,63}`. Cheap to clone; a string in serde.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Field {
    class: ClassId,
    name: Arc<str>,
}

/// The longest name of a field, in bytes.
const LONGEST: usize = 64;

impl Field {
    /// The field of this class and name.
    ///
    /// # Errors
    ///
    /// [`Error::Field`] when the name is outside its alphabet.
    pub fn new(class: ClassId, name: &str) -> Result<Self, Error> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let fits = name.len() <= LONGEST
            && name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
            && name.bytes().all(plain);
        if fits { Ok(Self { class, name: name.into() }) } else { Err(Error::Field) }
    }

    /// The class.
    #[must_use]
    pub const fn class(&self) -> ClassId {
        self.class
    }

    /// The name within the class.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for Field {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (class, name) = text.split_once('.').ok_or(Error::Field)?;
        Self::new(class.parse()?, name)
    }
}

impl TryFrom<String> for Field {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Field> for String {
    fn from(field: Field) -> Self {
        field.to_string()
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.class, self.name)
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({self})")
    }
}

/// What may come of a field for somebody else (结果形式); the value itself is not among it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// A feature of an encrypted score.
    Score,
    /// An answer: yes, no or unknown.
    Verify,
    /// A warning when something changes.
    Monitor,
    /// A grade shown to the public with the subject's consent.
    Display,
    /// A row of a joint training on shares.
    Train,
    /// A report to the subject itself.
    #[serde(rename = "self")]
    Own,
}

impl Output {
    /// Every output there is.
    pub const ALL: [Self; 6] =
        [Self::Score, Self::Verify, Self::Monitor, Self::Display, Self::Train, Self::Own];

    /// The stable word that records and messages carry.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Verify => "verify",
            Self::Monitor => "monitor",
            Self::Display => "display",
            Self::Train => "train",
            Self::Own => "self",
        }
    }
}

impl FromStr for Output {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|output| output.code() == text).ok_or(Error::Word {
            what: "an output",
            expected: "score, verify, monitor, display, train, self",
        })
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::{ClassId, Field, Output};

    #[test]
    fn a_class_is_a_number_from_1_to_999_in_one_spelling() {
        assert_eq!("10".parse::<ClassId>().unwrap().number(), 10);
        for bad in ["0", "1000", "01", "+1", "-1", "", "x"] {
            assert!(bad.parse::<ClassId>().is_err(), "{bad:?}");
        }
        assert_eq!(serde_json::to_string(&ClassId::new(7).unwrap()).unwrap(), "7");
        assert!(serde_json::from_str::<ClassId>("0").is_err());
    }

    #[test]
    fn a_field_is_its_class_and_name() {
        let field: Field = "1.vat_paid_12m_cny".parse().unwrap();
        assert_eq!((field.class().number(), field.name()), (1, "vat_paid_12m_cny"));
        assert_eq!(serde_json::to_string(&field).unwrap(), "\"1.vat_paid_12m_cny\"");
        let long = format!("1.{}", "a".repeat(65));
        for bad in ["1", "1.", ".a", "1.A", "1.9a", "1._a", "1.a b", "1.a.b", "0.a", &long] {
            assert!(bad.parse::<Field>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_output_has_the_same_word_in_text_and_in_json() {
        for output in Output::ALL {
            assert_eq!(output.code().parse::<Output>().unwrap(), output);
            assert_eq!(serde_json::to_string(&output).unwrap(), format!("\"{output}\""));
        }
        assert!("raw".parse::<Output>().is_err());
    }
}
