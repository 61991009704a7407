//! A request that was decided in favour.

use domain::Refusal;
use envelope::Envelope;
use time::OffsetDateTime;

use crate::{Proof, Request, Rules, Statement};

/// That a request may be done: what a release needs.
///
/// Only [`crate::decide`] and [`Covered::revalidate`] make one, so whoever asks for a `Covered` cannot
/// be called without a decision:
///
/// ```compile_fail
/// fn forged(request: consent::Request) -> consent::Covered {
///     consent::Covered { request, authorisation: None, persons: Vec::new() }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    request: Request,
    authorisation: Option<Proof>,
    persons: Vec<Proof>,
}

impl Covered {
    /// No field of the request needs an authorisation.
    pub(crate) fn open(request: &Request) -> Self {
        Self { request: request.clone(), authorisation: None, persons: Vec::new() }
    }

    /// The subject, and every person concerned, has authorised.
    pub(crate) fn proven(request: &Request, authorisation: Proof, persons: Vec<Proof>) -> Self {
        Self { request: request.clone(), authorisation: Some(authorisation), persons }
    }

    /// What may be done, and nothing else.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// The subject's authorisation; `None` where no field needs one.
    #[must_use]
    pub const fn authorisation(&self) -> Option<&Proof> {
        self.authorisation.as_ref()
    }

    /// The natural persons' own authorisations, in the order of the request's persons. Rows of
    /// nobody else may be touched.
    #[must_use]
    pub fn persons(&self) -> &[Proof] {
        &self.persons
    }

    /// The first instant at which the decision no longer stands: the earliest end of a term or of
    /// a statement's freshness. `None` where it rests on no authorisation.
    #[must_use]
    pub fn expires_at(&self) -> Option<OffsetDateTime> {
        self.authorisation.iter().chain(&self.persons).map(Proof::expires_at).min()
    }

    /// The second look, before a result is released: `newer` are the registries' words as they are
    /// now, about the subject's authorisation and every person's.
    ///
    /// Purpose and scope cannot have changed under the same record hash and are not looked at
    /// again; uses were counted when the first decision was made.
    ///
    /// # Errors
    ///
    /// [`Refusal::AuthUnregistered`] when no word is about the subject's authorisation,
    /// [`Refusal::AuthStale`] when the word is older than the one that was seen or too old by
    /// `rules`, and whatever the state, version or term now says. [`Refusal::ConsentPerson`] for
    /// anything about a person's.
    pub fn revalidate(
        &self,
        newer: &[&Envelope],
        rules: &Rules<'_>,
        now: OffsetDateTime,
    ) -> Result<Self, Refusal> {
        let opened = newer.iter().filter_map(|word| Statement::open(word, rules.trust).ok());
        let words: Vec<_> = opened.collect();
        let renewed = |proof: &Proof| proof.renewed(&words, rules, now);
        let authorisation = self.authorisation.as_ref().map(renewed).transpose()?;
        let persons = self.persons.iter().map(renewed).collect::<Result<_, _>>();
        let persons = persons.map_err(|_| Refusal::ConsentPerson)?;
        Ok(Self { request: self.request.clone(), authorisation, persons })
    }
}
