//! A registry's line for one authorisation.

use domain::PartyId;
use time::OffsetDateTime;

use crate::event::{Act, Signed, SuspendReason, Version, VoidReason};
use crate::narrow::narrows;
use crate::{
    Authorisation, ChangeKind, Document, Error, History, LogPlace, State, Statement,
    VerifiedAuthorisation, VerifiedChange,
};

/// A registry's line for one authorisation: its latest version and everything that happened to it.
///
/// Every step either happens whole or leaves the line as it was. Times are the registry's clock,
/// and never go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    latest: VerifiedAuthorisation,
    history: History,
}

/// What a registry itself decides about an authorisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It rests until the registry lifts it; the subject cannot.
    Suspend(SuspendReason),
    /// The registry's own suspension ends.
    Resume,
    /// It is void, for good.
    Void(VoidReason),
    /// The last permitted use was made, for good.
    Exhaust,
}

impl Entry {
    /// Registers version 1 at the registry that the record names.
    ///
    /// The certificate must be valid still: a key that has expired, or been stolen since, must
    /// not be able to grant by writing an earlier date.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfOrder`] for another version or another registry's record,
    /// [`Error::CertificateTime`], [`Error::Closed`] when the term is over.
    pub fn register(
        first: VerifiedAuthorisation,
        registry: &PartyId,
        now: OffsetDateTime,
    ) -> Result<Self, Error> {
        let record = first.record();
        if record.registry() != registry {
            let rule = "it is registered at the node that it names, else at the platform";
            return Err(Error::OutOfOrder { document: Document::Authorisation, rule });
        }
        if !first.certificate().validity.contains(now) {
            return Err(Error::CertificateTime { document: Document::Authorisation });
        }
        let history = History::begin(record.id().clone(), registry.clone(), version(record), now)?;
        Ok(Self { latest: first, history })
    }

    /// A line as it was stored: its history and its latest version.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfOrder`] when they are not of the same authorisation and version.
    pub fn restore(latest: VerifiedAuthorisation, history: History) -> Result<Self, Error> {
        let record = latest.record();
        let fits =
            record.id() == history.authorisation() && record.record_hash() == history.record_hash();
        if fits {
            return Ok(Self { latest, history });
        }
        let rule = "a line's record is the latest of its history";
        Err(Error::OutOfOrder { document: Document::History, rule })
    }

    /// Puts a smaller version in the latest one's place. A suspension stays.
    ///
    /// A narrowing that comes late, after the end of its certificate or of its own term, is taken
    /// all the same: refusing it would leave the larger version in force.
    ///
    /// # Errors
    ///
    /// Those of [`narrows`], [`Error::Closed`].
    pub fn narrow(
        &mut self,
        next: VerifiedAuthorisation,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        narrows(self.record(), next.record())?;
        self.history.push(Act::Narrowed(version(next.record())), now)?;
        self.latest = next;
        Ok(())
    }

    /// Does what the subject has signed. A revocation of any version ends the authorisation:
    /// it may have crossed with a narrowing.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfOrder`] when the change is another's, another version's, replayed or does
    /// not follow; [`Error::Closed`].
    pub fn apply(&mut self, verified: &VerifiedChange, now: OffsetDateTime) -> Result<(), Error> {
        let change = &verified.change;
        let document = Document::Change;
        let own = change.authorisation == *self.record().id()
            && verified.certificate.subject == *self.record().subject();
        if !own {
            let rule = "it names this authorisation and is signed for its subject";
            return Err(Error::OutOfOrder { document, rule });
        }
        let names = |version: &Version| {
            version.version == change.version && version.record_hash == change.record_hash
        };
        let bound = match change.kind {
            ChangeKind::Revoke => self.history.versions().any(names),
            ChangeKind::Suspend | ChangeKind::Resume => names(&version(self.record())),
        };
        if !bound {
            let rule = "it names the version that it changes";
            return Err(Error::OutOfOrder { document, rule });
        }
        let signed = Signed { signed_at: verified.signed_at, change_hash: verified.hash };
        let act = match change.kind {
            ChangeKind::Revoke => Act::Revoked(signed),
            ChangeKind::Suspend => Act::SuspendedBySubject(signed),
            ChangeKind::Resume => Act::ResumedBySubject(signed),
        };
        self.history.push(act, now)
    }

    /// Does what the registry has decided.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfOrder`] when it does not follow, [`Error::Closed`].
    pub fn rule(&mut self, ruling: Ruling, now: OffsetDateTime) -> Result<(), Error> {
        let act = match ruling {
            Ruling::Suspend(reason) => Act::SuspendedByRegistry { reason },
            Ruling::Resume => Act::ResumedByRegistry {},
            Ruling::Void(reason) => Act::Voided { reason },
            Ruling::Exhaust => Act::Exhausted {},
        };
        self.history.push(act, now)
    }

    /// The latest version's state; `now` is not before the last event.
    #[must_use]
    pub fn state_at(&self, now: OffsetDateTime) -> State {
        self.history.state_at(now)
    }

    /// The latest version's record.
    #[must_use]
    pub const fn record(&self) -> &Authorisation {
        self.latest.record()
    }

    /// Everything that happened.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// What the registry says about the latest version now, given where its log has the last event.
    #[must_use]
    pub fn statement(&self, log: LogPlace, now: OffsetDateTime) -> Statement {
        Statement {
            registry: self.record().registry().clone(),
            issued_at: now,
            authorisation: self.history.authorisation().clone(),
            version: self.history.version(),
            record_hash: self.history.record_hash(),
            state: self.state_at(now),
            since: self.history.since_at(now),
            log,
        }
    }
}

fn version(record: &Authorisation) -> Version {
    Version {
        version: record.version(),
        record_hash: record.record_hash(),
        signed_at: record.signed_at(),
        not_after: record.term().not_after(),
    }
}
