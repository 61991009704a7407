//! Answers of a party as the JSON that `--json` prints: a file a service.
//!
//! The names are those that the commands document; they stay as they are whatever the messages of
//! `proto/control/` come to be called.

mod audit;
mod authorisations;
mod models;
mod node;
mod runs;

use serde_json::Value;

/// An answer that has a form in JSON.
pub trait ToJson {
    /// The answer in JSON.
    fn to_json(&self) -> Value;
}

/// Each of several answers in JSON.
fn each<T: ToJson>(answers: &[T]) -> Vec<Value> {
    answers.iter().map(ToJson::to_json).collect()
}

/// Numbers with commas between.
fn joined(numbers: &[u32]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
