//! Questions to the log: is it whole, who used what, what became of one subject's data?

use std::collections::BTreeMap;

use audit::{
    Event, Finding, Ground, Logged, Moment, Receipt, Sent, Walk, inclusion_needs, inclusion_proof,
    reconcile, self_report, trace,
};
use domain::{CheckMode, Digest, RunId, Subject, SubjectKind};
use envelope::Envelope;
use serde_json::{Value, json};
use store::Log;
use time::OffsetDateTime;

use crate::Trouble;
use crate::governance::journal::moment;
use crate::governance::{registry, training_proofs};
use crate::node::Node;

/// Records read at a time: a few megabytes.
const PAGE: u32 = 1_000;

/// Reads the whole log and checks every record, hash and checkpoint of it.
pub(crate) async fn verify(node: &Node) -> Result<Value, Trouble> {
    // What was said to others about this log must still be true of it.
    let mut stated = Vec::new();
    each(node, |logged| {
        if let Event::Checkpoint { size, root } = &logged.record().event {
            stated.push(audit::Head { size: *size, root: *root });
        }
    })
    .await?;
    let head = node.store.head(Log::Audit).await?;
    let mut walk = Walk::new(&stated);
    let mut from = 0;
    loop {
        let page = node.store.records(Log::Audit, from, PAGE).await?;
        let Some(last) = page.last() else { break };
        from = last.seq + 1;
        for record in &page {
            walk.step(&record.leaf, &record.bytes).map_err(|broken| tampered(&broken))?;
        }
    }
    let verified = walk.finish().map_err(|broken| tampered(&broken))?;
    if verified.frontier.head() != head {
        return Err(tampered(&"the hashes over the records are not those of the tree"));
    }
    Ok(json!({ "records": head.size, "root": head.root, "confirmed": verified.confirmed }))
}

/// That one record is in the log, under a fresh checkpoint.
pub(crate) async fn prove(node: &Node, seq: u64) -> Result<Value, Trouble> {
    let (note, head) = super::proofs::checkpoint(node).await?;
    let outside = |error: audit::Error| {
        Trouble::us(
            "NO_SUCH_RECORD",
            format!("{error}: `tacit audit verify` says how many there are"),
            format!("没有该记录：`tacit audit verify` 可查看条数（{error}）"),
        )
    };
    let wanted = inclusion_needs(seq, head.size).map_err(outside)?;
    let hashes = node.store.nodes(Log::Audit, &wanted).await?;
    let proof = inclusion_proof(seq, head.size, &hashes).map_err(outside)?;
    let mut found = node.store.records(Log::Audit, seq, 1).await?;
    let record = found.pop().map(|record| record.bytes).unwrap_or_default();
    let record: Value = serde_json::from_slice(&record).unwrap_or_default();
    Ok(json!({
        "seq": seq, "size": head.size, "root": head.root, "proof": proof, "record": record,
        "checkpoint": note.to_string(),
    }))
}

/// Where a result came from: by its receipt's id, or by its run.
pub(crate) async fn trace_of(node: &Node, text: &str) -> Result<Value, Trouble> {
    let receipt = match text.parse::<Digest>() {
        Ok(receipt) => Some(receipt),
        Err(_) => match text.parse::<RunId>() {
            Ok(run) => {
                let release = node.store.release(run).await?;
                if let (None, Some(traced)) = (&release, training_proofs::traced(node, run).await?)
                {
                    return Ok(traced);
                }
                release.and_then(|found| receipt_id(&found.release.receipt))
            }
            Err(_) => None,
        },
    };
    let receipt = receipt.ok_or_else(no_release)?;
    let mut found = None;
    each(node, |logged| {
        if found.is_none() {
            found = trace([&logged], &receipt);
        }
    })
    .await?;
    let found = found.ok_or_else(no_release)?;
    let asked = &found.release.asked;
    let ground = &found.release.ground;
    let authorised = ground.authorised().map(|authorised| &authorised.subject);
    Ok(json!({
        "receipt": receipt,
        "run": asked.run,
        "holder": found.holder,
        "source": found.release.batch,
        "lane": ground.lane().code(),
        "authorisation": authorised.map(|named| named.id.as_str()),
        "version": authorised.map(|named| named.version),
        "fields": asked.fields.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "output": asked.output,
        "model": asked.question.model().map(ToString::to_string),
        "platform": asked.platform,
        "receiver": asked.receiver,
        "purpose": asked.purpose,
        "released": found.time,
        "seq": found.sequence,
    }))
}

