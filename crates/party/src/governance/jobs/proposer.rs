//! The proposer's side, a lender's or a platform's: reads a job file, lays the job before its parties,
//! hears them, withdraws it.

use std::path::Path;

use audit::ModelChange;
use consent::{Job, JobFile, RowsFile};
use domain::{Digest, Duty, ModelId, ModelState, PartyId};
use envelope::Envelope;
use store::{Countersignature, StoredJob};
use wire::{JobMessage, control};

use crate::Trouble;
use crate::clock::{now_ms, today};
use crate::data::Source;
use crate::governance::countersigning::{Word, not_told};
use crate::governance::jobs::admission::admissible;
use crate::governance::jobs::rows::{self, Written};
use crate::governance::jobs::{
    named, not_in_force, opened, show, tell, unfit, unknown, withdrawn as over,
};
use crate::identity::opened_by_one_of;
use crate::node::Node;

/// Reads a job file and lays the job before its parties. A second time, asks those again who have
/// not answered; a file that says something else needs a new version.
pub(crate) async fn propose(
    node: &Node,
    text: &str,
    folder: &Path,
) -> Result<control::JobReply, Trouble> {
    let file = JobFile::from_toml(text).map_err(|error| {
        Trouble::us(
            "JOB_FILE",
            format!("the job file cannot be used: {error}. `tacit train sample` prints one."),
            format!("任务文件无法使用：{error}。`tacit train sample` 可打印示例。"),
        )
    })?;
    let RowsFile { file: path, column, kind, check, cover: _ } = &file.rows;
    let source = Source::new(folder.join(path), column.clone(), *kind, *check, false);
    let written = rows::written(node, source).await?;
    let job = file.job(&node.config.name, written.count, written.list);
    let stored = first(node, job.map_err(|error| unfit(&error))?, &written).await?;
    let troubles = ask(node, &stored).await?;
    let job = Some(show::one(node, &stored).await?);
    Ok(control::JobReply { job, not_reached: troubles })
}

/// Keeps a job that is new; finds the one that there is where it is the same.
async fn first(node: &Node, job: Job, rows: &Written) -> Result<StoredJob, Trouble> {
    admissible(node, &job)?;
    if job.valid_until < today() {
        return Err(not_in_force());
    }
    let digest = *job.digest().map_err(|error| unfit(&error))?.as_bytes();
    let _alone = node.models.lock().await;
    if let Some(before) = node.store.job(&digest).await? {
        return if before.state == ModelState::Retired { Err(over()) } else { Ok(before) };
    }
    let duty = proposes_as(&job);
    if duty == Duty::Lender {
        rows.keep(node, &digest)?;
    }
    let envelope = job.sign(&node.identity.signing_key).map_err(|error| unfit(&error))?.to_json();
    let changed_ms = now_ms();
    let others = job.parties().into_iter().filter(|party| **party != node.config.name);
    let said = others.map(|party| Countersignature {
        registration: digest,
        holder: party.clone(),
        state: ModelState::Asked,
        envelope: envelope.clone(),
        reason: String::new(),
        changed_ms,
    });
    let said = said.collect();
    let stored = StoredJob {
        digest,
        name: job.id,
        proposer: node.config.name.clone(),
        envelope,
        state: ModelState::Asked,
        reason: String::new(),
        trained: false,
        changed_ms,
    };
    node.record_job(duty, ModelChange::Registered, stored.clone(), said).await?;
    Ok(stored)
}

/// As what the proposer of a job writes it down.
fn proposes_as(job: &Job) -> Duty {
    if job.proposer == job.computing.lender { Duty::Lender } else { Duty::Platform }
}

/// Lays the job before every party that has not answered. Returns who could not be told, and why.
async fn ask(node: &Node, stored: &StoredJob) -> Result<Vec<control::NotReached>, Trouble> {
    let mut troubles = Vec::new();
    for said in node.store.countersignatures(&stored.digest).await? {
        if said.state != ModelState::Asked {
            continue;
        }
        let asked = JobMessage::Asked(stored.envelope.clone());
        if let Err(trouble) = tell(node, &said.holder, asked).await {
            troubles.push(not_told(&said.holder, trouble));
        }
    }
    Ok(troubles)
}

/// A party has countersigned.
pub(super) async fn countersigned(
    node: &Node,
    caller: &PartyId,
    envelope: &[u8],
) -> Result<(), Trouble> {
    let theirs = node.line(caller)?.peer.signing_keys();
    let sealed = Envelope::from_json(envelope).map_err(|error| unfit(&error).by(caller))?;
    let bad = |error| unfit(&error).by(caller);
    let keys = node.identity.signing_keys();
    let job = opened_by_one_of(&keys, |key| Job::open(&sealed, key)).map_err(bad)?;
    opened_by_one_of(&theirs, |key| Job::open(&sealed, key)).map_err(bad)?;
    let digest = *job.digest().map_err(|error| unfit(&error))?.as_bytes();
    let word = Word::countersigned(envelope);
    heard(node, caller, &digest, ModelChange::Countersigned, word).await
}

/// A party does not take part, or not any more.
pub(super) async fn refused(
    node: &Node,
    caller: &PartyId,
    digest: &[u8; 32],
    reason: String,
) -> Result<(), Trouble> {
    heard(node, caller, digest, ModelChange::Refused, Word::refused(reason)).await
}

/// Keeps what a party says, and what the job comes to by it.
async fn heard(
    node: &Node,
    caller: &PartyId,
    digest: &[u8; 32],
    change: ModelChange,
    word: Word,
) -> Result<(), Trouble> {
    let _alone = node.models.lock().await;
    let stored = node.store.job(digest).await?;
    let stored = stored.filter(|stored| stored.proposer == node.config.name);
    let stored = stored.ok_or_else(unknown)?;
    if stored.state == ModelState::Retired {
        return Err(over());
    }
    let Some((said, state)) = word.heard(node, caller, digest).await? else { return Ok(()) };
    let duty = proposes_as(&opened(node, &stored)?);
    let stored = StoredJob { state, changed_ms: said.changed_ms, ..stored };
    tracing::info!(party = %caller, job = %stored.name, said = %said.state, "training job judged");
    node.record_job(duty, change, stored, vec![said]).await
}

/// Withdraws a job and tells its parties; a second time, tells them again.
pub(crate) async fn withdraw(
    node: &Node,
    name: &ModelId,
    reason: String,
) -> Result<control::JobReply, Trouble> {
    let stored = {
        let _alone = node.models.lock().await;
        let stored = named(node, name, Some(&node.config.name)).await?;
        if stored.state == ModelState::Retired {
            stored
        } else {
            let (state, changed_ms) = (ModelState::Retired, now_ms());
            let stored = StoredJob { state, reason, changed_ms, ..stored };
            let (duty, change) = (proposes_as(&opened(node, &stored)?), ModelChange::Retired);
            node.record_job(duty, change, stored.clone(), Vec::new()).await?;
            node.end_job(Digest::from_bytes(stored.digest));
            stored
        }
    };
    let mut troubles = Vec::new();
    for said in node.store.countersignatures(&stored.digest).await? {
        let message = JobMessage::Withdrawn(stored.digest);
        if let Err(trouble) = tell(node, &said.holder, message).await {
            troubles.push(not_told(&said.holder, trouble));
        }
    }
    let job = Some(show::one(node, &stored).await?);
    Ok(control::JobReply { job, not_reached: troubles })
}
