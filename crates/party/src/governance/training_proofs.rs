//! What proves a party's part in a joint training: made by each party, kept by the job's lender.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::{
    Keys, Logged, MAX_TRAINING_RECORDS, PartyKeys, ShownRecord, TrainingChange, TrainingProof,
    TrainingReport, TrainingUse, inclusion_needs, inclusion_proof, training_use, verify_training,
};
use consent::Job;
use domain::{PartyId, RunId, RunKind, RunRole};
use envelope::{Envelope, PublicKey};
use store::{Log, StoredRun};
use wire::control;

use super::proofs::{covering, fetch, garbled, unfit};
use crate::Trouble;
use crate::clock::milliseconds;
use crate::governance::jobs::opened;
use crate::governance::usage;
use crate::node::Node;

/// More records than any training has: one that is taken up again adds two.
const MOST_RECORDS: u32 = 4_096;

/// Whether a run is a training that this party leads.
pub(super) fn is_led(run: &StoredRun) -> bool {
    run.kind == Some(RunKind::Train) && run.role == Some(RunRole::Lender)
}

/// This party's proof of a training, for the lender of its job; nobody else learns that there is one.
pub(super) async fn of_training(
    node: &Node,
    run: RunId,
    lender: &PartyId,
) -> Result<Option<TrainingProof>, Trouble> {
    let told = records(node, run).await?;
    let Some((_, TrainingUse { job, institution, .. })) = told.first() else { return Ok(None) };
    if institution != lender {
        return Ok(None);
    }
    let stored = node.store.job(job.as_bytes()).await?;
    let stored = stored.ok_or_else(|| garbled(&"the job of a training is missing"))?;
    let told = shown_of(told);
    let last = told.last().map_or(0, |(_, told)| told.sequence);
    let (checkpoint, head) = covering(node, last).await?;
    let mut records = Vec::with_capacity(told.len());
    for (logged, TrainingUse { sequence, .. }) in told {
        let wanted = inclusion_needs(sequence, head.size).map_err(|error| garbled(&error))?;
        let hashes = node.store.nodes(Log::Audit, &wanted).await?;
        let proof = inclusion_proof(sequence, head.size, &hashes);
        let record = String::from_utf8(logged.into_bytes()).map_err(|error| garbled(&error))?;
        records.push(ShownRecord { record, inclusion: proof.map_err(|error| garbled(&error))? });
    }
    let job = Envelope::from_json(&stored.envelope).map_err(|error| garbled(&error))?;
    Ok(Some(TrainingProof { job, records, checkpoint }))
}

/// What this party's log tells of a training, in its order.
pub(super) async fn records(
    node: &Node,
    run: RunId,
) -> Result<Vec<(Logged, TrainingUse)>, Trouble> {
    let mut told = Vec::new();
    for seq in node.store.training_records(run, MOST_RECORDS).await? {
        let mut found = node.store.records(Log::Audit, seq, 1).await?;
        let record = found.pop().ok_or_else(|| garbled(&"the record of a training is missing"))?;
        let logged = Logged::from_json(record.bytes).map_err(|error| garbled(&error))?;
        let used = training_use(&logged).filter(|used| used.run == run);
        let used = used.ok_or_else(|| garbled(&"a record is not of its training"))?;
        told.push((logged, used));
    }
    Ok(told)
}

/// As many records as a proof may have: of more, what left and what opened, before how often it was
/// begun and broken off.
fn shown_of(mut told: Vec<(Logged, TrainingUse)>) -> Vec<(Logged, TrainingUse)> {
    let mut more = told.len().saturating_sub(MAX_TRAINING_RECORDS);
    told.retain(|(_, used)| match used.change {
        TrainingChange::Uploaded
        | TrainingChange::Counted
        | TrainingChange::Disclosed
        | TrainingChange::Trained => true,
        TrainingChange::Begun | TrainingChange::NotCompleted => {
            let kept = more == 0;
            more = more.saturating_sub(1);
            kept
        }
    });
    told.truncate(MAX_TRAINING_RECORDS);
    told
}

/// As the lender: fetches from every other party the proof of its part in a training of ours, adds our
/// own, verifies all of them, and keeps them.
///
/// A party that has begun nothing has none. One whose proof is kept and can tell no more is not asked
/// again.
pub(super) async fn collect(node: &Arc<Node>, run: &StoredRun) -> Result<Vec<String>, Trouble> {
    let us = &node.config.name;
    let own = of_training(node, run.id, us).await?;
    let Some(own) = own else { return Ok(Vec::new()) };
    let signed = &own.job;
    let ours = node.identity.signing_keys();
    let job = crate::identity::opened_by_one_of(&ours, |key| Job::open(signed, key));
    let job = job.map_err(|error| garbled(&error))?;
    let keys = keys_of(node, &job)?;

    let mut kept = BTreeMap::new();
    for text in node.store.proofs(run.id).await? {
        if let Ok(report) = verify_training(text.as_bytes(), &keys) {
            kept.insert(report.party.clone(), report);
        }
    }
    for party in job.parties() {
        if *party == *us {
            keep(node, run.id, us, &own.to_json()).await?;
            continue;
        }
        if kept.get(party).is_some_and(is_final) {
            continue;
        }
        for bytes in fetch(node, party, run.id).await? {
            let report = verify_training(&bytes, &keys).map_err(|error| unfit(party, &error))?;
            if report.party != *party || report.run != run.id || report.job != job {
                return Err(unfit(party, &"the proof is of another party, training or job"));
            }
            keep(node, run.id, party, &bytes).await?;
        }
    }
    Ok(node.store.proofs(run.id).await?)
}

