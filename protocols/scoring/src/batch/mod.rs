//! Blocks of 4096 subjects: a province in one run (SPEC §2.7, §2.8, §3.3, §3.4).
//!
//! The batch form has a ring of its own, of the same degree and a modulus of 75 bits, and so a
//! lender key and tables of its own, issued by the sessions of [`issue`](crate::issue) that are
//! called `for_batch`. One ciphertext carries a block: the points of each subject of a list stand
//! at a coefficient. A run scores a whole list, in sessions of up to 64 blocks each.
//!
//! | protocol | round | from     | content                                | SPEC | bytes         |
//! |----------|-------|----------|----------------------------------------|------|---------------|
//! | [key_check]  | 1     | lender   | its public key                         | §3.3 | 40,992        |
//! | [key_check]  | 2     | holder   | a challenge under that key             | §3.3 | 81,920        |
//! | [key_check]  | 3     | lender   | what only a well-formed key opens      | §3.3 | 32            |
//! | block    | 1     | holders  | an answer a block: a masked ciphertext | §3.4 | 20,528 a block |
//! | block    | 2     | platform | the sum of each block's answers        | §3.4 | 20,528 a block |
//!
//! # Once and the same
//!
//! Before its first block a holder makes a [`RunSeed`]: a seed, and a tag over the bins of every
//! block. The host stores it before anything is sent, and makes one a run. From then on each block
//! has exactly one answer, byte for byte: asked again after a crash, the holder sends the same, and
//! bins that changed meanwhile are refused. The lender goes on after the last block that its host
//! has stored ([`Terms::spans_from`]); whatever is asked twice is answered alike.
//!
//! # Example
//!
//! ```
//! # use std::sync::Arc;
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # use session::{Chunk, Fate, Network, Role};
//! # let mut rng = ChaCha20Rng::from_seed([7; 32]);
//! use scoring::batch::{Holder, Lender, LenderKey, ListDigest, Picks, Platform, RunSeed};
//! use scoring::batch::{ReadyTable, Terms, key_check};
//! use scoring::{LENDER, MaskKey, ModelDigest, PLATFORM, Points, RunId, Scorecard, TableTerms};
//! use scoring::{holder, issue};
//! # let deliver = |_from: Role, _to: Role, _chunk: &mut Chunk| Fate::Deliver;
//!
//! // Each holder tries the lender's key and takes its table; here there is one.
//! let key = Arc::new(LenderKey::generate(&mut rng));
//! let fingerprint = key.public().fingerprint();
//! let mut network = Network::new();
//! network.join(LENDER, key_check::Lender::new(Arc::clone(&key)));
//! let tried = network.join(holder(0), key_check::Holder::new(fingerprint, &mut rng));
//! network.run(deliver)?;
//! let tried = tried.take().expect("the key check is over");
//!
//! let card = Scorecard::new(&[vec![0, 30, 45], vec![5, 60]])?;
//! let (shape, model, max) = (card.shape().clone(), ModelDigest([1; 32]), 105);
//! let table_terms = TableTerms::new(fingerprint, model, shape.clone());
//! let mut network = Network::new();
//! let sender = issue::TableSender::new(&table_terms, key.public(), card, &mut rng)?;
//! network.join(PLATFORM, sender);
//! let table = network.join(holder(0), issue::TableReceiver::for_batch(table_terms, tried)?);
//! network.run(deliver)?;
//! let table = Arc::new(ReadyTable::new(&table.take().expect("the issue is over")));
//!
//! // Three subjects: their bins in the first feature, then in the second.
//! let picks = || std::iter::once(Picks::new(3, vec![0, 1, 2, 1, 0, 1]));
//! let mask = MaskKey::generate(&mut rng);
//! let list = (ListDigest([2; 32]), 3);
//! let terms = Terms::new(fingerprint, model, RunId([3; 16]), list, max, vec![mask.public()])?;
//! let run_seed = Arc::new(RunSeed::new(terms.clone(), holder(0), &shape, picks(), &mut rng)?);
//! for span in terms.spans_from(0) {
//!     let mut network = Network::new();
//!     let session = Holder::new(Arc::clone(&run_seed), Arc::clone(&table), &mask, span, picks())?;
//!     network.join(holder(0), session);
//!     network.join(PLATFORM, Platform::new(terms.clone(), span)?);
//!     let opened = network.join(LENDER, Lender::new(terms.clone(), span, Arc::clone(&key))?);
//!     network.run(deliver)?;
//!     let opened = opened.take().expect("the session is over");
//!     assert_eq!(opened[0].points, [Points(60), Points(35), Points(105)]);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod holder;
pub mod key_check;
mod lender;
mod lender_key;
mod parameters;
mod picks;
mod platform;
mod public_key;
mod ready;
mod residue;
mod ring;
mod run_seed;
mod sum;
mod terms;
#[cfg(test)]
mod tests;
mod words;

pub use answer::{ANSWER_BYTES, Answer};
pub use holder::Holder;
pub use key_check::CheckedKey;
pub use lender::{Lender, Opened};
pub use lender_key::{LENDER_KEY_BYTES, LenderKey};
pub use parameters::{
    BLOCK, BLOCK_FLOOD_BITS, BODY_WORD_BITS, MASK_WORD_BITS, MAX_SPAN, MODULUS, PRIMES,
    TRIAL_MARGIN, TRIAL_STEP_BITS,
};
pub use picks::Picks;
pub use platform::Platform;
pub use public_key::{ENTRY_BYTES, PUBLIC_KEY_BYTES, PublicKey};
pub use ready::ReadyTable;
pub use run_seed::RunSeed;
pub use sum::{SUM_BYTES, Sum, Tally};
pub use terms::{ListDigest, Span, Terms};

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
