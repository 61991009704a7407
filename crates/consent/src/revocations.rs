//! Keys of subjects that sign no more: an issuer's list.

use domain::PartyId;
use envelope::{Envelope, PublicKey, SigningKey};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::document::{decode, encode_within};
use crate::moment::Moment;
use crate::{Document, Error, Trust};

/// The most keys of one list. A key whose certificates have all run out need not stay on it.
pub const MAX_REVOKED: usize = 5_000;

/// The most bytes of a list's payload: every key is written in 55 bytes.
const MAX_LIST: usize = 320 << 10;

/// The most bytes of JSON that are read as a list in its envelope.
pub const MAX_REVOCATIONS: usize = 448 << 10;

/// An identity issuer's list of the keys that it takes its word back for: lost, stolen, or handed
/// over when an agent left.
///
/// The list is whole, not what has changed since the last one, and a higher number takes the place
/// of a lower one. It reaches the certificates of its own issuer alone. What a revoked key has signed
/// counts no more, whatever time it says it was signed at: a thief can write any. The subject is
/// certified with another key, and signs again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRevocations {
    issuer: PartyId,
    number: u64,
    issued_at: OffsetDateTime,
    /// In the order of their bytes, each once.
    keys: Vec<PublicKey>,
}

/// A list that a trusted issuer has signed; only [`KeyRevocations::open`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedRevocations(KeyRevocations);

impl KeyRevocations {
    /// The type of the payload in its envelope.
    pub const TYPE: &'static str = "application/vnd.tacit.subject-key-revocations.v1+json";

    /// The first list of an issuer, or the next one after `previous`, with everything on it.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`] for more than [`MAX_REVOKED`] keys, another issuer's list before, or a time
    /// before the previous list's.
    pub fn after(
        previous: Option<&Self>,
        issuer: PartyId,
        keys: &[PublicKey],
        issued_at: OffsetDateTime,
    ) -> Result<Self, Error> {
        let before = previous.map_or(&[][..], |list| &list.keys);
        let mut keys = [before, keys].concat();
        keys.sort_unstable_by_key(|key| *key.as_bytes());
        keys.dedup();
        let number = previous.map_or(0, |list| list.number).saturating_add(1);
        let fits = previous.is_none_or(|list| list.issuer == issuer && list.issued_at <= issued_at);
        let list = Self { issuer, number, issued_at, keys };
        list.check()?;
        if fits {
            return Ok(list);
        }
        let rule = "the list before it is the same issuer's, and older";
        Err(Error::Rule { document: Document::Revocations, rule })
    }

    /// Signs with the issuer's key.
    ///
    /// # Errors
    ///
    /// Whatever a reader would refuse in it.
    pub fn sign(&self, issuer: &SigningKey) -> Result<Envelope, Error> {
        let form = Form {
            issuer: self.issuer.clone(),
            number: self.number,
            issued_at: Moment::new(self.issued_at)?,
            keys: self.keys.clone(),
        };
        let payload = encode_within(Document::Revocations, MAX_LIST, &form)?;
        Self::read(&payload)?;
        Ok(Envelope::sign(Self::TYPE, payload, issuer))
    }

    /// Reads the JSON of an envelope that holds a list, which may be longer than other documents.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`].
    pub fn envelope(json: &[u8]) -> Result<Envelope, Error> {
        Envelope::from_json_within(json, MAX_REVOCATIONS)
            .map_err(|source| Error::Envelope { document: Document::Revocations, source })
    }

    /// Opens a list with a key of the issuer that it names, if `trust` has one.
    ///
    /// # Errors
    ///
    /// [`Error::Untrusted`], [`Error::Envelope`], and those of reading.
    pub fn open(envelope: &Envelope, trust: &Trust) -> Result<VerifiedRevocations, Error> {
        trust.open_revocations(envelope).map(VerifiedRevocations)
    }

    /// The list that an envelope claims to hold, for the issuer's own tool: no signature is checked.
    ///
    /// # Errors
    ///
    /// [`Error::Envelope`] for another type, and those of reading.
    pub fn unverified(envelope: &Envelope) -> Result<Self, Error> {
        let document = Document::Revocations;
        let payload = envelope.unverified(Self::TYPE);
        Self::read(payload.map_err(|source| Error::Envelope { document, source })?)
    }

    /// Reads the payload; checks no signature.
    fn read(payload: &[u8]) -> Result<Self, Error> {
        let form: Form = decode(Document::Revocations, MAX_LIST, payload)?;
        let Form { issuer, number, issued_at, keys } = form;
        let list = Self { issuer, number, issued_at: issued_at.at(), keys };
        list.check()?;
        Ok(list)
    }

    fn check(&self) -> Result<(), Error> {
        let rules = [
            (self.number >= 1, "lists are numbered from 1"),
            (self.keys.len() <= MAX_REVOKED, "a list has 5,000 keys at most"),
            (
                self.keys.windows(2).all(|two| two[0].as_bytes() < two[1].as_bytes()),
                "the keys are in order, each once",
            ),
        ];
        let document = Document::Revocations;
        let broken = rules.into_iter().find(|(holds, _)| !holds);
        broken.map_or(Ok(()), |(_, rule)| Err(Error::Rule { document, rule }))
    }

    /// Who takes its word back.
    #[must_use]
    pub const fn issuer(&self) -> &PartyId {
        &self.issuer
    }

    /// Which of the issuer's lists it is, from 1.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// When it was signed.
    #[must_use]
    pub const fn issued_at(&self) -> OffsetDateTime {
        self.issued_at
    }

    /// How many keys it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key is on it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether a key is on it.
    #[must_use]
    pub fn revokes(&self, key: &PublicKey) -> bool {
        self.keys.binary_search_by_key(key.as_bytes(), |listed| *listed.as_bytes()).is_ok()
    }
}

impl VerifiedRevocations {
    /// The list.
    #[must_use]
    pub const fn list(&self) -> &KeyRevocations {
        &self.0
    }

    pub(crate) fn into_list(self) -> KeyRevocations {
        self.0
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    issuer: PartyId,
    number: u64,
    issued_at: Moment,
    keys: Vec<PublicKey>,
}
