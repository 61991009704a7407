//! A party's side: takes a job in, countersigns or refuses it, heeds its end.

use std::path::PathBuf;

use audit::ModelChange;
use consent::Job;
use domain::{CheckMode, Digest, ModelId, ModelState, PartyId};
use envelope::Envelope;
use store::StoredJob;
use wire::{JobMessage, control};

use crate::Trouble;
use crate::clock::{now_ms, today};
use crate::data::Source;
use crate::governance::countersigning::own_word_is_kept;
use crate::governance::jobs::admission::admissible;
use crate::governance::jobs::rows::Written;
use crate::governance::jobs::{
    named, not_in_force, opened, rows, show, tell, unfit, withdrawn as over,
};
use crate::identity::opened_by_one_of;
use crate::node::Node;

/// A lender or a platform lays a job before this party.
pub(super) async fn asked(node: &Node, proposer: &PartyId, envelope: &[u8]) -> Result<(), Trouble> {
    let bad = |error: &dyn std::fmt::Display| unfit(error).by(proposer);
    let sealed = Envelope::from_json(envelope).map_err(|error| bad(&error))?;
    let theirs = node.line(proposer)?.peer.signing_keys();
    let job = opened_by_one_of(&theirs, |key| Job::open(&sealed, key));
    let job = job.map_err(|error| bad(&error))?;
    if job.proposer != *proposer {
        return Err(bad(&"it is another party's"));
    }
    if job.valid_until < today() {
        return Err(not_in_force().by(proposer));
    }
    admissible(node, &job).map_err(|trouble| trouble.by(proposer))?;
    let _alone = node.models.lock().await;
    let digest = *job.digest().map_err(|error| bad(&error))?.as_bytes();
    if let Some(before) = node.store.job(&digest).await? {
        // Asked again: the answer that there is stands, and is told again.
        return match before.state {
            ModelState::Retired => Err(over()),
            ModelState::Asked | ModelState::Countersigned | ModelState::Refused => Ok(()),
        };
    }
    let stored = StoredJob {
        digest,
        name: job.id,
        proposer: proposer.clone(),
        envelope: envelope.to_vec(),
        state: ModelState::Asked,
        reason: String::new(),
        trained: false,
        changed_ms: now_ms(),
    };
    tracing::info!(%proposer, job = %stored.name, "a training job awaits countersignature");
    node.record_job(node.first_duty(), ModelChange::Registered, stored, Vec::new()).await
}

/// What this party's operator says of a job that was laid before it.
pub(crate) enum Judgement {
    /// Takes part. The lender of a platform's job names the rows, which it hands out as it trains.
    Accept(Option<RowsTable>),
    /// Does not, and why.
    Refuse(String),
}

/// Where the lender has the rows of a job.
pub(crate) struct RowsTable {
    pub(crate) file: PathBuf,
    pub(crate) column: String,
    pub(crate) check: CheckMode,
}

/// This party's operator countersigns a job, or refuses it; either may follow the other.
pub(crate) async fn judge(
    node: &Node,
    name: &ModelId,
    proposer: Option<&PartyId>,
    judgement: Judgement,
) -> Result<control::JobReply, Trouble> {
    let written = match &judgement {
        Judgement::Accept(table) => {
            let job = opened(node, &named(node, name, proposer).await?)?;
            rows_for(node, &job, table.as_ref()).await?
        }
        Judgement::Refuse(_) => None,
    };
    let stored = {
        let _alone = node.models.lock().await;
        let stored = named(node, name, proposer).await?;
        if stored.proposer == node.config.name {
            return Err(unfit(&"this party has proposed it: it is withdrawn, not judged"));
        }
        match (stored.state, judgement) {
            (ModelState::Retired, _) => return Err(over()),
            (ModelState::Countersigned, Judgement::Accept(_)) => stored,
            (ModelState::Asked | ModelState::Refused, Judgement::Accept(_)) => {
                if let Some(written) = &written {
                    written.keep(node, &stored.digest)?;
                }
                countersign(node, stored).await?
            }
            (_, Judgement::Refuse(reason)) => {
                let (state, changed_ms) = (ModelState::Refused, now_ms());
                let stored = StoredJob { state, reason, changed_ms, ..stored };
                let change = ModelChange::Refused;
                node.record_job(node.first_duty(), change, stored.clone(), Vec::new()).await?;
                node.end_job(Digest::from_bytes(stored.digest));
                stored
            }
        }
    };
    // Ours stands, whether or not the proposer hears of it now.
    let message = match stored.state {
        ModelState::Refused => {
            JobMessage::Refused { job: stored.digest, reason: stored.reason.clone() }
        }
        ModelState::Asked | ModelState::Countersigned | ModelState::Retired => {
            JobMessage::Countersigned(stored.envelope.clone())
        }
    };
    let told = tell(node, &stored.proposer, message).await;
    told.map_err(|trouble| own_word_is_kept(&stored.proposer, trouble))?;
    let job = Some(show::one(node, &stored).await?);
    Ok(control::JobReply { job, not_reached: Vec::new() })
}

