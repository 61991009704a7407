//! A scorecard's points that nobody sees, from weights that stayed in shares. `SPEC.md`, part P, is
//! the protocol.
//!
//! After a [training](crate) under [`Policy::StaysShared`](crate::Policy::StaysShared) each holder
//! uploads, of each feature, the value that its column had in each bin. The three roles scale weights
//! and values to whole points on shares, open one bit a rule, and are left with a [`Share`] each of
//! every holder's points, modulo 2^bits: what each encrypts, so that the holder can add up a table.
//!
//! | rounds | content | SPEC | bytes, all links |
//! |---|---|---|---|
//! | before | [uploads](transfer): seeds, then a message a feature | §P.3 | 16 a bin, 96 a holder |
//! | 3 | keys, agreement on the terms and the run | §P.4 | 384 |
//! | 11 | weights and values are in their bounds | §P.4 | 200 a bin |
//! | 11 | points, rounded | §P.4 | 329 a bin |
//! | 11 a halving of the bins | least and most points of each feature | §P.4 | 173 a bin |
//! | 20 | one bit a rule | §P.5 | §P.7 |
//!
//! # Security
//!
//! As that of training: against one role of three that follows the protocol. **Two roles that pool
//! what they have know the model.** The lender that trains a model knows who are its customers and
//! how they fared, and learns from totals what it opens (SPEC §P.6).
//!
//! # Example
//!
//! ```
//! # use training::points::{Inputs, Scale, Terms, scale}; use sharing::{Clear, Engine};
//! # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
//! # fn now<T>(f: impl Future<Output = T>) -> T {
//! #   match pin!(f).poll(&mut Context::from_waker(Waker::noop())) {
//! #     Poll::Ready(value) => value, Poll::Pending => panic!("in clear nothing is awaited") } }
//! // In clear: one feature of two bins, its weight, and the intercept.
//! let scale_to = Scale { base_score: 600, base_odds: 50.0, pdo: 20.0, offset: 400 };
//! let (features, bits) = (vec![vec![2]], 10);
//! let terms =
//!     Terms { training: [0; 32], features, lender: None, scale: scale_to, bits, context: [0; 32] };
//! let mut clear = Clear::new();
//! let weights = clear.constant(&[sharing::encode::<20>(1.5)?, sharing::encode::<20>(-2.0)?]);
//! let values = [-0.5, 0.75].map(|woe| sharing::encode::<12>(woe).unwrap());
//! let inputs = Inputs { values: vec![clear.constant(&values)] };
//! let (points, verdicts) = now(scale(&mut clear, &terms, &weights, inputs))?;
//!
//! let opened = now(clear.open(&points[0]))?;
//! let points = |woe: f64| {
//!     (-scale_to.factor() * (1.5 * woe - 2.0) + scale_to.shift()).round() as i64 - 400
//! };
//! assert_eq!(opened.0, [points(-0.5), points(0.75)]);
//! assert!(!verdicts.feature_dominance, "one feature has all of the span");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cost;
mod extremes;
mod inputs;
mod rules;
mod scaled;
mod session;
mod terms;
pub mod transfer;
mod values;

pub use inputs::{Inputs, Uploads};
pub use rules::Verdicts;
pub use scaled::scale;
pub use session::{Scaled, Scaling, Share, begin};
pub use terms::{Scale, Terms};
pub use values::Values;
