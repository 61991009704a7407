//! Yes, no or unknown about a formula over several holders' records, opened only by the lender.
//! `SPEC.md` is the protocol; this is its code.
//!
//! Holders decide their own atoms in clear and encrypt each answer to the *lender's* key; the platform
//! combines them by the formula under encryption, in Kleene's three-valued logic; the lender opens
//! one answer. An atom may be *sealed*: the holder compares its value with a threshold that it does
//! not see. What an atom is about, this crate does not know; what the lender *claims* for an atom to be
//! compared with travels to that atom's holder in a box (SPEC §2.7), and the platform and the other
//! holders have a commitment to it.
//!
//! | protocol | round | from     | content                | SPEC | bytes                       |
//! |----------|-------|----------|------------------------|------|-----------------------------|
//! | upload   | 1     | lender   | its evaluation key     | §3.1 | 30,130,256, in 29 chunks    |
//! | verify   | 1     | lender   | sealed thresholds      | §3.2 | 4,112 each                  |
//! | verify   | 2     | platform | those of one holder    | §3.2 | 4,112 each                  |
//! | verify   | 3     | holders  | atoms, plain           | §3.2 | 8,224, + 8 each             |
//! |          |       |          | atoms, sealed          |      | 4,098 each (alone: 32 more) |
//! | verify   | 4     | platform | the combined answer    | §3.2 | 4,130                       |
//!
//! # Security
//!
//! Holds against parties that follow the protocol and keep notes, under ring-LWE, LWE and circular
//! security (SPEC §5). The lender learns the answer and nothing else but with statistical distance
//! 2^-50 an answer; whatever it puts into keys and tables, 1.62 bits. **Lender and platform together
//! open every atom**, of a sealed one only whether it holds. Probing by many questions is for the
//! host's budgets to limit. A claim's box and commitment hide it under the assumptions of HPKE and in the
//! random-oracle model; only its holder and the lender know it.
//!
//! # Example
//!
//! ```
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::from_seed([7; 32]);
//! use verification::{Answer, Atom, Comparison, Evaluation, Formula, HolderId, Known, LenderKey, Query};
//! use verification::{QueryId, QuestionDigest, RunId, SealedThreshold, Terms, Threshold, holder};
//!
//! // Once: the lender makes its keys; the platform, and a holder of sealed atoms, expand them.
//! let (key, uploaded) = LenderKey::generate(&mut rng);
//! let evaluator = uploaded.expand();
//!
//! // "In no arrears, and sales of at least what the firm claims", the claim not shown to the holder.
//! let claimed = SealedThreshold::seal(&Threshold(5_000_000), &key, &mut rng);
//! let terms = Terms::new(
//!     uploaded.fingerprint(),
//!     QuestionDigest([1; 32]),
//!     RunId([2; 16]),
//!     QueryId([3; 16]),
//!     vec![HolderId([4; 32]), HolderId([5; 32])],
//!     vec![
//!         Atom::Plain { holder: 0 },
//!         Atom::Sealed { holder: 1, comparison: Comparison::AtLeast, threshold: claimed.digest() },
//!     ],
//!     &Formula::all([!Formula::Atom(0), Formula::Atom(1)]),
//! )?;
//!
//! // Each holder answers what it knows, the platform combines, the lender opens.
//! let arrears = Query::new(terms.clone(), holder(0), vec![Known::Answer(Answer::No)])?;
//! let sales = Query::new(terms.clone(), holder(1), vec![Known::Value(Some(5_600_000))])?;
//! let mut evaluation = Evaluation::new(terms.clone());
//! evaluation.take(&arrears.answer(uploaded.public(), &mut rng)?)?;
//! evaluation.take(&sales.compare(&[claimed], &evaluator, &mut rng)?)?;
//! let combined = evaluation.combine(&evaluator, &mut rng)?;
//! assert_eq!(key.decrypt(&combined, &terms)?, Answer::Yes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`verify`] has the same as sessions, and [`upload`] those that carry the keys.

mod answer;
mod atoms;
mod circuit;
mod claim;
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
mod lender_key;
mod lwe;
mod parameters;
mod public_key;
mod query;
mod role;
mod sanitise;
mod secret;
mod table;
mod terms;
#[cfg(test)]
mod tests;
mod threshold;
pub mod upload;
pub mod verify;
mod words;

// The bounds that tests and benches share name this crate from outside.
#[cfg(test)]
extern crate self as verification;

pub use answer::Answer;
pub use atoms::Atoms;
pub use circuit::Circuit;
pub use claim::{
    CLAIM_BOX_BYTES, Carried, ClaimBox, ClaimKey, ClaimPublicKey, Commitment, MAX_CLAIM, Opening,
};
pub use combined::{COMBINED_BYTES, Combined};
pub use comparison::Comparison;
pub use digest::DOMAIN;
pub use encode::Encode;
pub use error::Error;
pub use evaluation::Evaluation;
pub use evaluation_key::{EVALUATION_KEY_BYTES, EvaluationKey};
pub use evaluator::Evaluator;
pub use formula::Formula;
pub use lattice::{Fingerprint, QueryId, RunId};
pub use lender_key::{LENDER_KEY_BYTES, LenderKey};
pub use parameters::{
    BOOTSTRAP_BASE_BITS, CYCLES, DIGIT, DIGITS, LAST_SOAK, MAX_ATOMS, MAX_DEPTH, MAX_FAN_IN,
    MAX_HOLDERS, MAX_SEALED, NOISE_BITS, RING, SMALL, SMALL_NOISE_BITS, SOAK, SWITCH_BASE_BITS,
    SWITCH_LEVELS,
};
pub use public_key::{PUBLIC_KEY_BYTES, PublicKey};
pub use query::{Known, Query};
pub use role::{LENDER, PLATFORM, holder};
pub use terms::{Atom, HolderId, QuestionDigest, Terms, ThresholdDigest};
pub use threshold::{SEALED_THRESHOLD_BYTES, SealedThreshold, Threshold};
