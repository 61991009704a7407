//! A run's record, as JSON and as the files that it left.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use control::messages;
use domain::{Answer, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::units::record;

/// A run as `--json` shows it.
#[derive(Debug, Serialize)]
pub struct RunRecord {
    id: String,
    protocol: String,
    role: String,
    peers: Vec<String>,
    ours: bool,
    state: String,
    phase: Sentence,
    /// UTC, RFC 3339.
    created: Option<String>,
    updated: Option<String>,
    terms: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<TroubleRecord>,
    #[serde(skip_serializing_if = "Value::is_null")]
    report: Value,
    #[serde(skip_serializing_if = "String::is_empty")]
    result: String,
}

#[derive(Debug, Serialize)]
struct TroubleRecord {
    code: String,
    side: String,
    en: String,
    zh: String,
}

/// A sentence as reports write it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Sentence {
    en: String,
    zh: String,
}

/// What we show of a private set intersection's report. A report of another version may lack some.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PsiReport {
    /// By which protocol it was found.
    pub protocol: String,
    /// Of our file or register.
    pub rows: u64,
    /// Rows that repeat an item.
    pub duplicates: u64,
    /// Rows without a valid identifier.
    pub bad_rows: u64,
    /// Distinct items of ours.
    pub items: u64,
    /// What we sent, with padding.
    pub items_sent: u64,
    /// What the peer sent, with padding.
    pub peer_items_sent: u64,
    /// How many items both have; none where we do not learn it.
    pub matches: Option<u64>,
    /// Of chunks, before TLS.
    pub chunk_bytes_sent: u64,
    /// Likewise.
    pub chunk_bytes_received: u64,
    /// From beginning to end.
    pub wall_s: f64,
    /// What our time went to.
    pub stages_s: BTreeMap<String, f64>,
    we_learned: Sentence,
    peer_learned: Sentence,
}

/// What we show of a batch's report.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BatchReport {
    /// How many there were.
    pub subjects: u64,
    /// Of whom there is no score, if that is known.
    pub without_bin: Option<u64>,
}

/// What we show of a match's report.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MatchReport {
    yes: u64,
    no: u64,
    unknown: u64,
    /// Whom the holder refused to answer about.
    pub refused: u64,
    /// Of whom the list claims nothing.
    pub unclaimed: u64,
}

impl MatchReport {
    /// Reads a report; `None` for what is none.
    pub fn read(report: &str) -> Option<Self> {
        serde_json::from_str(report).ok()
    }

    /// How many subjects have this answer.
    pub fn of(&self, answer: Answer) -> u64 {
        match answer {
            Answer::Yes => self.yes,
            Answer::No => self.no,
            Answer::Unknown => self.unknown,
        }
    }
}

impl BatchReport {
    /// Reads a report; `None` for what is none.
    pub fn read(report: &str) -> Option<Self> {
        serde_json::from_str(report).ok()
    }
}

impl PsiReport {
    /// Reads a report; `None` for what is none.
    pub fn read(report: &str) -> Option<Self> {
        serde_json::from_str(report).ok()
    }

    /// What this side learned.
    pub fn we_learned(&self) -> Text {
        self.we_learned.clone().into()
    }

    /// What the other side learned.
    pub fn peer_learned(&self) -> Text {
        self.peer_learned.clone().into()
    }
}

/// Where a run left its report: beside its result, or where its result would be.
pub fn report_file(dir: &Path, run: &messages::Run) -> Option<PathBuf> {
    let result = if !run.result.is_empty() {
        PathBuf::from(&run.result)
    } else if let Some(asked) = value(&run.terms)["result"].as_str() {
        PathBuf::from(asked)
    } else {
        dir.join("results").join(format!("{}.csv", run.id))
    };
    Some(result.with_extension("json")).filter(|report| report.exists())
}

impl From<messages::Run> for RunRecord {
    fn from(run: messages::Run) -> Self {
        let (protocol, role) = (run.protocol().to_string(), run.role().to_string());
        let state = run.state().to_string();
        let phase = run.phase.unwrap_or_default();
        Self {
            id: run.id,
            protocol,
            role,
            peers: run.peers,
            ours: run.ours,
            state,
            phase: Sentence { en: phase.en, zh: phase.zh },
            created: record(run.created_ms),
            updated: record(run.updated_ms),
            terms: value(&run.terms),
            trouble: run.trouble.map(TroubleRecord::from),
            report: value(&run.report),
            result: run.result,
        }
    }
}

impl From<messages::Trouble> for TroubleRecord {
    fn from(trouble: messages::Trouble) -> Self {
        let text = trouble.text.unwrap_or_default();
        Self { code: trouble.code, side: trouble.side, en: text.en, zh: text.zh }
    }
}

impl From<Sentence> for Text {
    fn from(Sentence { en, zh }: Sentence) -> Self {
        Self { en, zh }
    }
}

/// JSON inside a message; what is not JSON is shown as the text that it is.
fn value(text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

#[cfg(test)]
mod tests {
    use control::messages::{Run, Text, Trouble};

    use super::{PsiReport, RunRecord};

    #[test]
    fn a_record_is_flat_json_with_terms_and_report_as_objects() {
        let run = Run {
            id: "00ff".into(),
            created_ms: 1_700_000_000_123,
            terms: r#"{"peer":"tax"}"#.into(),
            report: r#"{"matches":3}"#.into(),
            ..Run::default()
        };
        let json = serde_json::to_value(RunRecord::from(run)).unwrap();
        assert_eq!(json["terms"]["peer"].as_str(), Some("tax"));
        assert_eq!(json["report"]["matches"].as_u64(), Some(3));
        assert_eq!(json["created"].as_str(), Some("2023-11-14T22:13:20.123Z"));
        assert!(json["updated"].is_null() && json.get("trouble").is_none());
    }

    #[test]
    fn a_failed_run_has_its_trouble_in_both_languages() {
        let text = Some(Text { en: "gone".into(), zh: "离开".into() });
        let trouble = Some(Trouble { code: "LOST".into(), text, side: "tax".into() });
        let json =
            serde_json::to_value(RunRecord::from(Run { trouble, ..Run::default() })).unwrap();
        assert_eq!(json["trouble"]["zh"].as_str(), Some("离开"));
        assert!(json.get("report").is_none());
    }

    #[test]
    fn a_report_that_lacks_something_is_read_all_the_same() {
        let report = PsiReport::read(r#"{"matches":2,"later":true}"#).unwrap();
        assert_eq!((report.matches, report.items), (Some(2), 0));
        assert!(PsiReport::read("no report").is_none());
    }
}
