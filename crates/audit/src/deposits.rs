//! What a supervisor keeps: the last checkpoint of every log, so that none can be cut or rewritten.

use std::collections::BTreeMap;

use domain::{Digest, PartyId};
use serde::{Deserialize, Serialize};

use crate::consistency::proved_roots;
use crate::{Checkpoint, Error, Head, Note, NoteKey, verify_consistency};

/// The last checkpoint of every log that a supervisor watches.
#[derive(Clone, Debug, Default)]
pub struct Deposits {
    logs: BTreeMap<PartyId, Log>,
}

#[derive(Clone, Debug)]
struct Log {
    key: NoteKey,
    last: Option<Head>,
}

/// What came of a checkpoint. Only [`DepositOutcome::Kept`] replaces the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepositOutcome {
    /// It continues the last one, or is the first, and is now the last one.
    Kept,
    /// It states another past than the last one did: two signed notes that prove it.
    Fork,
    /// It has fewer leaves than the last one. An old checkpoint sent again looks the same: ask for
    /// the newest before accusing anybody.
    Truncated,
    /// Nothing shows that it continues the last one. A log that can never show it has forked.
    BadProof,
    /// It is no checkpoint, or not signed by the key of a log that is watched.
    BadSignature,
}

impl Deposits {
    /// Watches a log from its next checkpoint on, or from the last one that was kept.
    pub fn watch(&mut self, party: PartyId, key: NoteKey, last: Option<Head>) {
        self.logs.insert(party, Log { key, last });
    }

    /// The last checkpoint of a party's log, if there is one.
    #[must_use]
    pub fn last(&self, party: &PartyId) -> Option<Checkpoint> {
        let head = self.logs.get(party)?.last?;
        Some(Checkpoint { origin: party.clone(), head })
    }

    /// Every last checkpoint, in the order of the parties' names.
    pub fn iter(&self) -> impl Iterator<Item = Checkpoint> {
        self.logs.keys().filter_map(|party| self.last(party))
    }

    /// Judges a checkpoint and the proof that it continues the last one of its log
    /// ([`crate::consistency_proof`] from [`Deposits::last`]'s size; empty for the first).
    pub fn accept(&mut self, new: &Note, proof: &[Digest]) -> DepositOutcome {
        let Ok(claimed) = Checkpoint::unverified(new) else { return DepositOutcome::BadSignature };
        let Some(log) = self.logs.get_mut(&claimed.origin) else {
            return DepositOutcome::BadSignature;
        };
        let Ok(Checkpoint { head, .. }) = Checkpoint::open(new, &log.key) else {
            return DepositOutcome::BadSignature;
        };
        let verdict =
            log.last.as_ref().map_or(DepositOutcome::Kept, |last| judge(last, &head, proof));
        if verdict == DepositOutcome::Kept {
            log.last = Some(head);
        }
        verdict
    }
}

fn judge(last: &Head, new: &Head, proof: &[Digest]) -> DepositOutcome {
    match verify_consistency(last, new, proof) {
        Ok(()) => DepositOutcome::Kept,
        Err(Error::Shrunk { .. }) => DepositOutcome::Truncated,
        Err(_) if last.size == new.size && last.root != new.root => DepositOutcome::Fork,
        Err(_) if last.size == 0 || last.size == new.size => DepositOutcome::BadProof,
        // A proof that leads to the new root tells the root of the new log's own beginning.
        Err(_) => match proved_roots(last, new.size, proof) {
            Some((beginning, root)) if root == new.root && beginning != last.root => {
                DepositOutcome::Fork
            }
            Some(_) | None => DepositOutcome::BadProof,
        },
    }
}
