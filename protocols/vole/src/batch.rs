//! A batch of 2^16 correlations: trees, their check, and the code that compresses them.

use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::{ParallelSlice, ParallelSliceMut};
use sha2::{Digest, Sha256};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::DOMAIN;
use crate::code::{BLOCK, Code};
use crate::extension::{Rows, pads};
use crate::simd::{FixedKey, Machine};
use crate::stream::elements;
use crate::terms::{BASES, TREE_BLOCKS, TREE_MESSAGE};
use crate::transcript::{HASH, element};
use crate::tree::{DEPTH, Growth, LEAVES, SIDE, TREES, side_beside};

/// Elements of a tree on the wire, before the last ones of all.
const SUMS: usize = 2 * DEPTH;

/// What every batch of a run shares; public.
pub(crate) struct Setting {
    machine: Machine,
    growth: Growth,
    pads: FixedKey,
    code: Code,
    /// All that passed before the trees.
    transcript: [u8; HASH],
}

/// What the sender makes of a batch.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Made {
    pub(crate) message: Vec<u8>,
    /// The hash of its vector, without what the receiver's mask adds.
    pub(crate) hash: u128,
    pub(crate) outputs: Zeroizing<Vec<u128>>,
}

/// What the receiver makes of a batch.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Opened {
    /// Tells the sender how to hash, and hides where the noise lies.
    pub(crate) mask: u128,
    pub(crate) hash: u128,
    /// The `a` of `c = a D + b`.
    pub(crate) factors: Zeroizing<Vec<u128>>,
    /// The `c` of `c = a D + b`.
    pub(crate) products: Zeroizing<Vec<u128>>,
}

/// The receiver's secrets of a batch: a hole in each tree, and what the batch starts from.
pub(crate) struct Start<'a> {
    pub(crate) holes: &'a [u16; TREES],
    pub(crate) factors: &'a [u128],
    pub(crate) products: &'a [u128],
}

impl Setting {
    pub(crate) fn new(machine: Machine, transcript: [u8; HASH]) -> Self {
        let key = |name: &[u8; 16]| FixedKey::new(machine, u128::from_le_bytes(*name));
        let growth = Growth { left: key(b"tacit/vole/v1/gl"), right: key(b"tacit/vole/v1/gr") };
        let pads = key(b"tacit/vole/v1/ot");
        Self { machine, growth, pads, code: Code::new(machine), transcript }
    }

    /// Grows the sender's trees, sums them for the receiver, and compresses their leaves.
    ///
    /// `bases` are the outputs that this batch starts from, and `rows` all correlated OTs.
    pub(crate) fn make(
        &self,
        batch: usize,
        roots: &[u128],
        rows: &Rows,
        bases: &[u128],
        secret: u128,
    ) -> Made {
        let (message, mut vector) = self.grow(batch, roots, rows, bases, secret);
        let challenge = self.challenge(batch, &message);
        let hash = self.machine.universal_hash(&vector, challenge) ^ bases[TREES];
        self.code.compress(&mut vector);
        Made { message, hash, outputs: vector }
    }

    /// Grows the receiver's trees from a message, and compresses what it knows of the leaves.
    pub(crate) fn open(
        &self,
        batch: usize,
        message: &[u8],
        rows: &Rows,
        start: &Start<'_>,
    ) -> Opened {
        let [mut products, mut factors] = self.regrow(batch, message, rows, start);
        let challenge = self.challenge(batch, message);
        let mask = self.mask(challenge, start);
        let hash = self.machine.universal_hash(&products, challenge) ^ start.products[TREES];
        self.code.compress(&mut products);
        self.code.compress(&mut factors);
        Opened { mask, hash, factors, products }
    }

    /// The sender's message, and all leaves.
    fn grow(
        &self,
        batch: usize,
        roots: &[u128],
        rows: &Rows,
        bases: &[u128],
        secret: u128,
    ) -> (Vec<u8>, Zeroizing<Vec<u128>>) {
        let (first, ots) = tree_rows(batch, rows);
        let zero = pads(&self.pads, ots, first, 0);
        let one = pads(&self.pads, ots, first, secret);
        let mut vector = Zeroizing::new(vec![0; 2 * BLOCK]);
        let mut message = vec![0; TREE_MESSAGE];
        let (levels, finals) = message.split_at_mut(TREES * SUMS * 16);
        vector
            .par_chunks_mut(SIDE * LEAVES)
            .zip(roots.par_chunks(SIDE))
            .zip(levels.par_chunks_mut(SIDE * SUMS * 16))
            .zip(finals.par_chunks_mut(SIDE * 16))
            .enumerate()
            .for_each(|(group, (((vector, roots), levels), finals))| {
                let roots = roots.try_into().expect("chunks of eight");
                let (leaves, sums) = self.growth.grow(roots);
                tree_by_tree(&leaves, vector);
                for tree in 0..SIDE {
                    let mut put = |place: usize, value: u128| {
                        levels[(tree * SUMS + place) * 16..][..16]
                            .copy_from_slice(&value.to_le_bytes());
                    };
                    for (level, sums) in sums.iter().enumerate() {
                        // > §3.5 Each sum goes out under the pad of its side.
                        let ot = (group * SIDE + tree) * DEPTH + level;
                        put(2 * level, sums[0][tree] ^ zero[ot]);
                        put(2 * level + 1, sums[1][tree] ^ one[ot]);
                    }
                    let leaves = sums[DEPTH - 1][0][tree] ^ sums[DEPTH - 1][1][tree];
                    let last = leaves ^ bases[group * SIDE + tree];
                    finals[tree * 16..][..16].copy_from_slice(&last.to_le_bytes());
                }
            });
        (message, vector)
    }

