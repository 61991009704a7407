//! Ridge logistic regression over columns of several parties, on shares among three. `SPEC.md` is
//! the protocol; this is its code.

mod checkpoint;
mod column;
mod curvature;
mod draw;
mod error;
mod evaluation;
mod fit;
mod gradient;
mod inputs;
mod labels;
mod measures;
mod model;
mod role;
mod run;
mod significance;
mod tables;
mod terms;
mod upload;

pub use checkpoint::Checkpoint;
pub use column::{Column, Standard};
pub use error::{Error, TermsError, Trouble, Whose};
pub use fit::{Fit, Passed};
pub use inputs::{Inputs, SharedLabels, SharedWeights};
pub use labels::{Labels, Outcome};
pub use measures::{Histogram, Measures};
pub use model::{Findings, Model, SharedModel, Significance};
pub use role::{DEPARTMENT, LENDER, PLATFORM, ROLES};
pub use run::{Finished, NotKept, Training, begin, resume};
pub use terms::{Policy, Population, Ridge, Terms};
pub use upload::{Upload, Uploads};

/// Fraction bits of a feature.
pub const FEATURE: u32 = 12;
/// Fraction bits of a weight of the model.
pub const WEIGHT: u32 = 20;
/// Fraction bits of how much a row counts.
pub const ROW_WEIGHT: u32 = 10;
/// Fraction bits of a probability.
pub(crate) const PROBABILITY: u32 = 15;

/// Binds the hash of the terms to this protocol and version.
const DOMAIN_TERMS: &[u8] = b"tacit/training/v1/terms";
const DOMAIN_UPLOADS: &[u8] = b"tacit/training/v1/uploads";
