//! Signed authorisations and the one decision: may this be done, for this subject, now?
//!
//! An [`Authorisation`] is the subject's own signed word on who may do what with which of its
//! fields, for what and how long. It travels in an envelope, carries the certificate of the key
//! that signed it, and is registered: the registry's [`Entry`] follows its life, and a signed
//! [`Statement`] says where it stands. [`decide`] looks at all of that and answers. Every party
//! decides for itself, with the same function, before it touches data; [`Covered::revalidate`] looks
//! again before a result is released. Pure: time is an argument.
//!
//! # The decision
//!
//! The first line that applies. Lines 3 to 15 are asked only where some field needs an
//! authorisation.
//!
//! | | what is wrong | refusal |
//! |---|---|---|
//! | 1 | no field is asked for | `AUTH_SCOPE_CLASS` |
//! | 2 | a field needs a purpose, none needs more, and there is none | `AUTH_PURPOSE` |
//! | 3 | no authorisation is shown | `AUTH_MISSING` |
//! | 4 | the chain record, certificate, trusted issuer does not hold | `AUTH_SIGNATURE` |
//! | 5 | it is about another subject | `AUTH_MISSING` |
//! | 6 | it names another institution or platform | `AUTH_GRANTEE` |
//! | 7 | no statement; not by a trusted registry, or not by the record's own; about another number | `AUTH_UNREGISTERED` |
//! | 8 | the registry knows a later version | `AUTH_SUPERSEDED` |
//! | 9 | the registry knows an earlier version, or another record hash | `AUTH_UNREGISTERED` |
//! | 10 | the statement is too old, or from the future beyond the skew | `AUTH_STALE` |
//! | 11 | the state is not active | `AUTH_REVOKED`, `AUTH_SUSPENDED`, `AUTH_VOID`, `AUTH_EXHAUSTED`, `AUTH_EXPIRED`, `AUTH_SUPERSEDED` |
//! | 12 | outside the term | `AUTH_EXPIRED`, `AUTH_NOT_YET` |
//! | 13 | purpose, class or field, output, model | `AUTH_PURPOSE`, `AUTH_SCOPE_CLASS`, `AUTH_SCOPE_OUTPUT`, `AUTH_SCOPE_MODEL` |
//! | 14 | a natural person concerned has not consented itself | `CONSENT_PERSON` |
//! | 15 | no use is left, or the last one is too short a time ago | `AUTH_EXHAUSTED`, `AUTH_INTERVAL` |
//!
//! No line looks at a register, so no refusal tells whether a subject is on one.
//!
//! # Natural persons
//!
//! An enterprise cannot consent for a person (个人信息保护法 art. 13 and 29). Where a field is about
//! a natural person, the request names whose rows it would touch. Each of them must have an
//! authorisation of its own, for the same caller, that passes lines 4 to 15 for those fields, and
//! the subject's record must lean on it by number ([`SeparateConsent`]): the consent of whoever is
//! at hand will not do. A person who is itself the subject needs no second letter.
//!
//! # Who asks
//!
//! The lender signs what it asks, a [`Question`], and every holder verifies it
//! ([`SignedQuestion::verify`]) before it looks at anything else: the platform that carries a
//! question can neither make nor alter one, nor ask an old one again. What a lender asks straight of
//! a holder needs no such signature: the connection shows the lender's certificate, and the lender
//! itself countersigns the receipt.
//!
//! # Training jobs
//!
//! A lender describes a joint training in a file ([`JobFile`]) and signs it as a [`Job`]: who computes,
//! over which rows and columns, what opens to whom. Every other party signs the same bytes or takes no
//! part. [`Job::check`] refuses what contradicts itself, when a job is signed and again when it is
//! read; whether catalogue and authorisations allow it is for each party to say.
//!
//! # What is promised, and what is not
//!
//! * A peer's bytes never panic and never allocate more than [`MAX_PAYLOAD`] and small multiples
//!   of it; unknown members are refused; errors repeat nothing of a document.
//! * Who has neither the subject's key nor an issuer's can make nothing that verifies. Who is
//!   trusted as an issuer can make everything: see [`SubjectCertificate`].
//! * A registry can hide a revocation for as long as a statement stays fresh, or by saying
//!   "active" against its own log. The place in the log is carried for others to check.
//! * Times in records are the signer's own. A record cannot be dated past its certificate, and
//!   cannot be registered after it; within that time a date can be chosen. Therefore a key that its
//!   issuer revokes ([`KeyRevocations`]) takes everything with it that it has signed, whatever the date.
//!
//! ```
//! use consent::{Evidence, Need, Presented, Request, Rules, Trust, Usage, decide};
//! use domain::{CheckMode, Output, Purpose, Refusal, Subject, SubjectKind};
//! use time::{Duration, macros::datetime};
//!
//! let code = Subject::parse(SubjectKind::Uscc, "91320100PDY00001XR", CheckMode::Strict)?;
//! let request = Request {
//!     subject: code.value,
//!     persons: Vec::new(),
//!     lender: "bank-a".parse()?,
//!     platform: "platform-js".parse()?,
//!     purpose: Some(Purpose::PreLoan),
//!     output: Output::Verify,
//!     fields: [("2.in_arrears_now".parse()?, Need::Subject)].into(),
//!     model: None,
//! };
//! let trust = Trust::default();
//! let rules = Rules {
//!     trust: &trust,
//!     statement_max_age: Duration::seconds(60),
//!     clock_skew: Duration::seconds(5),
//! };
//! let now = datetime!(2026-03-05 10:00 +8);
//! let decided = decide(&request, &Evidence::default(), &Usage::default(), &rules, now);
//! assert_eq!(decided.unwrap_err(), Refusal::AuthMissing);
//! # Ok::<(), domain::Error>(())
//! ```

