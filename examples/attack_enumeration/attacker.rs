//! What whoever has seen every byte of a run can compute: the points that codes hash to, by
//! protocols/psi/SPEC.md §2. With the sender's secret besides, its masked points.

use std::collections::HashSet;

use chacha20::ChaCha20Rng;
use curve25519_dalek::{RistrettoPoint, Scalar};
use psi::{Output, RECEIVER, SENDER, Terms};
use rand::{Rng, SeedableRng};
use session::{Chunk, Role};
use sha2::{Digest, Sha512};

/// Every chunk of a run, and its terms.
pub(crate) struct Seen {
    pub(crate) terms: Terms,
    pub(crate) chunks: Vec<(Role, Chunk)>,
}

/// The hash from items to points of one run.
pub(crate) struct Hashes {
    prefix: Vec<u8>,
}

impl Seen {
    /// The masked points that a role has sent.
    pub(crate) fn points_of(&self, role: Role) -> HashSet<[u8; 32]> {
        let round = if role == RECEIVER { 4 } else { 5 };
        self.of(role, round).as_chunks().0.iter().copied().collect()
    }

    fn of(&self, role: Role, round: u32) -> Vec<u8> {
        let told = self.chunks.iter().filter(|(from, chunk)| *from == role && chunk.round == round);
        told.flat_map(|(_, chunk)| chunk.body.iter().copied()).collect()
    }

    /// H(…/terms || nx || ny || output || canaries || context).
    fn binding(&self) -> [u8; 64] {
        let output = match self.terms.output {
            Output::OneSided => 0_u8,
            Output::TwoSided => 1,
            Output::Cardinality => 2,
        };
        Sha512::new()
            .chain_update(b"tacit/psi/v1/ristretto255-SHA512/terms")
            .chain_update(self.terms.receiver_items.to_be_bytes())
            .chain_update(self.terms.sender_items.to_be_bytes())
            .chain_update([output])
            .chain_update(psi::CANARIES.to_be_bytes())
            .chain_update(self.terms.context)
            .finalize()
            .into()
    }
}

impl Hashes {
    /// Both parts of the salt were on the wire: the sender's in round 2, the receiver's in round 3.
    pub(crate) fn of(seen: &Seen) -> Self {
        let binding = seen.binding();
        let salt = Sha512::new()
            .chain_update(b"tacit/psi/v1/ristretto255-SHA512/salt")
            .chain_update(binding)
            .chain_update(&seen.of(RECEIVER, 3)[..32])
            .chain_update(seen.of(SENDER, 2))
            .finalize();
        Self { prefix: [&binding[..], &salt].concat() }
    }

    /// `hash_to_ristretto255` of RFC 9380, whose 64 bytes take one block.
    pub(crate) fn point(&self, item: &[u8]) -> RistrettoPoint {
        /// The domain of items, and its length in the last byte.
        const TAG: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/item\x25";
        let first = Sha512::new()
            .chain_update([0; 128])
            .chain_update(&self.prefix)
            .chain_update(item)
            .chain_update(64_u16.to_be_bytes())
            .chain_update([0])
            .chain_update(TAG)
            .finalize();
        let uniform = Sha512::new().chain_update(first).chain_update([1]).chain_update(TAG);
        RistrettoPoint::from_uniform_bytes(&uniform.finalize().into())
    }
}

/// The exponent of a sender whose randomness began with this seed, drawn as the sender draws it:
/// a seed of 32 bytes, of which come its part of the salt and half its exponent.
pub(crate) fn key_of(secret: [u8; 32]) -> Scalar {
    let mut seed = [0; 32];
    ChaCha20Rng::from_seed(secret).fill_bytes(&mut seed);
    let mut rng = ChaCha20Rng::from_seed(seed);
    let mut salt = [0; 32];
    rng.fill_bytes(&mut salt);
    let half = Scalar::random(&mut rng);
    half + half
}
