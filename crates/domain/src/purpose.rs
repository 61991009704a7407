//! What credit data may be asked for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// What credit data may be asked for: support of financing (融资支持), and nothing else.
///
/// The list is closed. The measures of Jiangsu name product development and credit management
/// before, during and after a loan (苏政办发〔2022〕59号 art. 2); a request for anything else has no
/// value here, so it cannot be written down, let alone granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Deciding on an application (贷前).
    PreLoan,
    /// Drawdown and the running loan (贷中).
    InLoan,
    /// Watching a loan that was paid out, until it is repaid (贷后).
    PostLoan,
    /// Building and testing a financial product or model (金融产品开发).
    ProductDevelopment,
}

impl Purpose {
    /// Every purpose there is.
    pub const ALL: [Self; 4] =
        [Self::PreLoan, Self::InLoan, Self::PostLoan, Self::ProductDevelopment];

    /// The stable code that records and messages carry.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::PreLoan => "pre_loan",
            Self::InLoan => "in_loan",
            Self::PostLoan => "post_loan",
            Self::ProductDevelopment => "product_development",
        }
    }

    /// The name for Chinese readers.
    #[must_use]
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::PreLoan => "贷前信用管理",
            Self::InLoan => "贷中信用管理",
            Self::PostLoan => "贷后信用管理",
            Self::ProductDevelopment => "金融产品开发",
        }
    }

    /// The name for English readers.
    #[must_use]
    pub const fn name_en(self) -> &'static str {
        match self {
            Self::PreLoan => "pre-loan credit management",
            Self::InLoan => "in-loan credit management",
            Self::PostLoan => "post-loan credit management",
            Self::ProductDevelopment => "financial product development",
        }
    }
}

impl FromStr for Purpose {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == text).ok_or(Error::Word {
            what: "a purpose",
            expected: "pre_loan, in_loan, post_loan, product_development",
        })
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Purpose;

    #[test]
    fn the_code_is_the_same_in_text_and_in_json() {
        for purpose in Purpose::ALL {
            assert_eq!(purpose.code().parse::<Purpose>().unwrap(), purpose);
            assert_eq!(serde_json::to_string(&purpose).unwrap(), format!("\"{}\"", purpose.code()));
        }
    }

    #[test]
    fn a_purpose_that_is_not_financing_cannot_be_named() {
        for other in ["marketing", "debt_collection", "PRE_LOAN", ""] {
            assert!(other.parse::<Purpose>().is_err());
            assert!(serde_json::from_str::<Purpose>(&format!("\"{other}\"")).is_err());
        }
    }
}
