//! What survives a restart; the only crate that knows SQL.
//!
//! One SQLite file inside the party's directory. Every call returns only when what it wrote is on
//! disk (write-ahead log, `synchronous = FULL`), so a party may act on it: nothing is sent before
//! what it depends on is stored.
//!
//! The schema is in `migrations/`, one numbered file a step, applied when the store is opened. A
//! file that a newer program has written is refused with a sentence and left as it is.
//!
//! Times are milliseconds since the Unix epoch and come from the caller: this crate has no clock.

mod error;
mod models;
mod open;
mod runs;

pub use error::Error;
pub use models::{ModelPart, StoredModel};
pub use open::Store;
pub use runs::{Ending, NewRun, Phase, RunState, StoredRun, Trouble};
