//! What the service `Audit` answers.

use control::messages::self_report_line::Event;
use control::messages::traced::Of;
use control::messages::{
    Alarm, DepositReply, DepositsReply, Discrepancy, InclusionProof, IntersectionUse, KeptDeposit,
    Question, ReceiptReply, ReconcileReply, ReleasedAnswer, SelfReportLine, SelfReportReply,
    Traced, TrainingRecord, TrainingUse, UsageLine, UsageReply, VerifyLogReply,
};
use serde_json::{Value, json};

use super::{ToJson, each, joined};
use crate::units::instant;

impl ToJson for UsageReply {
    fn to_json(&self) -> Value {
        json!({
            "from": instant(self.from_ms), "until": instant(self.until_ms),
            "released": self.released, "lines": each(&self.lines),
            "intersections": each(&self.intersections), "trainings": each(&self.trainings),
        })
    }
}

impl ToJson for UsageLine {
    fn to_json(&self) -> Value {
        json!({
            "class": joined(&self.classes), "lender": self.lender,
            "purpose": self.purpose().to_string(), "output": self.output().to_string(),
            "count": self.count,
        })
    }
}

impl ToJson for IntersectionUse {
    fn to_json(&self) -> Value {
        json!({
            "peer": self.peer, "register": self.register, "runs": self.runs, "items": self.items,
            "aggregates": self.aggregates,
        })
    }
}

impl ToJson for TrainingUse {
    fn to_json(&self) -> Value {
        json!({
            "time": instant(self.time_ms), "run": self.run, "job": self.job,
            "digest": self.digest, "lender": self.lender, "purpose": self.purpose().to_string(),
            "rows": self.rows, "change": self.change().to_string(),
        })
    }
}

impl ToJson for SelfReportReply {
    fn to_json(&self) -> Value {
        json!({ "subject": self.subject, "lines": each(&self.lines) })
    }
}

impl ToJson for SelfReportLine {
    fn to_json(&self) -> Value {
        let mut line = match &self.event {
            Some(Event::Refused(refused)) => {
                let mut line = question("refused", refused.asked.as_ref());
                line["refusal"] = refused.refusal.as_str().into();
                line
            }
            Some(Event::ReleaseBegun(answer)) => released("release_begun", answer),
            Some(Event::Released(answer)) => released("released", answer),
            Some(Event::ReleaseNotCompleted(run)) => {
                json!({ "event": "release_not_completed", "run": run })
            }
            Some(Event::Authorisation(event)) => json!({
                "event": format!("authorisation {}", event.change),
                "authorisation": event.authorisation, "version": event.version,
            }),
            Some(Event::SelfReport(lines)) => json!({ "event": "self_report", "lines": lines }),
            Some(Event::Other(word)) => json!({ "event": word }),
            // An event of a later version.
            None => json!({}),
        };
        line["time"] = instant(self.time_ms).into();
        line
    }
}

fn released(event: &str, answer: &ReleasedAnswer) -> Value {
    let mut line = question(event, answer.asked.as_ref());
    line["authorisation"] = answer.authorisation.clone().into();
    line
}

fn question(event: &str, asked: Option<&Question>) -> Value {
    let Some(asked) = asked else { return json!({ "event": event }) };
    json!({
        "event": event, "receiver": asked.receiver, "purpose": asked.purpose().to_string(),
        "output": asked.output().to_string(), "classes": joined(&asked.classes), "run": asked.run,
    })
}

impl ToJson for VerifyLogReply {
    fn to_json(&self) -> Value {
        json!({ "records": self.records, "root": self.root, "confirmed": self.confirmed })
    }
}

impl ToJson for InclusionProof {
    fn to_json(&self) -> Value {
        let record: Value = serde_json::from_slice(&self.record).unwrap_or_default();
        json!({
            "seq": self.seq, "size": self.size, "root": self.root, "proof": self.proof,
            "record": record, "checkpoint": self.checkpoint,
        })
    }
}

