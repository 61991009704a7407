//! What a log tells those who may ask: where a result came from, how data was used, what was done
//! with a subject's.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use domain::{ClassId, Digest, Output, PartyId, Purpose, RunId};

use crate::{Counts, Event, Logged, Moment, Pseudonym, Record, Release, TrainingChange};

/// Where a result came from and where it went (来源可溯、去向可查), without the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The place of its record in the holder's log.
    pub sequence: u64,
    /// The source.
    pub holder: PartyId,
    /// When.
    pub time: Moment,
    /// Out of which batch, on what ground, by which model or predicate, to whom, what for.
    pub release: Release,
}

/// Finds the release that a receipt is about, by the receipt's id ([`crate::Receipt::id`]).
pub fn trace<'a>(records: impl IntoIterator<Item = &'a Logged>, receipt: &Digest) -> Option<Trace> {
    records.into_iter().find_map(|logged| {
        let record = logged.record();
        let Event::Released(released) = &record.event else { return None };
        (released.receipt == *receipt).then(|| Trace {
            sequence: record.sequence,
            holder: record.party.clone(),
            time: record.time,
            release: released.used.release.clone(),
        })
    })
}

/// How data was used in a period: counts only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The period, its end left out.
    pub period: Range<Moment>,
    /// How many releases there were of each kind. Each release counts once, so that the counts add
    /// up to [`Usage::released`].
    pub counts: BTreeMap<UsedFor, u64>,
    /// How many releases there were.
    pub released: u64,
}

/// One kind of use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsedFor {
    /// The classes that were read together.
    pub classes: BTreeSet<ClassId>,
    /// Who got the results.
    pub institution: PartyId,
    /// What for.
    pub purpose: Purpose,
    /// What came of it.
    pub output: Output,
}

impl Usage {
    /// How many releases read this class. A release that reads several counts for each of them.
    #[must_use]
    pub fn of_class(&self, class: ClassId) -> u64 {
        let read = self.counts.iter().filter(|(used, _)| used.classes.contains(&class));
        read.map(|(_, count)| count).sum()
    }
}

/// Counts the releases of a period (its end left out), for the holders whose data was used.
pub fn usage<'a>(records: impl IntoIterator<Item = &'a Logged>, period: Range<Moment>) -> Usage {
    let mut counts = BTreeMap::new();
    let mut total = 0;
    for Record { time, event, .. } in records.into_iter().map(Logged::record) {
        let Event::Released(released) = event else { continue };
        if !period.contains(time) {
            continue;
        }
        let asked = &released.used.release.asked;
        let used = UsedFor {
            classes: asked.fields.classes(),
            institution: asked.receiver.clone(),
            purpose: asked.purpose,
            output: asked.output,
        };
        *counts.entry(used).or_insert(0) += 1;
        total += 1;
    }
    Usage { period, counts, released: total }
}

/// One step of a joint training, as a log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingUse {
    /// The place of its record.
    pub sequence: u64,
    /// When.
    pub time: Moment,
    /// The lender's run.
    pub run: RunId,
    /// SHA-256 of the job.
    pub job: Digest,
    /// Who learns what opens.
    pub institution: PartyId,
    /// What for.
    pub purpose: Purpose,
    /// What happened.
    pub change: TrainingChange,
    /// What it took.
    pub counts: Counts,
}

/// What a record tells of a training, if it does.
#[must_use]
pub fn training_use(logged: &Logged) -> Option<TrainingUse> {
    let Record { sequence, time, event, .. } = logged.record();
    let Event::Training { run, job, receiver, purpose, change, counts } = event else {
        return None;
    };
    Some(TrainingUse {
        sequence: *sequence,
        time: *time,
        run: *run,
        job: *job,
        institution: receiver.clone(),
        purpose: *purpose,
        change: *change,
        counts: *counts,
    })
}

/// Everything that a log has about one subject: each of its records once, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelfReport<'a> {
    /// What was asked for, refused, begun, released, or not completed.
    pub accesses: Vec<&'a Record>,
    /// What became of the subject's authorisations.
    pub authorisations: Vec<&'a Record>,
    /// When the subject was told before.
    pub reports: Vec<&'a Record>,
}

impl SelfReport<'_> {
    /// How many records it lists: all that name the subject.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.accesses.len() + self.authorisations.len() + self.reports.len()
    }
}

/// Gathers what a log has about the subject behind a pseudonym.
pub fn self_report<'a>(
    records: impl IntoIterator<Item = &'a Logged>,
    subject: Pseudonym,
) -> SelfReport<'a> {
    let mut report = SelfReport::default();
    for record in records.into_iter().map(Logged::record) {
        if record.event.subject() != Some(subject) {
            continue;
        }
        match &record.event {
            Event::Authorisation { .. } => report.authorisations.push(record),
            Event::SelfReport { .. } => report.reports.push(record),
            Event::Refused { .. }
            | Event::RefusedMore { .. }
            | Event::ReleaseBegun(_)
            | Event::Released(_)
            | Event::ReleaseNotCompleted { .. }
            | Event::Aligned { .. }
            | Event::AlignmentBegun { .. }
            | Event::AlignmentNotCompleted { .. }
            | Event::Member { .. }
            | Event::Deposit { .. }
            | Event::Checkpoint { .. }
            | Event::UsageReport { .. }
            | Event::Configuration { .. }
            | Event::Model { .. }
            | Event::Job { .. }
            | Event::Training { .. }
            | Event::Token { .. }
            | Event::CallRefused { .. } => report.accesses.push(record),
        }
    }
    report
}
