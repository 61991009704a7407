//! Words of 32 bits on the wire, behind a digest that binds them to their terms.

use lattice::Hasher;
use session::Culprit;

use crate::error::expect_length;
use crate::{Error, WORDS};

pub(crate) const WORDS_BYTES: usize = 4 * WORDS;

/// `binding` and the words make the digest that precedes them.
pub(crate) fn words_to_bytes(words: &[u32], binding: Hasher) -> Vec<u8> {
    let content: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let digest = binding.with(&content).finish();
    [&digest, content.as_slice()].concat()
}

/// The words, if their length and digest are right.
pub(crate) fn words_from_bytes(
    what: &'static str,
    bytes: &[u8],
    binding: Hasher,
    culprit: Culprit,
) -> Result<Vec<u32>, Error> {
    expect_length(what, 32 + WORDS_BYTES, bytes.len(), culprit)?;
    let (digest, content) = bytes.split_at(32);
    if binding.with(content).finish() != digest {
        return Err(Error::Unbound { what, culprit });
    }
    Ok(content.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect())
}
