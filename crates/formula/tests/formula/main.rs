//! The formula language: what is read, what is said about what cannot be, and what it means.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]

mod carets;
mod noise;
mod random;
mod reading;
