//! How this party's data was used: releases, intersections, joint trainings.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use audit::{Event, TrainingChange, TrainingUse, training_use, usage};
use domain::ClassId;
use time::OffsetDateTime;
use wire::control;

use crate::Trouble;
use crate::clock::milliseconds;
use crate::governance::jobs;
use crate::governance::journal::moment;
use crate::governance::reports::each;
use crate::node::Node;

/// How this party's data was used, counted: no result is in it.
pub(crate) async fn used(
    node: &Node,
    from: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<control::UsageReply, Trouble> {
    let period = moment(from)?..moment(until)?;
    let mut counts: BTreeMap<audit::UsedFor, u64> = BTreeMap::new();
    let (mut released, mut trainings) = (0, Vec::new());
    each(node, |logged| {
        trainings.extend(training_use(&logged).filter(|used| period.contains(&used.time)));
        let one = usage([&logged], period.clone());
        released += one.released;
        for (used, count) in one.counts {
            *counts.entry(used).or_default() += count;
        }
    })
    .await?;
    let intersected = |used: store::IntersectionUse| control::IntersectionUse {
        peer: used.peer.to_string(),
        register: used.register,
        runs: used.runs,
        items: used.items,
        aggregates: used.aggregates,
    };
    let between = milliseconds(from)..milliseconds(until);
    let intersections = node.store.intersections(between).await?;
    let trainings = trained(node, &trainings).await?;
    let event = Event::UsageReport { from: period.start, until: period.end, released };
    node.record(node.first_duty(), event).await?;
    let line = |(used, count): (audit::UsedFor, u64)| control::UsageLine {
        classes: numbers(&used.classes),
        lender: used.institution.to_string(),
        purpose: control::Purpose::from(used.purpose).into(),
        output: control::Output::from(used.output).into(),
        count,
    };
    Ok(control::UsageReply {
        from_ms: milliseconds(period.start.time()),
        until_ms: milliseconds(period.end.time()),
        released,
        lines: counts.into_iter().map(line).collect(),
        intersections: intersections.into_iter().map(intersected).collect(),
        trainings,
    })
}

/// Classes by their numbers.
pub(super) fn numbers<'a>(classes: impl IntoIterator<Item = &'a ClassId>) -> Vec<u32> {
    classes.into_iter().map(|class| class.number().into()).collect()
}

/// The steps of joint trainings, each under the name of its job.
async fn trained(
    node: &Node,
    trainings: &[TrainingUse],
) -> Result<Vec<control::TrainingUse>, Trouble> {
    let mut known_jobs = BTreeMap::new();
    let mut lines = Vec::new();
    for used in trainings {
        if let Entry::Vacant(unknown) = known_jobs.entry(used.job) {
            let stored = node.store.job(used.job.as_bytes()).await?;
            // Its proposer may be no peer of ours any more.
            unknown.insert(stored.map(|stored| {
                let rows = jobs::opened(node, &stored).map(|job| u64::from(job.rows.count));
                (stored.name, rows.ok())
            }));
        }
        let job = known_jobs.get(&used.job).and_then(Option::as_ref);
        lines.push(control::TrainingUse {
            time_ms: milliseconds(used.time.time()),
            run: used.run.to_string(),
            job: job.map(|(name, _)| name.to_string()),
            digest: used.job.to_string(),
            lender: used.institution.to_string(),
            purpose: control::Purpose::from(used.purpose).into(),
            rows: job.and_then(|(_, rows)| *rows).unwrap_or(used.counts.rows_in),
            change: changed(used.change).into(),
        });
    }
    Ok(lines)
}

/// What a party has done in a joint training, as calls name it.
pub(super) fn changed(change: TrainingChange) -> control::TrainingChange {
    match change {
        TrainingChange::Uploaded => control::TrainingChange::Uploaded,
        TrainingChange::Counted => control::TrainingChange::Counted,
        TrainingChange::Disclosed => control::TrainingChange::Disclosed,
        TrainingChange::Begun => control::TrainingChange::Begun,
        TrainingChange::Trained => control::TrainingChange::Trained,
        TrainingChange::NotCompleted => control::TrainingChange::NotCompleted,
    }
}
