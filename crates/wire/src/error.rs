//! Why a message is not what it should be.

/// A message that does not say what its place demands. Always its sender's fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A field that must be there is not.
    #[error("the message lacks `{0}`")]
    Missing(&'static str),
    /// A field's value is not of its kind.
    #[error("the message's `{field}` is not {expected}")]
    Field {
        /// The field's name in the .proto file.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A frame's body is longer than any chunk may be.
    #[error("a chunk has at most {max} bytes, one of {found} came", max = session::MAX_CHUNK)]
    Oversized {
        /// The body's length in bytes.
        found: usize,
    },
    /// The sender speaks another version.
    #[error("this party speaks version {ours} of the protocol, the peer version {theirs}")]
    Version {
        /// Ours.
        ours: u32,
        /// The peer's.
        theirs: u32,
    },
}
