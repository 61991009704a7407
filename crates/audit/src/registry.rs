//! What a registry's own log has as leaves: one for each state that an authorisation enters.

use consent::{AuthorisationId, State, Statement};
use domain::Digest;
use time::OffsetDateTime;

use crate::hash::leaf_hash;

/// A state that an authorisation has entered, as a registry's log keeps it.
///
/// Everything in it stands in the statement too, so that whoever holds a statement can check its
/// proof with nothing else at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryLeaf {
    /// Which authorisation.
    pub authorisation: AuthorisationId,
    /// Which version, from 1.
    pub version: u32,
    /// SHA-256 of that version's record.
    pub record_hash: Digest,
    /// The state.
    pub state: State,
    /// Since when.
    pub since: OffsetDateTime,
}

impl RegistryLeaf {
    /// The leaf's bytes: six lines, of which the first binds them to their use. The time is in
    /// nanoseconds since 1970.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { authorisation, version, record_hash, state, since } = self;
        let since = since.unix_timestamp_nanos();
        let lines = ["tacit/registry/v1/state", authorisation.as_str()].join("\n");
        format!("{lines}\n{version}\n{record_hash}\n{}\n{since}\n", state.code()).into_bytes()
    }

    /// The leaf's hash.
    #[must_use]
    pub fn hash(&self) -> Digest {
        leaf_hash(&self.to_bytes())
    }
}

impl From<&Statement> for RegistryLeaf {
    fn from(statement: &Statement) -> Self {
        Self {
            authorisation: statement.authorisation.clone(),
            version: statement.version,
            record_hash: statement.record_hash,
            state: statement.state,
            since: statement.since,
        }
    }
}
