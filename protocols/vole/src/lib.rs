//! Silent vector oblivious linear evaluation (VOLE) over GF(2^128). `SPEC.md` is the protocol; this
//! is its code.
//!
//! The [`Sender`] ends with a random D and a vector b, the [`Receiver`] with random vectors a and c,
//! such that `c = a D + b` at every place; neither learns the other's. It is what `psi` masks with.
//!
//! | round | from     | content                              | SPEC | bytes                |
//! |-------|----------|--------------------------------------|------|----------------------|
//! | 1     | receiver | base OTs: its point                  | §3.1 | 32                   |
//! | 2     | sender   | base OTs: pairs of points            | §3.2 | 8,192                |
//! | 3     | receiver | OT extension: corrections            | §3.3 | 2,048 (258 + 18 k)   |
//! | 4     | receiver | OT extension: hashes of the columns  | §3.4 | 2,064                |
//! | 5     | sender   | trees: sums of the levels            | §3.5 | 77,824 k             |
//! | 6     | receiver | trees: masks of the check            | §3.6 | 16 k                 |
//! | 7     | sender   | trees: hash of the check             | §3.7 | 32                   |
//!
//! k is the number of batches, of 65,536 correlations each, of which all but the last reserve some for others.
//!
//! # Security
//!
//! Holds against a peer that follows the protocol and keeps notes, if the dual LPN problem of the
//! ExConv code is hard for regular noise, with AES under public keys as ideal permutations and
//! SHA-2 as a random oracle (SPEC §5). A peer that cheats is found by two checks; we do not claim
//! more than that they are there, until somebody else has reviewed how they are put together.
//!
//! # Example
//!
//! ```
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::seed_from_u64(7);
//! use session::{Fate, Network};
//! use vole::{Machine, RECEIVER, Receiver, SENDER, Sender, Terms};
//!
//! let (terms, machine) = (Terms { outputs: 1_000, context: [0; 32] }, Machine::detect());
//! let mut network = Network::new();
//! let receiver = network.join(RECEIVER, Receiver::new(terms, machine, &mut rng)?);
//! let sender = network.join(SENDER, Sender::new(terms, machine, &mut rng)?);
//! network.run(|_from, _to, _chunk| Fate::Deliver)?;
//!
//! let (receiver, sender) = (receiver.take().unwrap(), sender.take().unwrap());
//! let secret = sender.reveal_secret();
//! for place in 0..1_000 {
//!     let product = machine.multiply(receiver.factors()[place], secret);
//!     assert_eq!(receiver.products()[place], product ^ sender.sums()[place]);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod base;
mod batch;
mod code;
mod error;
mod extension;
mod outputs;
mod receiver;
mod rounds;
mod sender;
mod shares;
mod simd;
mod stream;
mod terms;
mod transcript;
mod transpose;
mod tree;

pub use error::Error;
pub use receiver::Receiver;
pub use rounds::ROUNDS;
pub use sender::Sender;
pub use shares::{ReceiverShares, SenderShares};
pub use simd::{FixedKey, Machine};
pub use terms::Terms;

/// The role that ends with a and c.
pub const RECEIVER: session::Role = session::Role(0);
/// The role that ends with D and b.
pub const SENDER: session::Role = session::Role(1);

/// Binds every hash to this protocol and its version; the use follows (SPEC §2).
const DOMAIN: &[u8] = b"tacit/vole/v1/";
/// Batches that are worked on at once, for cores to share; the bytes do not depend on it.
const WAVE: usize = 8;
