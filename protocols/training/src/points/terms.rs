//! What all parties agree on before values of bins are uploaded.

use sha2::{Digest, Sha256};

use crate::error::of_holder;
use crate::{DOMAIN_POINTS_TERMS, Error, TermsError};

/// What all parties agree on before values of bins are uploaded; every key of the run is bound to
/// it (SPEC part P, §P.2).
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// The hash of the terms of the training whose weights become points.
    pub training: [u8; 32],
    /// How many bins each feature of each holder has, those of other and of missing values among
    /// them. Features are the columns of the training, in its order.
    pub features: Vec<Vec<u8>>,
    /// Which holder is the lender itself, if one is: its part does not count where the rules ask
    /// how much of others' parts the total shows.
    pub lender: Option<usize>,
    /// How totals map to odds.
    pub scale: Scale,
    /// How many bits a total has: every total is below 2 to this power, and shares of points are
    /// taken modulo that.
    pub bits: u8,
    /// A hash of everything else the hosts agreed on: the job, the parties, features, bins, purpose.
    pub context: [u8; 32],
}

/// How totals map to odds, good to bad: a subject's score is the offset and the points of its bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// At this score ...
    pub base_score: i32,
    /// ... the odds are these,
    pub base_odds: f64,
    /// and this many points more double them.
    pub pdo: f64,
    /// What the lender adds to an opened total, so that totals are from 0 up. The points of the
    /// first feature's bins have it taken off.
    pub offset: i32,
}

impl Scale {
    /// The farthest that the base score and the offset are from 0.
    const FARTHEST: u32 = 100_000;

    /// Points for each unit of log-odds.
    pub fn factor(&self) -> f64 {
        self.pdo / std::f64::consts::LN_2
    }

    /// The score at even odds.
    pub fn shift(&self) -> f64 {
        // Of libm, so that all roles find the same number.
        f64::from(self.base_score) - self.factor() * libm::log(self.base_odds)
    }

    fn is_usable(&self) -> bool {
        let near = |number: i32| number.unsigned_abs() <= Self::FARTHEST;
        (1.0..=100.0).contains(&self.pdo)
            && (1e-6..=1e6).contains(&self.base_odds)
            && near(self.base_score)
            && near(self.offset)
    }
}

impl Terms {
    /// The fewest bins of a feature: one bin tells nothing.
    pub const LEAST_BINS: u8 = 2;
    /// The most bins of a feature: what an encrypted table takes.
    pub const MOST_BINS: u8 = 32;
    /// The fewest bits of a total.
    pub const LEAST_BITS: u8 = 4;
    /// The most bits of a total.
    pub const MOST_BITS: u8 = 12;

    /// Refuses terms that no points can have.
    ///
    /// # Errors
    ///
    /// A [`TermsError`].
    pub fn check(&self) -> Result<(), Error> {
        let features = self.features.iter().map(Vec::len).sum();
        let mut bins = self.features.iter().flatten();
        let error = if self.features.iter().any(Vec::is_empty)
            || !(1..=crate::Terms::MOST_COLUMNS).contains(&features)
        {
            TermsError::PointFeatures
        } else if !bins.all(|bins| (Self::LEAST_BINS..=Self::MOST_BINS).contains(bins)) {
            TermsError::PointBins
        } else if !(Self::LEAST_BITS..=Self::MOST_BITS).contains(&self.bits) {
            TermsError::PointBits
        } else if !self.scale.is_usable() {
            TermsError::Scale
        } else if self
            .lender
            .is_some_and(|lender| lender >= self.features.len() || self.features.len() == 1)
        {
            TermsError::LenderAmongHolders
        } else {
            return Ok(());
        };
        Err(error.into())
    }

    /// One hash of all the terms.
    pub fn binding(&self) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix(DOMAIN_POINTS_TERMS)
            .chain_update(self.training)
            .chain_update((self.features.len() as u64).to_be_bytes());
        for bins in &self.features {
            hash.update((bins.len() as u64).to_be_bytes());
            hash.update(bins);
        }
        // 0 for none, else the place and one.
        let lender = self.lender.map_or(0, |lender| lender as u64 + 1);
        hash.chain_update(lender.to_be_bytes())
            .chain_update(self.scale.base_score.to_be_bytes())
            .chain_update(self.scale.base_odds.to_be_bytes())
            .chain_update(self.scale.pdo.to_be_bytes())
            .chain_update(self.scale.offset.to_be_bytes())
            .chain_update([self.bits])
            .chain_update(self.context)
            .finalize()
            .into()
    }

    /// The bins of each feature of the holder in this place.
    pub(crate) fn of_holder(&self, holder: usize) -> Result<&[u8], Error> {
        of_holder(&self.features, holder).map(Vec::as_slice)
    }

    /// The bins of every feature, holder after holder.
    pub(crate) fn bins(&self) -> Vec<usize> {
        self.features.iter().flatten().map(|&bins| bins.into()).collect()
    }
}
