//! What the lender is told of a training, and the file that it goes to.

use std::path::Path;
use std::time::Instant;

use consent::Job;
use registers::write_rows;
use serde_json::{Value, json};
use training::{Cost, Findings, Finished, Histogram, Model, Policy, Significance, Terms};
use wire::BinnedColumn;

use super::card::{self, Card};
use super::gathering::Gathering;
use super::material::ABSENT;
use crate::Trouble;
use crate::governance::jobs::show::warning;
use crate::runs::{Run, result_file};

/// What the lender knew before, and the clock.
pub(super) struct Began {
    pub(super) customers: u64,
    pub(super) bad: u64,
    pub(super) at: Instant,
}

/// Weights as their reader wants them, the intercept apart.
pub(super) struct Fit {
    pub(super) weights: Vec<f64>,
    pub(super) intercept: f64,
    /// How sure each is, the intercept last.
    pub(super) certain: Option<Vec<Significance>>,
    /// Whether the intercept is one whose standard error is known.
    is_as_fitted: bool,
}

impl Fit {
    fn of(weights: &[f64], certain: Option<Vec<Significance>>) -> Option<Self> {
        let (intercept, weights) = weights.split_last()?;
        let (weights, intercept) = (weights.to_vec(), *intercept);
        Some(Self { weights, intercept, certain, is_as_fitted: true })
    }

    /// The same fit over weights of evidence as they are, and not standardised.
    fn over_evidence(mut self, told: &[Vec<BinnedColumn>]) -> Self {
        for (at, column) in told.iter().flatten().enumerate() {
            let Some(weight) = self.weights.get_mut(at) else { break };
            *weight /= column.deviation;
            self.intercept -= *weight * column.mean;
            if let Some(one) = self.certain.as_mut().and_then(|all| all.get_mut(at)) {
                one.error /= column.deviation;
            }
        }
        // Its error would take the errors of all weights together.
        Self { is_as_fitted: false, ..self }
    }
}

/// The lender's report of a finished training, and the model file of a scorecard.
pub(super) fn of(
    gathering: &Gathering,
    run: &Run,
    began: &Began,
    finished: &Finished,
) -> (Value, Option<String>) {
    let job = &gathering.job;
    let rows = u64::from(job.rows.count);
    let trained = gathering.terms.training_rows() as u64;
    // Of held-out rows, as many are customers as of all.
    let customers = (began.customers * trained).div_ceil(rows.max(1));
    let weights = match &finished.model {
        Model::Opened(weights) => Some(weights.as_slice()),
        Model::AtTheLender | Model::Shared(_) => None,
    };
    let findings = finished.findings.as_ref();
    let certain = |findings: &Findings| findings.significances(weights?, customers);
    let fit = weights.and_then(|weights| Fit::of(weights, findings.and_then(certain)));
    let told = gathering.counting.as_ref();
    let told = told.and_then(|_| gathering.folder.told(job.contributions.len()));
    let fit = match (fit, &told) {
        (Some(fit), Some(told)) => Some(fit.over_evidence(told)),
        (fit, _) => fit,
    };
    let certain = fit.as_ref().and_then(|fit| fit.certain.as_ref());
    let of = |figure: fn(&Significance) -> f64| {
        certain.map(|all| all.iter().map(figure).collect::<Vec<f64>>())
    };
    let without_last = |mut all: Vec<f64>| {
        all.pop();
        all
    };
    let last = |figure: fn(&Significance) -> f64| {
        fit.as_ref().filter(|fit| fit.is_as_fitted)?;
        certain?.last().map(figure)
    };
    let (sent, received) = run.moved();
    let expected = expected(&gathering.terms, finished);
    let mut report = json!({
        "job": job.id,
        "digest": hex::encode(gathering.digest.as_bytes()),
        "rows": rows,
        "rows_trained_on": trained,
        "customers": began.customers,
        "bad": began.bad,
        "columns": columns(job),
        "intercept": fit.as_ref().map(|fit| fit.intercept),
        "weights": fit.as_ref().map(|fit| &fit.weights),
        "standard_errors": of(|one| one.error).map(without_last),
        "z": of(|one| one.z).map(without_last),
        "p": of(|one| one.p).map(without_last),
        "intercept_standard_error": last(|one| one.error),
        "intercept_z": last(|one| one.z),
        "intercept_p": last(|one| one.p),
        "evaluation": findings.and_then(|found| found.training.as_ref()).map(measured),
        "held_out": findings.and_then(|found| found.held_out.as_ref()).map(measured),
        "beyond_table": findings.map(|found| found.beyond_table),
        "passes": finished.passed.steps,
        "halved": finished.passed.halved,
        "converged": finished.passed.converged,
        "rounds": finished.traffic.rounds,
        "sent_on_shares": finished.traffic.total(),
        "expected_on_shares": expected.map(|cost| cost.bytes),
        "expected_rounds": expected.map(|cost| cost.rounds),
        "seconds": began.at.elapsed().as_secs_f64(),
        "sent_bytes": sent,
        "received_bytes": received,
        "warning": warning(),
    });
    if gathering.counting.is_none() {
        return (report, None);
    }
    // What goes wrong here costs the card, and not the model.
    let made = fit.zip(told).ok_or_else(super::not_gathering);
    let made = made.and_then(|(fit, told)| card::of(gathering, &told, &fit, &report));
    let card = match made {
        Ok(Card { file, report: told }) => {
            report["scorecard"] = told;
            file
        }
        Err(trouble) => {
            report["scorecard"] = json!({ "columns": [], "trouble": trouble.en });
            None
        }
    };
    (report, card)
}

