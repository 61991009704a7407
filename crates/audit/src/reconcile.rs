//! What was sent against what was recorded.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use domain::{Digest, RunId};

use crate::{Event, Logged};

/// A result that left, as the store of what was sent has it: not as the log tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The run that it came of.
    pub run: RunId,
    /// The id of the receipt that went with it, if one did.
    pub receipt: Option<Digest>,
}

/// Something that does not add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// A result left without a receipt: nothing shows that it was covered.
    NoReceipt {
        /// The run.
        run: RunId,
    },
    /// A result left under a receipt that no record tells of.
    NoRecord {
        /// The run.
        run: RunId,
        /// The receipt.
        receipt: Digest,
    },
    /// Several results left under one receipt.
    SharedReceipt {
        /// The receipt.
        receipt: Digest,
    },
    /// A record tells of a release, and nothing was sent.
    NoRelease {
        /// The record.
        sequence: u64,
        /// The receipt that it names.
        receipt: Digest,
    },
    /// Several records name one receipt.
    SharedRecord {
        /// The later record.
        sequence: u64,
        /// The receipt.
        receipt: Digest,
    },
    /// A release was begun, and no record closes it.
    NeverClosed {
        /// The record that begins it.
        sequence: u64,
        /// The run.
        run: RunId,
    },
    /// A record closes a release that was never begun, or was closed before.
    NeverBegun {
        /// The record.
        sequence: u64,
    },
}

/// Compares what was sent with what was recorded, over the same span of time: the findings about
/// results in the order in which they left, then those about records in theirs.
pub fn reconcile<'a>(
    releases: impl IntoIterator<Item = Sent>,
    records: impl IntoIterator<Item = &'a Logged>,
) -> Vec<Finding> {
    let told = Told::of(records);
    let mut findings = Vec::new();
    let mut sent = BTreeSet::new();
    for Sent { run, receipt } in releases {
        match receipt {
            None => findings.push(Finding::NoReceipt { run }),
            Some(receipt) if told.released.get(&receipt).is_none_or(|(_, told)| *told != run) => {
                findings.push(Finding::NoRecord { run, receipt });
            }
            Some(receipt) if !sent.insert(receipt) => {
                findings.push(Finding::SharedReceipt { receipt });
            }
            Some(_) => {}
        }
    }
    let unsent = told.released.iter().filter(|(receipt, _)| !sent.contains(receipt));
    let unsent = unsent.map(|(&receipt, &(sequence, _))| Finding::NoRelease { sequence, receipt });
    let open = told.open.values().map(|&(sequence, run)| Finding::NeverClosed { sequence, run });
    let mut about_records: Vec<_> = unsent.chain(open).chain(told.odd).collect();
    about_records.sort_by_key(|finding| finding.sequence());
    findings.extend(about_records);
    findings
}

/// What records tell of releases.
#[derive(Default)]
struct Told {
    /// By receipt: where, and of which run.
    released: BTreeMap<Digest, (u64, RunId)>,
    /// Begun and not closed, by the leaf hash of the record that begins it.
    open: BTreeMap<Digest, (u64, RunId)>,
    odd: Vec<Finding>,
}

impl Told {
    fn of<'a>(records: impl IntoIterator<Item = &'a Logged>) -> Self {
        let mut told = Self::default();
        for logged in records {
            let sequence = logged.record().sequence;
            match &logged.record().event {
                Event::ReleaseBegun(used) => {
                    told.open.insert(logged.leaf(), (sequence, used.release.asked.run));
                }
                Event::Released(released) => {
                    told.close(sequence, &released.begun);
                    let (receipt, run) = (released.receipt, released.used.release.asked.run);
                    match told.released.entry(receipt) {
                        Entry::Vacant(place) => {
                            place.insert((sequence, run));
                        }
                        Entry::Occupied(_) => {
                            told.odd.push(Finding::SharedRecord { sequence, receipt });
                        }
                    }
                }
                Event::ReleaseNotCompleted { begun, .. } => told.close(sequence, begun),
                Event::Refused { .. }
                | Event::RefusedMore { .. }
                | Event::Aligned { .. }
                | Event::AlignmentBegun { .. }
                | Event::AlignmentNotCompleted { .. }
                | Event::Authorisation { .. }
                | Event::Member { .. }
                | Event::Deposit { .. }
                | Event::Checkpoint { .. }
                | Event::SelfReport { .. }
                | Event::UsageReport { .. }
                | Event::Configuration { .. }
                | Event::Model { .. }
                | Event::Job { .. }
                | Event::Training { .. }
                | Event::Token { .. }
                | Event::CallRefused { .. } => {}
            }
        }
        told
    }

    fn close(&mut self, sequence: u64, begun: &Digest) {
        if self.open.remove(begun).is_none() {
            self.odd.push(Finding::NeverBegun { sequence });
        }
    }
}

impl Finding {
    /// The record that the finding is about, if it is about one.
    #[must_use]
    pub const fn sequence(&self) -> Option<u64> {
        match self {
            Self::NoReceipt { .. } | Self::NoRecord { .. } | Self::SharedReceipt { .. } => None,
            Self::NoRelease { sequence, .. }
            | Self::SharedRecord { sequence, .. }
            | Self::NeverClosed { sequence, .. }
            | Self::NeverBegun { sequence } => Some(*sequence),
        }
    }
}
