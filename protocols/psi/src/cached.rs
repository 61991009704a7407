//! Intersection with a set that its holder keeps as OPRF values for a period. Part four of
//! `SPEC.md` is the protocol.
//!
//! The [`Holder`] has a large [`Register`] and evaluates the OPRF of RFC 9497 on all of it once a
//! period, under that period's key. The [`Asker`] gets the short tags of the values once, as a
//! [`List`] that tells it nothing by itself; then it asks for as few of its own items as it likes,
//! each for one evaluation, and learns which of them are in the register. The holder learns how
//! many were asked.
//!
//! | round | from   | content                                  | SPEC   | bytes             |
//! |-------|--------|------------------------------------------|--------|-------------------|
//! | 1     | asker  | agreement on terms, and the list it keeps | §C3.1 | 32                |
//! | 2     | holder | the list                                 | §C3.2  | l n, if delivered |
//! | 3     | asker  | its items, blinded                       | §C3.3  | 32 q              |
//! | 4     | holder | each evaluated                           | §C3.4  | 32 q              |
//! | 5     | holder | transcript                               | §C3.5  | 32                |
//!
//! # Security
//!
//! The items asked for are hidden from any holder, whatever it does. An asker that cheats learns of
//! at most as many items as it has evaluations (one-more gap Diffie–Hellman, SHA-512 as a random
//! oracle; SPEC §C5). A holder may list and evaluate what it likes. A host charges each run the
//! number of evaluations that its terms name: nothing else keeps an asker from going through a
//! public register of codes (SPEC §C6).
//!
//! # Example
//!
//! ```
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::seed_from_u64(7);
//! use std::sync::Arc;
//!
//! use psi::Items;
//! use psi::cached::{ASKER, Asker, HOLDER, Holder, Period, Register, Terms};
//! use session::{Fate, Network};
//!
//! // Three entries are padded to four: the asker never learns that there are three.
//! let period = Period { items: 4, queries: 1_000, context: [0; 32] };
//! let entries = Items::new(["uscc:bob", "uscc:cyd", "uscc:dan"])?;
//! let register = Arc::new(Register::new(period, &[5; 32], &entries)?);
//!
//! // The first run delivers the list, the second needs none.
//! let mut kept = None;
//! for (delivers, customer, found) in [(true, "uscc:ada", vec![]), (false, "uscc:bob", vec![0])] {
//!     let terms = Terms { period, delivers, queries: 1, context: [0; 32] };
//!     let mut network = Network::new();
//!     let items = Items::new([customer])?;
//!     let asker = network.join(ASKER, Asker::new(terms, kept, items, &mut rng)?);
//!     network.join(HOLDER, Holder::new(terms, Arc::clone(&register))?);
//!     network.run(|_from, _to, _chunk| Fate::Deliver)?;
//!     let answer = asker.take().expect("the run has ended");
//!     assert_eq!(answer.found, found);
//!     kept = Some(answer.list);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod asker;
mod delivery;
mod holder;
mod list;
mod register;
mod rounds;
mod terms;

pub use asker::{Answer, Asker};
pub use holder::Holder;
pub use list::List;
pub use register::Register;
pub use rounds::{EVALUATED, ROUNDS, round_name};
pub use terms::{Period, Terms};

/// The role that asks, and learns.
pub const ASKER: session::Role = session::Role(0);
/// The role that holds the register, and learns how many items were asked for.
pub const HOLDER: session::Role = session::Role(1);

// Bind every hash to this protocol, its version, its suite and its use (SPEC §C2).
const DOMAIN_PERIOD: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/cached/period";
const DOMAIN_ITEM: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/cached/item";
const DOMAIN_PADDING: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/cached/padding";
const DOMAIN_LIST: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/cached/list";
const DOMAIN_TERMS: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/cached/terms";
const DOMAIN_AGREEMENT: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/cached/agreement";
const DOMAIN_TRANSCRIPT: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/cached/transcript";
