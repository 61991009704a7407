//! What all parties of a counting agree on before anything is uploaded.

use sha2::{Digest, Sha256};

use crate::error::of_holder;
use crate::{DOMAIN_WOE_TERMS, Error, TermsError};

/// What all parties of a counting agree on before anything is uploaded; every key of the run is
/// bound to it (SPEC part W, §W.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How many rows every feature has: the lender's customers, or a cover of them.
    pub rows: u32,
    /// How many ordered bins each feature of each holder has; one for missing values comes to them.
    pub features: Vec<Vec<u8>>,
    /// Which rows count.
    pub membership: Membership,
    /// What a cell must have before its counts are opened.
    pub floors: Floors,
    /// A hash of everything else the hosts agreed on: the job, the parties, features, purpose.
    pub context: [u8; 32],
}

/// Which rows count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Every row is a customer of the lender.
    Everyone,
    /// The lender says in secret which rows are its customers; the others count nothing.
    Hidden,
}

impl Membership {
    /// How many planes labels have.
    pub(crate) fn planes(self) -> usize {
        match self {
            Self::Everyone => 1,
            Self::Hidden => 2,
        }
    }
}

/// What a cell must have before its counts are opened: so many rows, and so many of each class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floors {
    rows: u32,
    class: u32,
}

impl Floors {
    /// 50 rows, 5 of each class: no job may set less.
    pub const USUAL: Self = Self { rows: 50, class: 5 };

    /// At least `rows` rows, and `class` of each class.
    ///
    /// # Errors
    ///
    /// [`TermsError::Floors`] when they are lower than [`USUAL`](Self::USUAL), or no table reaches
    /// them.
    pub fn new(rows: u32, class: u32) -> Result<Self, Error> {
        let least = rows >= Self::USUAL.rows && class >= Self::USUAL.class;
        match least && rows <= Terms::MOST_ROWS && class <= Terms::MOST_ROWS / 2 {
            true => Ok(Self { rows, class }),
            false => Err(TermsError::Floors.into()),
        }
    }

    /// How many rows.
    pub const fn rows(self) -> u32 {
        self.rows
    }

    /// How many of each class.
    pub const fn class(self) -> u32 {
        self.class
    }
}

impl Terms {
    /// The most rows.
    pub const MOST_ROWS: u32 = 1 << 21;
    /// The most features of all holders.
    pub const MOST_FEATURES: usize = 512;
    /// The most ordered bins of a feature.
    pub const MOST_BINS: u8 = 64;

    /// Terms with the usual floors, where every row is a customer.
    pub fn new(rows: u32, features: Vec<Vec<u8>>, context: [u8; 32]) -> Self {
        let (membership, floors) = (Membership::Everyone, Floors::USUAL);
        Self { rows, features, membership, floors, context }
    }

    /// Refuses terms that no counting can have.
    ///
    /// # Errors
    ///
    /// A [`TermsError`].
    pub fn check(&self) -> Result<(), Error> {
        let features = self.features.iter().map(Vec::len);
        let mut bins = self.features.iter().flatten();
        let least = self.floors.rows.max(2 * self.floors.class);
        let error = if !(least..=Self::MOST_ROWS).contains(&self.rows) {
            TermsError::CountedRows
        } else if self.features.iter().any(Vec::is_empty)
            || !(1..=Self::MOST_FEATURES).contains(&features.sum())
        {
            TermsError::Features
        } else if !bins.all(|bins| (1..=Self::MOST_BINS).contains(bins)) {
            TermsError::Bins
        } else {
            return Ok(());
        };
        Err(error.into())
    }

    /// One hash of all the terms.
    pub fn binding(&self) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix(DOMAIN_WOE_TERMS)
            .chain_update(self.rows.to_be_bytes())
            .chain_update((self.features.len() as u64).to_be_bytes());
        for bins in &self.features {
            hash.update((bins.len() as u64).to_be_bytes());
            hash.update(bins);
        }
        let hidden = match self.membership {
            Membership::Everyone => 0,
            Membership::Hidden => 1,
        };
        hash.chain_update([hidden])
            .chain_update(self.floors.rows.to_be_bytes())
            .chain_update(self.floors.class.to_be_bytes())
            .chain_update(self.context)
            .finalize()
            .into()
    }

    /// The ordered bins of each feature of the holder in this place.
    pub(crate) fn of_holder(&self, holder: usize) -> Result<&[u8], Error> {
        of_holder(&self.features, holder).map(Vec::as_slice)
    }

    /// The ordered bins of every feature, holder after holder.
    pub(crate) fn bins(&self) -> Vec<u8> {
        self.features.concat()
    }

    /// Words of a plane.
    pub(crate) fn words(&self) -> usize {
        (self.rows as usize).div_ceil(64)
    }
}

/// How many bits the index of a bin has: missing is the one after the last.
pub(crate) fn width(bins: u8) -> usize {
    (u8::BITS - bins.leading_zeros()) as usize
}
