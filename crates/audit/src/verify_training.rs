//! The proof of a joint training, step by step, each of which fails by its name.

use std::collections::BTreeSet;
use std::fmt;

use consent::Job;
use domain::{Digest, PartyId, RunId};
use envelope::Envelope;
use time::{Duration, UtcOffset};

use crate::hash::leaf_hash;
use crate::verify::{fail, failed, holds, named, signers};
use crate::{
    Event, Head, Keys, Moment, Outcome, PartyKeys, ProofError, Record, TrainingChange,
    TrainingProof, verify_inclusion,
};

/// The steps of a training proof, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrainingStep {
    /// The file can be read, and has one spelling.
    Form,
    /// The job's lender has signed it.
    Job,
    /// The party has countersigned it, and nobody else is shown to have.
    Countersignature,
    /// The job gives the party a part, and every record tells of that part.
    Part,
    /// The records name this job's digest, its lender, purpose and rows, and one training.
    Records,
    /// The party has signed the checkpoint.
    Checkpoint,
    /// The party's log has the records, under that checkpoint.
    Inclusion,
}

impl TrainingStep {
    /// Every step there is, in order.
    pub const ALL: [Self; 7] = [
        Self::Form,
        Self::Job,
        Self::Countersignature,
        Self::Part,
        Self::Records,
        Self::Checkpoint,
        Self::Inclusion,
    ];

    /// The stable word for it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Job => "job",
            Self::Countersignature => "countersignature",
            Self::Part => "part",
            Self::Records => "records",
            Self::Checkpoint => "checkpoint",
            Self::Inclusion => "inclusion",
        }
    }
}

impl fmt::Display for TrainingStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A training proof that holds. That the party's log has no other record of the training is not
/// proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingReport {
    /// Who took part.
    pub party: PartyId,
    /// The lender's run.
    pub run: RunId,
    /// The job: who computed, whose columns went in, what opened to whom.
    pub job: Job,
    /// The job's digest.
    pub digest: Digest,
    /// What the party has written down, and when, in the order of its log.
    pub changes: Vec<(TrainingChange, Moment)>,
    /// The party's log, as its checkpoint states it.
    pub log: Head,
    /// What came of each step, in order.
    pub steps: Vec<(TrainingStep, Outcome)>,
}

/// Reads a training proof and checks it, step by step, offline.
///
/// # Errors
///
/// [`ProofError`] names the first step that fails.
pub fn verify_training(
    bytes: &[u8],
    keys: &Keys,
) -> Result<TrainingReport, ProofError<TrainingStep>> {
    use TrainingStep as Step;

    let proof = TrainingProof::from_json(bytes).map_err(failed(Step::Form))?;
    let told = told(&proof)?;
    let first = told.first().ok_or_else(|| fail(Step::Form, "the proof has no record"))?;
    let (party, run) = (first.record.party.clone(), first.run);

    let job = signed_job(&proof.job, keys)?;
    let digest = job.digest().map_err(failed(Step::Job))?;
    let own = keys_of(&party, &job, keys);
    let countersigned = countersigned(&proof.job, (&party, own), &job)?;
    told.iter().try_for_each(|told| part(told, &party, &job))?;
    told.iter().try_for_each(|told| about(told, (&party, run), (&job, digest)))?;
    let ascending = told.is_sorted_by(|one, next| one.record.sequence < next.record.sequence);
    holds(Step::Records, &[(ascending, "the records are not in the order of their log")])?;
    let log = keys.open_checkpoint(&proof.checkpoint, (&party, own));
    let log = log.map_err(failed(Step::Checkpoint))?;
    for (shown, Told { record, .. }) in proof.records.iter().zip(&told) {
        let leaf = leaf_hash(shown.record.as_bytes());
        verify_inclusion(&leaf, record.sequence, &log, &shown.inclusion)
            .map_err(failed(Step::Inclusion))?;
    }
    let outcome_of = |step| match step {
        Step::Countersignature => countersigned,
        Step::Form
        | Step::Job
        | Step::Part
        | Step::Records
        | Step::Checkpoint
        | Step::Inclusion => Outcome::Passed,
    };
    let steps = Step::ALL.map(|step| (step, outcome_of(step))).to_vec();
    let changes = told.iter().map(|told| (told.change, told.record.time)).collect();
    Ok(TrainingReport { party, run, job, digest, changes, log, steps })
}

/// A record that tells of a training.
struct Told {
    run: RunId,
    change: TrainingChange,
    record: Record,
}

fn told(proof: &TrainingProof) -> Result<Vec<Told>, ProofError<TrainingStep>> {
    let read = |shown: &crate::ShownRecord| {
        let record = Record::from_json(shown.record.as_bytes());
        let record = record.map_err(failed(TrainingStep::Form))?;
        let Event::Training { run, change, .. } = record.event else {
            return Err(fail(TrainingStep::Records, "an audit record is not about a training"));
        };
        Ok(Told { run, change, record })
    };
    proof.records.iter().map(read).collect()
}

