//! Hashes bound to a protocol, its version and one use.

use sha2::{Digest, Sha256};

/// A SHA-256 in progress: the domain string behind its length in one byte, then the content.
#[derive(Clone)]
pub struct Hasher(Sha256);

impl Hasher {
    /// A hash bound to `domain`, which names a protocol, its version and one use.
    ///
    /// # Panics
    ///
    /// When `domain` is longer than 255 bytes.
    pub fn new(domain: &'static str) -> Self {
        let length = u8::try_from(domain.len()).expect("a domain string is short");
        Self(Sha256::new().chain_update([length]).chain_update(domain))
    }

    /// The hash with `part` behind what it has taken.
    #[must_use]
    pub fn with(mut self, part: &[u8]) -> Self {
        self.update(part);
        self
    }

    /// Takes `part` behind what it has taken.
    pub fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// The digest.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::Hasher;

    #[test]
    fn a_digest_is_that_of_the_domain_behind_its_length_and_of_the_content() {
        let digest = Hasher::new("tacit/x").with(b"ab").with(b"c").finish();
        assert_eq!(digest[..], Sha256::digest(b"\x07tacit/xabc")[..]);
    }
}
