//! Ridge logistic regression over the columns of several parties, on shares among three.
//! `SPEC.md` is the protocol; this is its code.
//!
//! Any number of holders, and a lender that knows how its loans ended, upload shares of their
//! columns to three roles and leave. The [`LENDER`] learns the weights of one model, or nobody does;
//! the [`DEPARTMENT`] and the [`PLATFORM`] learn sizes and one bit a Newton step. No row, no product
//! of rows and no model before the last is opened to anybody.
//!
//! | rounds          | content                                            | SPEC | bytes, all links    |
//! |-----------------|----------------------------------------------------|------|---------------------|
//! | before          | [uploads](transfer): seeds, then a message a column | §3.1 | 16 N a column      |
//! | 1-5             | keys, coin, confirmation of terms and coin         | §3.2 | 768                 |
//! | 11              | a bit, or two: enough of each class                | §3.2 | 5.4 K               |
//! | 38              | bounding curvature, inverted                       | §3.3 | 2048 D² + 128 T     |
//! | 12-13 a look-up | probabilities, of k rows a step                    | §3.4 | 178 k, 338 k or more|
//! | 5 a step        | gradient and step                                  | §3.5 | 24 k + 128 D        |
//! | 37 a Newton step| one bit; curvature of m rows, inverted             | §3.6 | 24 m D + 1152 D²    |
//! | last            | what is opened                                     | §3.7 | 8 N + 8 D           |
//!
//! D counts the intercept, T = D (D + 1) / 2; k is 1 in the first step, m in the accelerated ones and N
//! in Newton's.
//!
//! [`woe`] is a job of its own on the same shares: weights of evidence and information values by
//! private counting (SPEC part W). [`points`] are a job after a training whose weights stayed in
//! shares: a scorecard's integer points, which nobody sees (SPEC part P).
//!
//! # Security
//!
//! Holds against one role of three that follows the protocol and keeps notes; holders and the lender
//! may be that role's friends (SPEC §5). **Two roles that pool what they have see every row.** A
//! role or holder that sends other words than it should makes the model wrong, mostly unnoticed
//! (SPEC §6); and what a model's weights say about its rows, they say.
//!
//! # Example
//!
//! ```
//! # use chacha20::{ChaCha20Rng, rand_core::{Rng, SeedableRng}};
//! # let mut rng = ChaCha20Rng::seed_from_u64(7);
//! use session::{Fate, Network, Outcome};
//! use sharing::Secret;
//! use training::{Column, Labels, Model, ROLES, Received, Terms, UPLOADER, Uploads, Whose, transfer};
//!
//! // One holder has a column, the lender knows which loans went bad.
//! let terms = Terms::new(1_000, vec![1], [0; 32]);
//! # let mut uniform = || f64::from(rng.next_u32()) / 2f64.powi(32);
//! # let rows: Vec<_> = (0..1_000).map(|_| {
//! #     let x = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
//! #     (x, uniform() < 1.0 / (1.0 + (0.5 - x).exp()))
//! # }).collect();
//! # let (debts, bad): (Vec<f64>, Vec<bool>) = rows.into_iter().unzip();
//! let (column, _) = Column::standardised(&debts)?;
//! let labels = Labels::of_customers(&bad);
//! let from_holder = transfer::send_columns(&terms, 0, [column], &ROLES, None, &mut rng)?;
//! let from_lender = transfer::send_labels(&terms, labels, &ROLES, None, &mut rng)?;
//!
//! // A host stores what it receives before the uploader may leave.
//! let mut uploads = ROLES.map(|role| Uploads::new(&terms, role).unwrap());
//! for (whose, session) in [(Whose::Holder(0), from_holder), (Whose::Labels, from_lender)] {
//!     let mut network = Network::new();
//!     network.join(UPLOADER, session);
//!     let received: [Outcome<Received>; 3] = ROLES.map(|role| {
//!         let keep = |_bytes: &[u8]| Ok(());
//!         network.join(role, transfer::receive(&terms, whose, role, keep).unwrap())
//!     });
//!     network.run(|_from, _to, _chunk| Fate::Deliver)?;
//!     for (uploads, received) in uploads.iter_mut().zip(received) {
//!         uploads.take(received.take().unwrap())?;
//!     }
//! }
//!
//! let mut network = Network::new();
//! let mut uploads = uploads.into_iter();
//! let outcomes = ROLES.map(|role| {
//!     let (secret, inputs) = (Secret::random(&mut rng), uploads.next().unwrap().complete().unwrap());
//!     // A host stores each checkpoint before the run goes on.
//!     let keep = |_checkpoint| Ok(());
//!     network.join(role, training::begin(terms.clone(), role, secret, inputs, keep).unwrap())
//! });
//! network.run(|_from, _to, _chunk| Fate::Deliver)?;
//!
//! let [department, _platform, lender] = outcomes.map(|outcome| outcome.take().unwrap());
//! assert!(matches!(department.model, Model::AtTheLender));
//! assert!(matches!(lender.model, Model::Opened(weights) if weights[0] > 0.5));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod agreement;
mod checkpoint;
mod classes;
mod column;
mod cost;
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
pub mod points;
mod received;
mod role;
mod run;
mod significance;
mod tables;
mod terms;
pub mod transfer;
mod upload;
mod uploads;
pub mod woe;

