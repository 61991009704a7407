//! A walk along a log that finds the first record that is not as it was written.

use domain::{Digest, PartyId};

use crate::hash::leaf_hash;
use crate::{EMPTY_ROOT, Frontier, Head, Record};

/// A walk along a log, a record at a time, so that a store of any kind can feed it.
#[derive(Clone, Debug)]
pub struct Walk {
    frontier: Frontier,
    previous: Digest,
    party: Option<PartyId>,
    /// What signed checkpoints state and is still ahead, the next one last.
    ahead: Vec<Head>,
    /// The size of the last of them that was met.
    confirmed: u64,
}

/// A log that holds together from its first record to its last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Its tree.
    pub frontier: Frontier,
    /// The leaf hash of its last record; [`EMPTY_ROOT`] if there is none.
    pub last: Digest,
    /// How many records a checkpoint vouches for: what follows is chained, and not yet signed.
    pub confirmed: u64,
}

/// The first record that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {sequence}: {fault}")]
pub struct Broken {
    /// Its sequence number. What comes before it holds together.
    pub sequence: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Its bytes are not those that the tree was built from.
    #[error("its bytes have another hash than its leaf: it was altered")]
    Altered,
    /// Its bytes are no record.
    #[error("it cannot be read as a record")]
    Unreadable,
    /// Another number stands where it should be: deleted, inserted, doubled or moved.
    #[error("it is missing, doubled or in another place")]
    OutOfPlace,
    /// The record after it names another one.
    #[error("the record after it was written after another one: it was replaced")]
    Replaced,
    /// It is of another party's log.
    #[error("it belongs to another party's log")]
    AnotherParty,
    /// A checkpoint was signed over more records than there are.
    #[error("a checkpoint was signed over it, and it is not there: the log was cut off")]
    CutOff,
    /// A checkpoint states another root, so that it or one of the next was rewritten.
    #[error("from here on, records are not those that the next checkpoint was signed over")]
    Rewritten,
}

impl Walk {
    /// Begins before the first record, with the heads that signed checkpoints state.
    #[must_use]
    pub fn new(checkpoints: &[Head]) -> Self {
        let mut ahead = checkpoints.to_vec();
        ahead.sort_by_key(|head| std::cmp::Reverse(head.size));
        let (frontier, previous) = (Frontier::default(), EMPTY_ROOT);
        Self { frontier, previous, party: None, ahead, confirmed: 0 }
    }

    /// Takes the next record: its leaf hash as the tree holds it, and its bytes.
    ///
    /// Hashes taken from the bytes themselves do as well, but then an altered record is found by
    /// its successor only ([`Fault::Replaced`]), and the last one by a checkpoint only.
    ///
    /// # Errors
    ///
    /// [`Broken`]; the walk ends there.
    pub fn step(&mut self, leaf: &Digest, bytes: &[u8]) -> Result<Record, Broken> {
        self.confirm()?;
        let place = self.frontier.size();
        let broken = |sequence, fault| Err(Broken { sequence, fault });
        if leaf_hash(bytes) != *leaf {
            return broken(place, Fault::Altered);
        }
        let Ok(record) = Record::from_json(bytes) else {
            return broken(place, Fault::Unreadable);
        };
        if record.sequence != place {
            return broken(place.min(record.sequence), Fault::OutOfPlace);
        }
        if record.previous != self.previous {
            let before = place.checked_sub(1).map(|before| (before, Fault::Replaced));
            let (sequence, fault) = before.unwrap_or((place, Fault::OutOfPlace));
            return broken(sequence, fault);
        }
        if self.party.get_or_insert_with(|| record.party.clone()) != &record.party {
            return broken(place, Fault::AnotherParty);
        }
        self.frontier.append(*leaf);
        self.previous = *leaf;
        Ok(record)
    }

    /// Ends after the last record.
    ///
    /// # Errors
    ///
    /// [`Broken`] when a checkpoint states another root, or was signed over more records than came.
    pub fn finish(mut self) -> Result<Verified, Broken> {
        self.confirm()?;
        if !self.ahead.is_empty() {
            return Err(Broken { sequence: self.frontier.size(), fault: Fault::CutOff });
        }
        Ok(Verified { frontier: self.frontier, last: self.previous, confirmed: self.confirmed })
    }

    /// Compares the root here with those that checkpoints of this size state.
    fn confirm(&mut self) -> Result<(), Broken> {
        let here = self.frontier.head();
        let mut confirmed = self.confirmed;
        while let Some(head) = self.ahead.pop_if(|head| head.size == here.size) {
            if head != here {
                return Err(Broken { sequence: self.confirmed, fault: Fault::Rewritten });
            }
            confirmed = here.size;
        }
        self.confirmed = confirmed;
        Ok(())
    }
}