/// What the protocol's SPEC says that the three who compute send one another, where it says so.
fn expected(terms: &Terms, finished: &Finished) -> Option<Cost> {
    let weights_alone = terms.policy == Policy::LenderLearns
        && terms.held_out_percent == 0
        && !(terms.standard_errors || terms.evaluation);
    let undisturbed = finished.passed.halved == 0;
    (weights_alone && undisturbed).then(|| terms.cost(finished.passed.sampled))
}

fn measured(histogram: &Histogram) -> Value {
    let total = |counts: &[u64]| counts.iter().sum::<u64>();
    let measures = histogram.measures();
    json!({
        "rows": histogram.rows(),
        "good": total(&histogram.good),
        "bad": total(&histogram.bad),
        "auc": measures.map(|found| found.auc),
        "ks": measures.map(|found| found.ks),
        "gini": measures.map(|found| found.gini),
        "lift": measures.map(|found| found.lift),
    })
}

/// Whose columns the weights are of, in their order.
fn columns(job: &Job) -> Vec<Value> {
    let all = job.contributions.iter().flat_map(|contribution| {
        let absent = contribution.absence.then_some(ABSENT);
        contribution.columns.iter().map(String::as_str).chain(absent).map(move |column| {
            json!({
                "party": contribution.party, "register": contribution.register, "column": column,
            })
        })
    });
    all.collect()
}

/// Writes the weights as a table, and beside it the report and a scorecard's model file.
pub(super) fn write(path: &Path, report: &mut Value, card: Option<&str>) -> Result<(), Trouble> {
    if let Some(card) = card {
        let path = path.with_extension("card.toml");
        result_file::write(&path, |file| file.write_all(card.as_bytes()))?;
        report["card"] = path.display().to_string().into();
    }
    let report = &*report;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let columns = report["columns"].as_array().cloned().unwrap_or_default();
    let number = |list: &Value, place: usize| {
        list.get(place).and_then(Value::as_f64).map(|number| number.to_string()).unwrap_or_default()
    };
    let figures = |place: usize| {
        ["weights", "standard_errors", "z", "p"].map(|list| number(&report[list], place))
    };
    let rows = columns.iter().enumerate().map(|(place, column)| {
        let named = ["party", "register", "column"].map(|part| text(&column[part]));
        named.into_iter().chain(figures(place)).collect::<Vec<String>>()
    });
    let alone = |name: &str| report[name].as_f64().map(|n| n.to_string()).unwrap_or_default();
    let intercept = [String::new(), String::new(), "intercept".to_owned()]
        .into_iter()
        .chain(["intercept", "intercept_standard_error", "intercept_z", "intercept_p"].map(alone))
        .collect::<Vec<String>>();
    let head = ["party", "register", "column", "weight", "standard_error", "z", "p"];
    let rows = rows.chain([intercept]);
    result_file::write(path, |file| write_rows(file, &head, rows))?;
    result_file::write(&path.with_extension("json"), |file| {
        file.write_all(report.to_string().as_bytes())
    })
}