pub use checkpoint::Checkpoint;
pub use column::{Column, Standard};
pub use cost::Cost;
pub use error::{ColumnFault, Error, TermsError, Whose};
pub use fit::{Fit, Passed};
pub use inputs::{Inputs, SharedLabels, SharedWeights};
pub use labels::{Labels, Outcome};
pub use measures::{Histogram, Measures};
pub use model::{Findings, Model, SharedModel, Significance};
pub use received::Received;
pub use role::{DEPARTMENT, LENDER, PLATFORM, ROLES, UPLOADER};
pub use run::{Finished, NotKept, Training, begin, resume};
pub use terms::{Policy, Population, Ridge, Terms};
pub use uploads::Uploads;

/// Fraction bits of a feature.
pub const FEATURE: u32 = 12;
/// Fraction bits of a weight of the model.
pub const WEIGHT: u32 = 20;
/// Fraction bits of how much a row counts.
pub const ROW_WEIGHT: u32 = 10;
/// Fraction bits of a probability.
pub(crate) const PROBABILITY: u32 = 15;

// Bind every hash to this protocol, its version and its use (SPEC §2).
const DOMAIN_TERMS: &[u8] = b"tacit/training/v1/terms";
const DOMAIN_UPLOAD: &[u8] = b"tacit/training/v1/upload/";
const DOMAIN_UPLOADS: &[u8] = b"tacit/training/v1/uploads";
const DOMAIN_CHECKPOINT: &[u8] = b"tacit/training/v1/checkpoint";
const DOMAIN_BEGIN: &[u8] = b"tacit/training/v1/begin";
const DOMAIN_RESUME: &[u8] = b"tacit/training/v1/resume";
const DOMAIN_RUN: &[u8] = b"tacit/training/v1/run";
const DOMAIN_WOE_TERMS: &[u8] = b"tacit/training/v1/woe/terms";
const DOMAIN_WOE_UPLOAD: &[u8] = b"tacit/training/v1/woe/upload";
const DOMAIN_WOE_KEPT: &[u8] = b"tacit/training/v1/woe/kept";
const DOMAIN_POINTS_TERMS: &[u8] = b"tacit/training/v1/points/terms";
const DOMAIN_POINTS_UPLOAD: &[u8] = b"tacit/training/v1/points/upload";
const DOMAIN_POINTS_KEPT: &[u8] = b"tacit/training/v1/points/kept";
const DOMAIN_POINTS_BEGIN: &[u8] = b"tacit/training/v1/points/begin";
