//! Why an envelope or a key is refused.

/// Why an envelope or a key is refused. Whoever wrote it is to blame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More bytes than an envelope may have.
    #[error("an envelope has at most {limit} bytes, this one has {found}")]
    Oversized {
        /// The most that is read.
        limit: usize,
        /// What came.
        found: usize,
    },
    /// Not the JSON of a DSSE envelope.
    #[error("this is not a DSSE envelope: {0}")]
    Malformed(String),
    /// The payload is of another type than the one expected.
    #[error("the envelope holds a `{found}`; a `{expected}` was expected")]
    Type {
        /// What the caller wanted to read.
        expected: &'static str,
        /// What the envelope says, shortened.
        found: String,
    },
    /// No signature of the expected key holds.
    #[error("no signature of the expected key holds")]
    Signature,
    /// The suite is not known, or reserved for later.
    #[error("the signature suite `{0}` is not supported; this version knows ed25519")]
    Suite(String),
    /// A key is not written as `ed25519:` and 43 or 44 characters of base64, or is no usable key.
    #[error("a public key is written `ed25519:` and the base64 of its 32 bytes")]
    Key,
}
