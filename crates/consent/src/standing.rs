//! The state machine: where an authorisation stands after what has happened to it.

use domain::Digest;
use time::OffsetDateTime;

use crate::event::{Act, Version};
use crate::{Document, Error, State};

/// Where an authorisation stands.
///
/// Subject and registry suspend independently: neither lifts the other's suspension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    current: Version,
    /// When the subject signed the last thing that was accepted and could be replayed.
    last_signed: OffsetDateTime,
    last_event: OffsetDateTime,
    held_by_subject: bool,
    held_by_registry: bool,
    closed: Option<State>,
    since: OffsetDateTime,
}

impl Standing {
    /// The beginning: version 1 is registered.
    pub(crate) fn begin(first: Version, at: OffsetDateTime) -> Result<Self, Error> {
        if first.version != 1 {
            return Err(refused(Document::Authorisation, "version 1 is registered first"));
        }
        let standing = Self {
            current: first,
            last_signed: first.signed_at,
            last_event: at,
            held_by_subject: false,
            held_by_registry: false,
            closed: None,
            since: at,
        };
        standing.open_at(at, Document::Authorisation)?;
        Ok(standing)
    }

    /// Where it stands after one more event at `at`.
    pub(crate) fn after(self, act: &Act, at: OffsetDateTime) -> Result<Self, Error> {
        if at < self.last_event {
            return Err(refused(Document::History, "an event comes after the one before"));
        }
        let document = asks(act);
        let before = self.open_at(at, document)?;
        let mut next = self;
        next.last_event = at;
        match act {
            Act::Registered(_) => {
                return Err(refused(document, "an authorisation is registered once"));
            }
            Act::Narrowed(version) => {
                if self.current.version.checked_add(1) != Some(version.version) {
                    return Err(refused(document, "the next version has the next number"));
                }
                next.current = *version;
            }
            Act::SuspendedBySubject(signed) => {
                next.follow(signed.signed_at, document)?;
                next.held_by_subject = flip(self.held_by_subject, true, document)?;
            }
            Act::ResumedBySubject(signed) => {
                next.follow(signed.signed_at, document)?;
                next.held_by_subject = flip(self.held_by_subject, false, document)?;
            }
            Act::SuspendedByRegistry { .. } => {
                next.held_by_registry = flip(self.held_by_registry, true, document)?;
            }
            Act::ResumedByRegistry {} => {
                next.held_by_registry = flip(self.held_by_registry, false, document)?;
            }
            Act::Revoked(_) => next.closed = Some(State::Revoked),
            Act::Voided { .. } => next.closed = Some(State::Void),
            Act::Exhausted {} => next.closed = Some(State::Exhausted),
        }
        if next.state_at(at) != before {
            next.since = at;
        }
        Ok(next)
    }

    /// The current version's state; `now` is not before the last event.
    pub(crate) fn state_at(&self, now: OffsetDateTime) -> State {
        match self.closed {
            Some(state) => state,
            None if now >= self.current.not_after => State::Expired,
            None if self.held_by_subject || self.held_by_registry => State::Suspended,
            None => State::Active,
        }
    }

    /// Since when it has that state.
    pub(crate) fn since_at(&self, now: OffsetDateTime) -> OffsetDateTime {
        match self.state_at(now) {
            State::Expired => self.current.not_after,
            State::Active
            | State::Suspended
            | State::Revoked
            | State::Exhausted
            | State::Superseded
            | State::Void => self.since,
        }
    }

    pub(crate) const fn version(&self) -> u32 {
        self.current.version
    }

    pub(crate) const fn record_hash(&self) -> Digest {
        self.current.record_hash
    }

    /// The state, unless it is terminal.
    fn open_at(&self, at: OffsetDateTime, document: Document) -> Result<State, Error> {
        let state = self.state_at(at);
        if state.is_terminal() { Err(Error::Closed { document, state }) } else { Ok(state) }
    }

    /// Whoever keeps a subject's old "resume" must not be able to undo a newer "suspend".
    fn follow(&mut self, signed_at: OffsetDateTime, document: Document) -> Result<(), Error> {
        if signed_at <= self.last_signed {
            let rule = "it is signed later than what the subject signed last";
            return Err(refused(document, rule));
        }
        self.last_signed = signed_at;
        Ok(())
    }
}

fn flip(held: bool, to: bool, document: Document) -> Result<bool, Error> {
    match (held, to) {
        (true, true) => Err(refused(document, "it is not suspended yet by the same side")),
        (false, false) => Err(refused(document, "it is suspended by the same side")),
        (false, true) | (true, false) => Ok(to),
    }
}

/// Whose document asks for an act.
const fn asks(act: &Act) -> Document {
    match act {
        Act::Registered(_) | Act::Narrowed(_) => Document::Authorisation,
        Act::SuspendedBySubject(_) | Act::ResumedBySubject(_) | Act::Revoked(_) => Document::Change,
        Act::SuspendedByRegistry { .. }
        | Act::ResumedByRegistry {}
        | Act::Voided { .. }
        | Act::Exhausted {} => Document::History,
    }
}

const fn refused(document: Document, rule: &'static str) -> Error {
    Error::OutOfOrder { document, rule }
}
