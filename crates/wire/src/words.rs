//! The enums of `proto/control/`: each value a stable word, and a value of ours where there is one.

use std::fmt;

use crate::{Error, control};

/// Has an enum written as its proto names its values, without the prefix and in lower case.
macro_rules! words {
    ($($type:ty, $prefix:literal;)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let name = self.as_str_name();
                f.write_str(&name.strip_prefix($prefix).unwrap_or(name).to_ascii_lowercase())
            }
        }
    )*};
}

/// Ties an enum to its twin of ours, value by value. What is unspecified, or of a later version, is
/// none of ours.
macro_rules! twins {
    ($($type:ident, $ours:ty { $($value:ident $our:ident,)* })*) => {$(
        impl From<$ours> for control::$type {
            fn from(ours: $ours) -> Self {
                match ours {
                    $(<$ours>::$our => Self::$value,)*
                }
            }
        }

        impl TryFrom<control::$type> for $ours {
            type Error = Error;

            fn try_from(value: control::$type) -> Result<Self, Error> {
                match value {
                    control::$type::Unspecified => Err(Error::Missing(stringify!($type))),
                    $(control::$type::$value => Ok(Self::$our),)*
                }
            }
        }
    )*};
}

words! {
    control::Act, "ACT_";
    control::Actor, "ACTOR_";
    control::Answer, "ANSWER_";
    control::AuthorisationState, "AUTHORISATION_STATE_";
    control::Duty, "DUTY_";
    control::Intervention, "INTERVENTION_";
    control::LegalBasisKind, "LEGAL_BASIS_KIND_";
    control::MemberState, "MEMBER_STATE_";
    control::ModelPart, "MODEL_PART_";
    control::ModelState, "MODEL_STATE_";
    control::Output, "OUTPUT_";
    control::Purpose, "PURPOSE_";
    control::RunRole, "RUN_ROLE_";
    control::RunState, "RUN_STATE_";
    control::StaffRole, "STAFF_ROLE_";
    control::TrainingChange, "TRAINING_CHANGE_";
    control::contribution::Missing, "MISSING_";
    control::discrepancy::Kind, "KIND_";
    control::job_outputs::Weights, "WEIGHTS_";
    control::job_party::Role, "ROLE_";
    control::job_scorecard::Trend, "TREND_";
    control::rule_finding::Verdict, "VERDICT_";
}

impl fmt::Display for control::RunKind {
    /// As records name it, with hyphens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.as_str_name();
        let word = name.strip_prefix("RUN_KIND_").unwrap_or(name);
        f.write_str(&word.replace('_', "-").to_ascii_lowercase())
    }
}

impl From<domain::RunKind> for control::RunKind {
    /// By the word that both have for it: a kind is not listed here.
    fn from(ours: domain::RunKind) -> Self {
        let name = format!("RUN_KIND_{}", ours.code().replace('-', "_").to_ascii_uppercase());
        Self::from_str_name(&name).unwrap_or_default()
    }
}

impl From<domain::RunRole> for control::RunRole {
    /// By the word that both have for it.
    fn from(ours: domain::RunRole) -> Self {
        let name = format!("RUN_ROLE_{}", ours.code().to_ascii_uppercase());
        Self::from_str_name(&name).unwrap_or_default()
    }
}

twins! {
    Answer, domain::Answer {
        Yes Yes,
        No No,
        Unknown Unknown,
    }
    CheckMode, domain::CheckMode {
        Strict Strict,
        Standard Standard,
        Report Report,
    }
    Duty, domain::Duty {
        Holder Holder,
        Platform Platform,
        Lender Lender,
        Supervisor Supervisor,
    }
    MemberState, domain::MemberState {
        Applied Applied,
        Assessed Assessed,
        Admitted Admitted,
        Suspended Suspended,
        Removed Removed,
    }
    ModelState, domain::ModelState {
        Asked Asked,
        Countersigned Countersigned,
        Refused Refused,
        Retired Retired,
    }
    Purpose, domain::Purpose {
        PreLoan PreLoan,
        InLoan InLoan,
        PostLoan PostLoan,
        ProductDevelopment ProductDevelopment,
    }
    Output, domain::Output {
        Score Score,
        Verify Verify,
        Monitor Monitor,
        Display Display,
        Train Train,
        Self_ Own,
    }
    StaffRole, domain::StaffRole {
        Auditor Auditor,
        Approver Approver,
        Operator Operator,
    }
    SubjectKind, domain::SubjectKind {
        Uscc Uscc,
        CnId CnId,
        Opaque Opaque,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enum_and_its_twin_of_ours_have_the_same_word_and_come_back() {
        macro_rules! same {
            ($type:ident, $all:expr) => {
                for ours in $all {
                    let value = control::$type::from(ours);
                    assert_eq!(value.to_string(), ours.code());
                    assert_eq!(domain::$type::try_from(value).unwrap(), ours);
                }
                assert!(domain::$type::try_from(control::$type::Unspecified).is_err());
            };
        }
        same!(Answer, domain::Answer::ALL.iter().copied());
        same!(Duty, domain::Duty::ALL);
        same!(MemberState, domain::MemberState::ALL);
        same!(ModelState, domain::ModelState::ALL.iter().copied());
        same!(Purpose, domain::Purpose::ALL);
        same!(Output, domain::Output::ALL);
        same!(StaffRole, domain::StaffRole::ALL.iter().copied());
        for ours in ["uscc", "cn-id", "opaque"].map(|kind| kind.parse().unwrap()) {
            let value = control::SubjectKind::from(ours);
            assert_eq!(domain::SubjectKind::try_from(value).unwrap(), ours);
        }
    }

    #[test]
    fn a_record_names_its_kind_and_role_by_the_words_that_calls_have_for_them() {
        for kind in domain::RunKind::ALL.iter().copied() {
            assert_eq!(control::RunKind::from(kind).to_string(), kind.code());
        }
        for role in domain::RunRole::ALL.iter().copied() {
            assert_eq!(control::RunRole::from(role).to_string(), role.code());
        }
    }
}
