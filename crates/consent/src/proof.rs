//! What shows that one authorisation was live.

use domain::{Digest, PartyId, Refusal, Subject};
use time::OffsetDateTime;

use crate::{Authorisation, AuthorisationId, Rules, Statement, VerifiedStatement};

/// That one authorisation was live when a party looked: its record and its registry's word.
///
/// Only [`crate::decide`] and [`crate::Covered::revalidate`] make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    record: Basis,
    said: VerifiedStatement,
    expires_at: OffsetDateTime,
}

/// What a record says that its registry's word is measured against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Basis {
    subject: Subject,
    id: AuthorisationId,
    version: u32,
    record_hash: Digest,
    registry: PartyId,
    not_after: OffsetDateTime,
}

impl Basis {
    pub(crate) fn of(record: &Authorisation) -> Self {
        Self {
            subject: record.subject().clone(),
            id: record.id().clone(),
            version: record.version(),
            record_hash: record.record_hash(),
            registry: record.registry().clone(),
            not_after: record.term().not_after(),
        }
    }

    /// The record is registered, in this version, with this hash, by a fresh word, active, and its
    /// term is not over.
    pub(crate) fn live(
        self,
        said: VerifiedStatement,
        rules: &Rules<'_>,
        now: OffsetDateTime,
    ) -> Result<Proof, Refusal> {
        let word = said.statement();
        if word.registry != self.registry || word.authorisation != self.id {
            return Err(Refusal::AuthUnregistered);
        }
        if word.version > self.version {
            return Err(Refusal::AuthSuperseded);
        }
        if word.version != self.version || word.record_hash != self.record_hash {
            return Err(Refusal::AuthUnregistered);
        }
        let too_old = now - word.issued_at > rules.statement_max_age;
        if too_old || word.issued_at - now > rules.clock_skew {
            return Err(Refusal::AuthStale);
        }
        word.state.permits()?;
        if now >= self.not_after {
            return Err(Refusal::AuthExpired);
        }
        // A registry's clock that runs ahead must not lengthen the time that its word is good for.
        let fresh_until = word.issued_at.min(now).saturating_add(rules.statement_max_age);
        let expires_at = fresh_until.min(self.not_after);
        Ok(Proof { record: self, said, expires_at })
    }
}

impl Proof {
    /// Whose authorisation it is: nobody else's rows are covered by it.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.record.subject
    }

    /// The authorisation's number.
    #[must_use]
    pub const fn id(&self) -> &AuthorisationId {
        &self.record.id
    }

    /// Its version.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.record.version
    }

    /// The hash of its record.
    #[must_use]
    pub const fn record_hash(&self) -> Digest {
        self.record.record_hash
    }

    /// What the registry said.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        self.said.statement()
    }

    /// The hash of what the registry said.
    #[must_use]
    pub const fn statement_hash(&self) -> Digest {
        self.said.hash()
    }

    /// The end of the term, or the instant up to which the registry's word is fresh enough,
    /// whichever is earlier.
    #[must_use]
    pub const fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }

    /// The same by the latest of these words of its registry. A word from before the one that was
    /// seen is no news: somebody is hiding what came after.
    pub(crate) fn renewed(
        &self,
        words: &[VerifiedStatement],
        rules: &Rules<'_>,
        now: OffsetDateTime,
    ) -> Result<Self, Refusal> {
        let about = words.iter().filter(|word| {
            let word = word.statement();
            word.authorisation == self.record.id && word.registry == self.record.registry
        });
        // Of two words of one instant the one that permits less counts: `Active` comes first.
        let latest = about.max_by_key(|word| {
            let word = word.statement();
            (word.issued_at, word.version, word.state)
        });
        let latest = latest.ok_or(Refusal::AuthUnregistered)?;
        if latest.statement().issued_at < self.statement().issued_at {
            return Err(Refusal::AuthStale);
        }
        self.record.clone().live(latest.clone(), rules, now)
    }
}
