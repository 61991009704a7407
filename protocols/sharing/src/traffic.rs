//! What a role has sent, and in how many rounds.

use std::collections::BTreeMap;

use session::Role;

/// What a role has sent so far, and in how many rounds: SPEC §7 says how much it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Rounds that have passed: the same at every role.
    pub rounds: u32,
    /// Bytes sent to each role.
    pub sent: BTreeMap<Role, u64>,
}

impl Traffic {
    /// Bytes sent to all roles together.
    pub fn total(&self) -> u64 {
        self.sent.values().sum()
    }
}
