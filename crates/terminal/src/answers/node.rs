//! What the service `Node` answers.

use control::messages::{CatalogueReply, RegisterCoverage};
use serde_json::{Value, json};

use super::{ToJson, each};

impl ToJson for CatalogueReply {
    fn to_json(&self) -> Value {
        json!({
            "catalogue": self.catalogue, "hash": self.hash, "profile": self.profile,
            "profile_hash": self.profile_hash, "classes": self.classes, "fields": self.fields,
            "by_mode": self.by_mode, "by_due": self.by_due, "fields_by_mode": self.fields_by_mode,
            "registers": each(&self.registers),
        })
    }
}

impl ToJson for RegisterCoverage {
    fn to_json(&self) -> Value {
        json!({ "name": self.name, "classes": self.classes, "bound": self.bound })
    }
}
