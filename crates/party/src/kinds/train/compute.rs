//! The protocol itself: three links, a checkpoint after every pass, and what opens.

use std::sync::Arc;
use std::time::Instant;

use audit::{Counts, Event, TrainingChange};
use consent::Job;
use domain::{Digest, Duty, PartyId, RunId};
use session::Role;
use sharing::Secret;
use store::{Phase, RunState};
use training::{DEPARTMENT, Finished, LENDER, NotKept, PLATFORM, Training};
use wire::{TrainStep, TrainTerms, peer};

use super::gathering::{Gathering, Stage, ours};
use super::{Asked, not_gathering};
use crate::drive::{Link, any_lost, ready};
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::diagnosis::{RoleAssignment, diagnose};
use crate::runs::driving::{Outcome, drive_run, record};
use crate::runs::journal::RunJournal;
use crate::runs::{Run, phase};
use crate::{Trouble, setup};

/// A computation that this party, the department or the platform, has agreed to.
struct AgreedComputation {
    gathering: Arc<Gathering>,
    from: Option<u8>,
}

/// Agrees to compute, once.
pub(super) fn accept(
    node: &Arc<Node>,
    asked: &Asked<'_>,
    from: Option<u8>,
) -> Result<Answer, Trouble> {
    let gathering = node.trainings.find(asked.training, asked.digest)?;
    asked.by(&gathering.job.computing.lender)?;
    if from.is_some_and(|passes| !gathering.folder.passes().contains(&passes)) {
        return Err(not_gathering());
    }
    if gathering.role == LENDER || gathering.is_counting() {
        return Err(not_gathering());
    }
    Ok(agreed(AgreedComputation { gathering, from }, peer::TrainAgreement::default()))
}

#[tonic::async_trait]
impl AgreedRun for AgreedComputation {
    fn proposer(&self) -> Role {
        LENDER
    }

    async fn drive(self: Box<Self>, node: &Arc<Node>, lender: PartyId, link: Link) {
        let Self { gathering, from } = *self;
        let run = Run::unseen(&node.store, gathering.training);
        if !gathering.begin_computing() {
            // Once is enough.
            link.refuse(&not_gathering()).await;
            return;
        }
        let linked = gathering.third_link(node, lender, link, Stage::Training);
        let done = match node.ended_jobs.while_in_force(gathering.digest, linked).await {
            Ok((links, assignment)) => {
                computed(node, &gathering, &run, (links, assignment), from).await
            }
            Err(trouble) => Err(trouble),
        };
        if let Err(trouble) = &done {
            gathering.failed(trouble);
        }
        record(run, done).await;
        // Last: whoever takes the training up again waits for this.
        node.trainings.remove(&gathering);
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        tracing::warn!(training = %self.gathering.training, code = why.code, "not computed: {why}");
    }
}

impl Gathering {
    /// The two links of the department or the platform, and who speaks on them. A lender that goes
    /// away meanwhile ends it: nobody else would tell the department.
    pub(super) async fn third_link(
        &self,
        node: &Arc<Node>,
        lender: PartyId,
        mut link: Link,
        stage: Stage,
    ) -> Result<(Vec<Link>, RoleAssignment), Trouble> {
        let led = RoleAssignment::from([(LENDER, lender)]);
        let third = tokio::select! {
            third = self.third(node, stage) => third,
            lost = link.lost::<training::Error>() => Err(diagnose(&lost, &led, &Phase::default())),
        };
        match third {
            Ok((role, party, third)) => {
                let mut assignment = led;
                assignment.insert(role, party);
                Ok((vec![link, third], assignment))
            }
            Err(trouble) => {
                link.refuse(&trouble).await;
                Err(trouble)
            }
        }
    }

    /// The link between the department and the platform: the one waits for it, the other begins it.
    async fn third(
        &self,
        node: &Arc<Node>,
        stage: Stage,
    ) -> Result<(Role, PartyId, Link), Trouble> {
        if self.role == DEPARTMENT {
            let link = self.joined(stage, node.config.limits.idle()).await?;
            return Ok((PLATFORM, self.job.computing.platform.clone(), link));
        }
        let department = &self.job.computing.department;
        let id = node.new_run_id()?;
        let step = TrainStep::Join { counting: stage == Stage::Counting };
        let (job, training) = (self.digest, self.training);
        let terms = TrainTerms { job, training, step };
        node.propose(department, id, self.job.purpose, terms).await?;
        let link = node.exchange(department, DEPARTMENT, id).await?;
        Ok((DEPARTMENT, department.clone(), link))
    }
}

