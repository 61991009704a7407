//! Batches under way, and the steps that are waited for.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{PartyId, RunId};

use super::holder::Pledged;
use crate::Trouble;
use crate::node::Node;
use crate::runs::Run;

/// What is in memory of the batches under way. What must survive is in the store.
#[derive(Default)]
pub(crate) struct Batches(Mutex<Live>);

#[derive(Default)]
pub(super) struct Live {
    /// How many steps of a run have begun: tells whether one came after another.
    pub(super) steps: HashMap<RunId, u64>,
    /// A holder's run seeds, each with the register that it was compared with.
    pub(super) committed: HashMap<RunId, Arc<Pledged>>,
    /// A lender's own batches.
    pub(super) own: HashSet<RunId>,
}

impl Batches {
    pub(super) fn locked(&self) -> MutexGuard<'_, Live> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Node {
    /// A step of this run has come: whoever waits for it need not any more.
    pub(super) fn begin_step(&self, run: RunId) {
        *self.batches.locked().steps.entry(run).or_default() += 1;
    }

    /// Fails a run whose next step does not come within the idle limit.
    pub(super) fn await_step(self: &Arc<Self>, run: Run, peer: PartyId) {
        let node = Arc::clone(self);
        let so_far = node.batches.locked().steps.get(&run.id).copied();
        tokio::spawn(async move {
            let idle = node.config.limits.idle();
            tokio::time::sleep(idle).await;
            let now = node.batches.locked().steps.get(&run.id).copied();
            if now.is_none() || now != so_far {
                return;
            }
            node.batches.locked().committed.remove(&run.id);
            let idle = idle.as_secs();
            let trouble = Trouble::us(
                "SILENT",
                format!(
                    "{peer} has not gone on with this batch for {idle} s. What it has is kept here until it does."
                ),
                format!("{peer} 已有 {idle} 秒未继续该批量运行。所需内容保留在本方，直至其继续。"),
            );
            run.fail(trouble.by(&peer)).await;
        });
    }
}
