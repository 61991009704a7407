//! Questions to the log: is it whole, who used what, what became of one subject's data?

use std::collections::{BTreeMap, HashMap};

use audit::{
    Event, Finding, LegalBasis, LegalBasisKind, Logged, Receipt, Sent, Walk, inclusion_needs,
    inclusion_proof, reconcile, self_report, trace,
};
use domain::{CheckMode, Digest, RunId, Subject, SubjectKind};
use envelope::Envelope;
use store::Log;
use time::OffsetDateTime;
use wire::control;
use wire::control::self_report_line::Event as Told;
use wire::control::{discrepancy, traced};

use crate::Trouble;
use crate::clock::milliseconds;
use crate::governance::{registry, training_proofs, usage};
use crate::node::Node;

/// Records read at a time: a few megabytes.
const PAGE: u32 = 1_000;

/// Reads the whole log and checks every record, hash and checkpoint of it.
pub(crate) async fn verify(node: &Node) -> Result<control::VerifyLogReply, Trouble> {
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
    Ok(control::VerifyLogReply {
        records: head.size,
        root: head.root.to_string(),
        confirmed: verified.confirmed,
    })
}

/// That one record is in the log, under a fresh checkpoint.
pub(crate) async fn prove(node: &Node, seq: u64) -> Result<control::InclusionProof, Trouble> {
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
    Ok(control::InclusionProof {
        seq,
        size: head.size,
        root: head.root.to_string(),
        proof: proof.iter().map(ToString::to_string).collect(),
        record: record.into(),
        checkpoint: note.to_string(),
    })
}

/// Where a result came from: by its receipt's id, or by its run.
pub(crate) async fn trace_of(node: &Node, text: &str) -> Result<control::Traced, Trouble> {
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
    let release = control::TracedRelease {
        receipt: receipt.to_string(),
        source: found.release.batch.to_string(),
        legal_basis: legal_basis(ground).into(),
        authorisation: authorised.map(|named| named.id.as_str().into()),
        version: authorised.map(|named| named.version),
        fields: asked.fields.iter().map(ToString::to_string).collect(),
        output: control::Output::from(asked.output).into(),
        released_ms: milliseconds(found.time.time()),
        seq: found.sequence,
    };
    Ok(control::Traced {
        run: asked.run.to_string(),
        holder: found.holder.to_string(),
        model: asked.question.model().map(ToString::to_string),
        platform: Some(asked.platform.to_string()),
        receiver: asked.receiver.to_string(),
        purpose: control::Purpose::from(asked.purpose).into(),
        of: Some(traced::Of::Release(release)),
    })
}

/// On which ground data was used, as calls name it.
fn legal_basis(ground: &LegalBasis) -> control::LegalBasisKind {
    match ground.kind() {
        LegalBasisKind::JointModelling => control::LegalBasisKind::JointModelling,
        LegalBasisKind::Verification => control::LegalBasisKind::Verification,
        LegalBasisKind::Public => control::LegalBasisKind::Public,
        LegalBasisKind::Court => control::LegalBasisKind::Court,
        LegalBasisKind::Research => control::LegalBasisKind::Research,
    }
}

/// What left against what was written down.
pub(crate) async fn reconciled(node: &Node) -> Result<control::ReconcileReply, Trouble> {
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
    Ok(control::ReconcileReply {
        releases: sent.len() as u64,
        records: records.len() as u64,
        findings: findings.iter().map(discrepancy).collect(),
    })
}

fn discrepancy(finding: &Finding) -> control::Discrepancy {
    use discrepancy::Kind;

    let (kind, run, seq, receipt) = match finding {
        Finding::NoReceipt { run } => (Kind::NoReceipt, Some(run), None, None),
        Finding::NoRecord { run, receipt } => (Kind::NoRecord, Some(run), None, Some(receipt)),
        Finding::SharedReceipt { receipt } => (Kind::SharedReceipt, None, None, Some(receipt)),
        Finding::NoRelease { sequence, receipt } => {
            (Kind::NoRelease, None, Some(sequence), Some(receipt))
        }
        Finding::SharedRecord { sequence, receipt } => {
            (Kind::SharedRecord, None, Some(sequence), Some(receipt))
        }
        Finding::NeverClosed { sequence, run } => {
            (Kind::NeverClosed, Some(run), Some(sequence), None)
        }
        Finding::NeverBegun { sequence } => (Kind::NeverBegun, None, Some(sequence), None),
    };
    control::Discrepancy {
        kind: kind.into(),
        run: run.map(ToString::to_string),
        seq: seq.copied(),
        receipt: receipt.map(ToString::to_string),
    }
}

/// Everything that the log has about one subject, for that subject.
pub(crate) async fn own(
    node: &Node,
    kind: SubjectKind,
    text: &str,
) -> Result<control::SelfReportReply, Trouble> {
    let subject = Subject::parse(kind, text, CheckMode::Report)
        .map_err(|error| Trouble::from_error("SUBJECT", &error))?
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
    Ok(control::SelfReportReply { subject: pseudonym.to_string(), lines })
}

fn told(logged: &Logged) -> control::SelfReportLine {
    let record = logged.record();
    let event = match &record.event {
        Event::Refused { refusal, asked, .. } => Told::Refused(control::RefusedQuestion {
            asked: Some(question(asked)),
            refusal: refusal.code().into(),
        }),
        Event::ReleaseBegun(used) => Told::ReleaseBegun(released(&used.release)),
        Event::Released(released_now) => Told::Released(released(&released_now.used.release)),
        Event::ReleaseNotCompleted { run, .. } => Told::ReleaseNotCompleted(run.to_string()),
        Event::Authorisation { change, id, version, .. } => {
            Told::Authorisation(control::AuthorisationEvent {
                change: change.code().into(),
                authorisation: id.as_str().into(),
                version: *version,
            })
        }
        Event::SelfReport { lines, .. } => Told::SelfReport(*lines),
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
        | Event::Training { .. }) => Told::Other(event.code().into()),
    };
    control::SelfReportLine { time_ms: milliseconds(record.time.time()), event: Some(event) }
}

