//! What happened to one authorisation, in a chain that cannot be edited unseen.

use domain::{Digest, PartyId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::{OffsetDateTime, UtcOffset};

use crate::document::decode;
use crate::event::{Act, Version};
use crate::moment::{Moment, written};
use crate::standing::Standing;
use crate::{Actor, AuthorisationId, Document, Error, State};

/// The most bytes of a history's JSON.
pub const MAX_HISTORY: usize = 2 << 20;

/// After so many events a subject can only end its authorisation, not narrow, suspend or resume.
pub const MAX_EVENTS: usize = 1000;

const EVENT: &[u8] = b"tacit/consent/event/v1";
const BEGINNING: &[u8] = b"tacit/consent/history/v1";

/// The events of one authorisation at its registry, oldest first.
///
/// Each event's hash covers the one before, and the events follow one another by the rules of the
/// life cycle: a history that exists is one that can have happened. That it did is for the
/// registry's log to prove, which holds the [`History::head`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    authorisation: AuthorisationId,
    registry: PartyId,
    events: Vec<Event>,
    standing: Standing,
}

/// One event of a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    #[serde(with = "written")]
    at: OffsetDateTime,
    what: Act,
    hash: Digest,
}

impl Event {
    /// When the registry took note of it, UTC.
    #[must_use]
    pub const fn at(&self) -> OffsetDateTime {
        self.at
    }

    /// What happened, and why where a reason is given.
    #[must_use]
    pub const fn act(&self) -> &Act {
        &self.what
    }

    /// Who brought it about.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.what.actor()
    }

    /// SHA-256 over the hash of the event before and this event.
    #[must_use]
    pub const fn hash(&self) -> Digest {
        self.hash
    }
}

impl History {
    /// Begins with the registration of version 1.
    pub(crate) fn begin(
        authorisation: AuthorisationId,
        registry: PartyId,
        first: Version,
        at: OffsetDateTime,
    ) -> Result<Self, Error> {
        let standing = Standing::begin(first, at)?;
        let beginning = beginning(&authorisation, &registry)?;
        let event = seal(beginning, at, Act::Registered(first))?;
        Ok(Self { authorisation, registry, events: vec![event], standing })
    }

    /// Adds an event. After an error nothing has changed.
    pub(crate) fn push(&mut self, act: Act, at: OffsetDateTime) -> Result<(), Error> {
        let standing = self.standing.after(&act, at)?;
        let may_go_on = match &act {
            Act::Narrowed(_) | Act::SuspendedBySubject(_) | Act::ResumedBySubject(_) => {
                self.events.len() < MAX_EVENTS
            }
            Act::Registered(_)
            | Act::Revoked(_)
            | Act::SuspendedByRegistry { .. }
            | Act::ResumedByRegistry {}
            | Act::Voided { .. }
            | Act::Exhausted {} => true,
        };
        if !may_go_on {
            let rule = "there are no more than 1000 events; revoke and grant a new one";
            return Err(Error::OutOfOrder { document: Document::Change, rule });
        }
        self.events.push(seal(self.head(), at, act)?);
        self.standing = standing;
        Ok(())
    }

