//! The salt that neither side chooses, and everything hashed under it.

use rand_core::CryptoRng;
use session::Role;
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

use crate::group::{BLOCK, GroupHash};
use crate::hash::first_half;
use crate::{
    DOMAIN_CANARY, DOMAIN_COMMITMENT, DOMAIN_CONFIRMATION, DOMAIN_ITEM, DOMAIN_SALT, DOMAIN_TAG,
    DOMAIN_TRANSCRIPT, Error, POINT, RECEIVER,
};

/// Bytes of a salt, a commitment, a confirmation and a transcript.
pub(crate) const HASH: usize = 32;
/// Bytes of an opening: the salt and the confirmation.
pub(crate) const OPENING: usize = 2 * HASH;

/// One side's part of the salt, secret until it is told or opened.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Salt([u8; HASH]);

/// What the receiver promised in round 1.
pub(crate) struct Commitment([u8; HASH]);

impl Salt {
    pub(crate) fn random(rng: &mut impl CryptoRng) -> Self {
        let mut salt = [0; HASH];
        rng.fill_bytes(&mut salt);
        Self(salt)
    }

    /// A promise of this salt under these terms, which shows neither.
    pub(crate) fn commit(&self, binding: &[u8; 64]) -> [u8; HASH] {
        let hash = Sha512::new().chain_update(DOMAIN_COMMITMENT).chain_update(binding);
        first_half(hash.chain_update(self.0))
    }

    /// Tells the salt, the sender's in round 2.
    pub(crate) fn open(&self) -> [u8; HASH] {
        self.0
    }

    /// Tells the salt and confirms both, the receiver's message of round 3.
    pub(crate) fn open_with(&self, run: &Run) -> [u8; OPENING] {
        let mut opening = [0; OPENING];
        opening[..HASH].copy_from_slice(&self.0);
        opening[HASH..].copy_from_slice(&run.confirmation());
        opening
    }
}

impl Commitment {
    pub(crate) fn new(commitment: [u8; HASH]) -> Self {
        Self(commitment)
    }

    /// The run under both salts, if `opening` keeps the promise and confirms `sent`.
    pub(crate) fn open(
        self,
        binding: &[u8; 64],
        sent: &Salt,
        opening: [u8; OPENING],
    ) -> Result<Run, Error> {
        let mut salt = [0; HASH];
        salt.copy_from_slice(&opening[..HASH]);
        let opened = Salt(salt);
        if !bool::from(self.0.ct_eq(&opened.commit(binding))) {
            return Err(Error::Opening { from: RECEIVER });
        }
        let run = Run::new(binding, &opened, &sent.0);
        if !bool::from(run.confirmation().ct_eq(&opening[HASH..])) {
            return Err(Error::Confirmation { from: RECEIVER });
        }
        Ok(run)
    }
}

/// The hashes of one run, all bound to its terms and its salt.
pub(crate) struct Run {
    prefix: [u8; BLOCK],
    items: GroupHash,
    canaries: GroupHash,
    /// SHA-512 after the domain and the prefix.
    tags: Sha512,
}

impl Run {
    /// The run under these terms and the two parts of the salt, the receiver's first.
    pub(crate) fn new(binding: &[u8; 64], receiver: &Salt, sender: &[u8; HASH]) -> Self {
        let hash = Sha512::new().chain_update(DOMAIN_SALT).chain_update(binding);
        let salt = hash.chain_update(receiver.0).chain_update(sender).finalize();
        // The prefix fills a block, so the state after it is computed once a run.
        let mut prefix = [0; BLOCK];
        prefix[..64].copy_from_slice(binding);
        prefix[64..].copy_from_slice(&salt);
        Self {
            prefix,
            items: GroupHash::new(DOMAIN_ITEM, &prefix),
            canaries: GroupHash::new(DOMAIN_CANARY, &prefix),
            tags: Sha512::new().chain_update(DOMAIN_TAG).chain_update(prefix),
        }
    }

    /// Hashes items to the group.
    pub(crate) fn items(&self) -> &GroupHash {
        &self.items
    }

    /// What the point of a canary is mapped from: the same on both sides, under a tag that is no item's.
    pub(crate) fn canary(&self, number: usize) -> [u8; 2 * POINT] {
        self.canaries.uniform(&(number as u64).to_be_bytes())
    }

    /// A doubly masked point's tag: 16 bytes, of which the wire carries the first few.
    pub(crate) fn tag(&self, point: &[u8; POINT]) -> u128 {
        let hash: [u8; 64] = self.tags.clone().chain_update(point).finalize().into();
        let (tag, _) = hash.split_first_chunk().expect("64 bytes are more than 16");
        u128::from_be_bytes(*tag)
    }

    /// `speaker`'s account of the rounds that the other side's output rests on.
    pub(crate) fn transcript(&self, speaker: Role, rounds: [[u8; 64]; 3]) -> [u8; HASH] {
        let hash = Sha512::new().chain_update(DOMAIN_TRANSCRIPT).chain_update(self.prefix);
        first_half(hash.chain_update([speaker.0]).chain_update(rounds.as_flattened()))
    }

    fn confirmation(&self) -> [u8; HASH] {
        first_half(Sha512::new().chain_update(DOMAIN_CONFIRMATION).chain_update(self.prefix))
    }
}