/// Whether a party has nothing more to tell: what it uploads it uploads once, and a model that has
/// been opened is trained no more.
fn is_final(report: &TrainingReport) -> bool {
    let computing = &report.job.computing;
    let computes = [&computing.department, &computing.platform].contains(&&report.party);
    let last = match (computes, &report.job.scorecard) {
        (true, _) => TrainingChange::Trained,
        (false, Some(_)) => TrainingChange::Disclosed,
        (false, None) => TrainingChange::Uploaded,
    };
    report.changes.iter().any(|(change, _)| *change == last)
}

async fn keep(node: &Node, run: RunId, party: &PartyId, bytes: &[u8]) -> Result<(), Trouble> {
    let text = std::str::from_utf8(bytes).map_err(|error| unfit(party, &error))?;
    Ok(node.store.keep_proof(run, party.as_str(), text).await?)
}

/// The keys of the job's parties as they are pinned here, each in its role.
fn keys_of(node: &Node, job: &Job) -> Result<Keys, Trouble> {
    let mut keys = Keys::default();
    let pinned = |all: Vec<PublicKey>| PartyKeys { signing: all.clone(), notes: all };
    for party in job.parties() {
        if *party == node.config.name {
            keys.lenders.insert(party.clone(), pinned(node.identity.signing_keys()));
            continue;
        }
        let theirs = pinned(node.line(party)?.peer.signing_keys());
        let role =
            if *party == job.computing.platform { &mut keys.platforms } else { &mut keys.holders };
        role.insert(party.clone(), theirs);
    }
    Ok(keys)
}

/// What a training comes to at this party, for its operator: by the lender's run.
pub(super) async fn traced(node: &Node, run: RunId) -> Result<Option<control::Traced>, Trouble> {
    let told = records(node, run).await?;
    let Some((_, last)) = told.last() else { return Ok(None) };
    let stored = node.store.job(last.job.as_bytes()).await?;
    // Its proposer may be no peer of ours any more.
    let job = stored.and_then(|stored| opened(node, &stored).ok());
    let record = |(_, used): &(Logged, TrainingUse)| control::TrainingRecord {
        seq: used.sequence,
        time_ms: milliseconds(used.time.time()),
        change: usage::changed(used.change).into(),
    };
    let training = control::TracedTraining {
        job: last.job.to_string(),
        records: told.iter().map(record).collect(),
    };
    Ok(Some(control::Traced {
        run: run.to_string(),
        holder: node.config.name.to_string(),
        model: job.as_ref().map(|job| job.id.to_string()),
        platform: job.as_ref().map(|job| job.computing.platform.to_string()),
        receiver: last.institution.to_string(),
        purpose: control::Purpose::from(last.purpose).into(),
        of: Some(control::traced::Of::Training(training)),
    }))
}

#[cfg(test)]
mod tests {
    use audit::{Clock, Counts, EMPTY_ROOT, Event, Moment, Record, Version};
    use domain::{Digest, Duty, Purpose};
    use time::OffsetDateTime;

    use super::*;

    fn told(sequence: u64, change: TrainingChange) -> (Logged, TrainingUse) {
        let event = Event::Training {
            run: RunId::from_bytes([3; 16]),
            job: Digest::from_bytes([7; 32]),
            receiver: "bank".parse().unwrap(),
            purpose: Purpose::ProductDevelopment,
            change,
            counts: Counts::default(),
        };
        let logged = Logged::of(Record {
            sequence,
            previous: EMPTY_ROOT,
            time: Moment::new(OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap()).unwrap(),
            clock: Clock::Machine,
            party: "tax".parse().unwrap(),
            duty: Duty::Holder,
            software: Version([0, 1, 0]),
            by: None,
            event,
        });
        let used = training_use(&logged).unwrap();
        (logged, used)
    }

    #[test]
    fn of_too_many_records_a_proof_leaves_out_when_it_was_begun_and_broken_off_long_ago() {
        use TrainingChange::{Begun, NotCompleted, Trained, Uploaded};

        let again = (0..50).flat_map(|_| [Begun, NotCompleted]);
        let all = std::iter::once(Uploaded).chain(again).chain([Begun, Trained]);
        let all: Vec<_> = (0..).zip(all).map(|(seq, change)| told(seq, change)).collect();
        assert_eq!(all.len(), 103);
        let few = all[..3].to_vec();
        assert_eq!(shown_of(few.clone()), few);
        let shown = shown_of(all.clone());
        assert_eq!(shown.len(), MAX_TRAINING_RECORDS);
        assert_eq!((&shown[0], &shown[1..]), (&all[0], &all[40..]));
    }
}
