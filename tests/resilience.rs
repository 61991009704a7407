//! Nothing acknowledged is lost, and no peer takes a node: callers that go away at any moment,
//! processes that are killed with their last word on the way, a peer at full speed. With real processes.

mod kill;
mod load;
mod reset;

use lab::Party;

use crate::support::{records, runtime};

/// Starts a party that has been killed.
fn restart(party: &mut Party) {
    party.process = None;
    party.start();
}