/// What left against what was written down.
pub(crate) async fn reconciled(node: &Node) -> Result<Value, Trouble> {
    let mut sent = Vec::new();
    let mut from = 0;
    loop {
        let page = node.store.releases(from, PAGE).await?;
        let Some(last) = page.last() else { break };
        from = last.seq + 1;
        sent.extend(page.iter().map(|found| Sent {
            run: found.release.run,
            receipt: receipt_id(&found.release.receipt),
        }));
    }
    let mut records = Vec::new();
    each(node, |logged| {
        if matches!(
            logged.record().event,
            Event::ReleaseBegun(_) | Event::Released(_) | Event::ReleaseNotCompleted { .. }
        ) {
            records.push(logged);
        }
    })
    .await?;
    let findings = reconcile(sent.iter().copied(), &records);
    let told = |finding: &Finding| match finding {
        Finding::NoReceipt { run } => json!({ "kind": "no_receipt", "run": run }),
        Finding::NoRecord { run, receipt } => {
            json!({ "kind": "no_record", "run": run, "receipt": receipt })
        }
        Finding::SharedReceipt { receipt } => {
            json!({ "kind": "shared_receipt", "receipt": receipt })
        }
        Finding::NoRelease { sequence, receipt } => {
            json!({ "kind": "no_release", "seq": sequence, "receipt": receipt })
        }
        Finding::SharedRecord { sequence, receipt } => {
            json!({ "kind": "shared_record", "seq": sequence, "receipt": receipt })
        }
        Finding::NeverClosed { sequence, run } => {
            json!({ "kind": "never_closed", "seq": sequence, "run": run })
        }
        Finding::NeverBegun { sequence } => json!({ "kind": "never_begun", "seq": sequence }),
    };
    Ok(json!({
        "releases": sent.len(), "records": records.len(),
        "findings": findings.iter().map(told).collect::<Vec<_>>(),
    }))
}

/// Everything that the log has about one subject, for that subject.
pub(crate) async fn own(node: &Node, kind: SubjectKind, text: &str) -> Result<Value, Trouble> {
    let subject = Subject::parse(kind, text, CheckMode::Report)
        .map_err(|error| Trouble::said("SUBJECT", &error))?
        .value;
    let pseudonym = node.pseudonym(&subject);
    let mut lines = Vec::new();
    each(node, |logged| {
        if self_report([&logged], pseudonym).lines() > 0 {
            lines.push(told(&logged));
        }
    })
    .await?;
    let count = lines.len() as u64;
    node.record(node.first_duty(), Event::SelfReport { subject: pseudonym, lines: count }).await?;
    Ok(json!({ "subject": pseudonym, "lines": lines }))
}

fn told(logged: &Logged) -> Value {
    let record = logged.record();
    let time = record.time;
    let asked = |asked: &audit::Asked, event: &str, more: Value| {
        let classes: Vec<String> = asked.fields.classes().iter().map(ToString::to_string).collect();
        let mut line = json!({
            "time": time, "event": event, "receiver": asked.receiver, "purpose": asked.purpose,
            "output": asked.output, "classes": classes.join(", "), "run": asked.run,
        });
        if let (Some(line), Some(more)) = (line.as_object_mut(), more.as_object()) {
            line.extend(more.clone());
        }
        line
    };
    let authorisation = |ground: &Ground| json!({ "authorisation": ground.authorised().map(|named| named.subject.id.as_str()) });
    match &record.event {
        Event::Refused { refusal, asked: question, .. } => {
            asked(question, "refused", json!({ "refusal": refusal.code() }))
        }
        Event::ReleaseBegun(used) => {
            let release = &used.release;
            asked(&release.asked, "release_begun", authorisation(&release.ground))
        }
        Event::Released(released) => {
            let release = &released.used.release;
            asked(&release.asked, "released", authorisation(&release.ground))
        }
        Event::ReleaseNotCompleted { run, .. } => {
            json!({ "time": time, "event": "release_not_completed", "run": run })
        }
        Event::Authorisation { change, id, version, .. } => json!({
            "time": time, "event": format!("authorisation {}", change.code()),
            "authorisation": id.as_str(), "version": version,
        }),
        Event::SelfReport { lines, .. } => {
            json!({ "time": time, "event": "self_report", "lines": lines })
        }
        // About no single subject: no report of one has these.
        event @ (Event::RefusedMore { .. }
        | Event::AlignmentBegun { .. }
        | Event::AlignmentNotCompleted { .. }
        | Event::Aligned { .. }
        | Event::Member { .. }
        | Event::Deposit { .. }
        | Event::Checkpoint { .. }
        | Event::UsageReport { .. }
        | Event::Configuration { .. }
        | Event::Model { .. }
        | Event::Job { .. }
        | Event::Training { .. }) => json!({ "time": time, "event": event.code() }),
    }
}

