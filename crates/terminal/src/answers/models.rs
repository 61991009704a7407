//! What the service `Models` answers.

use control::messages::registration::Seen;
use control::messages::rule_finding::Limit;
use control::messages::{
    ColumnTrend, Contribution, HolderWord, Job, JobParty, JobReply, JobScorecard, JobsReply, Model,
    ModelFeature, ModelReply, ModelState, NotReached, Registration, RegistrationsReply,
    RuleFinding,
};
use domain::SubjectKind;
use serde_json::{Map, Value, json};

use super::{ToJson, each};

impl ToJson for ModelReply {
    fn to_json(&self) -> Value {
        changed(self.model.as_ref(), &self.not_reached)
    }
}

impl ToJson for JobReply {
    fn to_json(&self) -> Value {
        changed(self.job.as_ref(), &self.not_reached)
    }
}

/// What was changed, and who could not be told of it.
fn changed(of: Option<&impl ToJson>, not_reached: &[NotReached]) -> Value {
    let mut changed = of.map_or_else(|| json!({}), ToJson::to_json);
    changed["not_reached"] = each(not_reached).into();
    changed
}

impl ToJson for NotReached {
    fn to_json(&self) -> Value {
        let text = self.text.clone().unwrap_or_default();
        json!({ "party": self.party, "code": self.code, "en": text.en, "zh": text.zh })
    }
}

impl ToJson for RegistrationsReply {
    fn to_json(&self) -> Value {
        json!({ "models": each(&self.models) })
    }
}

impl ToJson for Registration {
    fn to_json(&self) -> Value {
        let mut model = json!({
            "model": self.model, "registration": self.registration,
            "part": self.part().to_string(), "platform": self.platform,
            "state": self.state().to_string(), "reason": self.reason,
            "changed_ms": self.changed_ms,
        });
        let more = match &self.seen {
            Some(Seen::AtPlatform(seen)) => {
                json!({ "holders": each(&seen.holders), "research": seen.research })
            }
            Some(Seen::AtHolder(seen)) => json!({
                "features": each(&seen.features), "slot": seen.slot, "holders": seen.holders,
                "lender_slot": seen.lender_slot, "max_points": seen.max_points,
                "valid_until": seen.valid_until, "research": seen.research,
                "figures": each(&seen.figures),
            }),
            None => json!({}),
        };
        if let (Some(model), Value::Object(more)) = (model.as_object_mut(), more) {
            model.extend(more);
        }
        model
    }
}

impl ToJson for HolderWord {
    fn to_json(&self) -> Value {
        json!({
            "holder": self.holder, "slot": self.slot, "state": said(self.state),
            "reason": self.reason,
        })
    }
}

/// The word for a state; none where nothing was said.
fn said(state: Option<i32>) -> Option<String> {
    state.map(|state| ModelState::try_from(state).unwrap_or_default().to_string())
}

impl ToJson for ModelFeature {
    fn to_json(&self) -> Value {
        json!({ "column": self.column, "bins": self.bins })
    }
}

impl ToJson for RuleFinding {
    fn to_json(&self) -> Value {
        let mut finding = json!({
            "rule": self.rule, "verdict": self.verdict().to_string(), "figure": self.figure,
        });
        match self.limit {
            Some(Limit::Least(least)) => finding["least"] = least.into(),
            Some(Limit::Most(most)) => finding["most"] = most.into(),
            None => {}
        }
        let mut place = Map::new();
        for (name, word) in [("holder", &self.holder), ("column", &self.column), ("bin", &self.bin)]
        {
            if let Some(word) = word {
                place.insert(name.into(), word.as_str().into());
            }
        }
        if let Some(spans) = self.spans_up_to {
            place.insert("spans_up_to".into(), spans.into());
        }
        // Nothing stands for the whole model.
        if !place.is_empty() {
            finding["where"] = place.into();
        }
        finding
    }
}

impl ToJson for Model {
    fn to_json(&self) -> Value {
        json!({
            "model": self.model, "digest": self.digest, "part": self.part().to_string(),
            "lender": self.lender, "platform": self.platform, "holders": self.holders,
            "retired": self.retired,
        })
    }
}

impl ToJson for JobsReply {
    fn to_json(&self) -> Value {
        json!({ "jobs": each(&self.jobs) })
    }
}

