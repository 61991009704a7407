//! Whether a party is admitted: in and out (有进有出).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::Error;

/// How far a member is admitted (有进有出, 苏政办发〔2022〕59号 art. 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MemberState {
    /// It wishes to take part.
    Applied,
    /// Its security and its handling of authorisations were assessed.
    Assessed,
    /// It takes part.
    Admitted,
    /// It does not take part for the time being.
    Suspended,
    /// It will not take part again; a new application is a new member.
    Removed,
}

impl MemberState {
    /// Every state there is.
    pub const ALL: [Self; 5] =
        [Self::Applied, Self::Assessed, Self::Admitted, Self::Suspended, Self::Removed];

    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Assessed => "assessed",
            Self::Admitted => "admitted",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
    }
}

impl FromStr for MemberState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|state| state.code() == text).ok_or(Error::Word {
            what: "a member's state",
            expected: "applied, assessed, admitted, suspended, removed",
        })
    }
}

impl fmt::Display for MemberState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What can be decided about a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// The assessment holds to the end of this day; a later one renews it.
    Assess(Date),
    /// It may take part from now on.
    Admit,
    /// It may not, until it is resumed.
    Suspend,
    /// It may again.
    Resume,
    /// It may never again.
    Remove,
}

impl MemberChange {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Assess(_) => "assess",
            Self::Admit => "admit",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Remove => "remove",
        }
    }
}

/// A member's state and the day to which its assessment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    state: MemberState,
    assessed_until: Option<Date>,
}

impl Standing {
    /// What every member begins with.
    pub const APPLIED: Self = Self { state: MemberState::Applied, assessed_until: None };

    /// The standing as it was written down. `None` for one that no change leads to.
    #[must_use]
    pub fn restored(state: MemberState, assessed_until: Option<Date>) -> Option<Self> {
        let fits = match state {
            MemberState::Applied => assessed_until.is_none(),
            MemberState::Assessed | MemberState::Admitted | MemberState::Suspended => {
                assessed_until.is_some()
            }
            MemberState::Removed => true,
        };
        fits.then_some(Self { state, assessed_until })
    }

    /// The state.
    #[must_use]
    pub const fn state(self) -> MemberState {
        self.state
    }

    /// The last day on which the assessment holds.
    #[must_use]
    pub const fn assessed_until(self) -> Option<Date> {
        self.assessed_until
    }

    /// Whether the member may take part today: admitted, and its assessment holds.
    #[must_use]
    pub fn admits(self, today: Date) -> bool {
        self.state == MemberState::Admitted && self.assessed_until.is_some_and(|day| today <= day)
    }

    /// The standing after a change that is decided today.
    ///
    /// # Errors
    ///
    /// [`Error::Member`] for a change that this state does not allow: a removed member stays
    /// removed, only an assessed one is admitted, and no assessment ends before it begins.
    pub fn after(self, change: MemberChange, today: Date) -> Result<Self, Error> {
        use MemberChange as Do;
        use MemberState as At;
        let refused = Err(Error::Member { state: self.state.code(), change: change.code() });
        let holds = self.assessed_until.is_some_and(|day| today <= day);
        let (state, assessed_until) = match (self.state, change) {
            (At::Removed, _) => return refused,
            (_, Do::Assess(day)) if day < today => return refused,
            (At::Applied, Do::Assess(day)) => (At::Assessed, Some(day)),
            (state, Do::Assess(day)) => (state, Some(day)),
            (At::Assessed, Do::Admit) if holds => (At::Admitted, self.assessed_until),
            (At::Assessed | At::Admitted, Do::Suspend) => (At::Suspended, self.assessed_until),
            // What it was assessed for still holds, or is renewed first.
            (At::Suspended, Do::Resume) if holds => (At::Admitted, self.assessed_until),
            (_, Do::Remove) => (At::Removed, self.assessed_until),
            (At::Applied | At::Assessed | At::Admitted | At::Suspended, _) => return refused,
        };
        Ok(Self { state, assessed_until })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::Date;
    use time::macros::date;

    use super::MemberChange::{Admit, Assess, Remove, Resume, Suspend};
    use super::{MemberChange, MemberState, Standing};

    const TODAY: Date = date!(2026 - 03 - 02);
    const LATER: Date = date!(2027 - 03 - 01);

    fn after(changes: &[MemberChange]) -> Option<Standing> {
        let mut standing = Standing::APPLIED;
        for change in changes {
            standing = standing.after(*change, TODAY).ok()?;
        }
        Some(standing)
    }

    #[test]
    fn every_transition_is_the_one_that_the_table_says() {
        use MemberState::{Admitted, Applied, Assessed, Removed, Suspended};
        // What leads to each state, then what each change makes of it.
        let ways: [(&[MemberChange], MemberState); 5] = [
            (&[], Applied),
            (&[Assess(LATER)], Assessed),
            (&[Assess(LATER), Admit], Admitted),
            (&[Assess(LATER), Admit, Suspend], Suspended),
            (&[Remove], Removed),
        ];
        let changes = [Assess(LATER), Admit, Suspend, Resume, Remove];
        let table: [[Option<MemberState>; 5]; 5] = [
            [Some(Assessed), None, None, None, Some(Removed)],
            [Some(Assessed), Some(Admitted), Some(Suspended), None, Some(Removed)],
            [Some(Admitted), None, Some(Suspended), None, Some(Removed)],
            [Some(Suspended), None, None, Some(Admitted), Some(Removed)],
            [None, None, None, None, None],
        ];
        for ((way, state), row) in ways.iter().zip(table) {
            let standing = after(way).unwrap();
            assert_eq!(standing.state(), *state);
            for (change, expected) in changes.iter().zip(row) {
                let found = standing.after(*change, TODAY).ok().map(Standing::state);
                assert_eq!(found, expected, "{state} {change:?}");
            }
        }
    }

    #[test]
    fn an_assessment_that_is_over_admits_nobody_and_can_be_renewed() {
        let admitted = after(&[Assess(TODAY), Admit]).unwrap();
        assert!(admitted.admits(TODAY));
        let tomorrow = TODAY.next_day().unwrap();
        assert!(!admitted.admits(tomorrow));
        let renewed = admitted.after(Assess(LATER), tomorrow).unwrap();
        assert!(renewed.admits(tomorrow));
        let lapsed = after(&[Assess(TODAY)]).unwrap();
        assert!(lapsed.after(Admit, tomorrow).is_err());
        assert!(lapsed.after(Assess(TODAY), tomorrow).is_err());
    }

    fn change() -> impl Strategy<Value = MemberChange> {
        prop_oneof![
            Just(Assess(LATER)),
            Just(Assess(TODAY)),
            Just(Admit),
            Just(Suspend),
            Just(Resume),
            Just(Remove)
        ]
    }

    proptest! {
        #[test]
        fn a_removed_member_never_comes_back(changes in prop::collection::vec(change(), 0..20)) {
            let mut standing = Standing::APPLIED;
            let mut removed = false;
            for change in changes {
                if let Ok(next) = standing.after(change, TODAY) {
                    prop_assert!(!removed);
                    standing = next;
                    removed = standing.state() == MemberState::Removed;
                    let again = Standing::restored(standing.state(), standing.assessed_until());
                    prop_assert_eq!(again, Some(standing));
                }
            }
        }
    }
}
