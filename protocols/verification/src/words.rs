//! Words that were rounded to 16 or 32 bits as little-endian bytes, and back.

/// The low 16 bits of each word.
pub(crate) fn to_bytes16(words: impl Iterator<Item = u64>) -> impl Iterator<Item = u8> {
    #[expect(clippy::cast_possible_truncation, reason = "the words were rounded to 16 bits")]
    words.flat_map(|word| (word as u16).to_le_bytes())
}

/// The low 32 bits of each word.
pub(crate) fn to_bytes32(words: impl Iterator<Item = u64>) -> impl Iterator<Item = u8> {
    #[expect(clippy::cast_possible_truncation, reason = "the words were rounded to 32 bits")]
    words.flat_map(|word| (word as u32).to_le_bytes())
}

/// Words of 16 bits; a rest of one byte is not read.
pub(crate) fn from_bytes16(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.as_chunks().0.iter().map(|word| u64::from(u16::from_le_bytes(*word)))
}

/// Words of 32 bits; a rest of fewer than four bytes is not read.
pub(crate) fn from_bytes32(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.as_chunks().0.iter().map(|word| u64::from(u32::from_le_bytes(*word)))
}
