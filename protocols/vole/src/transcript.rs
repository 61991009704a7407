//! What passed, hashed, and the challenges that are drawn from it.

use sha2::{Digest, Sha256};

use crate::{DOMAIN, Terms};

/// All that passed in rounds 1 to 4, in order.
pub(crate) struct Transcript(Sha256);

/// Bytes of a digest.
pub(crate) const HASH: usize = 32;

impl Transcript {
    pub(crate) fn new(terms: &Terms) -> Self {
        let hash = Sha256::new().chain_update(DOMAIN).chain_update(b"transcript");
        Self(hash.chain_update(terms.outputs.to_be_bytes()).chain_update(terms.context))
    }

    /// Takes what passed; the terms fix how long each round is.
    pub(crate) fn absorb(&mut self, body: &[u8]) {
        self.0.update(body);
    }

    /// A hash of all that passed until now, for `purpose`.
    pub(crate) fn digest(&self, purpose: &[u8]) -> [u8; HASH] {
        let passed = self.0.clone().finalize();
        Sha256::new()
            .chain_update(DOMAIN)
            .chain_update(purpose)
            .chain_update(passed)
            .finalize()
            .into()
    }
}

/// The first 16 bytes of a digest as an element of the field.
pub(crate) fn element(digest: [u8; HASH]) -> u128 {
    let (first, _) = digest.split_first_chunk().expect("32 bytes are more than 16");
    u128::from_le_bytes(*first)
}

/// What the sender proves in the end: that it holds these hashes of its vectors.
///
/// > §3.7 H(masks || hashes)
pub(crate) fn proof(transcript: &Transcript, masks: &[u8], hashes: &[u128]) -> [u8; HASH] {
    let mut hash = Sha256::new().chain_update(DOMAIN).chain_update(b"proof");
    hash.update(transcript.digest(b"before-trees"));
    hash.update(masks);
    for value in hashes {
        hash.update(value.to_le_bytes());
    }
    hash.finalize().into()
}
