//! Information classes, fields and policy profiles: may this be asked at all?
//!
//! A [`Catalogue`] lists what departments share and how ([`Class`], [`FieldEntry`],
//! [`SharingMode`], [`OpennessRule`]); a [`Profile`] says what the policy documents hold about
//! fourteen kinds of request ([`Case`]). [`decide`] takes both and a request ([`Ask`]), before any
//! authorisation or register is looked at, and answers what the request needs ([`Need`]) or why it
//! cannot be ([`Refused`]). Either way it cites the article.
//!
//! ```
//! use catalogue::{Ask, Caller, Catalogue, Need, Profile, Request, decide};
//! use domain::{Output, Purpose, Refusal};
//! use time::macros::date;
//!
//! let ask = |field: &str, output| {
//!     let ask = Ask {
//!         request: Request::Output(output),
//!         fields: &[field.parse().expect("a field")],
//!         purpose: Some(Purpose::PreLoan),
//!         caller: Caller::Admitted,
//!         today: date!(2026 - 03 - 02),
//!         publicity: &[],
//!     };
//!     decide(Catalogue::jiangsu(), &Profile::default(), &ask)
//! };
//! // Wages are verified with authorisation; a score may not weigh them.
//! assert_eq!(ask("10.total_wages_cny", Output::Verify).map(|leave| leave.need), Ok(Need::Subject));
//! let refused = ask("10.total_wages_cny", Output::Score).expect_err("verification only");
//! assert_eq!(refused.refusal, Refusal::ModeForbids);
//! assert!(refused.citation.article.starts_with("苏政办发〔2022〕59号 附件 第10类"));
//! ```
//!
//! A formula of verification is asked of a catalogue in three steps: [`Catalogue::typed`] resolves
//! its fields and holds its questions and thresholds to their types, [`decide`] rules on
//! [`TypedFormula::fields`], and a holder's [`Disclosed`] sees that answers add up to no search.
//!
//! # Invariants
//!
//! * No ruling lets a value out: no request has a word for one, and a document that grants one
//!   does not load, be it a catalogue, an overlay or a profile. Public information in a report is
//!   the one thing that is shown, and nothing in a class that asks for authorisation is ever public.
//! * What is not declared public is not public. A record's own dates are given by the caller with
//!   today's; no record, and a record whose time is over, give the same ruling.
//! * What a document says and what is done are two things ([`Position`]): all four documents let
//!   raw detail go with the subject's authorisation, and it does not go.
//! * What [`Disclosed`] rules depends on questions and on today, never on a value or an answer.
//! * Two parties with the same [`Catalogue::hash`] and [`Profile::hash`] rule alike.
//!
//! # The policy documents
//!
//! The catalogue of Jiangsu and the profiles are data under `data/`, with the words of each article
//! beside what is made of it. The default profile is [`Profile::strictest`]. Comments cite a
//! document by its profile: "Jiangsu art. 14".
//!
//! | profile | document | what is cited |
//! |---|---|---|
//! | national | questions and answers on 国办发〔2021〕52号 (22 December 2021), 加强信用信息共享应用促进中小微企业融资实施方案 | L35: a line, for the answers have no numbers |
//! | Jiangsu | 苏政办发〔2022〕59号 (16 July 2022), 江苏省加强信用信息共享应用促进中小微企业融资若干措施; its annex is the catalogue | art. 1 to 20; class 1 to 37 of the annex |
//! | Nanjing | 南京市加强信用信息共享应用促进中小微企业融资三年行动计划 | (一) to (二十) |
//! | Qinghai | 青政办〔2023〕24号 (11 March 2023), “青信融”平台提质增效专项行动方案 | measure 1 to 23 |
//!
//! About natural persons: 个人信息保护法 (the personal information protection law).

mod ask;
mod canonical;
mod case;
mod catalogue;
mod citation;
mod class;
mod decide;
mod diff;
pub mod disclosure;
mod entry;
mod error;
mod facts;
mod field_type;
mod form;
pub mod formula;
mod grid;
mod mode;
mod need;
mod openness;
mod overlay;
mod profile;
mod profile_form;
mod report;
mod rules;
mod text;
mod words;

pub use ask::{Allowed, AllowedField, Ask, Caller, Refused, Request, Ruling};
pub use case::{Case, Effect, Verdict};
pub use catalogue::{Catalogue, MAX_DOCUMENT};
pub use citation::Citation;
pub use class::{About, Basis, Class, Department, Due};
pub use decide::decide;
pub use diff::{Change, Location, diff};
pub use disclosure::{Disclosed, Overasked};
pub use entry::FieldEntry;
pub use error::{Error, Fault};
pub use field_type::{FieldType, Question, ValueKind};
pub use formula::{Gate, Mistake, TypedAtom, TypedFormula};
pub use grid::MAX_GRID;
pub use mode::{ClassMode, SharingMode};
pub use need::Need;
pub use openness::{Openness, OpennessRule, Publicity, PublicityWindow};
pub use profile::{MAX_PROFILE, MIN_COHORT, Position, Profile};
pub use report::{Report, Row};
