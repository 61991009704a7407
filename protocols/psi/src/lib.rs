//! Private set intersection by Diffie–Hellman over ristretto255. `SPEC.md` is the protocol; this
//! is its code.
//!
//! A [`Receiver`] learns which of its items the [`Sender`] also holds, or only how many; in a
//! two-sided run the sender learns the same of its own. Beyond that both learn the agreed sizes.
//!
//! | round | from     | content                           | SPEC | bytes            |
//! |-------|----------|-----------------------------------|------|------------------|
//! | 1     | receiver | commitment to its part of a salt  | §3.1 | 32               |
//! | 2     | sender   | its part of the salt              | §3.2 | 32               |
//! | 3     | receiver | opening, confirmation of both     | §3.3 | 64               |
//! | 4     | receiver | its items, masked and shuffled    | §3.4 | 32 (nx + 16)     |
//! | 5     | sender   | its items, masked and shuffled    | §3.5 | 32 (ny + 16)     |
//! | 6     | sender   | tags of the receiver's points     | §3.6 | l (nx + 16)      |
//! | 7     | sender   | transcript                        | §3.7 | 32               |
//! | 8     | receiver | tags of the sender's points       | §3.8 | l (ny + 16), two-sided |
//! | 9     | receiver | transcript                        | §3.9 | 32, two-sided    |
//!
//! Both sides put the same [`CANARIES`] beside their items, and whoever learns must find them all: a run
//! that lost matches fails instead of saying less (SPEC §2.1).
//!
//! Where both sides know the subjects, and one claims a value of each that the other holds,
//! [`equality`] compares them row by row, on the OPRF of RFC 9497 ([`oprf`]). It has rounds of its
//! own:
//!
//! | round | from     | content                           | SPEC  | bytes           |
//! |-------|----------|-----------------------------------|-------|-----------------|
//! | 1     | asker    | agreement on terms and rows       | §E3.1 | 32              |
//! | 2     | asker    | its claims, blinded               | §E3.2 | 32 n            |
//! | 3     | holder   | each evaluated, own value's tag   | §E3.3 | (33 + l) n      |
//! | 4     | holder   | transcript                        | §E3.4 | 32              |
//!
//! Large sets take the road of [`vole`], those larger than memory in [`buckets`], and a few items against a large set that stays the same
//! for a while that of [`cached`]; both have rounds of their own too.
//!
//! Points are computed with eight at a time where the CPU has AVX-512 IFMA, and one by one elsewhere,
//! to the same bytes (SPEC §7.1); [`Lanes`] say which.
//!
//! # Security
//!
//! Of the intersection; that of [`equality`] and [`cached`] stands there.
//!
//! Holds against a peer that follows the protocol and keeps notes, under the decisional
//! Diffie–Hellman assumption and with SHA-512 as a random oracle (SPEC §5). A peer that cheats can
//! make the output wrong, and can learn of at most as many items as the terms allow it; but it
//! can lie about what its set is, and company codes can be enumerated (SPEC §6).
//!
//! # Example
//!
//! ```
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::seed_from_u64(7);
//! use psi::{Items, Learned, Output, RECEIVER, Receiver, SENDER, Sender, Terms};
//! use session::{Fate, Network};
//!
//! // Two customers are padded to four points: the sender never learns that there are two.
//! let output = Output::OneSided;
//! let terms = Terms { receiver_items: 4, sender_items: 3, output, context: [0; 32] };
//! let customers = Items::new(["uscc:ada", "uscc:bob"])?;
//! let register = Items::new(["uscc:bob", "uscc:cyd", "uscc:dan"])?;
//!
//! let mut network = Network::new();
//! let receiver = network.join(RECEIVER, Receiver::new(terms, customers, &mut rng)?);
//! let sender = network.join(SENDER, Sender::new(terms, register, &mut rng)?);
//! network.run(|_from, _to, _chunk| Fate::Deliver)?;
//!
//! assert_eq!(receiver.take(), Some(Learned::Items(vec![1]))); // its item 1 is "bob"
//! assert_eq!(sender.take(), Some(Learned::Nothing));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod buckets;
pub mod cached;
mod canary;
mod comparison;
pub mod equality;
mod error;
mod exchange;
mod group;
mod hash;
mod items;
mod key;
mod memory;
pub mod oprf;
mod own;
mod points;
mod receiver;
mod rounds;
mod salt;
mod seed;
mod sender;
mod simd;
mod stage;
mod stream;
mod terms;
mod theirs;
pub mod vole;

pub use canary::CANARIES;
pub use error::{Error, SELF_CHECK};
pub use items::Items;
pub use receiver::Receiver;
pub use rounds::{Progress, ROUNDS, round_name};
pub use sender::Sender;
pub use simd::Lanes;
pub use stage::{Profile, Stage};
pub use terms::{Learned, Output, Terms};

/// The role that commits first and always learns.
pub const RECEIVER: session::Role = session::Role(0);
/// The role that answers, and learns only in two-sided runs.
pub const SENDER: session::Role = session::Role(1);

/// Points in a full chunk: 128 KiB, and at most a quarter of a second of one core (SPEC §2).
pub const POINTS_PER_CHUNK: usize = 1 << 12;
/// Tags in a full chunk: at most 832 KiB, under the megabyte that a chunk may have.
pub const TAGS_PER_CHUNK: usize = 1 << 16;

/// Bytes of an encoded point.
const POINT: usize = 32;
/// Points that share a field inversion, and a task for a core.
const BATCH: usize = 1 << 8;

// Bind every hash to this protocol, its version, its suite and its use (SPEC §2).
const DOMAIN_TERMS: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/terms";
const DOMAIN_COMMITMENT: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/commitment";
const DOMAIN_SALT: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/salt";
const DOMAIN_CONFIRMATION: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/confirmation";
const DOMAIN_ITEM: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/item";
const DOMAIN_CANARY: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/canary";
const DOMAIN_TAG: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/tag";
const DOMAIN_ROUND: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/round";
const DOMAIN_TRANSCRIPT: &[u8] = b"tacit/psi/v1/ristretto255-SHA512/transcript";
