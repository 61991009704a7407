//! The outputs of the batches: some for later batches to start from, the rest for the caller.

use std::ops::Range;

use zeroize::Zeroizing;

use crate::terms::{BASES, parent};
use crate::{Terms, WAVE};

/// One vector of a run under way.
pub(crate) struct Outputs {
    /// What the first batch starts from.
    first: Zeroizing<Vec<u128>>,
    /// What each batch reserves for others.
    reserved: Vec<Zeroizing<Vec<u128>>>,
    taken: Zeroizing<Vec<u128>>,
    /// How many the caller gets.
    wanted: usize,
}

impl Outputs {
    pub(crate) fn new(terms: &Terms, first: impl Iterator<Item = u128>) -> Self {
        let wanted = usize::try_from(terms.outputs).expect("outputs are in memory");
        let mut start = Zeroizing::new(Vec::with_capacity(BASES));
        start.extend(first);
        let taken = Zeroizing::new(Vec::with_capacity(wanted));
        Self { first: start, reserved: Vec::new(), taken, wanted }
    }

    /// The batches that can be made next, none of which starts from another of them.
    pub(crate) fn wave(&self, batches: usize) -> Range<usize> {
        let next = self.reserved.len();
        let end = if next == 0 { 1 } else { next + WAVE };
        next..end.min(batches)
    }

    /// What `batch` starts from.
    pub(crate) fn bases(&self, batch: usize) -> &[u128] {
        match parent(batch) {
            None => &self.first,
            Some((parent, at)) => &self.reserved[parent][at..at + BASES],
        }
    }

    /// Takes the outputs of the next batch.
    pub(crate) fn push(&mut self, terms: &Terms, outputs: &[u128]) {
        let (reserved, rest) = outputs.split_at(terms.reserve(self.reserved.len()));
        self.reserved.push(Zeroizing::new(reserved.to_vec()));
        let missing = self.wanted - self.taken.len();
        self.taken.extend_from_slice(&rest[..missing.min(rest.len())]);
    }

    /// The caller's outputs.
    pub(crate) fn finish(self) -> Zeroizing<Vec<u128>> {
        self.taken
    }
}
