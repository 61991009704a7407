//! The lender's side: which jobs it may train, whoever has proposed them.

use consent::Job;
use domain::{Digest, ModelId, ModelState, PartyId};
use store::StoredJob;

use crate::Trouble;
use crate::clock::today;
use crate::governance::jobs::admission::admissible;
use crate::governance::jobs::{named, not_in_force, opened, unfit, untrained};
use crate::node::Node;

/// A job whose lender this party is, whatever has become of it.
pub(crate) async fn led(
    node: &Node,
    name: &ModelId,
    proposer: Option<&PartyId>,
) -> Result<(StoredJob, Job), Trouble> {
    let stored = named(node, name, proposer).await?;
    let job = opened(node, &stored)?;
    if job.computing.lender != node.config.name {
        return Err(unfit(&format!("{} trains it, its lender", job.computing.lender)));
    }
    Ok((stored, job))
}

/// A job that this party may train: one of its own that every other party has countersigned, or a
/// platform's that it has countersigned itself; the others then say for themselves what they have.
pub(crate) async fn trainable(
    node: &Node,
    name: &ModelId,
    proposer: Option<&PartyId>,
) -> Result<(StoredJob, Job), Trouble> {
    let (stored, job) = led(node, name, proposer).await?;
    if stored.state != ModelState::Countersigned {
        return Err(if job.proposer == node.config.name {
            waits_for_others(node, &stored).await?
        } else {
            waits_for_us(name)
        });
    }
    if job.valid_until < today() {
        return Err(not_in_force());
    }
    untrained(node, Digest::from_bytes(stored.digest)).await?;
    admissible(node, &job)?;
    Ok((stored, job))
}

async fn waits_for_others(node: &Node, stored: &StoredJob) -> Result<Trouble, Trouble> {
    let said = node.store.countersignatures(&stored.digest).await?;
    let waiting = said.iter().filter(|said| said.state != ModelState::Countersigned);
    let waiting: Vec<&str> = waiting.map(|said| said.holder.as_str()).collect();
    let (name, waiting) = (&stored.name, waiting.join(", "));
    Ok(Trouble::us(
        NOT_COUNTERSIGNED,
        format!("{name}: {waiting} must accept it first (`tacit train accept {name}` there)"),
        format!("{name}：须先由 {waiting} 同意（在对方运行 `tacit train accept {name}`）"),
    ))
}

fn waits_for_us(name: &ModelId) -> Trouble {
    Trouble::us(
        NOT_COUNTERSIGNED,
        format!(
            "{name}: this party must accept it first (`tacit train accept {name} --rows FILE`)"
        ),
        format!("{name}：须先由本方同意（`tacit train accept {name} --rows FILE`）"),
    )
}

const NOT_COUNTERSIGNED: &str = "JOB_NOT_COUNTERSIGNED";