fn signed_job(envelope: &Envelope, keys: &Keys) -> Result<Job, ProofError<TrainingStep>> {
    let step = TrainingStep::Job;
    // Who should have signed it is what it says itself; then that key must have.
    let lenders = keys.lenders.values().flat_map(|keys| &keys.signing);
    let signers = signers(envelope);
    let first =
        signers.first().and_then(|signer| lenders.into_iter().find(|key| key.id() == *signer));
    let key = first.ok_or_else(|| {
        fail(step, "the job's first signature is by no key of a lender: give its public keys too")
    })?;
    let job = Job::open(envelope, key).map_err(failed(step))?;
    let lender = &job.computing.lender;
    let own = keys.lenders.get(lender).is_some_and(|keys| keys.signing.contains(key));
    holds(step, &[(own, "the job's first signature is by another lender than its own")])?;
    Ok(job)
}

/// The keys of a party in the role that the job gives it.
fn keys_of<'k>(party: &PartyId, job: &Job, keys: &'k Keys) -> Option<&'k PartyKeys> {
    let computing = &job.computing;
    if *party == computing.lender {
        keys.lenders.get(party)
    } else if *party == computing.platform {
        keys.platforms.get(party)
    } else {
        keys.holders.get(party)
    }
}

/// Every signature after the lender's is the party's, each by another of its keys: a changed byte in
/// one that nobody checks would go unseen.
fn countersigned(
    envelope: &Envelope,
    (party, own): (&PartyId, Option<&PartyKeys>),
    job: &Job,
) -> Result<Outcome, ProofError<TrainingStep>> {
    let step = TrainingStep::Countersignature;
    let signers = signers(envelope);
    let lender = *party == job.computing.lender;
    let different = signers.iter().collect::<BTreeSet<_>>().len() == signers.len();
    let rules = [
        (different, "the job is signed twice by one key"),
        (lender || signers.len() > 1, "the party has not countersigned the job"),
        (!lender || signers.len() == 1, "the lender's own proof needs its signature and no other"),
    ];
    holds(step, &rules)?;
    for signer in signers.iter().skip(1) {
        let key = named(own.map(|keys| &keys.signing[..]), signer).ok_or_else(|| {
            fail(step, format!("the job is countersigned by no known key of {party}"))
        })?;
        Job::open(envelope, key).map_err(failed(step))?;
    }
    Ok(if lender { Outcome::NotApplicable } else { Outcome::Passed })
}

/// Whoever brings columns uploads them, and the lender its outcomes; three compute.
fn part(told: &Told, party: &PartyId, job: &Job) -> Result<(), ProofError<TrainingStep>> {
    let computing = &job.computing;
    let lender = *party == computing.lender;
    let computes = lender || [&computing.department, &computing.platform].contains(&party);
    let brings = job.contributions.iter().any(|brought| brought.party == *party);
    let uploads = lender || brings;
    let rule = match told.change {
        TrainingChange::Uploaded => (uploads, "the party uploads nothing under this job"),
        TrainingChange::Disclosed => (brings, "the party brings no columns under this job"),
        TrainingChange::Counted
        | TrainingChange::Begun
        | TrainingChange::Trained
        | TrainingChange::NotCompleted => (computes, "the party does not compute under this job"),
    };
    holds(TrainingStep::Part, &[rule])
}

/// The record is this party's, of this training, under this job.
fn about(
    told: &Told,
    (party, run): (&PartyId, RunId),
    (job, digest): (&Job, Digest),
) -> Result<(), ProofError<TrainingStep>> {
    let step = TrainingStep::Records;
    let Event::Training { job: named, receiver, purpose, counts, .. } = &told.record.event else {
        return Err(fail(step, "an audit record is not about a training"));
    };
    let rows = counts.rows_in == u64::from(job.rows.count);
    let (rows, in_time) = match told.change {
        TrainingChange::Uploaded | TrainingChange::Counted | TrainingChange::Trained => {
            (rows, in_time(&told.record, job))
        }
        TrainingChange::Disclosed | TrainingChange::Begun => (true, in_time(&told.record, job)),
        TrainingChange::NotCompleted => (true, true),
    };
    let rules = [
        (told.record.party == *party, "the audit records are of several parties"),
        (told.run == run, "the audit records are of several trainings"),
        (*named == digest, "an audit record names another job"),
        (*receiver == job.computing.lender, "an audit record names another lender"),
        (*purpose == job.purpose, "an audit record has another purpose"),
        (rows, "an audit record has another number of rows"),
        (in_time, "an audit record is from after the job's last day"),
    ];
    holds(step, &rules)
}

/// What begins on the job's last day, in Shanghai, may end on the next.
fn in_time(record: &Record, job: &Job) -> bool {
    let shanghai = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    let day = record.time.time().to_offset(shanghai).date();
    day.saturating_sub(Duration::DAY) <= job.valid_until
}
