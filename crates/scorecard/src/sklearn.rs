//! Logistic regressions of scikit-learn over declared bins.
//!
//! ```json
//! {
//!   "intercept": -1.24,
//!   "features": [
//!     {"column": "age", "holder": "tax", "coef": 0.83,
//!      "bins": [{"below": 25, "woe": 0.52}, {"woe": -0.1}], "missing": {"woe": 0.2}},
//!     {"column": "housing",
//!      "bins": [{"values": ["own"], "coef": -0.4}], "other": {"coef": 0}, "missing": {"coef": 0.1}}
//!   ]
//! }
//! ```
//!
//! A feature was fitted on its weight of evidence (one `coef`, a `woe` a bin), or one-hot (a `coef`
//! a bin; 0 for the bin that was left out). `below` is the first value of the next bin, as
//! `numpy.digitize` has them; `upto`, the last value of its own, as `pandas.cut` does, becomes the next
//! number above it (`f64::next_up`). The last bin of numbers has neither. The
//! regression is of bad: `y` was 1 for it. `holder` may be left to the caller.

use domain::Slot;
use serde::Deserialize;

use crate::model_file::{BinForm, FeatureForm, ModelFile};
use crate::{Error, Fill, Head, Scorecard};

impl Scorecard {
    /// Reads a logistic regression of scikit-learn over declared bins, in JSON: `intercept`, and
    /// `features` with `column`, `bins`, and a `coef` with the `woe` of each bin or a `coef` in
    /// each bin.
    ///
    /// `holder` says whose a column is, where the file does not; `fill` has a weight for the bins
    /// that a feature lacks.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] for what is not of this form, and those of [`Scorecard::from_toml`].
    pub fn from_sklearn(
        json: &str,
        head: Head,
        holder: impl Fn(&str) -> Option<Slot>,
        fill: Fill,
    ) -> Result<Self, Error> {
        let file: File = serde_json::from_str(json).map_err(|error| fault(error.to_string()))?;
        let features = file.features.into_iter().map(|feature| feature.form(&holder, fill));
        let features = features.collect::<Result<Vec<_>, _>>()?;
        ModelFile::of_regression(head, file.intercept, features).parse()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    intercept: f64,
    features: Vec<FeatureOfFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeatureOfFile {
    column: String,
    holder: Option<String>,
    coef: Option<f64>,
    bins: Vec<BinOfFile>,
    other: Option<Weight>,
    missing: Option<Weight>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BinOfFile {
    upto: Option<f64>,
    below: Option<f64>,
    values: Option<Vec<String>>,
    woe: Option<f64>,
    coef: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Weight {
    woe: Option<f64>,
    coef: Option<f64>,
}

impl FeatureOfFile {
    fn form(self, holder: impl Fn(&str) -> Option<Slot>, fill: Fill) -> Result<FeatureForm, Error> {
        let column = self.column;
        let at = |problem: &str| fault(format!("feature `{column}`: {problem}"));
        let whole = self.coef;
        let weight = |woe: Option<f64>, coef: Option<f64>| match (whole, woe, coef) {
            (Some(_), Some(woe), None) => Ok(woe),
            (None, None, Some(coef)) => Ok(coef),
            (Some(_), ..) => {
                Err(at("with a `coef`, every bin has a `woe` and no `coef` of its own"))
            }
            (None, ..) => Err(at("without a `coef`, every bin has its own `coef` and no `woe`")),
        };
        let bin = self.bins.into_iter().map(|bin| {
            let below = match (bin.upto, bin.below) {
                (Some(_), Some(_)) => return Err(at("a bin has `upto` or `below`, not both")),
                (upto, below) => below.or(upto.map(f64::next_up)),
            };
            let woe = Some(weight(bin.woe, bin.coef)?);
            Ok(BinForm { below, values: bin.values, woe, ..BinForm::default() })
        });
        let bin = bin.collect::<Result<Vec<BinForm>, _>>()?;
        let lists = bin.iter().any(|bin| bin.values.is_some());
        let rest = |one: Option<Weight>| one.map(|one| weight(one.woe, one.coef)).transpose();
        let other_woe = rest(self.other)?.or(fill.other.filter(|_| lists));
        let missing_woe = rest(self.missing)?.or(fill.missing);
        let holder = self.holder.or_else(|| holder(&column).map(String::from));
        let holder = holder.ok_or_else(|| at("nobody is named as its holder"))?;
        let coef = Some(whole.unwrap_or(1.0));
        Ok(FeatureForm { column, holder, coef, missing_woe, other_woe, bin, ..Default::default() })
    }
}

fn fault(problem: String) -> Error {
    Error::Foreign { format: "sklearn", problem }
}

#[cfg(test)]
#[path = "sklearn_tests.rs"]
mod tests;
