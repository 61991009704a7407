//! The online score as a service: models registered, countersigned and retired; earlier answers
//! handed over again; holders that are down or late. With real processes.

mod answers;
mod countersigned;
mod keys;
mod registration;

use lab::Party;
use serde_json::Value;

use crate::support::town::MODEL;
use crate::support::{refusal, runtime};

fn shown(party: &Party) -> Value {
    party.tacit(&["model", "show", MODEL, "--json"]).done().json()["models"][0].clone()
}

/// Events of this kind in a party's log.
fn changes(party: &Party) -> Vec<String> {
    let size = party.tacit(&["audit", "verify", "--json"]).done().json()["records"].clone();
    let all = 0..size.as_u64().expect("a number of records");
    let event = |seq: u64| {
        let said = party.tacit(&["audit", "prove", &seq.to_string(), "--json"]).done();
        said.json()["record"]["event"]["model"]["change"].as_str().map(ToOwned::to_owned)
    };
    all.filter_map(event).collect()
}

fn bytes(digits: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    (0..digits.len()).step_by(2).map(byte).collect()
}
