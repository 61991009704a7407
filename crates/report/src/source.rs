//! A file that a report leans on.

use domain::Digest;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A file that a report leans on: its name, and the hash that tells it from any other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The file's name, without its folder.
    pub file: String,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

impl Source {
    /// Names a file by its content.
    #[must_use]
    pub fn of(file: impl Into<String>, bytes: &[u8]) -> Self {
        Self { file: file.into(), digest: digest(bytes) }
    }
}

/// SHA-256.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(bytes).into())
}
