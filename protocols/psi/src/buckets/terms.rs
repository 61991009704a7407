//! What both sides agree on of a run in buckets, and all that follows from it.

use session::Role;
use sha2::{Digest, Sha256};

use super::{DOMAIN, Error};
use crate::vole::{self, most_of};
use crate::{RECEIVER, SENDER};

/// What both sides agree on of an attempt at a run in buckets (SPEC §B2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The run as if it were in one piece, under a context of this attempt. Its sizes may be any.
    pub whole: vole::Terms,
    /// Into how many buckets both sides cut their sets.
    pub buckets: u32,
    /// What an item's bucket follows from: the same in all attempts at a run, new in every run.
    pub partition: [u8; 32],
}

impl Terms {
    /// The most buckets of a run: at 2^20 items each, 2^36 items.
    pub const MAX_BUCKETS: u32 = 1 << 16;

    /// The bucket of an item.
    pub fn bucket_of(&self, item: &[u8]) -> u32 {
        let hash = Sha256::new().chain_update(DOMAIN).chain_update(b"bucket");
        let hash: [u8; 32] = hash.chain_update(self.partition).chain_update(item).finalize().into();
        let word = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        let scaled = (u64::from(word) * u64::from(self.buckets)) >> 32;
        u32::try_from(scaled).expect("it is below the number of buckets")
    }

    /// To how many items `role` pads each of its buckets: more fall into one of them with probability
    /// at most 2^-40.
    pub fn most_of(&self, role: Role) -> u64 {
        let items =
            if role == RECEIVER { self.whole.receiver_items } else { self.whole.sender_items };
        most_of(items, self.buckets)
    }

    /// The terms of a bucket's own run.
    pub fn of_bucket(&self, bucket: u32) -> vole::Terms {
        let hash = Sha256::new().chain_update(DOMAIN).chain_update(b"context");
        let hash = hash.chain_update(self.whole.binding()).chain_update(self.partition);
        let hash = hash.chain_update(self.buckets.to_be_bytes()).chain_update(bucket.to_be_bytes());
        vole::Terms {
            receiver_items: self.most_of(RECEIVER),
            sender_items: self.most_of(SENDER),
            parts: self.buckets,
            context: hash.finalize().into(),
            ..self.whole
        }
    }

    /// Bytes of chunk bodies that `role` sends for so many buckets (SPEC §B7).
    pub fn bytes_from(&self, role: Role, buckets: u32) -> u64 {
        u64::from(buckets) * self.of_bucket(0).bytes_from(role)
    }

    /// Refuses what no run can be.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let Self { buckets, .. } = *self;
        if buckets == 0 || buckets > Self::MAX_BUCKETS {
            return Err(Error::Count { buckets, most: Self::MAX_BUCKETS });
        }
        self.of_bucket(0).check().map_err(|error| Error::Bucket { bucket: 0, error })
    }
}
