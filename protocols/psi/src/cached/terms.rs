//! What both sides agree on for a period and for a run, and all that follows from it.

use session::Role;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use crate::cached::{
    ASKER, DOMAIN_AGREEMENT, DOMAIN_ITEM, DOMAIN_PERIOD, DOMAIN_TERMS, DOMAIN_TRANSCRIPT, HOLDER,
};
use crate::hash::first_half;
use crate::stream::chunks;
use crate::terms::ceil_log2;
use crate::{Error, POINT, POINTS_PER_CHUNK, TAGS_PER_CHUNK};

/// What both sides agree on for as long as one key and one list serve (SPEC §C2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// How many tags the list has: as many as the register has entries, or more.
    pub items: u64,
    /// How many items are asked for in the whole period at the most. The length of a tag follows
    /// from it; whoever counts the runs keeps to it.
    pub queries: u64,
    /// A hash of everything else the hosts agreed on: the holder, the register, from when to when,
    /// and for whom.
    pub context: [u8; 32],
}

/// What both sides agree on before round 1 of a run (SPEC §C2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The period whose key and list serve.
    pub period: Period,
    /// Whether the list is sent in this run; if not, the asker keeps it from another.
    pub delivers: bool,
    /// How many evaluations the run has, the asker's padding among them: what it is charged.
    pub queries: u64,
    /// A hash of everything else the hosts agreed on: the run, the parties, the purpose.
    pub context: [u8; 32],
}

impl Period {
    /// The most items of a list, and of a period's queries: 2^32, the reach of a `u32` index.
    pub const MAX_ITEMS: u64 = 1 << 32;

    /// Bytes of a tag: `ceil((40 + log2 n + log2 q) / 8)`, so that the probability that any of a
    /// period's queries meets a tag by chance is at most 2^-40 (SPEC §C2).
    pub fn tag_length(&self) -> usize {
        (40 + ceil_log2(self.items) + ceil_log2(self.queries)).div_ceil(8) as usize
    }

    /// Refuses sizes that no period can have.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let largest = self.items.max(self.queries);
        if largest > Self::MAX_ITEMS { Err(Error::TermsTooLarge { largest }) } else { Ok(()) }
    }

    pub(crate) fn binding(&self) -> PeriodBinding {
        let hash = Sha512::new()
            .chain_update(DOMAIN_PERIOD)
            .chain_update(self.items.to_be_bytes())
            .chain_update(self.queries.to_be_bytes())
            .chain_update(self.context);
        PeriodBinding(hash.finalize().into())
    }
}

impl Terms {
    /// Bytes of chunk bodies that `role` sends in the whole run (SPEC §C7); 0 for a third role.
    pub fn bytes_from(&self, role: Role) -> u64 {
        match role {
            ASKER => 32 + POINT as u64 * self.queries,
            HOLDER => self.delivered() * self.tag_length() + POINT as u64 * self.queries + 32,
            Role(_) => 0,
        }
    }

    /// Chunks that `role` sends in the whole run (SPEC §C4); 0 for a third role.
    pub fn chunks_from(&self, role: Role) -> u64 {
        let points = chunks(self.queries, POINTS_PER_CHUNK);
        let list = if self.delivers { chunks(self.period.items, TAGS_PER_CHUNK) } else { 0 };
        match role {
            ASKER => 1 + points,
            HOLDER => list + points + 1,
            Role(_) => 0,
        }
    }

    /// Refuses sizes that no run can have, and more queries than the whole period has.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.period.check()?;
        let (agreed, found) = (self.period.queries, self.queries);
        if found > agreed { Err(Error::MoreThanPeriod { agreed, found }) } else { Ok(()) }
    }

    fn delivered(&self) -> u64 {
        if self.delivers { self.period.items } else { 0 }
    }

    fn tag_length(&self) -> u64 {
        self.period.tag_length() as u64
    }
}

/// What goes into the OPRF for an item.
pub(crate) type Input = Zeroizing<[u8; 64]>;

/// The hashes of one period.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeriodBinding(pub(crate) [u8; 64]);

impl PeriodBinding {
    /// What goes into the OPRF for an item: 64 bytes, whatever the item's length.
    pub(crate) fn input(&self, item: &[u8]) -> Input {
        let hash = Sha512::new().chain_update(DOMAIN_ITEM).chain_update(self.0).chain_update(item);
        Zeroizing::new(hash.finalize().into())
    }
}

/// The hashes of one run, all bound to its terms.
pub(crate) struct Binding([u8; 64]);

impl Binding {
    pub(crate) fn new(terms: &Terms) -> Self {
        let hash = Sha512::new()
            .chain_update(DOMAIN_TERMS)
            .chain_update(terms.period.binding().0)
            .chain_update([u8::from(terms.delivers)])
            .chain_update(terms.queries.to_be_bytes())
            .chain_update(terms.context);
        Self(hash.finalize().into())
    }

    /// What the asker says in round 1; `list` is the digest of the list that it keeps, if it does.
    pub(crate) fn agreement(&self, list: Option<&[u8; 64]>) -> [u8; 32] {
        let hash = Sha512::new().chain_update(DOMAIN_AGREEMENT).chain_update(self.0);
        first_half(hash.chain_update(list.unwrap_or(&[0; 64])))
    }

    /// The holder's account of the list and the rounds that the asker's output rests on.
    pub(crate) fn transcript(
        &self,
        list: &[u8; 64],
        blinded: &[u8; 64],
        evaluated: &[u8; 64],
    ) -> [u8; 32] {
        let hash = Sha512::new().chain_update(DOMAIN_TRANSCRIPT).chain_update(self.0);
        first_half(hash.chain_update(list).chain_update(blinded).chain_update(evaluated))
    }
}
