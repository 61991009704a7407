//! The nouns of credit data: parties, models, runs, purposes, identifiers, fields, values, answers,
//! a sentence in two languages, and the one table of refusals.
//!
//! Everything here is parsed, never validated: a [`Uscc`] that exists has the check character its
//! [`CheckMode`] asked for. No clock, no randomness, no files. The crate stands on nothing of ours;
//! what is made of the nouns has crates of its own: questions (`formula`) and cards (`scorecard`).
//!
//! # What may be seen
//!
//! * An identifier ([`Uscc`], [`CnId`], [`OpaqueId`], [`Subject`]) has no `Display` and no serde;
//!   its `Debug` is masked. The one way to its text is the method named `reveal`.
//! * A raw [`Value`] cannot be encoded at all, and its `Debug` is redacted.
//! * No [`Error`] about an identifier repeats any of it: positions and expected kinds only.
//!
//! # Identifiers are typed
//!
//! Nothing guesses a [`SubjectKind`] from the shape of a text: there are identity numbers that
//! pass the check of a social credit code. What enters a private set intersection carries its
//! kind in front ([`Subject::write_psi_item`]).
//!
//! ```
//! use domain::{CheckMode, Subject, SubjectKind};
//!
//! let read = Subject::parse(SubjectKind::Uscc, " 91320100pdy00001xr ", CheckMode::Strict)?;
//! assert!(read.normalised);
//! assert_eq!(read.value.reveal(), "91320100PDY00001XR");
//! assert_eq!(read.value.psi_item(), b"uscc:91320100PDY00001XR");
//! # Ok::<(), domain::Error>(())
//! ```

mod answer;
mod bilingual;
mod characters;
mod cn_id;
mod day;
mod digest;
mod duty;
mod error;
mod explain;
mod field;
mod member;
mod model_state;
mod names;
mod opaque_id;
mod pdy;
mod purpose;
mod refusal;
mod run_id;
mod run_kind;
mod staff_role;
mod subject;
mod text;
mod uscc;
mod value;
mod words;

pub use answer::Answer;
pub use cn_id::CnId;
pub use day::{SHANGHAI, start_of};
pub use digest::Digest;
pub use duty::Duty;
pub use error::Error;
pub use explain::Explain;
pub use field::{ClassId, Field, Output};
pub use member::{MemberChange, MemberState, Standing};
pub use model_state::ModelState;
pub use names::{ModelId, PartyId, Slot, TokenName};
pub use opaque_id::OpaqueId;
pub use purpose::Purpose;
pub use refusal::Refusal;
pub use run_id::RunId;
pub use run_kind::{RunKind, RunRole};
pub use staff_role::StaffRole;
pub use subject::{MAX_PERSONS, Parsed, Subject, SubjectKind};
pub use text::Text;
pub use uscc::{CheckMode, Flags, Uscc};
pub use value::Value;
