//! The hashes of the tree (RFC 6962 §2.1): a leaf and a node are told apart by their first byte.

use domain::Digest;
use sha2::Sha256;

/// The root of a log without leaves: SHA-256 of nothing.
pub const EMPTY_ROOT: Digest = Digest::from_bytes([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// The hash of a leaf with these bytes: `SHA-256(0x00 || bytes)`.
#[must_use]
pub fn leaf_hash(bytes: &[u8]) -> Digest {
    sha256(&[&[0], bytes])
}

/// The hash over two subtrees: `SHA-256(0x01 || left || right)`.
pub(crate) fn node_hash(left: &Digest, right: &Digest) -> Digest {
    sha256(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// The hash over subtrees that lie side by side, largest first; nothing over nothing.
pub(crate) fn joined(subtrees: &[Digest]) -> Option<Digest> {
    let (last, others) = subtrees.split_last()?;
    Some(others.iter().rfold(*last, |right, left| node_hash(left, &right)))
}

/// SHA-256 over parts, one after the other. Whoever calls it separates the parts.
pub(crate) fn sha256(parts: &[&[u8]]) -> Digest {
    use sha2::Digest as _;

    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Digest::from_bytes(hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::{EMPTY_ROOT, sha256};

    #[test]
    fn the_root_of_nothing_is_the_hash_of_nothing() {
        assert_eq!(sha256(&[]), EMPTY_ROOT);
    }
}
