//! What somebody of a party's staff may do with the party.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// What somebody of a party's staff may do with the party. The order is that of what they may do:
/// each role may do what those before it may.
///
/// Not to be confused with the role of a party in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StaffRole {
    /// Reads: runs, the log, receipts, usage (审计员).
    Auditor,
    /// Decides what others lay before the party: members, models, jobs, authorisations (审批员).
    Approver,
    /// Does everything (操作员).
    Operator,
}

impl StaffRole {
    /// Every role, from the one that may do least.
    pub const ALL: [Self; 3] = [Self::Auditor, Self::Approver, Self::Operator];

    /// The word that commands and records have for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Auditor => "auditor",
            Self::Approver => "approver",
            Self::Operator => "operator",
        }
    }

    /// The word that Chinese sentences have for it.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Auditor => "审计员",
            Self::Approver => "审批员",
            Self::Operator => "操作员",
        }
    }

    /// Whether it may do what takes at least `needed`.
    #[must_use]
    pub fn covers(self, needed: Self) -> bool {
        self >= needed
    }
}

impl FromStr for StaffRole {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|role| role.code() == text)
            .ok_or(Error::Word { what: "a role", expected: "auditor, approver, operator" })
    }
}

impl fmt::Display for StaffRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::StaffRole;

    #[test]
    fn a_role_covers_itself_and_those_that_may_do_less() {
        let [auditor, approver, operator] = StaffRole::ALL;
        assert!(StaffRole::ALL.iter().all(|role| operator.covers(*role) && role.covers(auditor)));
        assert!(approver.covers(approver) && !approver.covers(operator));
        assert!(!auditor.covers(approver) && !auditor.covers(operator));
    }

    #[test]
    fn the_word_is_the_same_in_text_and_in_json() {
        for role in StaffRole::ALL {
            assert_eq!(role.code().parse::<StaffRole>().unwrap(), role);
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{role}\""));
        }
        assert!("root".parse::<StaffRole>().is_err());
    }
}
