//! The crate as others use it, from the tree up to the proof that a receiver keeps.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]
#![expect(clippy::cast_possible_truncation, reason = "small logs")]

mod checkpoint;
mod receipts;
mod records;
mod reports;
mod story;
mod support;
mod trainings;
mod tree;
