//! The trainings that this party computes in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{Digest, RunId};
use tokio::sync::watch;
use tokio::time::timeout;

use super::gathering::Gathering;
use super::not_gathering;
use crate::Trouble;

/// Trainings at once: each holds shares of all columns in memory.
const AT_ONCE: usize = 4;

/// The trainings that this party computes in.
#[derive(Default)]
pub(crate) struct Trainings {
    all: Mutex<HashMap<RunId, Arc<Gathering>>>,
    /// Counts the trainings that were let go.
    gone: watch::Sender<u64>,
}

impl Trainings {
    fn locked(&self) -> MutexGuard<'_, HashMap<RunId, Arc<Gathering>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The training of this number, if it is under way here, and under this job.
    pub(super) fn find(&self, training: RunId, job: Digest) -> Result<Arc<Gathering>, Trouble> {
        let found = self.locked().get(&training).filter(|found| found.digest == job).cloned();
        found.ok_or_else(not_gathering)
    }

    /// Whether a training is under way here.
    pub(super) fn has(&self, training: RunId) -> bool {
        self.locked().contains_key(&training)
    }

    /// Takes a training in, unless there are enough, or it or another one of its job is here already:
    /// a job opens one model.
    pub(super) fn insert(&self, gathering: Arc<Gathering>) -> Result<(), Trouble> {
        let mut all = self.locked();
        if all.contains_key(&gathering.training) {
            return Err(store::Error::RunExists.into());
        }
        if all.values().any(|other| other.digest == gathering.digest) {
            return Err(Trouble::us(
                "BUSY",
                "another training of this job is under way here: a job opens one model",
                "该任务的另一次训练正在本方进行：一个任务只公开一个模型",
            ));
        }
        if all.len() >= AT_ONCE {
            return Err(Trouble::us(
                "BUSY",
                format!("this party computes in {AT_ONCE} trainings already: try again later"),
                format!("本方已在参与 {AT_ONCE} 个训练的计算：请稍后再试"),
            ));
        }
        all.insert(gathering.training, gathering);
        Ok(())
    }

    /// Lets this very training go, and no later attempt at it; what is on disk of it stays. Says
    /// whether it was there.
    pub(super) fn remove(&self, gathering: &Arc<Gathering>) -> bool {
        let mut all = self.locked();
        let is_there =
            all.get(&gathering.training).is_some_and(|found| Arc::ptr_eq(found, gathering));
        if is_there {
            all.remove(&gathering.training);
        }
        drop(all);
        self.gone.send_modify(|gone| *gone += 1);
        is_there
    }

    /// Waits until an earlier attempt at a training has come to its end here: one that waits for
    /// uploads is let go, one that computes is about to hear that a peer is gone.
    ///
    /// # Errors
    ///
    /// `BUSY` where it goes on for longer than `patience`.
    pub(super) async fn wait_for_end(
        &self,
        training: RunId,
        job: Digest,
        patience: Duration,
    ) -> Result<(), Trouble> {
        let mut gone = self.gone.subscribe();
        let ended = async {
            while let Ok(gathering) = self.find(training, job) {
                if !gathering.is_computing() {
                    self.remove(&gathering);
                    return;
                }
                // The sender is ours: it does not go.
                let _ = gone.changed().await;
            }
        };
        timeout(patience, ended).await.map_err(|_| {
            Trouble::us(
                "BUSY",
                "this party computes in this very training still: try again in a moment",
                "本方仍在进行该训练的计算：请稍后再试",
            )
        })
    }
}
