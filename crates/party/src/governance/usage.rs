//! How this party's data was used: releases, intersections, joint trainings.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use audit::{Event, TrainingUse, training_use, usage};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::Trouble;
use crate::governance::jobs;
use crate::governance::journal::moment;
use crate::governance::reports::each;
use crate::node::Node;

/// How this party's data was used, counted: no result is in it.
pub(crate) async fn used(
    node: &Node,
    from: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<Value, Trouble> {
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
    let intersected = |used: &store::IntersectionUse| {
        json!({
            "peer": used.peer, "register": used.register, "runs": used.runs, "items": used.items,
            "aggregates": used.aggregates,
        })
    };
    let between = milliseconds(from)..milliseconds(until);
    let intersections = node.store.intersections(between).await?;
    let trainings = trained(node, &trainings).await?;
    let event = Event::UsageReport { from: period.start, until: period.end, released };
    node.record(node.first_duty(), event).await?;
    let line = |(used, count): (&audit::UsedFor, &u64)| {
        let classes: Vec<String> = used.classes.iter().map(ToString::to_string).collect();
        json!({
            "class": classes.join(", "), "lender": used.institution, "purpose": used.purpose,
            "output": used.output, "count": count,
        })
    };
    Ok(json!({
        "from": period.start, "until": period.end, "released": released,
        "lines": counts.iter().map(line).collect::<Vec<_>>(),
        "intersections": intersections.iter().map(intersected).collect::<Vec<_>>(),
        "trainings": trainings,
    }))
}

/// The steps of joint trainings, each under the name of its job.
async fn trained(node: &Node, trainings: &[TrainingUse]) -> Result<Vec<Value>, Trouble> {
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
        lines.push(json!({
            "time": used.time, "run": used.run, "job": job.map(|(name, _)| name), "digest": used.job,
            "lender": used.institution, "purpose": used.purpose,
            "rows": job.and_then(|(_, rows)| *rows).unwrap_or(used.counts.rows_in),
            "change": used.change,
        }));
    }
    Ok(lines)
}

fn milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}
