//! Little-endian words as bytes, and back.

/// Words of 64 bits.
pub(crate) fn to_bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Words of 64 bits; a rest of fewer than eight bytes is not read.
pub(crate) fn from_bytes(bytes: &[u8]) -> Vec<u64> {
    bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
}

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
