//! What all parties agree on before anything is uploaded.

use sha2::{Digest, Sha256};
use sharing::Grid;

use crate::{DOMAIN_TERMS, Error, TermsError};

/// What all parties agree on before anything is uploaded; every key of the run is bound to it
/// (SPEC §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How many rows every column has: the lender's customers, or a cover of them.
    pub rows: u32,
    /// How many columns each holder uploads, the lender among them if it has any.
    pub columns: Vec<u16>,
    /// How much a weight costs.
    pub ridge: Ridge,
    /// How many Newton steps follow the accelerated ones: 3, or up to 12 where classes separate.
    pub newton_steps: u8,
    /// What the rows are.
    pub population: Population,
    /// How many rows of a hundred are held out, drawn by a joint coin: 0 to 50.
    pub held_out_percent: u8,
    /// Whether the lender learns each weight's standard error.
    pub standard_errors: bool,
    /// Whether the lender learns the histograms that AUC and KS come from.
    pub evaluation: bool,
    /// Who learns the weights.
    pub policy: Policy,
    /// A hash of everything else the hosts agreed on: the job, the parties, columns, purpose.
    pub context: [u8; 32],
}

/// The ridge: what is minimised is the mean logarithmic loss plus half of this times the sum of
/// squared weights, the intercept's left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ridge(u32);

/// What the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Population {
    /// Every row is a customer of the lender, and counts the same.
    Customers,
    /// The lender gives each row a secret weight; it is 0 where the row is no customer of the
    /// lender.
    Weighted {
        /// At least one row in so many is a customer: 1 to 16.
        cover: u8,
    },
}

/// Who learns the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Policy A: the lender, and nobody else.
    LenderLearns,
    /// Policy B: nobody; they stay shared for the step that encrypts tables of them.
    StaysShared,
}

impl Ridge {
    /// 0.001, which suits standardised columns.
    pub const USUAL: Self = Self(1_000);

    /// A ridge in millionths: 100 to 1,000,000.
    ///
    /// # Errors
    ///
    /// [`TermsError::Ridge`] outside.
    pub fn millionths(millionths: u32) -> Result<Self, Error> {
        match millionths {
            100..=1_000_000 => Ok(Self(millionths)),
            _ => Err(TermsError::Ridge.into()),
        }
    }

    /// The number.
    pub fn value(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}

impl Terms {
    /// How many rows must be good, and how many bad, for anything to be trained.
    pub const LEAST_OF_A_CLASS: u32 = 200;
    /// The fewest rows, held-out ones apart.
    pub const LEAST_ROWS: u32 = 2 * Self::LEAST_OF_A_CLASS;
    /// The most rows: sums over them keep below 2^62.
    pub const MOST_ROWS: u32 = 1 << 21;
    /// The most columns, the intercept apart.
    pub const MOST_COLUMNS: usize = 512;
    /// Accelerated steps.
    pub const ACCELERATED_STEPS: u8 = 6;
    /// With fewer rows than this in training, a wider and finer table is looked up (SPEC §3.4).
    pub const FEW_ROWS: usize = 20_000;
    /// With fewer than this, the finest.
    pub const FEWEST_ROWS: usize = 5_000;

    /// Terms with the usual ridge and steps, for customers all alike, weights to the lender.
    pub fn new(rows: u32, columns: Vec<u16>, context: [u8; 32]) -> Self {
        Self {
            rows,
            columns,
            ridge: Ridge::USUAL,
            newton_steps: 3,
            population: Population::Customers,
            held_out_percent: 0,
            standard_errors: false,
            evaluation: false,
            policy: Policy::LenderLearns,
            context,
        }
    }

    /// Refuses terms that no training can have.
    ///
    /// # Errors
    ///
    /// A [`TermsError`].
    pub fn check(&self) -> Result<(), Error> {
        let trained = self.training_rows();
        let error = if self.rows > Self::MOST_ROWS || trained < Self::LEAST_ROWS as usize {
            TermsError::Rows
        } else if self.columns.contains(&0)
            || !(1..=Self::MOST_COLUMNS).contains(&self.total_columns())
        {
            TermsError::Columns
        } else if !(3..=12).contains(&self.newton_steps) {
            TermsError::NewtonSteps
        } else if self.held_out_percent > 50 {
            TermsError::HeldOut
        } else if !(1..=16).contains(&self.cover()) {
            TermsError::Cover
        } else if self.standard_errors && self.policy == Policy::StaysShared {
            TermsError::StandardErrors
        } else {
            return Ok(());
        };
        Err(error.into())
    }

