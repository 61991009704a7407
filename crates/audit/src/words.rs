//! The closed lists of words that records use.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Defines a closed list of words, the same in code and in JSON.
macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$word_doc:meta])* $variant:ident $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $type {
            $($(#[$word_doc])* #[serde(rename = $code)] $variant,)*
        }

        impl $type {
            /// The stable word that records carry.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

words! {
    /// The protocols and suites that there are.
    Protocol {
        /// Intersection over ristretto255.
        EcdhPsi "ecdh_psi",
        /// Intersection from vector oblivious evaluation.
        VolePsi "vole_psi",
        /// An encrypted scorecard.
        Scoring "scoring",
        /// A formula over several holders' records.
        Verification "verification",
        /// Equality of values, row by row.
        Equality "equality",
        /// Training on shares.
        Training "training",
        /// None: the result itself may be shown.
        Plain "plain",
    }
}

words! {
    /// What happens to an authorisation.
    AuthorisationChange {
        /// It was entered in the registry.
        Registered "registered",
        /// A smaller version took its place.
        Narrowed "narrowed",
        /// It rests.
        Suspended "suspended",
        /// It rests no longer.
        Resumed "resumed",
        /// The subject withdrew it.
        Revoked "revoked",
        /// It was void from the start, or has become so.
        Void "void",
    }
}

words! {
    /// What happens to a member.
    MemberChange {
        /// It may take part.
        Admitted "admitted",
        /// Its safety was assessed.
        Assessed "assessed",
        /// It may not take part for the time being.
        Suspended "suspended",
        /// It may again.
        Resumed "resumed",
        /// It has left, or was put out.
        Removed "removed",
    }
}

words! {
    /// What happens to a model.
    ModelChange {
        /// A platform registered it.
        Registered "registered",
        /// A holder agreed to serve it.
        Countersigned "countersigned",
        /// A holder will not serve it, or not any more.
        Refused "refused",
        /// Its tables went to, or came to, a holder.
        Published "published",
        /// It is no longer used.
        Retired "retired",
    }
}

words! {
    /// What happens in a joint training.
    TrainingChange {
        /// Shares of this party's columns, or of its outcomes, are about to leave.
        Uploaded "uploaded",
        /// Good and bad rows of bins have been counted on shares; each holder may have those of its own
        /// columns.
        Counted "counted",
        /// Bins of this party's columns, with how many good and bad rows each has, are about to go to the
        /// lender.
        Disclosed "disclosed",
        /// This party begins to compute on shares.
        Begun "begun",
        /// What the job opens has been opened, to those to whom the job opens it.
        Trained "trained",
        /// It was broken off, or a crash ended it.
        NotCompleted "not_completed",
    }
}

words! {
    /// What happens to a token of this party's staff.
    TokenChange {
        /// It was made.
        Issued "issued",
        /// It was ended before its time.
        Revoked "revoked",
    }
}

words! {
    /// Where a record's time comes from.
    Clock {
        /// The machine's clock, about which nothing more is known.
        Machine "machine",
        /// A clock that is kept right by time servers.
        Synchronised "synchronised",
    }
}

/// The version of the software that wrote a record: three numbers, no suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version(pub [u16; 3]);

impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut numbers = [0; 3];
        let mut parts = text.split('.');
        for number in &mut numbers {
            let part = parts.next().and_then(|part| part.parse().ok());
            *number = part.ok_or(Error::Version)?;
        }
        let version = Self(numbers);
        // One spelling a version: no sign, no leading zeroes, nothing after the third number.
        if version.to_string() == text { Ok(version) } else { Err(Error::Version) }
    }
}

impl TryFrom<String> for Version {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([major, minor, patch]) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Protocol, Version};

    #[test]
    fn a_word_is_the_same_in_code_and_in_json() {
        assert_eq!(serde_json::to_string(&Protocol::EcdhPsi).unwrap(), "\"ecdh_psi\"");
        assert_eq!(Protocol::EcdhPsi.code(), "ecdh_psi");
        assert!(serde_json::from_str::<Clock>("\"sundial\"").is_err());
    }

    #[test]
    fn a_version_is_three_numbers_in_one_spelling() {
        assert_eq!("0.12.3".parse::<Version>().unwrap(), Version([0, 12, 3]));
        assert_eq!(Version([0, 12, 3]).to_string(), "0.12.3");
        for bad in ["", "0.1", "0.1.0.0", "0.01.0", "+0.1.0", "0.1.0-rc1", "0.1.65536", "a.b.c"] {
            assert!(bad.parse::<Version>().is_err(), "{bad:?}");
        }
    }
}
