//! The salt that neither side chooses, and everything hashed under it.

use session::Role;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::ZeroizeOnDrop;

use super::{DOMAIN, Terms};
use crate::{Error, RECEIVER};

/// Bytes of a salt, a commitment, a confirmation and a transcript.
pub(crate) const HASH: usize = 32;

/// One side's part of the salt, secret until it is told or opened.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Salt(pub(crate) [u8; HASH]);

/// The sender's part of a checked run's coin, secret until it is opened.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Coin(pub(crate) [u8; 16]);

impl Salt {
    /// A promise of this salt under these terms, which shows neither.
    pub(crate) fn commit(&self, terms: &Terms) -> [u8; HASH] {
        start(b"commitment", &terms.binding()).chain_update(self.0).finalize().into()
    }
}

impl Coin {
    /// A promise of this coin under these terms.
    pub(crate) fn commit(&self, terms: &Terms) -> [u8; HASH] {
        start(b"coin", &terms.binding()).chain_update(self.0).finalize().into()
    }
}

/// The hashes of one run, all bound to its terms and its salt.
pub(crate) struct Agreement {
    binding: [u8; HASH],
    salt: [u8; HASH],
    /// SHA-256 after the block that is the same for all items.
    items: Sha256,
}

impl Agreement {
    /// The agreement on these terms and the two parts of the salt, the receiver's first.
    pub(crate) fn new(terms: &Terms, receiver: &Salt, sender: &[u8; HASH]) -> Self {
        let binding = terms.binding();
        let salt =
            start(b"salt", &binding).chain_update(receiver.0).chain_update(sender).finalize();
        let salt: [u8; HASH] = salt.into();
        // The two fill a block, so the state after it is computed once a run.
        let items = start(b"item", &binding).chain_update(salt).finalize();
        let items = Sha256::new().chain_update(items).chain_update(salt);
        Self { binding, salt, items }
    }

    /// The receiver's opening, if it keeps the promise and confirms both salts.
    pub(crate) fn open(
        terms: &Terms,
        commitment: &[u8; HASH],
        opening: &[u8; 2 * HASH],
        sender: &[u8; HASH],
    ) -> Result<Self, Error> {
        let (salt, confirmation) = opening.split_at(HASH);
        let opened = Salt(salt.try_into().expect("half of an opening"));
        if !bool::from(commitment.ct_eq(&opened.commit(terms))) {
            return Err(Error::Opening { from: RECEIVER });
        }
        let agreement = Self::new(terms, &opened, sender);
        if !bool::from(agreement.confirmation()[..].ct_eq(confirmation)) {
            return Err(Error::Confirmation { from: RECEIVER });
        }
        Ok(agreement)
    }

    /// Says that both sides hold the same salts and terms.
    pub(crate) fn confirmation(&self) -> [u8; HASH] {
        self.hash(b"confirmation").finalize().into()
    }

    /// An item as an element of the field.
    pub(crate) fn key(&self, item: &[u8]) -> u128 {
        first(&self.items.clone().chain_update(item).finalize().into())
    }

    /// A canary as an element of the field: the same on both sides, and in another domain than any item.
    pub(crate) fn canary(&self, number: usize) -> u128 {
        let hash = self.hash(b"canary").chain_update((number as u64).to_be_bytes());
        first(&hash.finalize().into())
    }

    /// The correlations of this run, bound to it.
    pub(crate) fn correlations(&self, terms: &Terms) -> vole::Terms {
        let context = self.hash(b"correlations").finalize().into();
        vole::Terms { context, ..terms.correlations() }
    }

    /// `speaker`'s account of these rounds.
    pub(crate) fn transcript(&self, speaker: Role, rounds: &[[u8; HASH]]) -> [u8; HASH] {
        let hash = self.hash(b"transcript").chain_update([speaker.0]);
        hash.chain_update(rounds.as_flattened()).finalize().into()
    }

    fn hash(&self, purpose: &[u8]) -> Sha256 {
        start(purpose, &self.binding).chain_update(self.salt)
    }
}

fn start(purpose: &[u8], binding: &[u8; HASH]) -> Sha256 {
    Sha256::new().chain_update(DOMAIN).chain_update(purpose).chain_update(binding)
}

/// The first 16 bytes as an element of the field.
pub(crate) fn first(hash: &[u8; HASH]) -> u128 {
    let (first, _) = hash.split_first_chunk().expect("32 bytes are more than 16");
    u128::from_le_bytes(*first)
}
