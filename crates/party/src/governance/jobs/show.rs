//! What an operator may see of training jobs, as JSON.

use consent::Job;
use domain::{ModelId, PartyId};
use serde_json::{Value, json};
use store::StoredJob;

use crate::Trouble;
use crate::governance::jobs::opened;
use crate::node::Node;

/// What stands in every job, in its report and in its guide.
const WARNING: (&str, &str) = (
    "Any two of the three computing parties can, if they pool what they have, read every row of every holder.",
    "三个计算方中的任意两方若合谋，可还原每个数据方的每一行数据。",
);

/// All jobs, newest first; or the one of this name with all that it says.
pub(crate) async fn jobs(
    node: &Node,
    name: Option<&ModelId>,
    proposer: Option<&PartyId>,
) -> Result<Value, Trouble> {
    let all = node.store.jobs().await?.into_iter();
    let wanted = all.filter(|job| {
        name.is_none_or(|name| *name == job.name)
            && proposer.is_none_or(|proposer| *proposer == job.proposer)
    });
    let mut shown = Vec::new();
    for job in wanted {
        shown.push(one(node, &job).await?);
    }
    Ok(json!({ "jobs": shown }))
}

/// The warning, as reports carry it.
pub(crate) fn warning() -> Value {
    json!({ "en": WARNING.0, "zh": WARNING.1 })
}

/// One job: at its proposer with what each party has said.
pub(crate) async fn one(node: &Node, stored: &StoredJob) -> Result<Value, Trouble> {
    let job = opened(node, stored)?;
    let said = node.store.countersignatures(&stored.digest).await?;
    let parties = job.parties().into_iter().map(|party| {
        let said = said.iter().find(|said| said.holder == *party);
        // At a party that was asked, only its own word is known.
        let own = *party == node.config.name && stored.proposer != *party;
        let own = own.then_some((stored.state, stored.reason.as_str()));
        let said = said.map(|said| (said.state, said.reason.as_str())).or(own);
        json!({
            "party": party,
            "state": said.map(|(state, _)| state),
            "reason": said.map(|(_, reason)| reason),
            "roles": roles(&job, party),
        })
    });
    let parties: Vec<Value> = parties.collect();
    Ok(json!({
        "job": job.id,
        "digest": hex::encode(stored.digest),
        "proposer": job.proposer,
        "state": stored.state,
        "reason": stored.reason,
        "trained": stored.trained,
        "changed_ms": stored.changed_ms,
        "valid_until": job.valid_until.to_string(),
        "purpose": job.purpose,
        "rows": job.rows.count,
        "kind": job.rows.kind,
        "cover": job.rows.cover,
        "computing": job.computing,
        "label": job.label,
        "contributions": job.contributions,
        "training": {
            "ridge": f64::from(job.training.ridge_millionths) / 1e6,
            "newton_steps": job.training.newton_steps,
            "held_out_percent": job.training.held_out_percent,
        },
        "outputs": job.outputs,
        "parties": parties,
        "warning": warning(),
    }))
}

/// What a party does in a job.
fn roles(job: &Job, party: &PartyId) -> Vec<&'static str> {
    let contributes = job.contributions.iter().any(|brought| brought.party == *party);
    [
        (job.proposer == *party, "proposer"),
        (job.computing.department == *party, "department"),
        (job.computing.platform == *party, "platform"),
        (job.computing.lender == *party, "lender"),
        (contributes, "contributor"),
    ]
    .into_iter()
    .filter_map(|(plays, role)| plays.then_some(role))
    .collect()
}
