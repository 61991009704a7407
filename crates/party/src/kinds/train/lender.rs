//! The lender leads a training, and takes one up again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use audit::{Counts, TrainingChange};
use domain::{Digest, Duty, ModelId, PartyId, RunId, RunKind, RunRole};
use serde::{Deserialize, Serialize};
use store::{RunState, StoredRun};
use tokio::task::JoinSet;
use training::{DEPARTMENT, PLATFORM, UPLOADER, transfer};
use wire::{TrainStep, TrainTerms, peer};

use super::bringing::place_of;
use super::compute::{counts, recorded, session};
use super::gathering::{Gathering, What};
use super::material::{self, Known};
use super::report::{self, Began};
use super::resuming::ResumePoint;
use super::upload::Outgoing;
use super::{folder, rows};
use crate::clock::now_ms;
use crate::drive::{DriveError, Link, ready};
use crate::governance::jobs::{self, lender, rows::of as rows_of};
use crate::node::Node;
use crate::runs::asking::Asking;
use crate::runs::diagnosis::{RoleAssignment, diagnose};
use crate::runs::driving::{Outcome, drive_all_keeping};
use crate::runs::journal::RunJournal;
use crate::runs::record::{new_run, stored};
use crate::runs::{Run, Watcher, list, phase};
use crate::{Trouble, setup};

/// What the operator asks for; stored, so that the training can be taken up again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ask {
    pub(crate) job: ModelId,
    /// Who has proposed it; the lender itself where nothing is said.
    #[serde(default)]
    proposer: Option<PartyId>,
    pub(crate) result: Option<PathBuf>,
    /// What the lender knew of its customers when it began.
    pub(super) customers: u64,
    pub(super) bad: u64,
}

impl Ask {
    fn proposer<'a>(&'a self, node: &'a Node) -> &'a PartyId {
        self.proposer.as_ref().unwrap_or(&node.config.name)
    }
}

/// Trains the model of a job that every party has accepted.
pub(crate) async fn train(
    node: &Arc<Node>,
    (name, proposer): (ModelId, Option<PartyId>),
    result: Option<PathBuf>,
    watcher: Watcher,
) -> Result<StoredRun, Trouble> {
    let _permit = node.permit()?;
    let (kept, job) = lender::trainable(node, &name, proposer.as_ref()).await?;
    jobs::uncounted(node, Digest::from_bytes(kept.digest)).await?;
    let list = rows_of(node, &kept.digest);
    let subjects = rows::read(&list, job.rows.kind)?;
    let known = material::labels(node, &job, subjects).await?;
    let (customers, bad) = (known.customers, known.bad);
    let proposer = Some(job.proposer.clone());
    let ask = Ask { job: name, proposer, result, customers, bad };
    let training = node.new_run_id()?;
    let digest = Digest::from_bytes(kept.digest);
    let gathering = Arc::new(Gathering::new(node, training, job, digest)?);
    let terms = serde_json::to_string(&ask).map_err(|error| Trouble::from_error("OURS", &error))?;
    let peers = gathering.job.parties().into_iter().filter(|party| **party != node.config.name);
    let new =
        new_run(training, RunKind::Train, RunRole::Lender, peers.cloned().collect(), true, terms);
    let run = Run::begin(&node.store, new, watcher).await?;
    let led = Led { node, gathering, run, list };
    let done = led.begin_anew(known, &ask).await;
    led.over(done).await
}

/// Goes on with a training that broke off while it computed: from the last pass that all three have.
pub(super) async fn resume(
    node: &Arc<Node>,
    run: StoredRun,
    watcher: Watcher,
) -> Result<StoredRun, Trouble> {
    let _permit = node.permit()?;
    let ask: Ask =
        serde_json::from_str(&run.terms).map_err(|error| Trouble::from_error("STORE", &error))?;
    let (kept, job) = lender::trainable(node, &ask.job, Some(ask.proposer(node))).await?;
    let digest = Digest::from_bytes(kept.digest);
    let list = rows_of(node, &kept.digest);
    let gathering = Arc::new(Gathering::new(node, run.id, job, digest)?);
    // Before its record is touched: of two that take it up, one does.
    node.trainings.insert(Arc::clone(&gathering))?;
    if let Err(error) = node.store.reopen(run.id, now_ms()).await {
        node.trainings.remove(&gathering);
        return Err(error.into());
    }
    let run = Run::taken_up(&node.store, run.id, watcher);
    let led = Led { node, gathering, run, list };
    let done = led.again(&ask).await;
    led.over(done).await
}

