//! The shape of a job's file, and the line of what is wrong in it.

use std::path::PathBuf;

use domain::{CheckMode, ModelId, PartyId, Purpose, SubjectKind};
use serde::Deserialize;
use time::Date;
use time::macros::format_description;
use toml::{Spanned, Value};

use super::{JobFile, RowsFile};
use crate::Error;
use crate::job::{
    Computing, Contribution, Label, Missing, Outputs, Training, Weights, rules, scorecard,
};

mod scorecard_form;

use scorecard_form::ScorecardForm;

pub(super) fn read(text: &str) -> Result<JobFile, Error> {
    let at = |start: Option<usize>, problem: &str| Error::JobFile {
        line: start
            .and_then(|start| text.get(..start))
            .map(|before| before.matches('\n').count() + 1),
        problem: problem.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
    };
    let form: Form = toml::from_str(text)
        .map_err(|error| at(error.span().map(|span| span.start), error.message()))?;
    form.parse().map_err(|(start, problem)| at(start, problem))
}

/// Where a rule is broken, in bytes from the start, and the rule.
type Fault = (Option<usize>, &'static str);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    job: ModelId,
    purpose: Purpose,
    valid_until: Day,
    computing: Spanned<Computing>,
    rows: RowsForm,
    label: Spanned<Label>,
    #[serde(default)]
    columns: Vec<Spanned<ColumnsForm>>,
    #[serde(default)]
    training: TrainingForm,
    scorecard: Option<Spanned<ScorecardForm>>,
    #[serde(default)]
    outputs: OutputsForm,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowsForm {
    file: PathBuf,
    column: String,
    kind: SubjectKind,
    #[serde(default)]
    check: CheckMode,
    cover: Option<Whole<1, 16>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnsForm {
    party: PartyId,
    register: String,
    names: Vec<String>,
    missing: Option<Missing>,
    #[serde(default)]
    absence: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrainingForm {
    ridge: Option<Ridge>,
    newton_steps: Option<Whole<3, 12>>,
    held_out_percent: Option<Whole<0, 50>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputsForm {
    weights: Option<Weights>,
    standard_errors: Option<Spanned<bool>>,
    evaluation: Option<bool>,
}

impl Form {
    fn parse(self) -> Result<JobFile, Fault> {
        let Self { job, purpose, valid_until, computing, rows, label, columns, .. } = self;
        let Self { training, scorecard, outputs, .. } = self;
        let is_scorecard = scorecard.is_some();
        let computing = sound(computing, rules::computing)?;
        let (kind, lender) = (rows.kind, &computing.lender);
        let label = sound(label, |label| rules::label(label, kind))?;
        let contributions = columns
            .into_iter()
            .map(|columns| {
                let start = columns.span().start;
                let own = columns.into_inner().parse(is_scorecard);
                rules::contribution(&own, kind, lender)
                    .and_then(|()| rules::label_apart(&label, std::slice::from_ref(&own), lender))
                    .map_err(|rule| (Some(start), rule))?;
                Ok(own)
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        rules::contributions(&contributions, lender).map_err(|rule| (None, rule))?;
        let outputs = outputs.parse()?;
        let start = scorecard.as_ref().map(|form| form.span().start);
        let scorecard = scorecard.map(|form| form.into_inner().parse());
        scorecard::parts(scorecard.as_ref(), &contributions, &outputs)
            .map_err(|rule| (start, rule))?;
        Ok(JobFile {
            id: job,
            purpose,
            valid_until: valid_until.0,
            rows: rows.parse(),
            label,
            contributions,
            training: training.parse(),
            scorecard,
            outputs,
            computing,
        })
    }
}

impl RowsForm {
    fn parse(self) -> RowsFile {
        let Self { file, column, kind, check, cover } = self;
        RowsFile { file, column, kind, check, cover: cover.map(|cover| cover.0) }
    }
}

impl ColumnsForm {
    /// What is not said of missing values is what goes with the model.
    fn parse(self, is_scorecard: bool) -> Contribution {
        let Self { party, register, names, missing, absence } = self;
        let usual = if is_scorecard { Missing::Bin } else { Missing::Refuse };
        let missing = missing.unwrap_or(usual);
        Contribution { party, register, columns: names, missing, absence }
    }
}

impl TrainingForm {
    fn parse(self) -> Training {
        Training {
            ridge_millionths: self.ridge.map_or(1_000, |ridge| ridge.0),
            newton_steps: self.newton_steps.map_or(3, |steps| steps.0),
            held_out_percent: self.held_out_percent.map_or(30, |percent| percent.0),
        }
    }
}

impl OutputsForm {
    /// What is not said opens, as far as it goes with what is.
    fn parse(self) -> Result<Outputs, Fault> {
        let weights = self.weights.unwrap_or(Weights::Lender);
        let start = self.standard_errors.as_ref().map(|said| said.span().start);
        let standard_errors = match (self.standard_errors, weights) {
            (Some(said), Weights::Lender | Weights::Nobody) => said.into_inner(),
            (None, Weights::Lender) => true,
            (None, Weights::Nobody) => false,
        };
        let evaluation = self.evaluation.unwrap_or(true);
        let outputs = Outputs { weights, standard_errors, evaluation };
        rules::outputs(&outputs).map_err(|rule| (start, rule))?;
        Ok(outputs)
    }
}

/// The part, if it keeps its rule; else where it begins.
fn sound<T>(part: Spanned<T>, rule: impl Fn(&T) -> Result<(), &'static str>) -> Result<T, Fault> {
    rule(part.as_ref()).map_err(|rule| (Some(part.span().start), rule))?;
    Ok(part.into_inner())
}

/// A day, in quotes.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
struct Day(Date);

impl TryFrom<Value> for Day {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let form = format_description!("[year]-[month]-[day]");
        let date = value.as_str().and_then(|text| Date::parse(text, form).ok());
        date.map(Self).ok_or("`valid_until` is a date in quotes, like \"2027-06-30\"")
    }
}

/// A whole number within bounds.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
struct Whole<const LOW: u8, const HIGH: u8>(u8);

impl<const LOW: u8, const HIGH: u8> TryFrom<Value> for Whole<LOW, HIGH> {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let number = value.as_integer().and_then(|number| u8::try_from(number).ok());
        let within = number.filter(|number| (LOW..=HIGH).contains(number));
        within.map(Self).ok_or_else(|| format!("a whole number from {LOW} to {HIGH} expected"))
    }
}

/// A ridge, in millionths.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
struct Ridge(u32);

impl TryFrom<Value> for Ridge {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        #[expect(clippy::cast_precision_loss, reason = "beyond 2^53 it is out of bounds")]
        let number = value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64));
        // A number of at most six decimals is the double nearest to its millionths.
        let exact = |ridge: f64| {
            #[expect(clippy::cast_possible_truncation, reason = "it is at most 1")]
            #[expect(clippy::cast_sign_loss, reason = "it is above 0")]
            let millionths = (ridge * 1e6).round() as u32;
            (f64::from(millionths) / 1e6 == ridge).then_some(millionths)
        };
        let within = number.filter(|ridge| (0.0001..=1.0).contains(ridge));
        within
            .and_then(exact)
            .map(Self)
            .ok_or("a ridge is a number from 0.0001 to 1 with at most six decimals, like 0.001")
    }
}
