//! Names that people give: parties, models, a model's slots and tokens.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The longest name, in bytes.
const LONGEST: usize = 40;

/// Defines a name: `[a-z0-9][a-z0-9-]{0,39}`, cheap to clone, a string in serde.
macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(Arc<str>);

        impl $type {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                if !is_name(text) {
                    return Err(Error::Name { what: $what, example: $example });
                }
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<String> for $type {
            type Error = Error;

            fn try_from(text: String) -> Result<Self, Error> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0.as_ref().into()
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

name!(
    /// A party: an organisation's node, as its certificate and everybody's configuration name it.
    ///
    /// `[a-z0-9][a-z0-9-]{0,39}`.
    PartyId,
    "a party's name",
    "tax-nanjing"
);

name!(
    /// A holder's place in a model, bound to a party when the model is put to use.
    ///
    /// Same alphabet as [`PartyId`], and deliberately another type: a model that says `tax` does
    /// not say whose tax office.
    Slot,
    "a holder's slot in a model",
    "tax"
);

name!(
    /// A token of somebody of a party's staff, as the party's log names it.
    ///
    /// Same alphabet as [`PartyId`]: no text that says more than a name can be in it.
    TokenName,
    "a token's name",
    "audit-office"
);

/// A model's name and version, written `name@version`.
///
/// Versions start at 1; a published version never changes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelId {
    name: Arc<str>,
    version: u32,
}

impl ModelId {
    /// A model's reference from its two halves.
    ///
    /// # Errors
    ///
    /// [`Error::Name`] when the name is outside `[a-z0-9][a-z0-9-]{0,39}`,
    /// [`Error::ModelVersion`] when the version is 0.
    pub fn new(name: &str, version: u32) -> Result<Self, Error> {
        if !is_name(name) {
            return Err(Error::Name { what: "a model's name", example: "uci-default" });
        }
        if version == 0 {
            return Err(Error::ModelVersion);
        }
        Ok(Self { name: name.into(), version })
    }

    /// The name without the version.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version, from 1.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }
}

impl FromStr for ModelId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, version) = text.split_once('@').ok_or(Error::ModelVersion)?;
        let version: u32 = version.parse().map_err(|_| Error::ModelVersion)?;
        let id = Self::new(name, version)?;
        // One spelling a model: `m@01` and `m@+1` are not names of `m@1`.
        if id.to_string() != text { Err(Error::ModelVersion) } else { Ok(id) }
    }
}

impl TryFrom<String> for ModelId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<ModelId> for String {
    fn from(id: ModelId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

impl fmt::Debug for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModelId({self})")
    }
}

fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= LONGEST
        && text.bytes().next().is_some_and(plain)
        && text.bytes().all(|byte| plain(byte) || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::{ModelId, PartyId, Slot};

    #[test]
    fn names_are_lower_case_letters_digits_and_hyphens() {
        let longest = "a".repeat(40);
        for good in ["a", "0", "tax-nanjing", "9-", longest.as_str()] {
            assert_eq!(good.parse::<PartyId>().unwrap().as_str(), good);
            assert_eq!(good.parse::<Slot>().unwrap().as_str(), good);
        }
        let long = "a".repeat(41);
        for bad in ["", "-tax", "Tax", "tax_1", "tax.1", "税务", "tax\n", "../x", long.as_str()] {
            assert!(bad.parse::<PartyId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_model_is_named_in_one_way_only() {
        let id: ModelId = "uci-default@12".parse().unwrap();
        assert_eq!((id.name(), id.version()), ("uci-default", 12));
        for bad in ["m", "m@", "m@0", "m@01", "m@+1", "m@-1", "M@1", "@1", "m@1@1", "m@4294967296"]
        {
            assert!(bad.parse::<ModelId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_are_strings_in_json_and_are_parsed_on_the_way_in() {
        let party: PartyId = "bank-a".parse().unwrap();
        assert_eq!(serde_json::to_string(&party).unwrap(), "\"bank-a\"");
        assert!(serde_json::from_str::<PartyId>("\"Bank A\"").is_err());
        let model: ModelId = serde_json::from_str("\"m@3\"").unwrap();
        assert_eq!(serde_json::to_string(&model).unwrap(), "\"m@3\"");
    }
}