/// The catalogue, the rules in force, and what of it this party's registers have.
pub(crate) fn catalogue(node: &Node) -> Value {
    let rules = &node.rules;
    let report = rules.catalogue.report();
    let registers: Vec<Value> = node
        .config
        .registers
        .iter()
        .map(|register| {
            let classes: Vec<u16> = register.classes().iter().map(|class| class.number()).collect();
            let bound: BTreeMap<&str, String> = register
                .fields
                .iter()
                .map(|(column, field)| (column.as_str(), field.to_string()))
                .collect();
            json!({ "name": register.name, "classes": classes, "bound": bound })
        })
        .collect();
    let mut told = counts(&report);
    if let Some(told) = told.as_object_mut() {
        told.insert("catalogue".into(), rules.catalogue.name().into());
        told.insert("hash".into(), rules.catalogue.hash().to_string().into());
        told.insert("profile".into(), rules.profile.name().into());
        told.insert("profile_hash".into(), rules.profile.hash().to_string().into());
        told.insert("registers".into(), registers.into());
    }
    told
}

/// The report's counts, by what is counted.
fn counts(report: &::catalogue::Report) -> Value {
    fn by<K: ToString>(counts: &BTreeMap<K, usize>) -> BTreeMap<String, usize> {
        counts.iter().map(|(key, count)| (key.to_string(), *count)).collect()
    }
    json!({
        "classes": report.classes, "fields": report.fields, "by_mode": by(&report.by_mode),
        "by_due": by(&report.by_due), "fields_by_mode": by(&report.fields_by_mode),
    })
}

/// The authorisations of a registry, or one with its history.
pub(crate) async fn authorisations(node: &Node, id: &str, limit: u32) -> Result<Value, Trouble> {
    let line = |stored: &store::StoredAuthorisation| {
        json!({
            "id": stored.id, "version": stored.version, "state": stored.state,
            "lender": stored.lender, "platform": stored.platform,
            "record_hash": stored.record_hash, "not_after": at(stored.not_after_ms),
            "changed": at(stored.changed_ms),
        })
    };
    if id.is_empty() {
        let found = node.store.authorisations(None, "", limit).await?;
        return Ok(json!({ "authorisations": found.iter().map(line).collect::<Vec<_>>() }));
    }
    let stored = node.store.authorisation(id).await?;
    let stored = stored.ok_or_else(|| Trouble::refused(domain::Refusal::AuthUnregistered))?;
    let history = registry::history(&stored)?;
    let event = |event: &consent::Event| {
        let (act, reason) = registry::told(event.act());
        Ok(json!({
            "at": moment(event.at())?, "act": act, "actor": event.actor().code(),
            "reason": reason, "hash": event.hash(),
        }))
    };
    let events = history.events().iter().map(event).collect::<Result<Vec<_>, Trouble>>()?;
    Ok(json!({
        "authorisation": line(&stored),
        "history": events,
    }))
}

/// What a statement says, for an operator.
pub(crate) fn stated(node: &Node, statement: &Envelope) -> Result<Value, Trouble> {
    // An operator may have handed it to any peer, whether this party decides by it or not.
    let peers = node.lines.values().map(|line| &line.peer);
    let trust = peers.fold(node.rules.configured.clone(), |trust, peer| {
        trust.with_registry(peer.name.clone(), peer.signing_key)
    });
    let said = consent::Statement::open(statement, &trust)
        .map_err(|error| Trouble::said("STATEMENT", &error))?;
    let said = said.statement();
    Ok(json!({
        "authorisation": said.authorisation.as_str(), "version": said.version,
        "state": said.state.code(), "since": moment(said.since)?, "registry": said.registry,
        "record_hash": said.record_hash, "issued": moment(said.issued_at)?,
    }))
}

pub(super) async fn each(node: &Node, mut see: impl FnMut(Logged)) -> Result<(), Trouble> {
    let mut from = 0;
    loop {
        let page = node.store.records(Log::Audit, from, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        from = last.seq + 1;
        for store::StoredRecord { seq, bytes, .. } in page {
            let logged = Logged::from_json(bytes)
                .map_err(|error| tampered(&format!("record {seq}: {error}")))?;
            see(logged);
        }
    }
}

fn receipt_id(receipt: &[u8]) -> Option<Digest> {
    Receipt::id(&Envelope::from_json(receipt).ok()?).ok()
}

fn at(ms: i64) -> Option<Moment> {
    Moment::new(time(ms).ok()?).ok()
}

/// The time of these milliseconds since the Unix epoch.
pub(crate) fn time(ms: i64) -> Result<OffsetDateTime, Trouble> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .map_err(|error| Trouble::said("USAGE", &error))
}

fn no_release() -> Trouble {
    Trouble::us(
        "NO_RELEASE",
        "this party's log has no release with this receipt or run",
        "本方日志中没有该回执或运行对应的提供记录",
    )
}

fn tampered(what: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "LOG_BROKEN",
        format!(
            "the audit log is not as it was written: {what}. Keep the file as it is and restore a copy beside it."
        ),
        format!("审计日志与写入时不一致：{what}。请保留现有文件，并在旁恢复副本核对。"),
    )
}