/// The rows of a job that this party hands out as its lender; of any other job there are none to name.
async fn rows_for(
    node: &Node,
    job: &Job,
    table: Option<&RowsTable>,
) -> Result<Option<Written>, Trouble> {
    let us = &node.config.name;
    match (table, job.computing.lender == *us && job.proposer != *us) {
        (Some(RowsTable { file, column, check }), true) => {
            let kind = job.rows.kind;
            let source = Source::new(file.clone(), column.clone(), kind, *check, false);
            let written = rows::written(node, source).await?;
            written.check(job)?;
            Ok(Some(written))
        }
        (None, true) => Err(Trouble::us(
            "USAGE",
            format!(
                "this party hands out the rows of {} as it trains: name them (--rows FILE)",
                job.id
            ),
            format!("训练时由本方分发 {} 的训练行：请指明名单（--rows FILE）", job.id),
        )),
        (Some(_), false) => Err(Trouble::us(
            "USAGE",
            "rows are named by the lender of a job that its platform proposes, and by nobody else",
            "仅平台所提任务的贷款方需指明训练行",
        )),
        (None, false) => Ok(None),
    }
}

async fn countersign(node: &Node, stored: StoredJob) -> Result<StoredJob, Trouble> {
    let sealed =
        Envelope::from_json(&stored.envelope).map_err(|e| Trouble::from_error("STORE", &e))?;
    let job = opened(node, &stored)?;
    if job.valid_until < today() {
        return Err(not_in_force());
    }
    // What the registers and the rules are may have changed since it was laid before us.
    admissible(node, &job)?;
    let key = &node.identity.signing_key;
    let both = match Job::open(&sealed, &key.public()) {
        Ok(_) => sealed,
        Err(_) => sealed.also_signed_by(key),
    };
    let (state, reason, changed_ms) = (ModelState::Countersigned, String::new(), now_ms());
    let stored = StoredJob { state, reason, changed_ms, envelope: both.to_json(), ..stored };
    node.record_job(node.first_duty(), ModelChange::Countersigned, stored.clone(), Vec::new())
        .await?;
    node.ended_jobs.resume(Digest::from_bytes(stored.digest));
    Ok(stored)
}

/// A proposer withdraws a job: its word is enough.
pub(super) async fn withdrawn(
    node: &Node,
    proposer: &PartyId,
    digest: &[u8; 32],
) -> Result<(), Trouble> {
    let _alone = node.models.lock().await;
    let stored = node.store.job(digest).await?;
    if let Some(stored) = stored.filter(|stored| stored.proposer == *proposer)
        && stored.state != ModelState::Retired
    {
        let stored = StoredJob { state: ModelState::Retired, changed_ms: now_ms(), ..stored };
        node.record_job(node.first_duty(), ModelChange::Retired, stored, Vec::new()).await?;
        node.end_job(Digest::from_bytes(*digest));
    }
    Ok(())
}
