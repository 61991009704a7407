//! What a party does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// What a party does; a party may have several duties.
///
/// Not to be confused with a role, which is a party's part in one protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duty {
    /// Holds a register, in clear, at home (数据提供单位).
    Holder,
    /// Holds models and registries; sees ciphertexts (融资信用服务平台).
    Platform,
    /// Holds its customers and the decryption key; sees scores (金融机构).
    Lender,
    /// Holds checkpoints of every audit log (省级节点, 监管).
    Supervisor,
}

impl Duty {
    /// Every duty there is.
    pub const ALL: [Self; 4] = [Self::Holder, Self::Platform, Self::Lender, Self::Supervisor];

    /// The word that configuration files use.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Holder => "holder",
            Self::Platform => "platform",
            Self::Lender => "lender",
            Self::Supervisor => "supervisor",
        }
    }
}

impl FromStr for Duty {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|duty| duty.code() == text)
            .ok_or(Error::Word { what: "a duty", expected: "holder, platform, lender, supervisor" })
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Duty;

    #[test]
    fn the_word_is_the_same_in_text_and_in_json() {
        for duty in Duty::ALL {
            assert_eq!(duty.code().parse::<Duty>().unwrap(), duty);
            assert_eq!(serde_json::to_string(&duty).unwrap(), format!("\"{duty}\""));
        }
        assert!("Holder".parse::<Duty>().is_err());
    }
}
