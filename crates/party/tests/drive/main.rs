//! What `drive` promises of any session, hazard by hazard, over streams in memory.
//!
//! The sessions here are no protocols: they send and expect what a table of rounds says. The network
//! is a pump a direction that counts what it holds, and can be slow.

mod bounds;
mod duplex;
mod giving_up;
mod network;
mod parting;
mod talk;

use std::future::Future;
use std::time::Duration;

use session::Role;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

const ALICE: Role = Role(0);
const BOB: Role = Role(1);
const CAROL: Role = Role(2);

/// Longer than any run here takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// An idle limit for peers in memory that read nothing: our closing frame to them waits for it.
const SOON: Duration = Duration::from_secs(1);

/// The runtime of a party, with so many workers.
fn runtime(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().expect("a runtime")
}

/// What must end, and be it on a loaded machine.
async fn in_time<F: Future>(what: F) -> F::Output {
    timeout(PATIENCE * 2, what).await.expect("it hangs")
}
