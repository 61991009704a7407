//! One record of a log, and the chain in which records are written.

use domain::{Digest, Duty, PartyId, TokenName};
use serde::{Deserialize, Serialize};

use crate::hash::leaf_hash;
use crate::{
    Broken, Clock, EMPTY_ROOT, Error, Event, Head, MAX_LEAVES, Moment, Verified, Version, Walk,
};

/// The most bytes of a record. With every list full it has about 32 KiB.
pub const MAX_RECORD: usize = 48 << 10;

/// One record of a party's log. Its JSON is the leaf, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its place in the log, from 0: the index of its leaf.
    pub sequence: u64,
    /// The leaf hash of the record before it; [`EMPTY_ROOT`] for the first.
    pub previous: Digest,
    /// When it was written.
    pub time: Moment,
    /// Where the time comes from.
    pub clock: Clock,
    /// Whose log it is.
    pub party: PartyId,
    /// In which duty the party acted.
    pub duty: Duty,
    /// The software that wrote it.
    pub software: Version,
    /// The token of the party's staff under which it was done; none where it was done by the party's own
    /// user, or by the party itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<TokenName>,
    /// What happened.
    pub event: Event,
}

impl Record {
    /// Reads a leaf.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`] before anything is allocated, [`Error::Malformed`], [`Error::Leaves`] for
    /// a place that no log reaches.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        Error::bounded("an audit record", MAX_RECORD, bytes)?;
        let record: Self = serde_json::from_slice(bytes)
            .map_err(|error| Error::malformed("an audit record", &error))?;
        let Self { sequence, .. } = record;
        if sequence >= MAX_LEAVES {
            return Err(Error::Leaves { limit: MAX_LEAVES, found: sequence });
        }
        Ok(record)
    }

    /// The leaf's bytes.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("records are strings, numbers and lists")
    }

    /// Walks a whole log: each leaf with its hash, as the tree holds it, from the first record on;
    /// and the heads that signed checkpoints state about it.
    ///
    /// # Errors
    ///
    /// [`Broken`] names the first bad sequence number.
    pub fn verify_chain<B: AsRef<[u8]>>(
        leaves: impl IntoIterator<Item = (Digest, B)>,
        checkpoints: &[Head],
    ) -> Result<Verified, Broken> {
        let mut walk = Walk::new(checkpoints);
        for (leaf, bytes) in leaves {
            walk.step(&leaf, bytes.as_ref())?;
        }
        walk.finish()
    }
}

/// A record as it lies in a log: with its bytes and its leaf hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    record: Record,
    bytes: Vec<u8>,
    leaf: Digest,
}

impl Logged {
    /// A record as it will lie in a log.
    #[must_use]
    pub fn of(record: Record) -> Self {
        let bytes = record.to_json();
        Self { record, leaf: leaf_hash(&bytes), bytes }
    }

    /// Reads a leaf.
    ///
    /// # Errors
    ///
    /// Those of [`Record::from_json`].
    pub fn from_json(bytes: Vec<u8>) -> Result<Self, Error> {
        let record = Record::from_json(&bytes)?;
        Ok(Self { record, leaf: leaf_hash(&bytes), bytes })
    }

    /// The record.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The leaf's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The leaf's bytes, to be stored.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The leaf's hash: what goes into the tree, and what the next record names.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.leaf
    }
}

/// When, by which clock and in which duty something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When.
    pub time: Moment,
    /// Where the time comes from.
    pub clock: Clock,
    /// In which duty the party acted.
    pub duty: Duty,
}

/// The end of a party's log, where the next record is written.
///
/// ```
/// use audit::{Chain, Clock, Event, Moment, Stamp, Version};
/// use domain::{Digest, Duty};
/// use time::macros::datetime;
///
/// let mut chain = Chain::begin("tax".parse()?, Version([0, 1, 0]));
/// let time = Moment::new(datetime!(2026-03-02 09:13:40 +8))?;
/// let stamp = Stamp { time, clock: Clock::Synchronised, duty: Duty::Holder };
/// let (catalogue, profile) = (Digest::from_bytes([1; 32]), Digest::from_bytes([2; 32]));
/// let first = chain.write(stamp, Event::Configuration { catalogue, profile });
/// assert_eq!(first.record().sequence, 0);
/// let second = chain.write(stamp, Event::Configuration { catalogue, profile });
/// assert_eq!(second.record().previous, first.leaf());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    party: PartyId,
    software: Version,
    next: u64,
    previous: Digest,
}

impl Chain {
    /// A party's new log.
    #[must_use]
    pub fn begin(party: PartyId, software: Version) -> Self {
        Self { party, software, next: 0, previous: EMPTY_ROOT }
    }

    /// The log that ends with this record, as it was read back after a restart.
    #[must_use]
    pub fn resume(last: &Logged, software: Version) -> Self {
        let Record { sequence, party, .. } = last.record();
        Self { party: party.clone(), software, next: sequence + 1, previous: last.leaf() }
    }

    /// Writes the next record: its bytes go to the store, its leaf hash to the
    /// [`Frontier`](crate::Frontier), both before anything that depends on it is sent.
    ///
    /// When the store fails, chain and frontier are ahead of it: drop both, and resume from what
    /// was stored.
    pub fn write(&mut self, stamp: Stamp, event: Event) -> Logged {
        let record = Record {
            sequence: self.next,
            previous: self.previous,
            time: stamp.time,
            clock: stamp.clock,
            party: self.party.clone(),
            duty: stamp.duty,
            software: self.software,
            by: None,
            event,
        };
        let logged = Logged::of(record);
        self.next += 1;
        self.previous = logged.leaf;
        logged
    }
}
