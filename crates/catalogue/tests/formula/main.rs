//! Formulas against a catalogue: what may be asked, what it is answered, and how often.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]

mod answers;
mod budget;
mod claims;
mod places;
mod questions;
mod random;
mod search;
mod support;
