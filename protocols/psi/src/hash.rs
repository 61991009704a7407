//! What SPEC calls H32.

use sha2::{Digest, Sha512};

/// The first 32 bytes of a hash.
pub(crate) fn first_half(hash: Sha512) -> [u8; 32] {
    let hash: [u8; 64] = hash.finalize().into();
    let (first, _) = hash.split_first_chunk().expect("64 bytes are more than 32");
    *first
}