impl ToJson for Traced {
    fn to_json(&self) -> Value {
        let mut traced = match &self.of {
            Some(Of::Release(release)) => json!({
                "receipt": release.receipt, "source": release.source,
                "legal_basis": release.legal_basis().to_string(), "authorisation": release.authorisation,
                "version": release.version, "fields": release.fields,
                "output": release.output().to_string(), "released": instant(release.released_ms),
                "seq": release.seq,
            }),
            Some(Of::Training(training)) => {
                json!({ "job": training.job, "records": each(&training.records) })
            }
            None => json!({}),
        };
        traced["run"] = self.run.as_str().into();
        traced["holder"] = self.holder.as_str().into();
        traced["model"] = self.model.clone().into();
        traced["platform"] = self.platform.clone().into();
        traced["receiver"] = self.receiver.as_str().into();
        traced["purpose"] = self.purpose().to_string().into();
        traced
    }
}

impl ToJson for TrainingRecord {
    fn to_json(&self) -> Value {
        let change = self.change().to_string();
        json!({ "seq": self.seq, "time": instant(self.time_ms), "change": change })
    }
}

impl ToJson for ReconcileReply {
    fn to_json(&self) -> Value {
        json!({
            "releases": self.releases, "records": self.records, "findings": each(&self.findings),
        })
    }
}

impl ToJson for Discrepancy {
    fn to_json(&self) -> Value {
        let mut finding = json!({ "kind": self.kind().to_string() });
        if let Some(run) = &self.run {
            finding["run"] = run.as_str().into();
        }
        if let Some(seq) = self.seq {
            finding["seq"] = seq.into();
        }
        if let Some(receipt) = &self.receipt {
            finding["receipt"] = receipt.as_str().into();
        }
        finding
    }
}

impl ToJson for DepositReply {
    fn to_json(&self) -> Value {
        json!({ "size": self.size, "root": self.root, "supervisor": self.supervisor })
    }
}

impl ToJson for DepositsReply {
    fn to_json(&self) -> Value {
        json!({ "deposits": each(&self.deposits), "alarms": each(&self.alarms) })
    }
}

impl ToJson for KeptDeposit {
    fn to_json(&self) -> Value {
        json!({ "party": self.party, "size": self.size, "kept": instant(self.kept_ms) })
    }
}

impl ToJson for Alarm {
    fn to_json(&self) -> Value {
        let text = self.text.clone().unwrap_or_default();
        json!({
            "party": self.party, "code": self.code, "en": text.en, "zh": text.zh,
            "first": instant(self.first_ms), "last": instant(self.last_ms), "times": self.times,
            "note": self.note,
        })
    }
}

impl ToJson for ReceiptReply {
    fn to_json(&self) -> Value {
        json!({ "proofs": self.proofs })
    }
}

#[cfg(test)]
mod tests {
    use control::messages::discrepancy::Kind;
    use control::messages::{LegalBasisKind, Purpose, TracedRelease};

    use super::*;

    #[test]
    fn an_answer_has_the_names_that_the_commands_document_and_nothing_that_it_does_not_say() {
        let release = TracedRelease {
            receipt: "sha256:aa".into(),
            legal_basis: LegalBasisKind::JointModelling.into(),
            released_ms: 1_700_000_000_120,
            ..TracedRelease::default()
        };
        let traced = Traced {
            run: "00ff".into(),
            purpose: Purpose::PreLoan.into(),
            of: Some(Of::Release(release)),
            ..Traced::default()
        };
        let traced = traced.to_json();
        assert_eq!(
            (&traced["legal_basis"], &traced["purpose"]),
            (&"joint_modelling".into(), &"pre_loan".into())
        );
        // As records write a time: no digit that says nothing.
        assert_eq!(traced["released"], "2023-11-14T22:13:20.12Z");
        assert!(traced["model"].is_null() && traced.get("records").is_none());
        let finding =
            Discrepancy { kind: Kind::NeverClosed.into(), seq: Some(7), ..Discrepancy::default() };
        assert_eq!(finding.to_json(), json!({ "kind": "never_closed", "seq": 7 }));
    }

    #[test]
    fn a_line_of_a_report_says_what_its_event_says() {
        let asked =
            Question { receiver: "bank".into(), classes: vec![1, 29], ..Question::default() };
        let answer = ReleasedAnswer { asked: Some(asked), authorisation: None };
        let event = Some(Event::Released(answer));
        let line = SelfReportLine { time_ms: 1_700_000_000_000, event }.to_json();
        assert_eq!((&line["event"], &line["classes"]), (&"released".into(), &"1, 29".into()));
        assert_eq!(line["time"], "2023-11-14T22:13:20Z");
        assert!(line["authorisation"].is_null() && line.get("refusal").is_none());
    }
}
