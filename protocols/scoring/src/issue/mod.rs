//! Issuing a model to a lender: the lender's key to the platform, then a table to each holder.
//!
//! Two protocols of two roles each (SPEC §3.1), as the platform runs the first once per lender and
//! the second once per holder and model. Both serve the batch form too, with the keys and tables of
//! [`batch`](crate::batch) and the constructors called `for_batch`.
//!
//! A table of points that nobody sees comes in parts, by the second protocol once for each that holds
//! a share of the points.

mod key;
mod part_receiver;
mod table_receiver;
mod table_sender;

use session::MAX_CHUNK;

use crate::TableKey;

pub use key::{KeyReceiver, KeySender};
pub use part_receiver::PartReceiver;
pub use table_receiver::TableReceiver;
pub use table_sender::TableSender;

/// Round 1 of both protocols: the lender's public key.
pub const KEY: u32 = 1;

/// Round 2, to a holder: the entries of its table.
pub const TABLE: u32 = 2;

/// Entries of a table in one chunk: what stays under a chunk's limit together with a digest. 15 of
/// a table for single scores, 12 of one for blocks.
const fn entries_a_chunk<K: TableKey>() -> usize {
    (MAX_CHUNK - 32) / K::ENTRY_BYTES
}

/// What each round carries, for progress and error messages: round 1 first.
pub const ROUNDS: [&str; 2] = ["key", "table"];

/// What `round` carries, for progress and error messages.
pub fn round_name(round: u32) -> &'static str {
    match round {
        KEY => ROUNDS[0],
        TABLE => ROUNDS[1],
        _ => "no round of this protocol",
    }
}
