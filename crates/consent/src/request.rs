//! What is asked, what is shown for it, and by which rules.

use std::fmt;
use std::sync::Arc;

use domain::{Field, ModelId, Output, PartyId, Purpose, Subject};
use envelope::Envelope;
use time::{Duration, OffsetDateTime};

use crate::{Trust, VerifiedAuthorisation};

/// What somebody wants to do with the data of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// About whom.
    pub subject: Subject,
    /// The natural persons other than the subject whose rows the fields would touch, 16 at most.
    /// Where a field is about a natural person, nobody's row may be touched who is not named here.
    pub persons: Vec<Subject>,
    /// Who receives the result: the party of the mTLS certificate, not what a message says.
    pub lender: PartyId,
    /// Who brings it about.
    pub platform: PartyId,
    /// For what; `None` where nothing was said.
    pub purpose: Option<Purpose>,
    /// What comes out.
    pub output: Output,
    /// From which fields, and what each needs by the catalogue and the policy profile. Shared, so
    /// that a batch of a million requests has one list.
    pub fields: Arc<[(Field, Need)]>,
    /// Through which model; `None` where no model is used.
    pub model: Option<ModelId>,
}

/// What a field needs before anything may come of it; the catalogue and the profile say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Nothing: it is public.
    Nothing,
    /// A purpose: it is shared without authorisation, but not for anything (无授权).
    Purpose,
    /// The subject's authorisation.
    Subject,
    /// That, and the own authorisation of every natural person concerned.
    SubjectAndPerson,
}

/// An authorisation as it is shown: as it came, or as this party has verified it before.
#[derive(Clone, Copy)]
pub enum Presented<'a> {
    /// An envelope, to be verified.
    Sealed(&'a Envelope),
    /// Verified before under the same configuration; the signatures are not checked again.
    Verified(&'a VerifiedAuthorisation),
}

/// An authorisation with what a registry says about it and how it was used.
#[derive(Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The subject's authorisation.
    pub authorisation: Option<Presented<'a>>,
    /// The registry's statement about it.
    pub statement: Option<&'a Envelope>,
    /// The natural persons' own authorisations, 16 at most.
    pub persons: &'a [PersonEvidence<'a>],
}

/// A natural person's own authorisation.
#[derive(Clone, Copy)]
pub struct PersonEvidence<'a> {
    /// The authorisation.
    pub authorisation: Presented<'a>,
    /// The registry's statement about it.
    pub statement: &'a Envelope,
    /// How it was used.
    pub usage: Usage,
}

/// How an authorisation was used so far, over all its versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many times.
    pub uses: u32,
    /// When last.
    pub last_use: Option<OffsetDateTime>,
}

/// A party's own rules.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Whom it trusts.
    pub trust: &'a Trust,
    /// How old a statement may be to act on: 60 seconds online.
    pub statement_max_age: Duration,
    /// How far another party's clock may be ahead of this one's.
    pub clock_skew: Duration,
}

/// Without the envelopes, whose bytes spell identifiers.
impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sealed(_) => f.write_str("Sealed(…)"),
            Self::Verified(verified) => write!(f, "Verified({:?})", verified.record().id()),
        }
    }
}