    /// What the receiver knows: the leaves, with `y D` added to the one at each hole, and the y's.
    fn regrow(
        &self,
        batch: usize,
        message: &[u8],
        rows: &Rows,
        start: &Start<'_>,
    ) -> [Zeroizing<Vec<u128>>; 2] {
        let (first, ots) = tree_rows(batch, rows);
        let own = pads(&self.pads, ots, first, 0);
        let mut products = Zeroizing::new(vec![0; 2 * BLOCK]);
        let mut factors = Zeroizing::new(vec![0; 2 * BLOCK]);
        let (levels, finals) = message.split_at(TREES * SUMS * 16);
        products
            .par_chunks_mut(SIDE * LEAVES)
            .zip(factors.par_chunks_mut(SIDE * LEAVES))
            .zip(levels.par_chunks(SIDE * SUMS * 16))
            .zip(finals.par_chunks(SIDE * 16))
            .enumerate()
            .for_each(|(group, (((products, factors), levels), finals))| {
                let trees = group * SIDE..(group + 1) * SIDE;
                let holes: &[u16; SIDE] =
                    start.holes[trees.clone()].try_into().expect("a group has eight trees");
                let levels: Vec<u128> = elements(levels).collect();
                let beside = std::array::from_fn(|level| {
                    std::array::from_fn(|tree| {
                        // Both are read, so that no address tells the hole.
                        let pair = tree * SUMS + 2 * level;
                        let side = u128::from(side_beside(holes[tree], level)).wrapping_neg();
                        let chosen = levels[pair] & !side | levels[pair + 1] & side;
                        chosen ^ own[(group * SIDE + tree) * DEPTH + level]
                    })
                });
                let leaves = self.growth.regrow(holes, &beside);
                tree_by_tree(&leaves, products);
                for ((tree, last), hole) in trees.zip(elements(finals)).zip(holes) {
                    // > §3.5 The leaf at the hole: the sum of all others + last + z, that is leaf + y D.
                    let at = (tree % SIDE) * LEAVES;
                    let sum = products[at..at + LEAVES].iter().fold(0, |sum, leaf| sum ^ leaf);
                    products[at + usize::from(*hole)] = sum ^ last ^ start.products[tree];
                    factors[at + usize::from(*hole)] = start.factors[tree];
                }
            });
        [products, factors]
    }

    /// Drawn from all that the sender said until now, so that it cannot choose its trees by it.
    fn challenge(&self, batch: usize, message: &[u8]) -> u128 {
        let hash = Sha256::new().chain_update(DOMAIN).chain_update(b"trees");
        let hash = hash.chain_update(self.transcript).chain_update((batch as u64).to_be_bytes());
        element(hash.chain_update(message).finalize().into())
    }

    /// The universal hash of the factors, of which one a tree is not 0, masked.
    ///
    /// > §3.6 p = sum over the trees of c^(place + 1) y + y*
    fn mask(&self, challenge: u128, start: &Start<'_>) -> u128 {
        let mut squares = [challenge; 18];
        for place in 1..squares.len() {
            squares[place] = self.machine.multiply(squares[place - 1], squares[place - 1]);
        }
        let mut mask = start.factors[TREES];
        for (tree, (hole, factor)) in start.holes.iter().zip(start.factors).enumerate() {
            let power = (tree * LEAVES) as u64 + u64::from(*hole) + 1;
            let term = (0..).zip(&squares).fold(*factor, |term, (bit, square)| {
                // Both are computed, so that no branch tells the hole.
                let multiplied = self.machine.multiply(term, *square);
                let set = u128::from(power >> bit & 1).wrapping_neg();
                multiplied & set | term & !set
            });
            mask ^= term;
        }
        mask
    }
}

/// The correlated OTs of a batch's trees, and the number of the first.
fn tree_rows(batch: usize, rows: &Rows) -> (u128, &[u128]) {
    let first = BASES + TREE_BLOCKS * batch;
    (128 * first as u128, rows.blocks(first..first + TREE_BLOCKS))
}

/// Puts the leaves of eight trees side by side one tree after another.
fn tree_by_tree(leaves: &[u128], vector: &mut [u128]) {
    for (leaf, eight) in leaves.as_chunks::<SIDE>().0.iter().enumerate() {
        for (tree, value) in eight.iter().enumerate() {
            vector[tree * LEAVES + leaf] = *value;
        }
    }
}

#[cfg(test)]
mod tests;
