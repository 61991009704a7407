//! What a bench measured: one JSON object a line, the same shape for every bench.

use std::collections::BTreeMap;

use control::messages::StatusReply;
use domain::Text;
use serde::Serialize;
use terminal::units::{as_float, bytes, seconds};
use terminal::{Table, Voice};

use crate::phrases;

/// One measurement. What a bench does not measure is not there.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Record {
    /// Which bench.
    pub(crate) bench: &'static str,
    /// Which protocol, or which form of it.
    pub(crate) protocol: &'static str,
    /// Of VOLE: whether it ran in the checked variant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) checked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) right: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) overlap: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) firms: Option<u32>,
    /// Of each holder, and the bins of each feature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) features: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bins: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) holders: Option<u32>,
    /// Of the formula.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) atoms: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) matches: Option<u64>,
    /// Of a list of claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<u32>,
    /// Of all holders together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) columns: Option<u32>,
    /// Round trip, injected between all parties.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u32>,
    /// How many results differ from what is known to be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wrong: Option<u64>,
    /// From the operator's call to its last answer.
    pub(crate) wall_s: f64,
    /// Of a training: from the first upload to the opened model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trained_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) passes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rounds: Option<u64>,
    /// Of the chunks of all three that compute, before TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sent_on_shares: Option<u64>,
    /// What the SPEC says of them, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected_on_shares: Option<u64>,
    /// Of the lender's chunks, before TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lender_sent_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lender_received_bytes: Option<u64>,
    /// The largest difference of a weight from the one in clear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) farthest_weight: Option<f64>,
    /// Over all lines, TLS and the list included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes_per_score: Option<f64>,
    /// Of single answers, where there are many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) p50_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) p99_ms: Option<f64>,
    /// What the design asks of the median, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target_ms: Option<f64>,
    /// Of the first answer, before anything is warm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_ms: Option<f64>,
    /// What handing a key over took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_bytes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_ms: Option<f64>,
    /// What the time of each of two sides went to, in seconds; the asker's first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stages: Option<[Stages; 2]>,
    pub(crate) parties: Vec<PartyCost>,
}

/// Seconds by stage.
pub(crate) type Stages = BTreeMap<String, f64>;

/// What one party spent between two moments.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PartyCost {
    pub(crate) name: String,
    /// User and system time.
    pub(crate) cpu_s: f64,
    /// The largest resident set since the process began.
    pub(crate) peak_mib: f64,
    /// Over all peer connections, TLS included.
    pub(crate) sent_bytes: u64,
    pub(crate) received_bytes: u64,
}

impl PartyCost {
    /// What a party spent between two answers to "what have you used so far?".
    pub(crate) fn between(before: &StatusReply, after: &StatusReply) -> Self {
        Self {
            name: after.name.clone(),
            cpu_s: after.cpu_s - before.cpu_s,
            peak_mib: as_float(after.peak_kib) / 1024.0,
            sent_bytes: after.sent_bytes.saturating_sub(before.sent_bytes),
            received_bytes: after.received_bytes.saturating_sub(before.received_bytes),
        }
    }
}

impl Record {
    /// The parties as a table.
    pub(crate) fn table(&self, voice: Voice) -> Vec<String> {
        let heads = [
            phrases::head_party(),
            phrases::head_cpu(),
            phrases::head_peak(),
            phrases::head_sent(),
            phrases::head_received(),
        ];
        let mut table = Table::new(voice.language(), &heads).right(&[1, 2, 3, 4]);
        for party in &self.parties {
            table.row(vec![
                party.name.clone(),
                seconds(party.cpu_s),
                format!("{:.1} MiB", party.peak_mib),
                bytes(party.sent_bytes),
                bytes(party.received_bytes),
            ]);
        }
        table.lines()
    }

    /// What each side's time went to, as a table; no line where that was not measured.
    pub(crate) fn stages_table(&self, voice: Voice) -> Vec<String> {
        let Some(sides) = &self.stages else { return Vec::new() };
        let mut heads = vec![phrases::head_stage()];
        heads.extend(
            self.parties.iter().flat_map(|party| {
                [phrases::head_seconds(party.name.clone()), phrases::head_share()]
            }),
        );
        let mut table = Table::new(voice.language(), &heads).right(&[1, 2, 3, 4]);
        let mut known: Vec<(&str, Text)> = phrases::stages();
        known.retain(|(stage, _)| sides.iter().any(|side| side.contains_key(*stage)));
        for (stage, name) in known {
            let mut cells = vec![voice.words(&name).to_owned()];
            for side in sides {
                let (spent, all) =
                    (side.get(stage).copied().unwrap_or(0.0), side.values().sum::<f64>());
                cells.extend([format!("{spent:.3}"), format!("{:.1} %", 100.0 * spent / all)]);
            }
            table.row(cells);
        }
        table.lines()
    }
}

#[cfg(test)]
mod tests {
    use control::messages::StatusReply;

    use super::{PartyCost, Record};

    fn cost() -> PartyCost {
        let before = StatusReply { cpu_s: 0.5, sent_bytes: 100, ..StatusReply::default() };
        let after = StatusReply {
            name: "left".into(),
            cpu_s: 2.0,
            peak_kib: 1536,
            sent_bytes: 350,
            received_bytes: 7,
            ..StatusReply::default()
        };
        PartyCost::between(&before, &after)
    }

    #[test]
    fn a_psi_record_has_the_published_shape() {
        let record = Record {
            bench: "psi",
            protocol: "ecdh",
            output: Some("one-sided"),
            left: Some(1_000),
            right: Some(10),
            overlap: Some(0.5),
            matches: Some(5),
            wrong: Some(0),
            wall_s: 0.25,
            parties: vec![cost()],
            ..Record::default()
        };
        assert_eq!(
            serde_json::to_string(&record).unwrap(),
            "{\"bench\":\"psi\",\"protocol\":\"ecdh\",\"output\":\"one-sided\",\"left\":1000,\
             \"right\":10,\"overlap\":0.5,\"matches\":5,\"wrong\":0,\"wall_s\":0.25,\"parties\":[\
             {\"name\":\"left\",\"cpu_s\":1.5,\"peak_mib\":1.5,\"sent_bytes\":250,\
             \"received_bytes\":7}]}"
        );
    }

    #[test]
    fn a_record_of_single_answers_has_percentiles_and_no_sizes() {
        let record = Record { p50_ms: Some(1.5), p99_ms: Some(4.0), ..Record::default() };
        let json = serde_json::to_value(&record).unwrap();
        assert_eq!(json["p99_ms"].as_f64(), Some(4.0));
        assert!(json.get("left").is_none());
    }
}