/// Tells those that compute that a training is over whose output this party had kept when it stopped:
/// they keep what is left of it until they hear that.
pub(super) async fn tell_of_end(node: &Arc<Node>, over: Vec<StoredRun>) {
    for run in over {
        let told = async {
            let ask: Ask = serde_json::from_str(&run.terms)
                .map_err(|error| Trouble::from_error("STORE", &error))?;
            let (kept, job) = lender::led(node, &ask.job, Some(ask.proposer(node))).await?;
            let gathering = Gathering::new(node, run.id, job, Digest::from_bytes(kept.digest))?;
            let (gathering, list) = (Arc::new(gathering), PathBuf::new());
            let led = Led { node, gathering, run: Run::unseen(&node.store, run.id), list };
            led.ask_computing(TrainStep::End).await
        };
        if let Err(trouble) = told.await {
            tracing::warn!(run = %run.id, code = trouble.code, "not told of its end: {trouble}");
        }
    }
}

/// A training that this party leads.
pub(super) struct Led<'a> {
    pub(super) node: &'a Arc<Node>,
    /// Our own part in it, with the job and the number.
    pub(super) gathering: Arc<Gathering>,
    pub(super) run: Run,
    /// Where the rows' identifiers lie.
    pub(super) list: PathBuf,
}

