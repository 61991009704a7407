//! Blocks of 4096 subjects: a province in one run (SPEC §2.7, §2.8, §3.3, §3.4).
//!
//! The batch form has a ring of its own, of the same degree and a modulus of 75 bits, and so a
//! lender key and tables of its own, issued by the sessions of [`issue`](crate::issue) that are
//! called `for_batch`. One ciphertext carries a block: the points of each subject of a list stand
//! at a coefficient. A run scores a whole list, in sessions of up to 64 blocks each.
//!
//! | protocol | round | from     | content                                | SPEC | bytes         |
//! |----------|-------|----------|----------------------------------------|------|---------------|
//! | [trial]  | 1     | lender   | its public key                         | §3.3 | 40,992        |
//! | [trial]  | 2     | holder   | a challenge under that key             | §3.3 | 81,920        |
//! | [trial]  | 3     | lender   | what only a well-formed key opens      | §3.3 | 32            |
//! | block    | 1     | holders  | an answer a block: a masked ciphertext | §3.4 | 20,528 a block |
//! | block    | 2     | platform | the sum of each block's answers        | §3.4 | 20,528 a block |
//!
//! # Once and the same
//!
//! Before its first block a holder makes a [`Pledge`]: a seed, and a tag over the bins of every
//! block. The host stores it before anything is sent, and makes one a run. From then on each block
//! has exactly one answer, byte for byte: asked again after a crash, the holder sends the same, and
//! bins that changed meanwhile are refused. The lender goes on after the last block that its host
//! has stored ([`Terms::spans_from`]); whatever is asked twice is answered alike.

mod answer;
mod holder;
mod lender;
mod lender_key;
mod parameters;
mod picks;
mod platform;
mod pledge;
mod public_key;
mod ready;
mod ring;
mod sum;
mod terms;
#[cfg(test)]
mod tests;
pub mod trial;
mod words;

pub use answer::{ANSWER_BYTES, Answer};
pub use holder::Holder;
pub use lender::{Lender, Opened};
pub use lender_key::{LENDER_KEY_BYTES, LenderKey};
pub use parameters::{
    BLOCK, BLOCK_FLOOD_BITS, BODY_WORD_BITS, MASK_WORD_BITS, MAX_SPAN, MODULUS, PRIMES,
    TRIAL_MARGIN, TRIAL_STEP_BITS,
};
pub use picks::Picks;
pub use platform::Platform;
pub use pledge::Pledge;
pub use public_key::{ENTRY_BYTES, PUBLIC_KEY_BYTES, PublicKey};
pub use ready::ReadyTable;
pub use sum::{SUM_BYTES, Sum, Tally};
pub use terms::{ListDigest, Span, Terms};
pub use trial::TriedKey;

/// A table under a batch key.
pub type Table = crate::Table<PublicKey>;

/// Round 1: each holder's answers, to the platform, a chunk a block.
pub const ANSWERS: u32 = 1;

/// Round 2: the sums, to the lender, a chunk a block.
pub const SUMS: u32 = 2;

/// What each round carries, for progress and error messages: round 1 first.
pub const ROUNDS: [&str; 2] = ["answers", "sums"];

/// What `round` carries, for progress and error messages.
pub fn round_name(round: u32) -> &'static str {
    match round {
        ANSWERS => ROUNDS[0],
        SUMS => ROUNDS[1],
        _ => "no round of this protocol",
    }
}
