//! The proof afterwards, which needs neither the data nor anyone's goodwill: an append-only log,
//! signed checkpoints, receipts.
//!
//! Every party keeps a log. Each [`Record`] names the one before it, and its bytes are a leaf of a
//! Merkle tree (RFC 6962); the party signs the tree's size and root as a [`Checkpoint`], and a
//! supervisor keeps the last one of everybody ([`Deposits`]). Whoever releases something signs a
//! [`Receipt`], which the platform counter-signs; the receiver keeps a [`Proof`], and [`verify`]
//! walks it from the subject's signature to the holder's checkpoint, offline. Of a joint training,
//! which releases no answer, every party gives its lender a [`TrainingProof`] ([`verify_training`]).
//!
//! Pure: time and randomness are arguments, and whoever calls keeps the bytes. What needs stored
//! nodes says which ([`inclusion_needs`]) and takes them afterwards ([`inclusion_proof`]), so that
//! a store of any kind can serve it.
//!
//! # The order of a release
//!
//! | step | what is written | what it makes sure of |
//! |---|---|---|
//! | 1 | [`Event::ReleaseBegun`], stored and in the tree | nothing is sent that the log does not know |
//! | 2 | the [`Receipt`], naming that record, signed twice | the holder cannot deny it later |
//! | 3 | [`Event::Released`], naming record and receipt; the answer leaves | each begun release is closed once |
//! | 4 | a [`Checkpoint`] over it; the [`Proof`] for the receiver | the log cannot be rewritten |
//!
//! After a crash between 1 and 3, [`Event::ReleaseNotCompleted`] closes it; [`reconcile`] lists
//! what nobody closed, and what left without all this.
//!
//! # What a log may say
//!
//! Typed words, counts, hashes, names of parties, models, classes and fields. A subject is a
//! [`Pseudonym`] under the party's own [`PseudonymKey`]. There is no free text, and no type for a
//! value, an answer, a score or an identifier.
//!
//! # What is not defended
//!
//! A log that was never deposited can be rewritten by its owner. A holder that answers outside the
//! protocol leaves no record; what its receiver then holds is a result without a receipt, and that
//! is the violation.

mod checkpoint;
mod commitment;
mod consistency;
mod deposits;
mod error;
mod event;
mod frontier;
mod hash;
mod inclusion;
mod keys;
mod moment;
mod note;
mod note_key;
mod proof;
mod pseudonym;
mod questions;
mod receipt;
mod reconcile;
mod record;
mod registry;
mod release;
mod reports;
mod span;
mod step;
mod training_proof;
mod verify;
mod verify_training;
mod walk;
mod words;

pub use checkpoint::Checkpoint;
pub use commitment::{Answer, MAX_ANSWER, Salt};
pub use consistency::{consistency_needs, consistency_proof, verify_consistency};
pub use deposits::{DepositOutcome, Deposits};
pub use error::{Blame, Error};
pub use event::{Counts, Event, Method, Released, Use};
pub use frontier::{Frontier, Head, MAX_LEAVES};
pub use hash::{EMPTY_ROOT, leaf_hash};
pub use inclusion::{inclusion_needs, inclusion_proof, verify_inclusion};
pub use keys::{Keys, PartyKeys};
pub use moment::Moment;
pub use note::{MAX_NOTE, MAX_NOTE_SIGNATURES, Note};
pub use note_key::{KeyName, NoteKey};
pub use proof::{MAX_PROOF, Proof, Shown, ShownQuestion};
pub use pseudonym::{Pseudonym, PseudonymKey};
pub use receipt::{MAX_RECEIPT, Receipt};
pub use reconcile::{Finding, Sent, reconcile};
pub use record::{Chain, Logged, MAX_RECORD, Record, Stamp};
pub use registry::RegistryLeaf;
pub use release::{
    Asked, Authorised, Fields, LegalBasis, LegalBasisKind, MAX_FIELDS, Named, Question, Release,
};
pub use reports::{
    SelfReport, Trace, TrainingUse, Usage, UsedFor, self_report, trace, training_use, usage,
};
pub use span::Coordinate;
pub use step::{Freshness, Outcome, ProofError, Report, Step};
pub use training_proof::{MAX_TRAINING_RECORDS, ShownRecord, TrainingProof};
pub use verify::verify;
pub use verify_training::{TrainingReport, TrainingStep, verify_training};
pub use walk::{Broken, Fault, Verified, Walk};
pub use words::{
    AuthorisationChange, Clock, MemberChange, ModelChange, Protocol, TrainingChange, Version,
};