impl Led<'_> {
    async fn begin_anew(&self, known: Known, ask: &Ask) -> Result<Outcome, Trouble> {
        let Self { node, gathering, .. } = self;
        node.trainings.insert(Arc::clone(gathering))?;
        gathering.begin_computing();
        self.know_outcomes(ask);
        let gathered = async {
            self.phase(RunState::Proposed, "asking all parties", "征询各参与方").await?;
            self.ask_computing(TrainStep::Gather { again: false }).await?;
            // Whoever begins anew does not go on with what failed before.
            folder::forget_failed(node, gathering.digest);
            gathering.folder.create(gathering.digest)?;
            self.phase(
                RunState::Agreed,
                "registers are aligned with the rows",
                "各方登记表与训练行对齐",
            )
            .await?;
            self.rows_handed(TrainStep::Contribute).await?;
            let began = Began { customers: ask.customers, bad: ask.bad, at: Instant::now() };
            self.phase(RunState::Running, "uploading shares", "上传份额").await?;
            let counts = Counts { rows_in: gathering.job.rows.count.into(), ..Counts::default() };
            self.record(TrainingChange::Uploaded, counts).await?;
            if self.is_scorecard() {
                self.bins_uploaded(&known).await?;
                return Ok((began, Some(known.labels)));
            }
            let terms = &gathering.terms;
            let mut rng = setup::chacha()?;
            let labels = self
                .outgoing(None, What::Columns)
                .send(|to, own| transfer::send_labels(terms, known.labels, to, own, &mut rng));
            let (sent, own) = tokio::join!(labels, self.own_columns());
            sent.and(own)?;
            Ok((began, None))
        };
        let (began, to_be_counted) = match gathered.await {
            Ok(gathered) => gathered,
            Err(trouble) => {
                // Nobody is to wait for what does not come.
                let _ = self.ask_computing(TrainStep::End).await;
                gathering.folder.forget();
                return Err(trouble);
            }
        };
        if let Some(labels) = to_be_counted {
            self.all_weighed(labels).await?;
        }
        self.computed(ask, began, None).await
    }

    async fn again(&self, ask: &Ask) -> Result<Outcome, Trouble> {
        let gathering = &self.gathering;
        gathering.begin_computing();
        self.phase(RunState::Proposed, "asking how far each party is", "征询各方进度").await?;
        self.know_outcomes(ask);
        let began = Began { customers: ask.customers, bad: ask.bad, at: Instant::now() };
        let from = self.resume_point().await?;
        if let Some(ResumePoint::Bins) = from {
            let subjects = rows::read(&self.list, gathering.job.rows.kind)?;
            let known = material::labels(self.node, &gathering.job, subjects).await?;
            self.same_outcomes(&known)?;
            gathering.take_bins();
            self.all_weighed(known.labels).await?;
            return self.computed(ask, began, None).await;
        }
        let Some(ResumePoint::Passes(passes)) = from else {
            // Nobody can go on: nobody is to keep what is left.
            let _ = self.ask_computing(TrainStep::End).await;
            gathering.folder.forget();
            return Err(Trouble::us(
                "NOT_AGAIN",
                "this training broke off before every upload was there, or a party has forgotten it: begin it anew (`tacit train`)",
                "该训练在全部上传完成前中断，或某方已不保留：请重新发起（`tacit train`）",
            ));
        };
        let reading = Arc::clone(gathering);
        let read = tokio::task::spawn_blocking(move || reading.read_again());
        read.await.map_err(|error| Trouble::from_error("OURS", &error))??;
        self.computed(ask, began, passes.last().copied()).await
    }

    /// Begins to compute with the other two, and keeps what opens.
    async fn computed(
        &self,
        ask: &Ask,
        began: Began,
        from: Option<u8>,
    ) -> Result<Outcome, Trouble> {
        self.record(TrainingChange::Begun, Counts::default()).await?;
        let opened = self.opened(ask, began, from).await;
        if opened.is_err() {
            self.record(TrainingChange::NotCompleted, Counts::default()).await?;
        }
        opened
    }

    /// The lender's side of the protocol, to its end.
    async fn opened(&self, ask: &Ask, began: Began, from: Option<u8>) -> Result<Outcome, Trouble> {
        let Self { node, run, gathering, .. } = self;
        let training = gathering.training;
        let (mut links, assignment) = self.linked(TrainStep::Compute { from }).await?;
        let session = session(node, gathering, run, from, (&mut links, &assignment)).await;
        let (session, links) = ready(session, links).await?;
        let results = node.dir.join("results");
        let path = ask.result.clone().unwrap_or_else(|| results.join(format!("{training}.csv")));
        let keep = async |finished: training::Finished| {
            let (mut report, card) = report::of(gathering, run, &began, &finished);
            report::write(&path, &mut report, card.as_deref())?;
            let (report, path) = (report.to_string(), path.display().to_string());
            self.record(TrainingChange::Trained, counts(gathering, run, began.at)).await?;
            run.keep(&report, Some(&path)).await?;
            Ok((report, path))
        };
        let journal = RunJournal::passes(run);
        let driven =
            drive_all_keeping(node, journal, (&assignment, None), (session, links), keep).await?;
        gathering.folder.forget();
        let (report, path) = driven.output;
        Ok(Outcome { confirmed: driven.confirmed, report, result: Some(path) })
    }

    /// Has the department and the platform both agree to a step, and opens our links to them.
    pub(super) async fn linked(
        &self,
        step: TrainStep,
    ) -> Result<(Vec<Link>, RoleAssignment), Trouble> {
        let node = self.node;
        let mut agreed = Vec::new();
        for (role, party) in self.others() {
            let id = node.new_run_id()?;
            self.propose(party, id, step.clone()).await?;
            agreed.push((role, party, id));
        }
        let (mut links, mut assignment) = (Vec::new(), RoleAssignment::new());
        for (role, party, id) in agreed {
            links.push(node.exchange(party, role, id).await?);
            assignment.insert(role, party.clone());
        }
        Ok((links, assignment))
    }

    /// Hands the rows to everybody who brings columns, and waits until each has found its register to
    /// fit; all at once.
    pub(super) async fn rows_handed(&self, step: TrainStep) -> Result<(), Trouble> {
        let mut contributing = JoinSet::new();
        let Gathering { job, digest, training, .. } = &*self.gathering;
        for contribution in &job.contributions {
            let party = contribution.party.clone();
            if party == self.node.config.name {
                continue;
            }
            let (node, list, purpose) = (Arc::clone(self.node), self.list.clone(), job.purpose);
            let (run, job, training) = (self.run.beside(), *digest, *training);
            let step = step.clone();
            contributing.spawn(async move {
                let ask = Asking::apart(&node, &run, (UPLOADER, &party), purpose)?;
                ask.propose(TrainTerms { job, training, step }).await?;
                let sender = list::Sender::new(&list, UPLOADER)?;
                let sent = ask.drive_run(RunJournal::passes(&run), sender).await?;
                let assignment = RoleAssignment::from([(UPLOADER, party.clone())]);
                match sent.refused {
                    Some((role, why)) => {
                        let refused = DriveError::<list::Error>::Aborted(role, why);
                        Err(diagnose(&refused, &assignment, &run.phase()))
                    }
                    None if sent.confirmed => Ok(()),
                    None => Err(gone(&party)),
                }
            });
        }
        while let Some(contributed) = contributing.join_next().await {
            contributed.map_err(|error| Trouble::from_error("OURS", &error))??;
        }
        Ok(())
    }

    /// Uploads the lender's own columns, if it brings any.
    async fn own_columns(&self) -> Result<(), Trouble> {
        let Gathering { job, terms, .. } = &*self.gathering;
        let Some(place) = place_of(job, &self.node.config.name) else { return Ok(()) };
        let subjects = rows::read(&self.list, job.rows.kind)?;
        let brought = material::bring(self.node, job, place, subjects).await?;
        let (columns, mut rng) = (brought.columns, setup::chacha()?);
        self.outgoing(Some(place), What::Columns)
            .send(|to, own| transfer::send_columns(terms, place, columns, to, own, &mut rng))
            .await
    }

    pub(super) fn outgoing(&self, place: Option<usize>, what: What) -> Outgoing<'_> {
        let Self { node, gathering, run, .. } = self;
        let Gathering { job, digest, training, .. } = &**gathering;
        Outgoing { node, run, job, digest: *digest, training: *training, place, what }
    }

    /// Proposes a step without an exchange to the department and the platform, at once.
    pub(super) async fn ask_computing(
        &self,
        step: TrainStep,
    ) -> Result<Vec<(PartyId, peer::TrainAgreement)>, Trouble> {
        let ask = async |party: &PartyId| {
            let id = self.node.new_run_id()?;
            let added = self.propose(party, id, step.clone()).await?;
            Ok::<_, Trouble>((party.clone(), added))
        };
        let [(_, department), (_, platform)] = self.others();
        let (department, platform) = tokio::join!(ask(department), ask(platform));
        Ok(vec![department?, platform?])
    }

    pub(super) async fn propose(
        &self,
        party: &PartyId,
        id: RunId,
        step: TrainStep,
    ) -> Result<peer::TrainAgreement, Trouble> {
        let Gathering { job, digest, training, .. } = &*self.gathering;
        match step {
            TrainStep::Gather { .. }
            | TrainStep::Contribute
            | TrainStep::Upload { .. }
            | TrainStep::Count
            | TrainStep::Weigh
            | TrainStep::Collect { .. }
            | TrainStep::Disclose { .. }
            | TrainStep::Compute { .. }
            | TrainStep::Join { .. } => self.node.cancellations.heed(*training)?,
            // Nobody is to wait for a training that has been ended.
            TrainStep::End => {}
        }
        let terms = TrainTerms { job: *digest, training: *training, step };
        Ok(self.node.propose(party, id, job.purpose, terms).await?.added)
    }

    /// The other two that compute.
    pub(super) fn others(&self) -> [(session::Role, &PartyId); 2] {
        let computing = &self.gathering.job.computing;
        [(DEPARTMENT, &computing.department), (PLATFORM, &computing.platform)]
    }

    async fn phase(&self, state: RunState, en: &str, zh: &str) -> Result<(), Trouble> {
        self.run.advance(state, phase::named(en, zh)).await
    }

    async fn record(&self, change: TrainingChange, counts: Counts) -> Result<(), Trouble> {
        recorded(self.node, &self.gathering, Duty::Lender, change, counts).await
    }

    /// Records how it ended.
    async fn over(self, done: Result<Outcome, Trouble>) -> Result<StoredRun, Trouble> {
        let Self { node, gathering, run, .. } = self;
        let done = done.inspect_err(|trouble| gathering.failed(trouble));
        let recorded = run.end(done).await;
        node.trainings.remove(&gathering);
        recorded?;
        stored(&node.store, gathering.training).await
    }
}

/// A party of which it is not known whether it has the rows.
fn gone(party: &PartyId) -> Trouble {
    Trouble::us(
        "LOST",
        format!("{party} went away before it had the rows: train again when it is back"),
        format!("{party} 在收到训练行之前断开：恢复后请重新训练"),
    )
    .by(party)
}
