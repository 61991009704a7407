//! GGM trees, eight side by side: the sender grows them, the receiver all but one leaf of each.

use zeroize::Zeroizing;

use crate::simd::FixedKey;

/// Trees of a batch: the weight of the noise.
pub(crate) const TREES: usize = 256;
/// Levels below the root.
pub(crate) const DEPTH: usize = 9;
/// Leaves of a tree.
pub(crate) const LEAVES: usize = 1 << DEPTH;
/// Trees side by side, so that the CPU has eight blocks under way at once.
pub(crate) const SIDE: usize = 8;

/// A value of each of the eight trees.
pub(crate) type Eight = [u128; SIDE];

/// The keys of the left and of the right child; public, the same for every run.
pub(crate) struct Growth {
    pub(crate) left: FixedKey,
    pub(crate) right: FixedKey,
}

impl Growth {
    /// Grows eight trees from their roots: the leaves, tree beside tree, and the sums over each
    /// level's left and right children.
    ///
    /// > §3.5 left(x) = AES_l(x) + x, right(x) = AES_r(x) + x
    pub(crate) fn grow(
        &self,
        roots: &Eight,
    ) -> (Zeroizing<Vec<u128>>, Zeroizing<[[Eight; 2]; DEPTH]>) {
        let mut sums = Zeroizing::new([[[0; SIDE]; 2]; DEPTH]);
        let mut nodes = Zeroizing::new(roots.to_vec());
        for sums in sums.iter_mut() {
            let children = self.children(&nodes);
            *sums = level_sums(&children);
            nodes = children;
        }
        (nodes, sums)
    }

    /// Grows eight trees without the leaves at `holes`, from the sum of those children of each
    /// level that lie beside the path to the hole; the leaf at the hole is 0.
    ///
    /// The holes serve as addresses here, on the receiver's own machine (SPEC §6).
    pub(crate) fn regrow(
        &self,
        holes: &[u16; SIDE],
        beside: &[Eight; DEPTH],
    ) -> Zeroizing<Vec<u128>> {
        let mut nodes = Zeroizing::new(vec![0; SIDE]);
        for (level, beside) in beside.iter().enumerate() {
            // The nodes on the paths are 0 here; what grows from them is cleared or solved below.
            let mut children = self.children(&nodes);
            let (eights, _) = children.as_chunks_mut::<SIDE>();
            for (tree, hole) in holes.iter().enumerate() {
                let on_path = usize::from(*hole) >> (DEPTH - 1 - level);
                eights[on_path][tree] = 0;
                eights[on_path ^ 1][tree] = 0;
            }
            let grown = level_sums(&children);
            let (eights, _) = children.as_chunks_mut::<SIDE>();
            for (tree, hole) in holes.iter().enumerate() {
                let sibling = usize::from(*hole) >> (DEPTH - 1 - level) ^ 1;
                eights[sibling][tree] = beside[tree] ^ grown[sibling & 1][tree];
            }
            nodes = children;
        }
        nodes
    }

    fn children(&self, nodes: &[u128]) -> Zeroizing<Vec<u128>> {
        let mut children = Zeroizing::new(vec![0; 2 * nodes.len()]);
        self.left.double(&self.right, nodes, &mut children);
        children
    }
}

/// The sum of the left children and that of the right ones, for each tree.
fn level_sums(children: &[u128]) -> [Eight; 2] {
    let mut sums = [[0; SIDE]; 2];
    for pair in children.as_chunks::<{ 2 * SIDE }>().0 {
        for (sum, value) in sums.as_flattened_mut().iter_mut().zip(pair) {
            *sum ^= value;
        }
    }
    sums
}

/// Which side's sum the receiver needs at `level`: the one beside the path to its hole.
///
/// > §3.3 The choice at a level is the opposite of the hole's bit there, the highest first.
pub(crate) fn side_beside(hole: u16, level: usize) -> u16 {
    1 ^ hole >> (DEPTH - 1 - level) & 1
}

#[cfg(test)]
mod tests {
    use super::{DEPTH, Growth, LEAVES, SIDE, side_beside};
    use crate::simd::{FixedKey, Machine};

    fn growth(machine: Machine) -> Growth {
        Growth { left: FixedKey::new(machine, 1), right: FixedKey::new(machine, 2) }
    }

    #[test]
    fn the_receiver_grows_every_leaf_but_its_holes() {
        let roots = std::array::from_fn(|tree| tree as u128 + 77);
        for machine in Machine::available() {
            let growth = growth(machine);
            let (leaves, sums) = growth.grow(&roots);
            assert_eq!(leaves.len(), LEAVES * SIDE);
            for holes in [[0; SIDE], [511; SIDE], [1, 2, 100, 255, 256, 300, 510, 511]] {
                let beside = std::array::from_fn(|level| {
                    std::array::from_fn(|tree| {
                        sums[level][usize::from(side_beside(holes[tree], level))][tree]
                    })
                });
                let regrown = growth.regrow(&holes, &beside);
                for (place, (leaf, ours)) in leaves.iter().zip(regrown.iter()).enumerate() {
                    let hole = usize::from(holes[place % SIDE]) == place / SIDE;
                    assert_eq!(*ours, if hole { 0 } else { *leaf });
                }
            }
        }
    }

    #[test]
    fn sums_are_over_the_children_of_each_side() {
        let growth = growth(Machine::detect());
        let (leaves, sums) = growth.grow(&[9; SIDE]);
        for side in 0..2 {
            let sum = (0..LEAVES / 2).fold(0, |sum, pair| sum ^ leaves[SIDE * (2 * pair + side)]);
            assert_eq!(sums[DEPTH - 1][side], [sum; SIDE]);
        }
    }
}
