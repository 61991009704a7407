//! The catalogue and the profiles against the policy documents.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]

mod hash;
mod jiangsu;
mod matrix;
mod noise;
mod overlay;
mod profiles;
mod refused;
mod rulings;
mod support;
mod values;
