//! What the service `Authorisations` answers.

use control::messages::{
    Authorisation, AuthorisationsReply, HistoryEvent, HistoryReply, ImportBundleReply,
    KeyRevocationsReply, RevocationList, Statement, TakeKeyRevocationsReply,
};
use serde_json::{Value, json};

use super::{ToJson, each};
use crate::units::instant;

impl ToJson for Statement {
    fn to_json(&self) -> Value {
        json!({
            "authorisation": self.authorisation, "version": self.version,
            "state": self.state().to_string(), "since": instant(self.since_ms),
            "registry": self.registry, "record_hash": self.record_hash,
            "issued": instant(self.issued_ms),
        })
    }
}

impl ToJson for AuthorisationsReply {
    fn to_json(&self) -> Value {
        json!({ "authorisations": each(&self.authorisations) })
    }
}

impl ToJson for Authorisation {
    fn to_json(&self) -> Value {
        json!({
            "id": self.id, "version": self.version, "state": self.state().to_string(),
            "lender": self.lender, "platform": self.platform, "record_hash": self.record_hash,
            "not_after": instant(self.not_after_ms), "changed": instant(self.changed_ms),
        })
    }
}

impl ToJson for HistoryReply {
    fn to_json(&self) -> Value {
        json!({
            "authorisation": self.authorisation.as_ref().map(ToJson::to_json),
            "history": each(&self.history),
        })
    }
}

impl ToJson for HistoryEvent {
    fn to_json(&self) -> Value {
        json!({
            "at": instant(self.at_ms), "act": self.act().to_string(),
            "actor": self.actor().to_string(), "reason": self.reason, "hash": self.hash,
        })
    }
}

impl ToJson for ImportBundleReply {
    fn to_json(&self) -> Value {
        json!({ "taken": self.taken, "refused": self.refused })
    }
}

impl ToJson for TakeKeyRevocationsReply {
    fn to_json(&self) -> Value {
        let lists: Vec<Value> = self.list.iter().map(ToJson::to_json).collect();
        json!({ "lists": lists, "void": self.void })
    }
}

impl ToJson for KeyRevocationsReply {
    fn to_json(&self) -> Value {
        json!({ "lists": each(&self.lists) })
    }
}

impl ToJson for RevocationList {
    fn to_json(&self) -> Value {
        json!({
            "issuer": self.issuer, "number": self.number, "keys": self.keys,
            "issued": instant(self.issued_ms), "taken": instant(self.taken_ms),
        })
    }
}
