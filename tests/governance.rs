//! Every answer is covered or refused: the user stories of governance, with real processes.
//!
//! The numbers of the stories are those of POLICY.md §8.

mod authorised;
mod catalogued;
mod hostile;
mod members;
mod recorded;
mod statements;

use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::support::{Party, Said, spawn, until};

/// The code with which the one question of a command was refused.
fn refusal(said: &Said) -> String {
    assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
    said.json()["trouble"]["code"].as_str().unwrap_or("-").to_owned()
}

/// The records of a party's log that are of this kind.
fn records(party: &Party, kind: &str) -> Vec<Value> {
    let size = party.tacit(&["audit", "verify", "--json"]).done().json()["records"].clone();
    let all = 0..size.as_u64().expect("a number of records");
    let record = |seq: u64| {
        let said = party.tacit(&["audit", "prove", &seq.to_string(), "--json"]).done();
        said.json()["record"]["event"].clone()
    };
    all.map(record).filter(|event| event.get(kind).is_some()).collect()
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime")
}

/// Stops a party as its operator does.
fn stop(party: &mut Party) {
    let asking = spawn(&party.dir, &["party", "stop"]);
    let mut process = party.process.take().expect("it runs");
    let status = until("the party stops", || process.child.try_wait().expect("it is our child"));
    assert!(status.success(), "it ended with {status}");
    asking.end().done();
}
