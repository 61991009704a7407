//! What the tests of the tree share: a store in memory, and RFC 6962 as it is written.

use std::collections::BTreeMap;

use audit::{
    Coordinate, Frontier, Head, consistency_needs, consistency_proof, inclusion_needs,
    inclusion_proof, leaf_hash,
};
use domain::Digest;

/// A log whose nodes are kept in memory.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) frontier: Frontier,
    pub(crate) nodes: BTreeMap<Coordinate, Digest>,
}

impl Log {
    pub(crate) fn of<T: AsRef<[u8]>>(leaves: impl IntoIterator<Item = T>) -> Self {
        let mut log = Self::default();
        for leaf in leaves {
            log.append(leaf.as_ref());
        }
        log
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) {
        for (at, hash) in self.frontier.append(leaf_hash(bytes)) {
            assert_eq!(self.nodes.insert(at, hash), None, "a node is written once");
        }
    }

    pub(crate) fn head(&self) -> Head {
        self.frontier.head()
    }

    pub(crate) fn at(&self, size: u64) -> Head {
        let nodes = self.fetch(&Frontier::coordinates(size));
        Frontier::from_nodes(size, nodes).unwrap().head()
    }

    pub(crate) fn inclusion(&self, index: u64, size: u64) -> Vec<Digest> {
        let nodes = self.fetch(&inclusion_needs(index, size).unwrap());
        inclusion_proof(index, size, &nodes).unwrap()
    }

    pub(crate) fn consistency(&self, old: u64, new: u64) -> Vec<Digest> {
        let nodes = self.fetch(&consistency_needs(old, new).unwrap());
        consistency_proof(old, new, &nodes).unwrap()
    }

    fn fetch(&self, wanted: &[Coordinate]) -> Vec<Digest> {
        wanted.iter().map(|at| self.nodes[at]).collect()
    }
}

/// RFC 6962 §2.1, word for word, over the leaves themselves.
pub(crate) mod naive {
    use domain::Digest;
    use sha2::{Digest as _, Sha256};

    fn hash(parts: &[&[u8]]) -> Digest {
        Digest::from_bytes(Sha256::digest(parts.concat()).into())
    }

    fn k(n: usize) -> usize {
        let mut k = 1;
        while k * 2 < n {
            k *= 2;
        }
        k
    }

    pub(crate) fn mth(d: &[Vec<u8>]) -> Digest {
        match d {
            [] => hash(&[]),
            [one] => hash(&[&[0], one]),
            _ => {
                let (left, right) = d.split_at(k(d.len()));
                hash(&[&[1], mth(left).as_bytes(), mth(right).as_bytes()])
            }
        }
    }

    pub(crate) fn path(m: usize, d: &[Vec<u8>]) -> Vec<Digest> {
        if d.len() <= 1 {
            return Vec::new();
        }
        let (left, right) = d.split_at(k(d.len()));
        let (mut path, beside) = if m < left.len() {
            (path(m, left), mth(right))
        } else {
            (path(m - left.len(), right), mth(left))
        };
        path.push(beside);
        path
    }

    pub(crate) fn proof(m: usize, d: &[Vec<u8>]) -> Vec<Digest> {
        subproof(m, d, true)
    }

    fn subproof(m: usize, d: &[Vec<u8>], known: bool) -> Vec<Digest> {
        if m == d.len() {
            return if known { Vec::new() } else { vec![mth(d)] };
        }
        let (left, right) = d.split_at(k(d.len()));
        let (mut proof, beside) = if m <= left.len() {
            (subproof(m, left, known), mth(right))
        } else {
            (subproof(m - left.len(), right, false), mth(left))
        };
        proof.push(beside);
        proof
    }
}
