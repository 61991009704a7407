//! The right edge of a log: all that is needed to append to it and to know its root.

use domain::Digest;

use crate::Error;
use crate::hash::{EMPTY_ROOT, joined, node_hash};
use crate::span::{Coordinate, Span};

/// The most leaves that a log is reopened with; nobody appends this many.
pub const MAX_LEAVES: u64 = 1 << 62;

/// How many leaves a log has, and the hash over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of leaves.
    pub size: u64,
    /// The root (RFC 6962 §2.1: MTH).
    pub root: Digest,
}

/// The right edge of a log: the complete subtrees that cover its leaves, at most 64 hashes.
///
/// ```
/// use audit::{Frontier, leaf_hash};
///
/// let mut log = Frontier::default();
/// let nodes = log.append(leaf_hash(b"first"));
/// // The store keeps `nodes`; after a restart it fetches a few of them and goes on.
/// let wanted = Frontier::coordinates(log.size());
/// let found = wanted.iter().map(|at| nodes.iter().find(|node| node.0 == *at).unwrap().1);
/// assert_eq!(Frontier::from_nodes(log.size(), found.collect())?, log);
/// # Ok::<(), audit::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Largest first: one for each bit of `size`.
    subtrees: Vec<Digest>,
}

impl Frontier {
    /// Appends a leaf, and gives the complete subtrees that this makes, the leaf first: to be
    /// stored before anything is said about the leaf.
    pub fn append(&mut self, leaf: Digest) -> Vec<(Coordinate, Digest)> {
        let place = self.size;
        let mut new = vec![(Coordinate { level: 0, index: place }, leaf)];
        let mut hash = leaf;
        // A subtree grows a level for each one that ends the old size in binary.
        for level in (1..=63_u8).take_while(|level| place >> (level - 1) & 1 == 1) {
            let Some(left) = self.subtrees.pop() else { break };
            hash = node_hash(&left, &hash);
            new.push((Coordinate { level, index: place >> level }, hash));
        }
        self.subtrees.push(hash);
        self.size += 1;
        new
    }

    /// How many leaves there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The hash over all leaves.
    #[must_use]
    pub fn root(&self) -> Digest {
        joined(&self.subtrees).unwrap_or(EMPTY_ROOT)
    }

    /// Size and root together.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { size: self.size(), root: self.root() }
    }

    /// The nodes to fetch to reopen a log of this size, in the order of [`Frontier::from_nodes`].
    #[must_use]
    pub fn coordinates(size: u64) -> Vec<Coordinate> {
        Span { start: 0, length: size }.subtrees().collect()
    }

    /// Reopens a log. Whether the nodes are its own shows in [`Frontier::root`], which the last
    /// signed checkpoint states.
    ///
    /// # Errors
    ///
    /// [`Error::Leaves`] beyond [`MAX_LEAVES`], [`Error::Nodes`] when there are not as many nodes
    /// as [`Frontier::coordinates`] lists.
    pub fn from_nodes(size: u64, nodes: Vec<Digest>) -> Result<Self, Error> {
        if size > MAX_LEAVES {
            return Err(Error::Leaves { limit: MAX_LEAVES, found: size });
        }
        let expected = size.count_ones() as usize;
        if nodes.len() != expected {
            return Err(Error::Nodes { expected, found: nodes.len() });
        }
        Ok(Self { size, subtrees: nodes })
    }
}
