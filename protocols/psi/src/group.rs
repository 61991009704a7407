//! Hashing to the group and to its scalars: `hash_to_ristretto255` of RFC 9380, appendix B, and
//! `HashToScalar` of RFC 9497, section 4.1.

use curve25519_dalek::Scalar;
use sha2::{Digest, Sha512};

/// Bytes of a SHA-512 block, `s_in_bytes` of RFC 9380.
pub(crate) const BLOCK: usize = 128;
/// Bytes of a SHA-512 hash, `b_in_bytes` of RFC 9380.
const HASH: usize = 64;

/// Hashing under one domain separation tag, for messages that begin alike.
pub(crate) struct GroupHash {
    /// SHA-512 after the zero block and the messages' common beginning.
    start: Sha512,
    /// The tag and its length: `DST_prime`.
    tag: Vec<u8>,
}

impl GroupHash {
    /// Prepares to hash messages that begin with `prefix` under the domain separation tag `tag`.
    ///
    /// # Panics
    ///
    /// When the tag is longer than 255 bytes.
    pub(crate) fn new(tag: &[u8], prefix: &[u8]) -> Self {
        let length =
            u8::try_from(tag.len()).expect("a domain separation tag has 255 bytes at most");
        let start = Sha512::new().chain_update([0; BLOCK]).chain_update(prefix);
        Self { start, tag: [tag, &[length]].concat() }
    }

    /// The bytes whose one-way map is the group element that `prefix || message` hashes to.
    pub(crate) fn uniform(&self, message: &[u8]) -> [u8; HASH] {
        let mut uniform = [0; HASH];
        self.expand(message, &mut uniform);
        uniform
    }

    /// The scalar that `prefix || message` hashes to.
    pub(crate) fn scalar(&self, message: &[u8]) -> Scalar {
        Scalar::from_bytes_mod_order_wide(&self.uniform(message))
    }

    /// `expand_message_xmd` of RFC 9380, section 5.3.1, with SHA-512.
    ///
    /// # Panics
    ///
    /// When `uniform` is longer than 255 hashes.
    fn expand(&self, message: &[u8], uniform: &mut [u8]) {
        let length = u16::try_from(uniform.len()).expect("at most 255 hashes are asked for");
        // > b_0 = H(Z_pad || msg || l_i_b_str || I2OSP(0, 1) || DST_prime)
        let first: [u8; HASH] = self
            .start
            .clone()
            .chain_update(message)
            .chain_update(length.to_be_bytes())
            .chain_update([0])
            .chain_update(&self.tag)
            .finalize()
            .into();
        // > b_i = H(strxor(b_0, b_(i - 1)) || I2OSP(i, 1) || DST_prime), where b_1 takes b_0 alone
        let mut before = [0; HASH];
        for (i, out) in (1_u8..=255).zip(uniform.chunks_mut(HASH)) {
            let mixed: [u8; HASH] = std::array::from_fn(|byte| first[byte] ^ before[byte]);
            before = Sha512::new()
                .chain_update(mixed)
                .chain_update([i])
                .chain_update(&self.tag)
                .finalize()
                .into();
            out.copy_from_slice(&before[..out.len()]);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
