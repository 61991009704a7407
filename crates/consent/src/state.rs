//! The states of an authorisation.

use std::fmt;
use std::str::FromStr;

use domain::Refusal;
use serde::{Deserialize, Serialize};

/// The state of one version of an authorisation, from its registration on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Granted and registered: the one state in which it permits anything.
    Active,
    /// It rests: its subject or the registry has suspended it.
    Suspended,
    /// Its subject has ended it.
    Revoked,
    /// Its term is over.
    Expired,
    /// Every permitted use was made.
    Exhausted,
    /// A later version has taken its place.
    Superseded,
    /// It was void from the start, or its subject is no more.
    Void,
}

impl State {
    /// Every state there is.
    pub const ALL: [Self; 7] = [
        Self::Active,
        Self::Suspended,
        Self::Revoked,
        Self::Expired,
        Self::Exhausted,
        Self::Superseded,
        Self::Void,
    ];

    /// The stable word that statements carry.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Exhausted => "exhausted",
            Self::Superseded => "superseded",
            Self::Void => "void",
        }
    }

    /// Whether it never changes again.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Active | Self::Suspended => false,
            Self::Revoked | Self::Expired | Self::Exhausted | Self::Superseded | Self::Void => true,
        }
    }

    /// Goes on when active.
    ///
    /// # Errors
    ///
    /// The refusal of any other state.
    pub const fn permits(self) -> Result<(), Refusal> {
        match self {
            Self::Active => Ok(()),
            Self::Suspended => Err(Refusal::AuthSuspended),
            Self::Revoked => Err(Refusal::AuthRevoked),
            Self::Expired => Err(Refusal::AuthExpired),
            Self::Exhausted => Err(Refusal::AuthExhausted),
            Self::Superseded => Err(Refusal::AuthSuperseded),
            Self::Void => Err(Refusal::AuthVoid),
        }
    }
}

impl FromStr for State {
    type Err = domain::Error;

    fn from_str(text: &str) -> Result<Self, domain::Error> {
        Self::ALL.into_iter().find(|state| state.code() == text).ok_or(domain::Error::Word {
            what: "a state",
            expected: "active, suspended, revoked, expired, exhausted, superseded, void",
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::State;

    #[test]
    fn a_state_is_the_same_word_in_text_and_in_json_and_only_one_permits() {
        for state in State::ALL {
            assert_eq!(state.code().parse::<State>().unwrap(), state);
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
            assert_eq!(state.permits().is_ok(), state == State::Active);
        }
        assert!("draft".parse::<State>().is_err());
    }
}
