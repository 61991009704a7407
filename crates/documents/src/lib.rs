//! Signed papers that are made and read offline, without a running party: keys of subjects and of
//! identity issuers, certificates, authorisations and their changes, bundles, receipts.
//!
//! | module | what is in it |
//! |---|---|
//! | `key`, `certificate` | a seed in a file; an issuer's word that a key signs for a subject |
//! | `revocation` | an issuer's list of keys that it takes its word back for |
//! | `subject_key` | a subject's key and certificate together: who can sign |
//! | `grant`, `narrow`, `prepared` | an authorisation and its smaller next version: shown first, then signed |
//! | `change` | revoked, suspended, resumed |
//! | `letter` | the Chinese text that is signed, where the subject brings none |
//! | `show` | what a document says, and what of it was verified |
//! | `envelopes`, `bundle`, `receipt` | files of many documents, and what a run proves |
//! | `scope`, `day` | how a scope, a person's consent and a day are written |
//! | `sample` | issuers and keys in memory, for demonstrations |
//! | `file`, `refused`, `error` | files that are bounded and never half there; why, in both languages |
//!
//! Nothing here prints, asks the time or reads a register. Times are arguments; what is random is
//! a new key and a new number.

mod bundle;
mod certificate;
mod change;
mod day;
mod envelopes;
mod error;
mod file;
mod grant;
mod key;
mod letter;
mod narrow;
mod prepared;
mod random;
mod receipt;
mod refused;
mod revocation;
mod sample;
mod scope;
mod show;
mod subject_key;

#[cfg(test)]
mod tests;

pub use audit::{Moment, TrainingChange};
pub use bundle::{BundleFile, BundleLines};
pub use certificate::{Certification, certify};
pub use change::change;
pub use consent::{
    Authorisation, AuthorisationId, Capacity, Change, ChangeKind, Fields, JobFile, Models,
    ScopeItem, SeparateConsent, Signer, SubjectCertificate, Word,
};
pub use envelope::PublicKey;
pub use envelopes::{read_authorisation, read_envelopes};
pub use error::Error;
pub use file::{hash_of, read_letter, write_new};
pub use grant::{Grant, grant, new_id};
pub use key::{make_key, read_key};
pub use narrow::{End, Narrowing, narrow};
pub use prepared::{Prepared, Signed};
pub use receipt::{
    KnownParty, Proven, ProvenTraining, Trusted, Verified, keep_receipt, verify_receipts,
};
pub use revocation::{Revocation, SignedRevocations, read_revocations, revoke};
pub use sample::Sample;
pub use scope::{models, person, scope_line};
pub use show::{Check, Content, Outcome, Shown, What, show};
pub use subject_key::SubjectKey;
