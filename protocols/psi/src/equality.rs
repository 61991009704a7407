//! Equality of two parties' values, row by row, in one batch. Part two of `SPEC.md` is the
//! protocol.
//!
//! Both sides hold the same list of rows, in clear: which field of which subject each is about. For
//! each row the [`Asker`] has a claimed value and the [`Holder`] its own, or none. The asker learns
//! of each row whether the two are equal; the holder learns nothing but that it was asked.
//!
//! | round | from   | content                                     | SPEC   | bytes      |
//! |-------|--------|---------------------------------------------|--------|------------|
//! | 1     | asker  | agreement on terms and rows                 | §E3.1 | 32         |
//! | 2     | asker  | its claims, blinded                         | §E3.2 | 32 n       |
//! | 3     | holder | each evaluated, and its own value's tag     | §E3.3 | (33 + l) n |
//! | 4     | holder | transcript                                  | §E3.4 | 32         |
//!
//! # Security
//!
//! The claims are hidden from any holder, whatever it does. An asker that cheats gets one guess at
//! each row, which is what an honest one gets (one-more gap Diffie–Hellman, SHA-512 as a random
//! oracle; SPEC §E5). A holder may answer what it likes: an answer is its word, and no proof of the
//! mode VOPRF would make it more (SPEC, "Why not"). A field with few values is read off by a few
//! rows, so a host counts rows and offers no such field (SPEC §E6).
//!
//! # Example
//!
//! ```
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::seed_from_u64(7);
//! use psi::equality::{ASKER, Answer, Asker, Claims, HOLDER, Holder, Records, Terms};
//! use session::{Fate, Network};
//!
//! // Who the legal representative of each of three companies is.
//! let claims = [("uscc:ada", "Wang"), ("uscc:bob", "Li"), ("uscc:cyd", "Xu")];
//! let records = [("uscc:ada", Some("Wang")), ("uscc:bob", Some("Zhao")), ("uscc:cyd", None)];
//! let terms = Terms { rows: 3, context: [0; 32] };
//!
//! let mut network = Network::new();
//! let asker = network.join(ASKER, Asker::new(terms, Claims::new(claims)?, &mut rng)?);
//! let holder = network.join(HOLDER, Holder::new(terms, Records::new(records)?, &mut rng)?);
//! network.run(|_from, _to, _chunk| Fate::Deliver)?;
//!
//! assert_eq!(asker.take(), Some(vec![Answer::Equal, Answer::Unequal, Answer::Unknown]));
//! assert_eq!(holder.take(), Some(()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answers;
mod asker;
mod holder;
mod rounds;
mod rows;
mod terms;

pub use asker::Asker;
pub use holder::Holder;
pub use rounds::{ANSWERS, ROUNDS, round_name};
pub use rows::{Claims, Records};
pub use terms::Terms;

/// The role that claims, and learns.
pub const ASKER: session::Role = session::Role(0);
/// The role that holds the values asked about, and learns nothing.
pub const HOLDER: session::Role = session::Role(1);

/// Rows in a full chunk: 128 KiB of blinded claims, at most 168 KiB of answers (SPEC §E2).
pub const ROWS_PER_CHUNK: usize = crate::POINTS_PER_CHUNK;

/// What the asker learns of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The holder's value is the claimed one.
    Equal,
    /// The holder has another value.
    Unequal,
    /// The holder has no value, or gives none.
    Unknown,
}

// Bind every hash to this protocol, its version, its suite and its use (SPEC §E2).
const DOMAIN_ROWS: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/equality/rows";
const DOMAIN_TERMS: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/equality/terms";
const DOMAIN_AGREEMENT: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/equality/agreement";
const DOMAIN_VALUE: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/equality/value";
const DOMAIN_TRANSCRIPT: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/equality/transcript";
