//! What a registry says about an authorisation's state.

use domain::{Digest, PartyId};
use envelope::{Envelope, SigningKey};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::document::{MAX_PAYLOAD, decode, encode};
use crate::moment::Moment;
use crate::{AuthorisationId, Document, Error, State, Trust};

/// The most hashes of an inclusion proof: a tree of 2^64 leaves has no longer one.
pub const MAX_PROOF: usize = 64;

/// The most leaves of a registry's log: larger numbers are not exact in every reader of JSON.
const MAX_LEAVES: u64 = 1 << 53;

/// A registry's word on the state of the latest version of an authorisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Who says it.
    pub registry: PartyId,
    /// When it was said.
    pub issued_at: OffsetDateTime,
    /// About which authorisation.
    pub authorisation: AuthorisationId,
    /// About which version: the latest.
    pub version: u32,
    /// The hash of that version's record.
    pub record_hash: Digest,
    /// Its state.
    pub state: State,
    /// Since when.
    pub since: OffsetDateTime,
    /// Where the registry's log has the event that led to the state.
    pub log: LogPlace,
}

/// Where an event lies in a registry's Merkle log (RFC 6962). This crate carries the proof and
/// does not check it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogPlace {
    /// The leaf, counted from 0.
    pub index: u64,
    /// The tree's number of leaves.
    pub size: u64,
    /// The tree's root.
    pub root: Digest,
    /// The inclusion proof: 64 hashes at most.
    pub proof: Vec<Digest>,
}

/// A statement that a trusted registry has signed; only [`Statement::open`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedStatement {
    pub(crate) statement: Statement,
    pub(crate) hash: Digest,
}

impl Statement {
    /// The type of the payload in its envelope.
    pub const TYPE: &'static str = "application/vnd.tacit.authorisation-state.v1+json";

    /// Signs with the registry's key.
    ///
    /// # Errors
    ///
    /// Whatever a reader would refuse in it.
    pub fn sign(&self, registry: &SigningKey) -> Result<Envelope, Error> {
        let form = Form {
            registry: self.registry.clone(),
            issued_at: Moment::new(self.issued_at)?,
            authorisation_id: self.authorisation.clone(),
            version: self.version,
            record_hash: self.record_hash,
            state: self.state,
            since: Moment::new(self.since)?,
            log: self.log.clone(),
        };
        let payload = encode(Document::Statement, &form)?;
        Self::read(&payload)?;
        Ok(Envelope::sign(Self::TYPE, payload, registry))
    }

    /// Opens a statement with a key of the registry that it names, if `trust` has one.
    ///
    /// # Errors
    ///
    /// [`Error::Untrusted`], [`Error::Envelope`], and those of reading.
    pub fn open(envelope: &Envelope, trust: &Trust) -> Result<VerifiedStatement, Error> {
        trust.open_statement(envelope)
    }

    /// Reads the payload; checks no signature.
    pub(crate) fn read(payload: &[u8]) -> Result<Self, Error> {
        let document = Document::Statement;
        let form: Form = decode(document, MAX_PAYLOAD, payload)?;
        let rules = [
            (form.version >= 1, "versions start at 1"),
            (form.since <= form.issued_at, "a state begins before it is stated"),
            (
                form.log.index < form.log.size && form.log.size <= MAX_LEAVES,
                "the event is one of the log's leaves, of 2^53 at most",
            ),
            (form.log.proof.len() <= MAX_PROOF, "a proof has 64 hashes at most"),
        ];
        if let Some((_, rule)) = rules.into_iter().find(|(holds, _)| !holds) {
            return Err(Error::Rule { document, rule });
        }
        Ok(Self {
            registry: form.registry,
            issued_at: form.issued_at.at(),
            authorisation: form.authorisation_id,
            version: form.version,
            record_hash: form.record_hash,
            state: form.state,
            since: form.since.at(),
            log: form.log,
        })
    }
}

impl VerifiedStatement {
    /// What was said.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The SHA-256 of the payload's bytes as signed.
    #[must_use]
    pub const fn hash(&self) -> Digest {
        self.hash
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    registry: PartyId,
    issued_at: Moment,
    authorisation_id: AuthorisationId,
    version: u32,
    record_hash: Digest,
    state: State,
    since: Moment,
    log: LogPlace,
}
