//! Whose keys a reader of proofs trusts.

use std::collections::BTreeMap;

use consent::Trust;
use domain::PartyId;
use envelope::PublicKey;

use crate::{KeyName, NoteKey};

/// Whose keys a reader of proofs trusts: by role, so that a platform's key signs no holder's
/// receipt; several keys a party, since proofs outlive keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Who certifies the keys of subjects.
    pub issuers: BTreeMap<PartyId, Vec<PublicKey>>,
    /// Who states the states of authorisations.
    pub registries: BTreeMap<PartyId, Vec<PublicKey>>,
    /// Who releases: signs receipts, and checkpoints of its own log.
    pub holders: BTreeMap<PartyId, PartyKeys>,
    /// Who counter-signs receipts.
    pub platforms: BTreeMap<PartyId, PartyKeys>,
    /// Who asks: signs its questions.
    pub lenders: BTreeMap<PartyId, Vec<PublicKey>>,
    /// Who cosigns checkpoints.
    pub witnesses: Vec<NoteKey>,
}

/// The keys of one party.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartyKeys {
    /// For envelopes.
    pub signing: Vec<PublicKey>,
    /// For notes.
    pub notes: Vec<PublicKey>,
}

impl Keys {
    /// What `consent` walks from a subject's signature to.
    pub(crate) fn trust(&self) -> Trust {
        let add = |trust: Trust, (party, keys): (&PartyId, &Vec<PublicKey>)| {
            keys.iter().fold(trust, |trust, key| trust.with_issuer(party.clone(), *key))
        };
        let trust = self.issuers.iter().fold(Trust::default(), add);
        let add = |trust: Trust, (party, keys): (&PartyId, &Vec<PublicKey>)| {
            keys.iter().fold(trust, |trust, key| trust.with_registry(party.clone(), *key))
        };
        self.registries.iter().fold(trust, add)
    }

    /// The keys under which a holder's checkpoint may be signed, its own first.
    pub(crate) fn notes(&self, holder: &PartyId) -> (Vec<NoteKey>, &[NoteKey]) {
        let keys = self.holders.get(holder).map_or(&[][..], |keys| &keys.notes);
        let own = keys.iter().map(|key| NoteKey::new(KeyName::of(holder), *key));
        (own.collect(), &self.witnesses)
    }
}
