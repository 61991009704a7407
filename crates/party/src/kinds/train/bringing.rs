//! A step in which a party brings columns: it takes the job's rows, makes something of them, writes down
//! what leaves, and uploads.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use audit::{Counts, TrainingChange};
use consent::Job;
use domain::{Digest, Duty, PartyId, RunId, RunKind, RunRole, Subject};
use serde_json::json;
use training::LENDER;

use super::compute::event;
use super::gathering::What;
use super::upload::Outgoing;
use super::{Asked, rows};
use crate::Trouble;
use crate::drive::Link;
use crate::node::Node;
use crate::runs::driving::{Outcome, drive_run_keeping, record};
use crate::runs::journal::RunJournal;
use crate::runs::record::new_run;
use crate::runs::{Run, list, phase};

/// A step in which this party brings columns, to which it has agreed.
pub(super) struct Bringing {
    pub(super) run: Run,
    pub(super) job: Job,
    pub(super) digest: Digest,
    pub(super) training: RunId,
    /// Ours among the contributions.
    pub(super) place: usize,
    /// Where the rows lie meanwhile: beside a training that this party computes in as well, which has a
    /// folder of its own.
    listed: PathBuf,
}

impl Bringing {
    /// Begins the record of a step.
    pub(super) async fn begin(
        node: &Arc<Node>,
        asked: Asked<'_>,
        id: RunId,
        place: usize,
    ) -> Result<Self, Trouble> {
        let Asked { job, digest, training, peer } = asked;
        let terms = json!({ "job": job.id, "training": training, "rows": job.rows.count });
        let (kind, role) = (RunKind::Train, RunRole::Contributor);
        let new = new_run(id, kind, role, vec![peer.clone()], false, terms.to_string());
        let run = Run::begin_unseen(&node.store, new).await?;
        let listed = node.dir.join("trainings").join(format!("{}.rows", run.id));
        Ok(Self { run, job, digest, training, place, listed })
    }

    /// Takes the rows, and makes something of them before the lender hears that they are here.
    pub(super) async fn of_rows<T, F>(
        &self,
        node: &Node,
        lender: &PartyId,
        link: Link,
        make: impl FnOnce(Vec<Subject>) -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        let receiver = list::Receiver::new(&self.listed, rows::agreed(&self.job))?;
        let journal = RunJournal::brief(&self.run, |_| phase::named("the rows", "训练行"));
        let keep = async |()| make(rows::read(&self.listed, self.job.rows.kind)?).await;
        let from = (LENDER, lender);
        Ok(drive_run_keeping(node, journal, from, (receiver, link), keep).await?.output)
    }

    /// Writes down that columns are uploaded: nothing leaves before.
    pub(super) async fn record_upload(&self, node: &Node) -> Result<(), Trouble> {
        let counts = Counts { rows_in: self.job.rows.count.into(), ..Counts::default() };
        self.record(node, TrainingChange::Uploaded, counts).await
    }

    /// Writes down what this party does.
    pub(super) async fn record(
        &self,
        node: &Node,
        change: TrainingChange,
        counts: Counts,
    ) -> Result<(), Trouble> {
        let event = event(&self.job, (self.digest, self.training), change, counts);
        node.record_training(Duty::Holder, self.training, event, None).await
    }

    /// The upload of our columns.
    pub(super) fn outgoing<'a>(&'a self, node: &'a Arc<Node>, what: What) -> Outgoing<'a> {
        let Self { run, job, digest, training, place, .. } = self;
        let (digest, training) = (*digest, *training);
        Outgoing { node, run, job, digest, training, place: Some(*place), what }
    }

    /// Records how it ended; nothing of the lender's rows stays here.
    pub(super) async fn over(self, done: Result<Outcome, Trouble>) {
        let _ = std::fs::remove_file(&self.listed);
        record(self.run, done).await;
    }
}

/// A party's place among the contributions.
pub(super) fn place_of(job: &Job, party: &PartyId) -> Option<usize> {
    job.contributions.iter().position(|contribution| contribution.party == *party)
}
