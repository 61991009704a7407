//! What a score in use shows once outcomes are known: how sure its AUC is, how far its
//! probabilities are from what came, how its scores are distributed and its curve runs, how far its
//! population has moved, and what another score would have decided instead.
//!
//! Everything here is computed in clear, by whoever has scores and outcomes: the lender.

mod auc;
mod calibration;
mod curve;
mod distribution;
mod shift;
mod swap;

pub use auc::{Auc, Difference, auc, compare_aucs};
pub use calibration::{Calibration, calibration};
pub use curve::{Curve, CurvePoint, curve};
pub use distribution::{ScoreBin, distribution};
pub use shift::{Shift, shift};
pub use swap::{Cell, Swap, swap_set};
