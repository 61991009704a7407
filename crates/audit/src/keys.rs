//! Whose keys a reader of proofs trusts.

use std::collections::BTreeMap;

use consent::Trust;
use domain::PartyId;
use envelope::PublicKey;

use crate::{Checkpoint, Head, KeyName, Note, NoteKey};

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
    /// Who asks: signs its questions and training jobs, and checkpoints of its own log.
    pub lenders: BTreeMap<PartyId, PartyKeys>,
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

    /// The log that a party's checkpoint states, signed by a note key of its own, and by witnesses.
    pub(crate) fn open_checkpoint(
        &self,
        note: &Note,
        (party, keys): (&PartyId, Option<&PartyKeys>),
    ) -> Result<Head, String> {
        let keys = keys.map_or(&[][..], |keys| &keys.notes);
        let own = keys.iter().map(|key| NoteKey::new(KeyName::of(party), *key));
        let own: Vec<NoteKey> = own.collect();
        let opened = own.iter().find_map(|key| Checkpoint::open(note, key).ok());
        let checkpoint = opened
            .ok_or_else(|| format!("the checkpoint is not signed by a note key of {party}"))?;
        // A proof is made for its reader: a signature that he cannot check has no place in it, or a
        // changed byte in it would go unseen.
        let known = [&own, &self.witnesses[..]].concat();
        let (_, held) = note.verify(&known).map_err(|error| error.to_string())?;
        if held.len() != note.signatures() {
            return Err("the checkpoint has a signature by an unknown key".into());
        }
        Ok(checkpoint.head)
    }
}
