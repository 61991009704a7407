//! Training jobs: laid before every party by the lender or the platform, countersigned or refused,
//! withdrawn.
//!
//! | module | what it does |
//! |---|---|
//! | `proposer` | reads a job file, lays the job before its parties, hears them, withdraws it |
//! | `party` | takes a job in, countersigns or refuses it, heeds its end |
//! | `lender` | which jobs the lender may train |
//! | `rows` | the rows of a job, where they lie in its order |
//! | `admission` | what this party checks of a job, when it is asked and at every step of a training |
//! | `ended` | what goes on under a job that is over ends |
//! | `show` | what an operator may see of jobs |
//!
//! Nothing is computed, and no column leaves, under a job that is not in force here: countersigned by
//! this party itself, not over, and by the proposer countersigned by everybody.

pub(crate) mod admission;
pub(crate) mod ended;
pub(crate) mod lender;
pub(crate) mod party;
pub(crate) mod proposer;
pub(crate) mod rows;
pub(crate) mod show;

use audit::{Event, ModelChange};
use consent::Job;
use domain::{Digest, Duty, ModelId, ModelState, PartyId, Refusal, RunId};
use envelope::Envelope;
use store::{Countersignature, Draft, Drafted, StoredJob};
use tokio::time::timeout;
use tonic::Request;
use wire::{JobMessage, peer};

use crate::clock::today;
use crate::identity::opened_by_one_of;
use crate::node::{Node, refused};
use crate::{Trouble, dial};

/// Hears a peer about a job.
pub(crate) async fn hear(
    node: &Node,
    caller: &PartyId,
    message: peer::JobRequest,
) -> Result<(), Trouble> {
    node.members.admitted(caller)?;
    let message = JobMessage::try_from(message).map_err(|error| unfit(&error).by(caller))?;
    match message {
        JobMessage::Asked(envelope) => party::asked(node, caller, &envelope).await,
        JobMessage::Countersigned(envelope) => {
            proposer::countersigned(node, caller, &envelope).await
        }
        JobMessage::Refused { job, reason } => proposer::refused(node, caller, &job, reason).await,
        JobMessage::Withdrawn(job) => party::withdrawn(node, caller, &job).await,
    }
}

/// The job that is in force here under this digest, as its proposer has signed it.
///
/// # Errors
///
/// `JOB_NOT_IN_FORCE` for one that is unknown, not countersigned, refused, withdrawn or over: a peer
/// learns the same in all cases.
pub(crate) async fn in_force(node: &Node, digest: Digest) -> Result<Job, Trouble> {
    let stored = node.store.job(digest.as_bytes()).await?;
    let stored = stored.filter(|stored| stored.state == ModelState::Countersigned);
    let job = opened(node, &stored.ok_or_else(not_in_force)?)?;
    if job.valid_until < today() {
        return Err(not_in_force());
    }
    if job.proposer != node.config.name {
        node.members.admitted(&job.proposer)?;
    }
    Ok(job)
}

/// Refuses a training that would open a job's model once more. Between two models over the same rows
/// lies what has changed in a register, which may be one firm's record.
///
/// # Errors
///
/// `JOB_TRAINED`.
pub(crate) async fn untrained(node: &Node, digest: Digest) -> Result<(), Trouble> {
    let stored = node.store.job(digest.as_bytes()).await?;
    if stored.is_none_or(|stored| !stored.trained) {
        return Ok(());
    }
    Err(Trouble::us(
        "JOB_TRAINED",
        "this job has been trained: a job opens one model, and another is proposed under a new version, which every party accepts anew",
        "该任务已完成训练：一个任务只公开一个模型；再次训练须以新版本提出，并由各方重新同意",
    ))
}

/// What a stored job says, by its proposer's signature.
pub(crate) fn opened(node: &Node, stored: &StoredJob) -> Result<Job, Trouble> {
    let sealed =
        Envelope::from_json(&stored.envelope).map_err(|e| Trouble::from_error("STORE", &e))?;
    let keys = if stored.proposer == node.config.name {
        node.identity.signing_keys()
    } else {
        node.line(&stored.proposer)?.peer.signing_keys()
    };
    opened_by_one_of(&keys, |key| Job::open(&sealed, key))
        .map_err(|error| Trouble::from_error("STORE", &error))
}

