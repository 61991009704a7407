//! Bins while they are merged, each with its counts.

use crate::Error;
use crate::fitting::{Counts, Partition};

/// Bins while they are merged, each with its counts: no count is ever lost.
pub(crate) struct Merging {
    starts: Vec<usize>,
    of: usize,
    pub(crate) counts: Vec<Counts>,
}

impl Merging {
    pub(crate) fn of(prebins: &[Counts], partition: &Partition) -> Self {
        Self {
            starts: partition.starts().to_vec(),
            of: prebins.len(),
            counts: partition.counts(prebins),
        }
    }

    /// Merges a bin with the next one, which there must be.
    pub(crate) fn with_next(&mut self, bin: usize) {
        self.starts.remove(bin + 1);
        let next = self.counts.remove(bin + 1);
        self.counts[bin] = self.counts[bin] + next;
    }

    /// Merges a bin with the neighbour that is less far; of equals, with the one before.
    pub(crate) fn with_nearer<T: PartialOrd>(
        &mut self,
        bin: usize,
        before: Option<T>,
        after: Option<T>,
    ) {
        let next = match (before, after) {
            (Some(before), Some(after)) => before > after,
            (before, _) => before.is_none(),
        };
        self.with_next(if next { bin } else { bin - 1 });
    }

    pub(crate) fn finish(self) -> Result<Partition, Error> {
        Partition::new(self.starts, self.of)
    }
}
