//! An append-only Merkle log, checkpoints, receipts and proofs.

mod checkpoint;
mod consistency;
mod deposits;
mod error;
mod frontier;
mod hash;
mod inclusion;
mod note;
mod note_key;
mod span;

pub use checkpoint::Checkpoint;
pub use consistency::{consistency_needs, consistency_proof, verify_consistency};
pub use deposits::{Deposits, Verdict};
pub use error::Error;
pub use frontier::{Frontier, Head, MAX_LEAVES};
pub use hash::{EMPTY_ROOT, leaf_hash};
pub use inclusion::{inclusion_needs, inclusion_proof, verify_inclusion};
pub use note::{MAX_NOTE, MAX_NOTE_SIGNATURES, Note};
pub use note_key::{KeyName, NoteKey};
pub use span::Coordinate;