mod authorisation;
mod bundle;
mod certificate;
mod change;
mod covered;
mod decide;
mod document;
mod draft;
mod entry;
mod error;
mod event;
mod form;
mod history;
mod job;
mod job_file;
mod models;
mod moment;
mod narrow;
mod parts;
mod proof;
mod question;
mod registration;
mod request;
mod revocations;
mod scope;
mod signature;
mod signer;
mod standing;
mod state;
mod statement;
mod subject_form;
mod tally;
mod term;
mod trust;
mod words;

pub use authorisation::Authorisation;
pub use bundle::{Bundle, BundleWriter};
pub use certificate::SubjectCertificate;
pub use change::{Change, ChangeKind};
pub use covered::Covered;
pub use decide::decide;
pub use document::MAX_PAYLOAD;
pub use draft::Draft;
pub use entry::{Entry, Ruling};
pub use error::{Blame, Document, Error};
pub use event::{Act, Actor, Signed, SuspendReason, Version, VoidReason};
pub use history::{Event, History, MAX_EVENTS, MAX_HISTORY};
pub use job::{
    ColumnTrend, Computing, Contribution, Job, Label, Missing, Opens, Outputs, Rows, Scorecard,
    Training, Trend, Weights,
};
pub use job_file::{JobFile, RowsFile};
pub use models::{MAX_MODELS, Models};
pub use narrow::narrows;
pub use parts::{Consent, Grantee, Language, Letter, MAX_SEPARATE_CONSENTS, SeparateConsent};
pub use proof::Proof;
pub use question::{Asks, Question, SignedQuestion, SubjectSalt};
pub use registration::Registration;
pub use request::{Evidence, Need, PersonEvidence, Presented, Request, Rules, Usage};
pub use revocations::{KeyRevocations, MAX_REVOCATIONS, MAX_REVOKED, VerifiedRevocations};
pub use scope::{Fields, MAX_FIELDS, MAX_ITEMS, Scope, ScopeItem};
pub use signature::SubjectSigner;
pub use signer::{Capacity, Signer};
pub use state::State;
pub use statement::{LogPlace, MAX_PROOF, Statement, VerifiedStatement};
pub use tally::{Tally, TallyQuestion};
pub use term::{Limits, MAX_TERM_DAYS, MAX_USES, Term};
pub use trust::{Trust, VerifiedAuthorisation, VerifiedChange};
pub use words::{AuthorisationId, SubjectName, Word};
