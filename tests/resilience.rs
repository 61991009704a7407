//! Nothing acknowledged is lost, and no peer takes a node: callers that go away at any moment,
//! processes that are killed with their last word on the way, a peer at full speed. With real processes.

mod kill;
mod load;
mod reset;

use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::support::Party;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime")
}

/// Starts a party that has been killed.
fn restart(party: &mut Party) {
    party.process = None;
    party.start();
}

/// The events of a party's log that are of this kind.
fn events(party: &Party, kind: &str) -> Vec<Value> {
    let size = party.tacit(&["audit", "verify", "--json"]).done().json()["records"].clone();
    let event = |seq: u64| {
        let said = party.tacit(&["audit", "prove", &seq.to_string(), "--json"]).done();
        said.json()["record"]["event"].clone()
    };
    let all = 0..size.as_u64().expect("a number of records");
    all.map(event).filter(|event| event.get(kind).is_some()).collect()
}
