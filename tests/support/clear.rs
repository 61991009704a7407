//! The credit data and the model in clear, as the protocol's own tests have them.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]
#![expect(clippy::cast_possible_truncation, reason = "the tables of tests are small")]

#[path = "../../protocols/training/tests/run/support/credit.rs"]
pub(crate) mod credit;
#[path = "../../protocols/training/tests/run/support/exact.rs"]
pub(crate) mod exact;
