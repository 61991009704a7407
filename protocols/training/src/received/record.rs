//! What a role keeps of an upload: a header, the messages, and a hash of it all.

use session::Role;
use sha2::{Digest, Sha256};

use crate::upload::encoded;
use crate::{Error, NotKept, Whose};

const VERSION: u8 = 1;
/// Version, role, binding, whose.
pub(crate) const HEADER: usize = 1 + 1 + 32 + 9;

/// What a role keeps of an upload as it comes in, piece after piece.
pub(crate) struct Record<K> {
    pub(crate) header: [u8; HEADER],
    hash: Sha256,
    keep: K,
}

impl<K: FnMut(&[u8]) -> Result<(), NotKept>> Record<K> {
    /// > §4.3, §W.4 Version (1), role (1), binding (32), whose (9).
    pub(crate) fn new(
        domain: &[u8],
        role: Role,
        binding: &[u8; 32],
        whose: Whose,
        keep: K,
    ) -> Self {
        let mut header = [0; HEADER];
        let parts = [&[VERSION, role.0][..], binding, &encoded(whose)].concat();
        header.copy_from_slice(&parts);
        Self { header, hash: Sha256::new_with_prefix(domain), keep }
    }

    /// Begins with the header.
    pub(crate) fn begin(&mut self) -> Result<(), Error> {
        let header = self.header;
        self.add(&header)
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.hash.update(bytes);
        (self.keep)(bytes).map_err(|NotKept| Error::NotKept)
    }

    /// Ends with the hash of it all, which tells this upload from any other.
    pub(crate) fn end(mut self) -> Result<[u8; 32], Error> {
        let hash: [u8; 32] = self.hash.finalize().into();
        (self.keep)(&hash).map_err(|NotKept| Error::NotKept)?;
        Ok(hash)
    }
}