/// Our side of a training at the department or the platform, from the first pass to the last.
async fn computed(
    node: &Arc<Node>,
    gathering: &Arc<Gathering>,
    run: &Run,
    (mut links, assignment): (Vec<Link>, RoleAssignment),
    from: Option<u8>,
) -> Result<Outcome, Trouble> {
    let began = Instant::now();
    let duty = if gathering.role == DEPARTMENT { Duty::Holder } else { Duty::Platform };
    recorded(node, gathering, duty, TrainingChange::Begun, Counts::default()).await?;
    let computing = async {
        let session = session(node, gathering, run, from, (&mut links, &assignment)).await;
        let (session, links) = ready(session, links).await?;
        drive_run(node, RunJournal::passes(run), &assignment, session, links).await
    };
    let driven = match node.ended_jobs.while_in_force(gathering.digest, computing).await {
        Ok(driven) => driven,
        Err(trouble) => {
            let change = TrainingChange::NotCompleted;
            recorded(node, gathering, duty, change, Counts::default()).await?;
            return Err(trouble);
        }
    };
    recorded(node, gathering, duty, TrainingChange::Trained, counts(gathering, run, began)).await?;
    // What is over is not taken up again; where the lender may not have its output, it may.
    if driven.confirmed {
        gathering.folder.forget();
    }
    let Finished { passed, traffic, .. } = driven.output;
    let report = serde_json::json!({
        "job": gathering.job.id, "rows": gathering.job.rows.count, "passes": passed.steps,
        "converged": passed.converged, "sent_on_shares": traffic.total(),
    });
    Ok(Outcome { confirmed: driven.confirmed, report: report.to_string(), result: None })
}

/// The session of our role: from the uploads, or from a checkpoint of so many passes. One of the
/// others that goes away while uploads are awaited ends it.
pub(super) async fn session(
    node: &Arc<Node>,
    gathering: &Arc<Gathering>,
    run: &Run,
    from: Option<u8>,
    (links, assignment): (&mut [Link], &RoleAssignment),
) -> Result<Training, Trouble> {
    let inputs = tokio::select! {
        inputs = gathering.inputs(node.config.limits.idle()) => inputs?,
        lost = any_lost::<training::Error>(links) => {
            return Err(diagnose(&lost, assignment, &run.phase()));
        }
    };
    run.advance(RunState::Running, phase::named("computing on shares", "份额计算")).await?;
    let all = u64::from(gathering.terms.passes());
    let show = move |progress: &mut crate::runs::Progress, passes: u8| {
        (progress.done, progress.total) = (passes.into(), all);
        progress.phase = phase::named(
            &format!("pass {passes} of {all}"),
            &format!("第 {passes} 轮迭代，共 {all} 轮"),
        );
    };
    run.show(|progress| show(progress, from.unwrap_or_default()));
    let (folder, watcher) = (gathering.folder.clone(), run.watcher());
    let keep = move |checkpoint: training::Checkpoint| {
        folder.keep(&checkpoint).map_err(|trouble| {
            tracing::error!("a checkpoint cannot be kept: {trouble}");
            NotKept
        })?;
        let passes = checkpoint.steps().unwrap_or_default();
        watcher.send_modify(|progress| show(progress, passes));
        Ok(())
    };
    let secret = Secret::random(&mut setup::chacha()?);
    let (terms, role) = (gathering.terms.clone(), gathering.role);
    let session = match from {
        None => training::begin(terms, role, secret, inputs, keep),
        Some(passes) => {
            let checkpoint = gathering.folder.read_checkpoint(passes)?;
            training::resume(terms, role, secret, &checkpoint, inputs, keep)
        }
    };
    session.map_err(|error| ours(&error))
}

/// Writes down how far a training is.
pub(super) async fn recorded(
    node: &Node,
    gathering: &Gathering,
    duty: Duty,
    change: TrainingChange,
    counts: Counts,
) -> Result<(), Trouble> {
    let training = gathering.training;
    let event = event(&gathering.job, (gathering.digest, training), change, counts);
    match change {
        TrainingChange::Trained | TrainingChange::Counted => {
            node.record_opened(duty, (training, gathering.digest), change, event).await
        }
        TrainingChange::Uploaded
        | TrainingChange::Disclosed
        | TrainingChange::Begun
        | TrainingChange::NotCompleted => node.record_training(duty, training, event, None).await,
    }
}

/// What a log says of a training: to whom it goes is the lender.
pub(super) fn event(
    job: &Job,
    (digest, training): (Digest, RunId),
    change: TrainingChange,
    counts: Counts,
) -> Event {
    let (receiver, purpose) = (job.computing.lender.clone(), job.purpose);
    Event::Training { run: training, job: digest, receiver, purpose, change, counts }
}

/// What a training took.
pub(super) fn counts(gathering: &Gathering, run: &Run, began: Instant) -> Counts {
    let (sent, received) = run.moved();
    Counts {
        rows_in: gathering.job.rows.count.into(),
        rows_dropped: 0,
        // What opens is no row.
        rows_out: 0,
        bytes: sent + received,
        milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// The platform's link, which the department has agreed to.
struct AgreedJoin(Arc<Gathering>, Stage);

/// Agrees to the third link.
pub(super) fn accept_third(
    node: &Arc<Node>,
    asked: &Asked<'_>,
    stage: Stage,
) -> Result<Answer, Trouble> {
    let gathering = node.trainings.find(asked.training, asked.digest)?;
    asked.by(&gathering.job.computing.platform)?;
    let is_there = stage == Stage::Training || gathering.counting.is_some();
    if gathering.role != DEPARTMENT || !is_there {
        return Err(not_gathering());
    }
    Ok(agreed(AgreedJoin(gathering, stage), peer::TrainAgreement::default()))
}

#[tonic::async_trait]
impl AgreedRun for AgreedJoin {
    fn proposer(&self) -> Role {
        PLATFORM
    }

    async fn drive(self: Box<Self>, _node: &Arc<Node>, _platform: PartyId, link: Link) {
        self.0.join(link, self.1);
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        tracing::info!(code = why.code, "a link was not begun: {why}");
    }
}
