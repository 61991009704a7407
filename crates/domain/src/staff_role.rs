//! What somebody of a party's staff may do with the party.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// What somebody of a party's staff may do with the party. The order is that of what they may do:
    /// each role may do what those before it may.
    ///
    /// Not to be confused with the role of a party in a run.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    StaffRole, "a role";
    /// Reads: runs, the log, receipts, usage (审计员).
    Auditor "auditor";
    /// Decides what others lay before the party: members, models, jobs, authorisations (审批员).
    Approver "approver";
    /// Does everything (操作员).
    Operator "operator";
}

impl StaffRole {
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

#[cfg(test)]
mod tests {
    use super::StaffRole;

    #[test]
    fn a_role_covers_itself_and_those_that_may_do_less() {
        let &[auditor, approver, operator] = StaffRole::ALL else { panic!("three roles") };
        assert!(StaffRole::ALL.iter().all(|role| operator.covers(*role) && role.covers(auditor)));
        assert!(approver.covers(approver) && !approver.covers(operator));
        assert!(!auditor.covers(approver) && !auditor.covers(operator));
    }

    #[test]
    fn the_word_is_the_same_in_text_and_in_json() {
        for role in StaffRole::ALL.iter().copied() {
            assert_eq!(role.code().parse::<StaffRole>().unwrap(), role);
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{role}\""));
        }
        assert!("root".parse::<StaffRole>().is_err());
    }
}
