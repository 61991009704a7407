//! Yes, no or unknown about a formula over several holders' records, opened only by the lender.

mod answer;
mod atoms;
mod circuit;
mod combined;
mod compare;
mod comparison;
mod digest;
mod encode;
mod error;
mod evaluation;
mod evaluation_key;
mod evaluator;
mod formula;
mod incoming;
mod lender_key;
mod lwe;
mod noise;
mod parameters;
mod public_key;
mod query;
mod ring;
mod role;
mod secret;
mod table;
mod terms;
#[cfg(test)]
mod tests;
mod threshold;
pub mod upload;
pub mod verify;
mod wash;
mod words;

// The bounds that tests and benches share name this crate from outside.
#[cfg(test)]
extern crate self as verification;

pub use answer::Answer;
pub use atoms::Atoms;
pub use circuit::Circuit;
pub use combined::{COMBINED_BYTES, Combined};
pub use comparison::Comparison;
pub use digest::DOMAIN;
pub use encode::Encode;
pub use error::Error;
pub use evaluation::Evaluation;
pub use evaluation_key::{EVALUATION_KEY_BYTES, EvaluationKey};
pub use evaluator::Evaluator;
pub use formula::Formula;
pub use lender_key::{LENDER_KEY_BYTES, LenderKey};
pub use parameters::{
    BOOTSTRAP_BASE_BITS, CYCLES, DIGIT, DIGITS, LAST_SOAK, MAX_ATOMS, MAX_DEPTH, MAX_FAN_IN,
    MAX_HOLDERS, MAX_SEALED, NOISE_BITS, RING, SMALL, SMALL_NOISE_BITS, SOAK, SWITCH_BASE_BITS,
    SWITCH_LEVELS,
};
pub use public_key::{PUBLIC_KEY_BYTES, PublicKey};
pub use query::{Known, Query};
pub use role::{LENDER, PLATFORM, holder};
pub use terms::{
    Atom, Fingerprint, HolderId, QueryId, QuestionDigest, RunId, Terms, ThresholdDigest,
};
pub use threshold::{SEALED_THRESHOLD_BYTES, SealedThreshold, Threshold};