/// A job of this name, whoever has proposed it where only one has.
pub(crate) async fn named(
    node: &Node,
    name: &ModelId,
    proposer: Option<&PartyId>,
) -> Result<StoredJob, Trouble> {
    let of = |job: &StoredJob| {
        job.name == *name && proposer.is_none_or(|proposer| *proposer == job.proposer)
    };
    let mut found = node.store.jobs().await?.into_iter().filter(of);
    let first = found.next().ok_or_else(|| {
        Trouble::us(
            "JOB",
            format!("no training job {name} is known here (`tacit train show`)"),
            format!("本方没有训练任务 {name}（`tacit train show`）"),
        )
    })?;
    if found.next().is_some() {
        return Err(Trouble::us(
            "JOB",
            format!("more than one party has proposed {name}: name one with --proposer"),
            format!("有多个机构提出了 {name}：请用 --proposer 指明"),
        ));
    }
    Ok(first)
}

/// Tells a peer something about a job.
async fn tell(node: &Node, peer: &PartyId, message: JobMessage) -> Result<(), Trouble> {
    let line = node.line(peer)?;
    let request = Request::new(peer::JobRequest::from(message));
    let reply = timeout(node.config.limits.idle(), line.client().job(request))
        .await
        .map_err(|_| dial::silent(&line.peer))?
        .map_err(|status| line.trouble(&status))?;
    match reply.into_inner().outcome {
        Some(peer::job_reply::Outcome::Taken(_)) => Ok(()),
        Some(peer::job_reply::Outcome::Refusal(refusal)) => Err(refused(peer, refusal)),
        None => Err(dial::silent(&line.peer)),
    }
}

impl Node {
    /// Writes down that a job's model has been opened, and that it is not opened again, in one step.
    pub(crate) async fn record_trained(
        &self,
        duty: Duty,
        (run, job): (RunId, Digest),
        event: Event,
    ) -> Result<(), Trouble> {
        let _alone = self.models.lock().await;
        let stored = self.store.job(job.as_bytes()).await?;
        let trained = stored.map(|stored| StoredJob { trained: true, ..stored });
        self.record_training(duty, run, event, trained).await
    }

    /// Writes down what became of a job, and keeps it, in one step.
    async fn record_job(
        &self,
        duty: Duty,
        change: ModelChange,
        job: StoredJob,
        said: Vec<Countersignature>,
    ) -> Result<(), Trouble> {
        let event =
            Event::Job { id: job.name.clone(), hash: Digest::from_bytes(job.digest), change };
        let writer = self.record_writer(duty)?;
        let draft: Draft = Box::new(move |place| Drafted {
            job: Some(job),
            countersignatures: said,
            ..writer.write(place, event).into_bytes().into()
        });
        self.store.append(draft).await?;
        Ok(())
    }
}

fn unfit(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "JOB",
        format!("this training job cannot be taken: {error}"),
        format!("无法接受该训练任务：{error}"),
    )
}

/// The code of a job that nothing may be done under.
pub(crate) const NOT_IN_FORCE: &str = "JOB_NOT_IN_FORCE";

/// What is said of a job that nothing may be done under.
pub(crate) fn not_in_force() -> Trouble {
    Trouble::us(
        NOT_IN_FORCE,
        "this training job is not in force: not countersigned, refused, withdrawn or over (`tacit train show`)",
        "该训练任务不可用：尚未会签，或已被拒绝、撤回、过期（`tacit train show`）",
    )
}

fn withdrawn() -> Trouble {
    Trouble::us(
        "JOB_WITHDRAWN",
        "the training job is withdrawn for good: a changed one is proposed under a new version",
        "该训练任务已永久撤回：变更后的任务须以新版本提出",
    )
}

/// A stranger to a job learns the same whether there is one or not.
fn unknown() -> Trouble {
    Trouble::refused(Refusal::MemberState)
}
