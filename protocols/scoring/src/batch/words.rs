//! The words of a block on the wire, behind a digest that binds them to their terms and block.

use lattice::Hasher;
use session::Culprit;
use zeroize::Zeroize;

use crate::batch::{BODY_WORD_BITS, MASK_WORD_BITS};
use crate::error::expect_length;
use crate::{CHECK_WORDS, Error, RING};

const MASK_BYTES: usize = RING * MASK_WORD_BITS as usize / 8;
const BODY_BYTES: usize = RING * BODY_WORD_BITS as usize / 8;

/// Bytes of a block's words and the digest before them.
pub(crate) const BLOCK_BYTES: usize = 32 + MASK_BYTES + BODY_BYTES + 4 * CHECK_WORDS;

/// 4096 words of mask, modulo 2^24; 4096 of body, modulo 2^16; and the check words, modulo 2^32.
///
/// In memory all have 32 bits, so that adding them is one loop; what exceeds their modulus is left
/// out when they are encoded.
#[derive(Zeroize)]
pub(crate) struct Words(pub(crate) Vec<u32>);

impl Words {
    /// All zero.
    pub(crate) fn zero() -> Self {
        Self(vec![0; 2 * RING + CHECK_WORDS])
    }

    /// The words of the mask.
    pub(crate) fn mask(&self) -> &[u32] {
        &self.0[..RING]
    }

    /// The words of the body.
    pub(crate) fn body(&self) -> &[u32] {
        &self.0[RING..2 * RING]
    }

    /// The words that are zero once all masks are gone.
    pub(crate) fn check(&self) -> &[u32] {
        &self.0[2 * RING..]
    }

    /// Adds `other`, word by word.
    pub(crate) fn add(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word = word.wrapping_add(*other);
        }
    }

    /// `binding` and the words make the digest that precedes them.
    pub(crate) fn to_bytes(&self, binding: Hasher) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BLOCK_BYTES);
        bytes.extend([0; 32]);
        bytes.extend(self.mask().iter().flat_map(|word| word.to_le_bytes().into_iter().take(3)));
        bytes.extend(self.body().iter().flat_map(|word| word.to_le_bytes().into_iter().take(2)));
        bytes.extend(self.check().iter().flat_map(|word| word.to_le_bytes()));
        let digest = binding.with(&bytes[32..]).finish();
        bytes[..32].copy_from_slice(&digest);
        bytes
    }

    /// The words, if their length and digest are right.
    pub(crate) fn from_bytes(
        what: &'static str,
        bytes: &[u8],
        binding: Hasher,
        culprit: Culprit,
    ) -> Result<Self, Error> {
        expect_length(what, BLOCK_BYTES, bytes.len(), culprit)?;
        let (digest, content) = bytes.split_at(32);
        if binding.with(content).finish() != digest {
            return Err(Error::Unbound { what, culprit });
        }
        let (mask, rest) = content.split_at(MASK_BYTES);
        let (body, check) = rest.split_at(BODY_BYTES);
        let mut words = Vec::with_capacity(2 * RING + CHECK_WORDS);
        words.extend(mask.as_chunks().0.iter().map(|&[a, b, c]| u32::from_le_bytes([a, b, c, 0])));
        words.extend(body.as_chunks().0.iter().map(|&[a, b]| u32::from_le_bytes([a, b, 0, 0])));
        words.extend(check.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)));
        Ok(Self(words))
    }
}
