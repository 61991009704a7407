//! A call of a party's own staff, by its name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The longest name, in bytes.
const LONGEST: usize = 64;

/// A call of a party's own staff, by its name: `Node/ChangeMember`. Letters and one stroke: no text
/// that somebody has typed can be in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallName(String);

impl FromStr for CallName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphabetic());
        let is_name = |(service, method)| word(service) && word(method);
        if text.len() > LONGEST || !text.split_once('/').is_some_and(is_name) {
            return Err(Error::CallName);
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for CallName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<CallName> for String {
    fn from(name: CallName) -> Self {
        name.0
    }
}

impl fmt::Display for CallName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::CallName;

    #[test]
    fn a_call_is_two_words_of_letters_with_a_stroke_between() {
        assert_eq!("Node/Status".parse::<CallName>().unwrap().to_string(), "Node/Status");
        let long = format!("Node/{}", "a".repeat(60));
        for bad in
            ["", "Node", "/Status", "Node/", "Node/Status/x", "Node/Sta tus", "Node/税", &long]
        {
            assert!(bad.parse::<CallName>().is_err(), "{bad:?}");
        }
    }
}
