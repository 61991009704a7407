//! The jobs that have come to their end here: what goes on under one ends with it.

use std::collections::BTreeSet;
use std::future::Future;

use domain::Digest;
use tokio::sync::watch;

use crate::Trouble;
use crate::governance::jobs::not_in_force;
use crate::node::Node;

/// The jobs that were withdrawn or refused since this party started.
#[derive(Default)]
pub(crate) struct EndedJobs(watch::Sender<BTreeSet<Digest>>);

impl EndedJobs {
    /// Does work for as long as its job is in force here.
    ///
    /// # Errors
    ///
    /// `JOB_NOT_IN_FORCE` where the job comes to its end first.
    pub(crate) async fn while_in_force<T>(
        &self,
        job: Digest,
        work: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        let mut ended = self.0.subscribe();
        tokio::select! {
            done = work => done,
            // The sender is ours: it does not go.
            _ = ended.wait_for(|ended| ended.contains(&job)) => Err(not_in_force()),
        }
    }

    /// Lets a job that was refused before be trained under again.
    pub(super) fn resume(&self, job: Digest) {
        self.0.send_if_modified(|ended| ended.remove(&job));
    }
}

impl Node {
    /// Ends what goes on under a job that this party or its lender has ended, and has every kind of
    /// run forget what it keeps of it.
    pub(super) fn end_job(&self, job: Digest) {
        self.ended_jobs.0.send_if_modified(|ended| ended.insert(job));
        for kind in self.kinds.0 {
            kind.job_ended(self, job);
        }
    }
}
