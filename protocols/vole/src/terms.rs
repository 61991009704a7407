//! What both sides agree on before round 1, and all that follows from it.

use session::Role;

use crate::code::BLOCK;
use crate::tree::{DEPTH, TREES};
use crate::{Error, RECEIVER, SENDER};

/// What both sides agree on before round 1; every hash of the run is bound to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How many correlations each side gets, at most [`Terms::MAX_OUTPUTS`].
    pub outputs: u64,
    /// A hash of everything else that the two sides agreed on.
    pub context: [u8; 32],
}

/// Correlations that a batch starts from: one for each tree, and one that masks its check.
pub(crate) const BASES: usize = TREES + 1;
/// Batches that start from the outputs of one.
const CHILDREN: usize = 128;
/// Blocks of 128 correlated OTs that open the trees of a batch.
pub(crate) const TREE_BLOCKS: usize = TREES * DEPTH / 128;
/// Bytes of a block of correlated OTs on the wire.
pub(crate) const OT_BLOCK: usize = 128 * 16;
/// Bytes of a batch's trees on the wire: two sums a level and one a tree.
pub(crate) const TREE_MESSAGE: usize = TREES * (2 * DEPTH + 1) * 16;
/// Bytes of 128 pairs of points.
pub(crate) const PAIRS: usize = 128 * 2 * 32;
/// Bytes of the hashed choices and columns.
pub(crate) const COLUMN_CHECK: usize = 16 + 128 * 16;
/// Blocks of correlated OTs in a full chunk: 1 MiB.
pub(crate) const BLOCKS_PER_CHUNK: usize = session::MAX_CHUNK / OT_BLOCK;
/// Masks of checks in a full chunk: 1 MiB.
pub(crate) const MASKS_PER_CHUNK: usize = session::MAX_CHUNK / 16;

impl Terms {
    /// The most correlations of a run.
    pub const MAX_OUTPUTS: u64 = 1 << 32;

    /// How many batches the run has.
    pub fn batches(&self) -> u64 {
        // Each but the first takes its start from another's outputs.
        let (first, each) = (BLOCK as u64, (BLOCK - BASES) as u64);
        1 + self.outputs.saturating_sub(first).div_ceil(each)
    }

    /// Bytes of chunk bodies that `role` sends in the whole run (SPEC §7); 0 for a third role.
    pub fn bytes_from(&self, role: Role) -> u64 {
        let batches = self.batches();
        match role {
            RECEIVER => 32 + OT_BLOCK as u64 * self.blocks() + COLUMN_CHECK as u64 + 16 * batches,
            SENDER => PAIRS as u64 + TREE_MESSAGE as u64 * batches + 32,
            Role(_) => 0,
        }
    }

    /// Chunks that `role` sends in the whole run (SPEC §4); 0 for a third role.
    pub fn chunks_from(&self, role: Role) -> u64 {
        let batches = self.batches();
        match role {
            RECEIVER => {
                2 + self.blocks().div_ceil(BLOCKS_PER_CHUNK as u64)
                    + batches.div_ceil(MASKS_PER_CHUNK as u64)
            }
            SENDER => 2 + batches,
            Role(_) => 0,
        }
    }

    /// Blocks of 128 correlated OTs: the first batch's start, all trees, and one that masks the check.
    pub(crate) fn blocks(&self) -> u64 {
        BASES as u64 + TREE_BLOCKS as u64 * self.batches() + 1
    }

    /// How many outputs of `batch` others start from.
    pub(crate) fn reserve(&self, batch: usize) -> usize {
        let others = usize::try_from(self.batches()).map_or(usize::MAX, |batches| batches - 1);
        BASES * others.saturating_sub(CHILDREN * batch).min(CHILDREN)
    }

    /// Refuses sizes that no run can have.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.outputs > Self::MAX_OUTPUTS {
            return Err(Error::TermsTooLarge { outputs: self.outputs });
        }
        Ok(())
    }
}

/// Whose outputs `batch` starts from, and where they begin; nobody's if it is the first.
pub(crate) fn parent(batch: usize) -> Option<(usize, usize)> {
    batch.checked_sub(1).map(|place| (place / CHILDREN, BASES * (place % CHILDREN)))
}

#[cfg(test)]
mod tests {
    use super::{BASES, Terms, parent};
    use crate::code::BLOCK;

    fn terms(outputs: u64) -> Terms {
        Terms { outputs, context: [0; 32] }
    }

    #[test]
    fn a_run_has_as_few_batches_as_give_its_outputs() {
        for (outputs, batches) in [(0, 1), (65_536, 1), (65_537, 2), (130_815, 2), (130_816, 3)] {
            assert_eq!(terms(outputs).batches(), batches, "{outputs}");
        }
    }

    #[test]
    fn every_batch_starts_from_outputs_that_an_earlier_one_reserves_for_it_alone() {
        for batches in [1_u64, 2, 3, 129, 130, 300] {
            let terms = terms(65_536 + 65_279 * (batches - 1));
            assert_eq!(terms.batches(), batches);
            let batches = usize::try_from(batches).unwrap();
            let mut taken = std::collections::BTreeSet::new();
            for batch in 1..batches {
                let (from, at) = parent(batch).unwrap();
                assert!(
                    from < batch && at + BASES <= terms.reserve(from) && taken.insert((from, at))
                );
            }
            let left: usize = (0..batches).map(|batch| BLOCK - terms.reserve(batch)).sum();
            assert_eq!(left as u64, terms.outputs);
        }
    }
}