fn question(asked: &audit::Asked) -> control::Question {
    control::Question {
        receiver: asked.receiver.to_string(),
        purpose: control::Purpose::from(asked.purpose).into(),
        output: control::Output::from(asked.output).into(),
        classes: usage::numbers(&asked.fields.classes()),
        run: asked.run.to_string(),
    }
}

fn released(release: &audit::Release) -> control::ReleasedAnswer {
    let authorised = release.ground.authorised();
    control::ReleasedAnswer {
        asked: Some(question(&release.asked)),
        authorisation: authorised.map(|named| named.subject.id.as_str().into()),
    }
}

/// The catalogue, the rules in force, and what of it this party's registers have.
pub(crate) fn catalogue(node: &Node) -> control::CatalogueReply {
    let rules = &node.rules;
    let report = rules.catalogue.report();
    let registers = node.config.registers.iter().map(|register| control::RegisterCoverage {
        name: register.name.clone(),
        classes: usage::numbers(&register.classes()),
        bound: register
            .fields
            .iter()
            .map(|(column, field)| (column.clone(), field.to_string()))
            .collect(),
    });
    control::CatalogueReply {
        catalogue: rules.catalogue.name().into(),
        hash: rules.catalogue.hash().to_string(),
        profile: rules.profile.name().into(),
        profile_hash: rules.profile.hash().to_string(),
        classes: report.classes as u64,
        fields: report.fields as u64,
        by_mode: counts(&report.by_mode),
        by_due: counts(&report.by_due),
        fields_by_mode: counts(&report.fields_by_mode),
        registers: registers.collect(),
    }
}

/// Counts by the words for what is counted.
fn counts<K: ToString>(counts: &BTreeMap<K, usize>) -> HashMap<String, u64> {
    counts.iter().map(|(key, count)| (key.to_string(), *count as u64)).collect()
}

/// The authorisations that are known here, newest first.
pub(crate) async fn authorisations(
    node: &Node,
    limit: u32,
) -> Result<control::AuthorisationsReply, Trouble> {
    let found = node.store.authorisations(None, "", limit).await?;
    let authorisations = found.iter().map(authorisation).collect();
    Ok(control::AuthorisationsReply { authorisations })
}

/// One authorisation with its history.
pub(crate) async fn history(node: &Node, id: &str) -> Result<control::HistoryReply, Trouble> {
    let stored = node.store.authorisation(id).await?;
    let stored = stored.ok_or_else(|| Trouble::refused(domain::Refusal::AuthUnregistered))?;
    let history = registry::history(&stored)?;
    let event = |event: &consent::Event| {
        let (act, reason) = registry::told(event.act());
        control::HistoryEvent {
            at_ms: milliseconds(event.at()),
            act: act.into(),
            actor: match event.actor() {
                consent::Actor::Subject => control::Actor::Subject,
                consent::Actor::Registry => control::Actor::Registry,
            }
            .into(),
            reason,
            hash: event.hash().to_string(),
        }
    };
    let history = history.events().iter().map(event).collect();
    Ok(control::HistoryReply { authorisation: Some(authorisation(&stored)), history })
}

fn authorisation(stored: &store::StoredAuthorisation) -> control::Authorisation {
    let state = stored.state.parse().map_or(control::AuthorisationState::Unspecified, state);
    control::Authorisation {
        id: stored.id.clone(),
        version: stored.version,
        state: state.into(),
        lender: stored.lender.to_string(),
        platform: stored.platform.to_string(),
        record_hash: stored.record_hash.clone(),
        not_after_ms: stored.not_after_ms,
        changed_ms: stored.changed_ms,
    }
}

/// Where an authorisation stands, as calls name it.
fn state(state: consent::State) -> control::AuthorisationState {
    match state {
        consent::State::Active => control::AuthorisationState::Active,
        consent::State::Suspended => control::AuthorisationState::Suspended,
        consent::State::Revoked => control::AuthorisationState::Revoked,
        consent::State::Expired => control::AuthorisationState::Expired,
        consent::State::Exhausted => control::AuthorisationState::Exhausted,
        consent::State::Superseded => control::AuthorisationState::Superseded,
        consent::State::Void => control::AuthorisationState::Void,
    }
}

/// What a statement says, for an operator.
pub(crate) fn stated(node: &Node, statement: &Envelope) -> Result<control::Statement, Trouble> {
    // An operator may have handed it to any peer, whether this party decides by it or not.
    let peers = node.lines.values().map(|line| &line.peer);
    let trust = peers.fold(node.rules.configured.clone(), |trust, peer| {
        trust.with_registry(peer.name.clone(), peer.signing_key)
    });
    let said = consent::Statement::open(statement, &trust)
        .map_err(|error| Trouble::from_error("STATEMENT", &error))?;
    let said = said.statement();
    Ok(control::Statement {
        authorisation: said.authorisation.as_str().into(),
        version: said.version,
        state: state(said.state).into(),
        since_ms: milliseconds(said.since),
        registry: said.registry.to_string(),
        record_hash: said.record_hash.to_string(),
        issued_ms: milliseconds(said.issued_at),
    })
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

/// The time of these milliseconds since the Unix epoch.
pub(crate) fn time(ms: i64) -> Result<OffsetDateTime, Trouble> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .map_err(|error| Trouble::from_error("USAGE", &error))
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