    /// One hash of all the terms.
    pub fn binding(&self) -> [u8; 32] {
        let (weighted, cover) = match self.population {
            Population::Customers => (0, 1),
            Population::Weighted { cover } => (1, cover),
        };
        let policy = match self.policy {
            Policy::LenderLearns => 0,
            Policy::StaysShared => 1,
        };
        let flags = [self.standard_errors, self.evaluation].map(u8::from);
        let mut hash = Sha256::new()
            .chain_update(DOMAIN_TERMS)
            .chain_update(self.rows.to_be_bytes())
            .chain_update((self.columns.len() as u64).to_be_bytes());
        for columns in &self.columns {
            hash.update(columns.to_be_bytes());
        }
        hash.chain_update(self.ridge.0.to_be_bytes())
            .chain_update([self.newton_steps, weighted, cover, self.held_out_percent])
            .chain_update(flags)
            .chain_update([policy])
            .chain_update(self.context)
            .finalize()
            .into()
    }

    /// How many columns there are, the intercept apart.
    pub fn total_columns(&self) -> usize {
        self.columns.iter().map(|&columns| usize::from(columns)).sum()
    }

    /// How many rows are held out.
    pub fn held_out_rows(&self) -> usize {
        self.rows as usize * usize::from(self.held_out_percent) / 100
    }

    /// How many rows are trained on.
    pub fn training_rows(&self) -> usize {
        (self.rows as usize).saturating_sub(self.held_out_rows())
    }

    /// How many rows the sample has, of curvatures and accelerated steps: 20,000 customers, as far as one
    /// can know, or all.
    pub fn sampled_rows(&self) -> usize {
        self.training_rows().min(Self::FEW_ROWS * usize::from(self.cover())).min(MOST_SAMPLED)
    }

    /// > §3.6 Whether p (1 - p) is looked up with p, at all rows: dearer in bytes where the sample is
    /// > few of them, and 12 rounds a step the less.
    pub(crate) fn looks_up_both(&self) -> bool {
        self.training_rows() * 4 <= self.sampled_rows() * 7
    }

    /// How many rows the standard errors are taken of.
    pub fn rows_for_errors(&self) -> usize {
        let rows = self.training_rows().min(65_536 * usize::from(self.cover())).min(MOST_SAMPLED);
        rows.max(self.sampled_rows())
    }

    /// How many rows of each class in the sample are enough for the accelerated steps to be taken on it
    /// alone: 10 a weight, and 200.
    pub(crate) fn least_in_sample(&self) -> usize {
        (10 * self.width()).max(Self::LEAST_OF_A_CLASS as usize)
    }

    /// How many passes over the data there are if no step is halved.
    pub fn passes(&self) -> u8 {
        Self::ACCELERATED_STEPS + self.newton_steps
    }

    /// The steps of the table that is looked up: the fewer rows, the finer, for the error of a step
    /// averages out over them.
    pub fn grid(&self) -> Grid {
        match self.training_rows() / usize::from(self.cover().max(1)) {
            ..Self::FEWEST_ROWS => FINE,
            Self::FEWEST_ROWS..Self::FEW_ROWS => Grid::WIDE,
            _ => Grid::NARROW,
        }
    }

    /// At least one row in so many is the lender's.
    pub(crate) fn cover(&self) -> u8 {
        match self.population {
            Population::Customers => 1,
            Population::Weighted { cover } => cover,
        }
    }

    /// Whether rows count differently.
    pub(crate) fn is_weighted(&self) -> bool {
        match self.population {
            Population::Customers => false,
            Population::Weighted { .. } => true,
        }
    }

    /// Columns of the matrix: the intercept's is the last.
    pub(crate) fn width(&self) -> usize {
        self.total_columns() + 1
    }
}

/// 1,024 steps of 1/64: |z| < 16.
const FINE: Grid = Grid { step: 6, index: 10 };

/// Rows of a sample at most: sums over them keep below 2^62 (SPEC §2).
const MOST_SAMPLED: usize = 1 << 17;
