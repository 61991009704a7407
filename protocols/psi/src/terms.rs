//! What both sides agree on before round 1, and all that follows from it.

use session::Role;
use sha2::{Digest, Sha512};

use crate::stream::chunks;
use crate::{
    CANARIES, DOMAIN_TERMS, Error, POINT, POINTS_PER_CHUNK, RECEIVER, SENDER, TAGS_PER_CHUNK,
};

/// What both sides agree on before round 1; every hash of the run is bound to it (SPEC §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How many items the receiver sends: its set, or more to hide how large that is.
    /// [`CANARIES`] go with them.
    pub receiver_items: u64,
    /// How many items the sender sends: its set, or more to hide how large that is.
    pub sender_items: u64,
    /// Who learns what.
    pub output: Output,
    /// A hash of everything else the hosts agreed on: the run, the parties, the purpose.
    pub context: [u8; 32],
}

/// Who learns what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The receiver learns which of its items the sender also has; the sender learns nothing.
    OneSided,
    /// Each side learns which of its items the other also has.
    TwoSided,
    /// The receiver learns how many items they share, and not which; the sender learns nothing.
    Cardinality,
}

/// What a run taught one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Learned {
    /// Nothing but the agreed sizes.
    Nothing,
    /// How many items both sides have.
    Count(u64),
    /// Which of its own items the other side has too: places in its [`Items`](crate::Items),
    /// ascending.
    Items(Vec<u32>),
}

impl Terms {
    /// The most items a side may agree to send: with the canaries 2^32, the reach of a `u32` index.
    pub const MAX_ITEMS: u64 = (1 << 32) - CANARIES;

    /// Bytes of a tag on the wire: `ceil((40 + log2 nx + log2 ny) / 8)`, sizes below 16 counted as 16,
    /// so that the probability that any two different items of the two sides look alike is at most
    /// 2^-40 (SPEC §2).
    pub fn tag_length(&self) -> usize {
        short_length(self.receiver_items, self.sender_items, 1)
    }

    /// Bytes of chunk bodies that `role` sends in the whole run (SPEC §7); 0 for a third role.
    pub fn bytes_from(&self, role: Role) -> u64 {
        let (point, tag) = (POINT as u64, self.tag_length() as u64);
        let [receiver, sender] = [RECEIVER, SENDER].map(|role| self.points_of(role));
        match role {
            RECEIVER if self.learns(SENDER) => 32 + 64 + point * receiver + tag * sender + 32,
            RECEIVER => 32 + 64 + point * receiver,
            SENDER => 32 + point * sender + tag * receiver + 32,
            Role(_) => 0,
        }
    }

    /// Chunks that `role` sends in the whole run (SPEC §4); 0 for a third role.
    pub fn chunks_from(&self, role: Role) -> u64 {
        let points = |of: Role| chunks(self.points_of(of), POINTS_PER_CHUNK);
        let tags = |of: Role| chunks(self.points_of(of), TAGS_PER_CHUNK);
        match role {
            RECEIVER if self.learns(SENDER) => 2 + points(RECEIVER) + tags(SENDER) + 1,
            RECEIVER => 2 + points(RECEIVER),
            SENDER => 1 + points(SENDER) + tags(RECEIVER) + 1,
            Role(_) => 0,
        }
    }

    /// How many items `role` sends, padding included.
    pub(crate) fn items_of(&self, role: Role) -> u64 {
        if role == RECEIVER { self.receiver_items } else { self.sender_items }
    }

    /// How many points `role` sends: of its items, of its padding and of the canaries.
    pub(crate) fn points_of(&self, role: Role) -> u64 {
        self.items_of(role) + CANARIES
    }

    /// Whether `role` sends the canaries' points before all others, so that who receives them knows
    /// which they are: a sender of a count does, as tags come back to the receiver in no order.
    pub(crate) fn canaries_first(&self, role: Role) -> bool {
        role == SENDER && self.output == Output::Cardinality
    }

    /// Whether `role` ends with more than the sizes, and so must be given its points' tags.
    pub(crate) fn learns(&self, role: Role) -> bool {
        match self.output {
            Output::OneSided | Output::Cardinality => role == RECEIVER,
            Output::TwoSided => true,
        }
    }

    /// Refuses sizes that no run can have.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let largest = self.receiver_items.max(self.sender_items);
        if largest > Self::MAX_ITEMS { Err(Error::TermsTooLarge { largest }) } else { Ok(()) }
    }

    /// One hash of all the terms.
    pub(crate) fn binding(&self) -> [u8; 64] {
        let output = match self.output {
            Output::OneSided => 0_u8,
            Output::TwoSided => 1,
            Output::Cardinality => 2,
        };
        Sha512::new()
            .chain_update(DOMAIN_TERMS)
            .chain_update(self.receiver_items.to_be_bytes())
            .chain_update(self.sender_items.to_be_bytes())
            .chain_update([output])
            .chain_update(CANARIES.to_be_bytes())
            .chain_update(self.context)
            .finalize()
            .into()
    }
}

/// The other side.
pub(crate) fn peer_of(role: Role) -> Role {
    if role == RECEIVER { SENDER } else { RECEIVER }
}

/// Bytes of a tag or value that tell so many items of each side, and the canaries, apart, in so many runs.
pub(crate) fn short_length(receiver_items: u64, sender_items: u64, parts: u32) -> usize {
    let sizes = [receiver_items, sender_items].map(|items| ceil_log2(items.max(CANARIES)));
    (40 + sizes[0] + sizes[1] + ceil_log2(parts.into())).div_ceil(8) as usize
}

/// The least `k` with `2^k >= n`; 0 for 0 and 1.
pub(crate) fn ceil_log2(n: u64) -> u32 {
    u64::BITS - n.saturating_sub(1).leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::{Output, Terms};

    fn tag_length(receiver_items: u64, sender_items: u64) -> usize {
        let output = Output::OneSided;
        Terms { receiver_items, sender_items, output, context: [0; 32] }.tag_length()
    }

    #[test]
    fn tags_are_as_long_as_two_to_the_minus_forty_asks() {
        assert_eq!(tag_length(0, 0), 6);
        assert_eq!(tag_length(16, 16), 6);
        assert_eq!(tag_length(17, 1), 7);
        assert_eq!(tag_length(1 << 20, 1 << 20), 10);
        assert_eq!(tag_length((1 << 20) + 1, 1 << 20), 11);
        assert_eq!(tag_length(1_500_000, 1_500_000), 11);
        assert_eq!(tag_length(Terms::MAX_ITEMS, Terms::MAX_ITEMS), 13);
    }
}