impl ToJson for Job {
    fn to_json(&self) -> Value {
        let computing = self.computing.clone().unwrap_or_default();
        let training = self.training.unwrap_or_default();
        let outputs = self.outputs.unwrap_or_default();
        let warning = self.warning.clone().unwrap_or_default();
        let kind = SubjectKind::try_from(self.kind()).map(SubjectKind::code).ok();
        let label = self.label.clone().unwrap_or_default();
        let mut told = json!({
            "register": label.register, "column": label.column, "meaning": label.meaning,
        });
        if let Some(weight) = label.weight {
            told["weight"] = weight.into();
        }
        json!({
            "job": self.job, "digest": self.digest, "proposer": self.proposer,
            "state": self.state().to_string(), "reason": self.reason, "trained": self.trained,
            "changed_ms": self.changed_ms, "valid_until": self.valid_until,
            "purpose": self.purpose().to_string(), "rows": self.rows, "kind": kind,
            "cover": self.cover,
            "computing": {
                "department": computing.department, "platform": computing.platform,
                "lender": computing.lender,
            },
            "label": told,
            "contributions": each(&self.contributions),
            "training": {
                "ridge": training.ridge, "newton_steps": training.newton_steps,
                "held_out_percent": training.held_out_percent,
            },
            "outputs": {
                "weights": outputs.weights().to_string(),
                "standard_errors": outputs.standard_errors, "evaluation": outputs.evaluation,
            },
            "parties": each(&self.parties),
            "warning": { "en": warning.en, "zh": warning.zh },
            "scorecard": self.scorecard.as_ref().map(ToJson::to_json),
        })
    }
}

impl ToJson for JobScorecard {
    fn to_json(&self) -> Value {
        let column = |own: &ColumnTrend| {
            json!({
                "party": own.party, "column": own.column, "trend": own.trend().to_string(),
            })
        };
        json!({
            "prebins": self.prebins, "most_bins": self.most_bins,
            "least_percent": self.least_percent, "trend": self.trend().to_string(),
            "trends": self.trends.iter().map(column).collect::<Vec<_>>(),
            "base_score": self.base_score, "base_odds": self.base_odds, "pdo": self.pdo,
        })
    }
}

impl ToJson for Contribution {
    fn to_json(&self) -> Value {
        json!({
            "party": self.party, "register": self.register, "columns": self.columns,
            "missing": self.missing().to_string(), "absence": self.absence,
        })
    }
}

impl ToJson for JobParty {
    fn to_json(&self) -> Value {
        let roles: Vec<String> = self.roles().map(|role| role.to_string()).collect();
        json!({
            "party": self.party, "state": said(self.state), "reason": self.reason, "roles": roles,
        })
    }
}

#[cfg(test)]
mod tests {
    use control::messages::rule_finding::Verdict;
    use scorecard::admission::Finding;

    use super::*;

    #[test]
    fn a_figure_reads_as_the_finding_that_registrations_carry() {
        let figure = RuleFinding {
            rule: "bin_share".into(),
            verdict: Verdict::Broken.into(),
            figure: Some(0.01),
            limit: Some(Limit::Least(0.05)),
            holder: Some("tax".into()),
            column: Some("vat".into()),
            bin: Some("missing".into()),
            spans_up_to: None,
        };
        let rule = scorecard::admission::Rule::ALL[0];
        let figure = RuleFinding { rule: rule.code().into(), ..figure };
        let finding: Finding = serde_json::from_value(figure.to_json()).unwrap();
        assert_eq!(serde_json::to_value(finding).unwrap(), figure.to_json());
        let whole = RuleFinding {
            rule: rule.code().into(),
            limit: Some(Limit::Most(1.0)),
            verdict: Verdict::Unknown.into(),
            ..RuleFinding::default()
        };
        let finding: Finding = serde_json::from_value(whole.to_json()).unwrap();
        assert_eq!(serde_json::to_value(finding).unwrap(), whole.to_json());
    }

    #[test]
    fn a_party_that_has_said_nothing_has_no_state() {
        let silent = JobParty { party: "bank".into(), ..JobParty::default() };
        assert_eq!(
            silent.to_json(),
            json!({ "party": "bank", "state": null, "reason": null, "roles": [] })
        );
        let state = Some(ModelState::Refused.into());
        let refused = JobParty { state, roles: vec![2, 5], ..silent };
        assert_eq!(
            (&refused.to_json()["state"], &refused.to_json()["roles"]),
            (&json!("refused"), &json!(["department", "contributor"]))
        );
    }
}
