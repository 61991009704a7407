//! What a training's report says.

use domain::Text;
use serde::Deserialize;

/// A training's report. One of another version may lack some.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TrainingReport {
    /// The job, NAME@VERSION.
    pub job: String,
    /// How many there were.
    pub rows: u64,
    /// How many of the rows were not held out.
    pub rows_trained_on: u64,
    /// How many of all rows are customers of the lender, and how many of these did not repay.
    pub customers: Option<u64>,
    /// How many of these did not repay.
    pub bad: Option<u64>,
    /// In the order of the weights.
    pub columns: Vec<Column>,
    /// One a column; none where they stay in shares.
    pub weights: Option<Vec<f64>>,
    /// None where it stays in shares.
    pub intercept: Option<f64>,
    standard_errors: Option<Vec<Option<f64>>>,
    z: Option<Vec<Option<f64>>>,
    p: Option<Vec<Option<f64>>>,
    intercept_standard_error: Option<f64>,
    intercept_z: Option<f64>,
    intercept_p: Option<f64>,
    /// On the rows that were trained on.
    pub evaluation: Option<Evaluation>,
    /// On those that were held out.
    pub held_out: Option<Evaluation>,
    /// Over all rows.
    pub passes: u64,
    /// Newton steps that were halved.
    pub halved: u64,
    /// Whether it did, where that is known.
    pub converged: Option<bool>,
    /// Rows whose logit lies beyond the table of probabilities, where the lender learns it.
    pub beyond_table: Option<u64>,
    /// From the first upload to the opened model.
    pub seconds: f64,
    /// Of chunks, before TLS.
    pub sent_bytes: u64,
    /// Likewise.
    pub received_bytes: u64,
    /// Of the computation.
    pub rounds: u64,
    /// What this party sent in the computation.
    pub sent_on_shares: Option<u64>,
    /// What all three are to send in it, and in how many rounds, where the SPEC says so.
    pub expected_on_shares: Option<u64>,
    /// In how many rounds they are to send it.
    pub expected_rounds: Option<u64>,
    /// The model file of a scorecard, where the model is one.
    pub card: Option<String>,
    /// What it says of its columns.
    pub scorecard: Option<ScorecardReport>,
    warning: Sentence,
}

/// What a training's report says of its scorecard.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ScorecardReport {
    /// In the order of the weights.
    pub columns: Vec<ScoredColumn>,
    /// Why there is no card, where there is none.
    pub trouble: Option<String>,
}

/// A binned column.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ScoredColumn {
    /// Whose it is.
    pub party: String,
    /// Its name in the job.
    pub column: String,
    /// Its information value.
    pub iv: f64,
    /// Its weight over weights of evidence.
    pub coef: f64,
    /// Whether that is not above 0: worse bins would score better.
    pub wrong_sign: bool,
    /// Whether its information value is so low that it hardly tells good from bad.
    pub weak: bool,
    /// Its bins, that of missing values last.
    pub bins: Vec<ScoredBin>,
}

/// A bin of a column.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ScoredBin {
    /// What it takes.
    pub bin: String,
    /// Its good rows; none where it was counted with another.
    pub good: Option<u64>,
    /// Its bad rows.
    pub bad: Option<u64>,
    /// Its weight of evidence.
    pub woe: f64,
    /// Its points.
    pub points: Option<u64>,
}

/// A column of the model.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Column {
    /// Whose it is.
    pub party: String,
    /// Of which register.
    pub register: String,
    /// Its name.
    pub column: String,
}

/// How well the model tells bad rows from good.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Evaluation {
    /// How many there were.
    pub rows: u64,
    /// None where all rows are of one class.
    pub auc: Option<f64>,
    /// None where all rows are of one class.
    pub ks: Option<f64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Sentence {
    en: String,
    zh: String,
}

/// How certain a weight is, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Certainty {
    /// Its standard error.
    pub error: Option<f64>,
    /// Its distance from 0 in standard errors.
    pub z: Option<f64>,
    /// How probable one as far from 0 is.
    pub p: Option<f64>,
}

impl TrainingReport {
    /// Reads a report; `None` for what is none.
    pub fn read(report: &str) -> Option<Self> {
        serde_json::from_str(report).ok()
    }

    /// How certain the weight of a column is.
    pub fn certainty(&self, column: usize) -> Certainty {
        let of = |all: &Option<Vec<Option<f64>>>| all.as_ref()?.get(column).copied().flatten();
        Certainty { error: of(&self.standard_errors), z: of(&self.z), p: of(&self.p) }
    }

    /// How certain the intercept is.
    pub const fn certainty_of_intercept(&self) -> Certainty {
        let Self { intercept_standard_error: error, intercept_z: z, intercept_p: p, .. } = self;
        Certainty { error: *error, z: *z, p: *p }
    }

    /// The weights with the intercept last; `None` where they stay in shares.
    pub fn model(&self) -> Option<Vec<f64>> {
        let mut model = self.weights.clone()?;
        model.push(self.intercept?);
        Some(model)
    }

    /// What stands in every report: who can read the rows after all.
    pub fn warning(&self) -> Text {
        Text { en: self.warning.en.clone(), zh: self.warning.zh.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::{Certainty, TrainingReport};

    #[test]
    fn a_report_without_standard_errors_or_weights_is_read_all_the_same() {
        let report = TrainingReport::read(
            r#"{"weights":[0.5],"intercept":-1.5,"standard_errors":null,"later":1}"#,
        );
        let report = report.unwrap();
        assert_eq!(report.model(), Some(vec![0.5, -1.5]));
        assert_eq!(report.certainty(0), Certainty::default());
        let shared = TrainingReport::read(r#"{"weights":null,"intercept":null}"#).unwrap();
        assert_eq!(shared.model(), None);
        assert!(TrainingReport::read("no report").is_none());
    }

    #[test]
    fn each_weight_has_its_own_certainty_and_the_intercept_too() {
        let report = TrainingReport::read(
            r#"{"standard_errors":[0.1,null],"z":[5.0,null],"p":[0.0,null],
                "intercept_standard_error":0.2,"intercept_z":-7.5,"intercept_p":1e-9}"#,
        );
        let report = report.unwrap();
        let known = Certainty { error: Some(0.1), z: Some(5.0), p: Some(0.0) };
        assert_eq!(report.certainty(0), known);
        assert_eq!(report.certainty(1), Certainty::default());
        assert_eq!(report.certainty(2), Certainty::default());
        assert_eq!(report.certainty_of_intercept().z, Some(-7.5));
    }
}
