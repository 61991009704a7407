//! A finding as JSON: what registrations carry and `tacit model check --json` prints.

use domain::Slot;
use serde::{Deserialize, Serialize};

use crate::admission::{FigureOf, Finding, Limit, Rule, Verdict};

/// `{"rule", "verdict", "figure", "least" or "most", "where"}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    rule: String,
    verdict: Verdict,
    figure: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    least: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    most: Option<f64>,
    #[serde(rename = "where", default, skip_serializing_if = "WhereForm::is_model")]
    place: WhereForm,
}

/// Empty for the whole model.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhereForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holder: Option<Slot>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spans_up_to: Option<u16>,
}

impl WhereForm {
    fn is_model(&self) -> bool {
        self.holder.is_none() && self.spans_up_to.is_none()
    }
}

impl From<Finding> for Form {
    fn from(finding: Finding) -> Self {
        let (least, most) = match finding.limit {
            Limit::Least(least) => (Some(least), None),
            Limit::Most(most) => (None, Some(most)),
        };
        let place = match finding.place {
            FigureOf::Model => WhereForm::default(),
            FigureOf::Holder(slot) => WhereForm { holder: Some(slot), ..WhereForm::default() },
            FigureOf::Feature(slot, column) => {
                WhereForm { holder: Some(slot), column: Some(column), ..WhereForm::default() }
            }
            FigureOf::Bin(slot, column, bin) => WhereForm {
                holder: Some(slot),
                column: Some(column),
                bin: Some(bin),
                spans_up_to: None,
            },
            FigureOf::Below(span) => WhereForm { spans_up_to: Some(span), ..WhereForm::default() },
        };
        let rule = finding.rule.code().into();
        Self { rule, verdict: finding.verdict, figure: finding.figure, least, most, place }
    }
}

impl TryFrom<Form> for Finding {
    type Error = &'static str;

    fn try_from(form: Form) -> Result<Self, Self::Error> {
        let Form { rule, verdict, figure, least, most, place } = form;
        let rule = Rule::ALL.iter().copied().find(|known| known.code() == rule);
        let limit = match (least, most) {
            (Some(least), None) => Limit::Least(least),
            (None, Some(most)) => Limit::Most(most),
            (Some(_), Some(_)) | (None, None) => return Err("either `least` or `most` is stated"),
        };
        let WhereForm { holder, column, bin, spans_up_to } = place;
        let place = match (holder, column, bin, spans_up_to) {
            (None, None, None, None) => FigureOf::Model,
            (None, None, None, Some(span)) => FigureOf::Below(span),
            (Some(slot), None, None, None) => FigureOf::Holder(slot),
            (Some(slot), Some(column), None, None) => FigureOf::Feature(slot, column),
            (Some(slot), Some(column), Some(bin), None) => FigureOf::Bin(slot, column, bin),
            _ => return Err("`where` names a holder, its column, a bin of it, or a span"),
        };
        let rule = rule.ok_or("`rule` is a rule of admission, like R3.holders")?;
        Ok(Self { rule, place, figure, limit, verdict })
    }
}
