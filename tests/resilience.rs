//! Nothing acknowledged is lost, and no peer takes a node: callers that go away at any moment,
//! processes that are killed with their last word on the way, a peer at full speed. With real processes.

#[path = "resilience/kill.rs"]
mod kill;
#[path = "resilience/load.rs"]
mod load;
#[path = "support/relay.rs"]
#[expect(dead_code, reason = "rounds are for failures.rs")]
mod relay;
#[path = "resilience/reset.rs"]
mod reset;
#[path = "support/subjects.rs"]
#[expect(dead_code, reason = "what else subjects do is for governance.rs")]
mod subjects;
#[expect(dead_code, reason = "results by name are for psi.rs and failures.rs")]
mod support;
#[path = "support/town.rs"]
#[expect(dead_code, reason = "verifications are for verify.rs")]
mod town;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::Value;
use support::Party;
use tokio::runtime::{Builder, Runtime};

/// What is measured is measured alone.
static MEASURING: RwLock<()> = RwLock::new(());

fn measuring() -> RwLockWriteGuard<'static, ()> {
    MEASURING.write().unwrap_or_else(PoisonError::into_inner)
}

/// Held by a test that does not mind others.
fn beside() -> RwLockReadGuard<'static, ()> {
    MEASURING.read().unwrap_or_else(PoisonError::into_inner)
}

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
