//! What the service `Runs` answers.

use control::messages::handed_key::Outcome;
use control::messages::{HandedKey, PrepareReply};
use serde_json::{Value, json};

use super::{ToJson, each};

impl ToJson for PrepareReply {
    fn to_json(&self) -> Value {
        json!({ "handed": each(&self.handed) })
    }
}

impl ToJson for HandedKey {
    fn to_json(&self) -> Value {
        match &self.outcome {
            Some(Outcome::Sent(sent)) => json!({
                "to": self.to, "bytes": sent.bytes, "milliseconds": sent.milliseconds,
            }),
            Some(Outcome::Failed(trouble)) => {
                let text = trouble.text.clone().unwrap_or_default();
                json!({ "to": self.to, "code": trouble.code, "en": text.en, "zh": text.zh })
            }
            None => json!({ "to": self.to }),
        }
    }
}
