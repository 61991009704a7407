//! What both sides agree on before round 1, and all that follows from it.

use session::Role;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use crate::equality::{
    ASKER, DOMAIN_AGREEMENT, DOMAIN_TERMS, DOMAIN_TRANSCRIPT, DOMAIN_VALUE, HOLDER, ROWS_PER_CHUNK,
};
use crate::hash::first_half;
use crate::stream::chunks;
use crate::terms::ceil_log2;
use crate::{Error, POINT};

/// What both sides agree on before round 1; every hash of the run is bound to it and to the list
/// of rows (SPEC §E2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How many rows are asked.
    pub rows: u64,
    /// A hash of everything else the hosts agreed on: the run, the parties, the purpose.
    pub context: [u8; 32],
}

impl Terms {
    /// The most rows of a run: 2^32, the reach of a `u32` index.
    pub const MAX_ROWS: u64 = 1 << 32;

    /// Bytes of a tag on the wire: `ceil((40 + log2 n) / 8)`, so that the probability that any
    /// row's different values look alike is at most 2^-40 (SPEC §E2).
    pub fn tag_length(&self) -> usize {
        (40 + ceil_log2(self.rows)).div_ceil(8) as usize
    }

    /// Bytes of chunk bodies that `role` sends in the whole run (SPEC §E7); 0 for a third role.
    pub fn bytes_from(&self, role: Role) -> u64 {
        match role {
            ASKER => 32 + POINT as u64 * self.rows,
            HOLDER => self.answer_length() as u64 * self.rows + 32,
            Role(_) => 0,
        }
    }

    /// Chunks that `role` sends in the whole run (SPEC §E4); 0 for a third role.
    pub fn chunks_from(&self, role: Role) -> u64 {
        match role {
            ASKER | HOLDER => 1 + chunks(self.rows, ROWS_PER_CHUNK),
            Role(_) => 0,
        }
    }

    /// Bytes of an answer on the wire: an element, whether the holder has a value, a tag (SPEC §E4).
    pub fn answer_length(&self) -> usize {
        POINT + 1 + self.tag_length()
    }

    /// Refuses a size that no run can have, and a list of another size.
    pub(crate) fn check(&self, found: usize) -> Result<(), Error> {
        let (agreed, found) = (self.rows, found as u64);
        if agreed > Self::MAX_ROWS {
            return Err(Error::TermsTooLarge { largest: agreed });
        }
        if agreed == found { Ok(()) } else { Err(Error::RowsNotAgreed { agreed, found }) }
    }
}

/// What goes into the OPRF for a row.
pub(crate) type Input = Zeroizing<[u8; 64]>;

/// The hashes of one run, all bound to its terms and its rows.
pub(crate) struct Binding([u8; 64]);

impl Binding {
    /// Binds to `rows`, a hash of the list that both sides hold.
    pub(crate) fn new(terms: &Terms, rows: &[u8; 64]) -> Self {
        let hash = Sha512::new()
            .chain_update(DOMAIN_TERMS)
            .chain_update(terms.rows.to_be_bytes())
            .chain_update(terms.context)
            .chain_update(rows);
        Self(hash.finalize().into())
    }

    /// What the asker says in round 1.
    pub(crate) fn agreement(&self) -> [u8; 32] {
        first_half(Sha512::new().chain_update(DOMAIN_AGREEMENT).chain_update(self.0))
    }

    /// What goes into the OPRF for a value of a row: 64 bytes, whatever the value's length.
    pub(crate) fn input(&self, row: u64, value: &[u8]) -> Input {
        let hash = Sha512::new()
            .chain_update(DOMAIN_VALUE)
            .chain_update(self.0)
            .chain_update(row.to_be_bytes())
            .chain_update(value);
        Zeroizing::new(hash.finalize().into())
    }

    /// The holder's account of the rounds that the asker's output rests on.
    pub(crate) fn transcript(&self, blinded: &[u8; 64], answers: &[u8; 64]) -> [u8; 32] {
        let hash = Sha512::new().chain_update(DOMAIN_TRANSCRIPT).chain_update(self.0);
        first_half(hash.chain_update(blinded).chain_update(answers))
    }
}
