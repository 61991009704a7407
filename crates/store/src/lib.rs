//! What survives a restart; the only crate that knows SQL.
//!
//! One SQLite file inside the party's directory. Every call returns only when what it wrote is on
//! disk (write-ahead log, `synchronous = FULL`), so a party may act on it: nothing is sent before
//! what it depends on is stored.
//!
//! What an audit record tells of and the record itself are written together or not at all
//! ([`Store::append`]): the log opens with a few nodes, however long it is.
//!
//! Whoever waits for a call may drop it at any moment: what takes more than one statement goes to its
//! end on a task of its own.
//!
//! The schema is in `migrations/`, one numbered file a step, applied when the store is opened. A
//! file that a newer program has written is refused with a sentence and left as it is.
//!
//! Times are milliseconds since the Unix epoch and come from the caller: this crate has no clock.

mod batches;
mod commit;
mod deposits;
mod disclosures;
mod error;
mod intersections;
mod jobs;
mod log;
mod members;
mod models;
mod open;
mod registrations;
mod registry;
mod releases;
mod revocations;
mod runs;
mod tables;
mod trainings;

pub use batches::StoredBatch;
pub use commit::{Draft, Drafted};
pub use deposits::{StoredAlarm, StoredDeposit};
pub use disclosures::StoredDisclosure;
pub use error::Error;
pub use intersections::{IntersectionLimit, IntersectionUse, NewIntersection};
pub use jobs::StoredJob;
pub use log::{Log, LogPosition, StoredRecord};
pub use members::StoredMember;
pub use models::{ModelPart, StoredModel};
pub use open::Store;
pub use registrations::{Countersignature, StoredRegistration};
pub use registry::{NewAuthorisation, StoredAuthorisation, StoredStatement};
pub use releases::{NewRelease, ReleaseLimits, StoredRelease};
pub use revocations::StoredRevocations;
pub use runs::{Ending, NewRun, Phase, RunState, StoredRun, Trouble};
pub use tables::TableName;