    /// Reads a history's JSON and checks every hash and every step of it.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`], [`Error::Malformed`]; [`Error::Rule`] for a broken chain;
    /// [`Error::OutOfOrder`] and [`Error::Closed`] for a step that cannot have followed.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let document = Document::History;
        let form: Form = decode(document, MAX_HISTORY, bytes)?;
        let mut events = form.events.into_iter();
        let rule = "a history begins with the registration of version 1";
        let Some(Event { at, what: Act::Registered(first), hash }) = events.next() else {
            return Err(Error::Rule { document, rule });
        };
        let mut history = Self::begin(form.authorisation_id, form.registry, first, at)?;
        history.must_end_with(hash)?;
        for event in events {
            history.push(event.what, event.at)?;
            history.must_end_with(event.hash)?;
        }
        Ok(history)
    }

    /// The history's JSON, one line.
    ///
    /// # Errors
    ///
    /// [`Error::Oversized`] past [`MAX_HISTORY`].
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let form = Form {
            authorisation_id: self.authorisation.clone(),
            registry: self.registry.clone(),
            events: self.events.clone(),
        };
        let bytes = json(&form)?;
        let (document, limit, found) = (Document::History, MAX_HISTORY, bytes.len());
        if found > limit { Err(Error::Oversized { document, limit, found }) } else { Ok(bytes) }
    }

    /// Which authorisation.
    #[must_use]
    pub const fn authorisation(&self) -> &AuthorisationId {
        &self.authorisation
    }

    /// Whose registry.
    #[must_use]
    pub const fn registry(&self) -> &PartyId {
        &self.registry
    }

    /// The events, oldest first; at least one.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The last event's hash, which stands for the whole history.
    #[must_use]
    pub fn head(&self) -> Digest {
        self.events.last().expect("a history begins with an event").hash
    }

    /// The latest version.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.standing.version()
    }

    /// The hash of the latest version's record.
    #[must_use]
    pub const fn record_hash(&self) -> Digest {
        self.standing.record_hash()
    }

    /// The state of the latest version. Expiry is by the clock and leaves no event.
    #[must_use]
    pub fn state_at(&self, now: OffsetDateTime) -> State {
        self.standing.state_at(now)
    }

    /// Since when it has had that state.
    #[must_use]
    pub fn since_at(&self, now: OffsetDateTime) -> OffsetDateTime {
        self.standing.since_at(now)
    }

    /// The state of the version with this record; `None` when it never was one of them.
    #[must_use]
    pub fn state_of(&self, record: &Digest, now: OffsetDateTime) -> Option<State> {
        if *record == self.record_hash() {
            return Some(self.state_at(now));
        }
        self.versions().any(|version| version.record_hash == *record).then_some(State::Superseded)
    }

    /// Every version, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.events.iter().filter_map(|event| match event.act() {
            Act::Registered(version) | Act::Narrowed(version) => Some(version),
            Act::SuspendedBySubject(_)
            | Act::ResumedBySubject(_)
            | Act::Revoked(_)
            | Act::SuspendedByRegistry { .. }
            | Act::ResumedByRegistry {}
            | Act::Voided { .. }
            | Act::Exhausted {} => None,
        })
    }

    fn must_end_with(&self, hash: Digest) -> Result<(), Error> {
        let rule = "an event's hash covers the event and the one before";
        let broken = Error::Rule { document: Document::History, rule };
        if self.head() == hash { Ok(()) } else { Err(broken) }
    }
}

/// The hash in the place of an event before the first.
fn beginning(authorisation: &AuthorisationId, registry: &PartyId) -> Result<Digest, Error> {
    Ok(chained(BEGINNING, &[&json(&(authorisation, registry))?]))
}

fn seal(previous: Digest, at: OffsetDateTime, what: Act) -> Result<Event, Error> {
    // One spelling a time, so that the same events have the same hashes at every registry.
    let at = Moment::new(at)?.at().to_offset(UtcOffset::UTC);
    let hash = chained(EVENT, &[previous.as_bytes(), &json(&(Moment::new(at)?, &what))?]);
    Ok(Event { at, what, hash })
}

fn chained(domain: &[u8], parts: &[&[u8]]) -> Digest {
    let mut hasher = Sha256::new_with_prefix(domain);
    for part in parts {
        hasher.update(part);
    }
    Digest::from_bytes(hasher.finalize().into())
}

fn json(form: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(form).map_err(|_| {
        let expected = "written by RFC 3339, from 2000 to 2199";
        Error::Text { what: "a time of a history", expected }
    })
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    authorisation_id: AuthorisationId,
    registry: PartyId,
    events: Vec<Event>,
}
