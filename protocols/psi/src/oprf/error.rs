//! Why an operation fails: the errors of RFC 9497, section 5.3, which know no roles.

/// Why an operation of the OPRF fails.
///
/// A protocol that calls them knows whose the bytes were, and blames: here nobody is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes are not what they should encode (`DeserializeError`).
    #[error("not the canonical encoding of an element other than the identity")]
    Deserialize,
    /// An input hashes to the identity, which no known input does, or is longer than the RFC's
    /// framing reaches (`InvalidInputError`).
    #[error("an input has at most {} bytes and does not hash to the identity", u16::MAX)]
    InvalidInput,
    /// No key can be derived from this seed and this information (`DeriveKeyPairError`).
    #[error("no key can be derived from these: take another seed, or at most {} bytes", u16::MAX)]
    DeriveKeyPair,
}
