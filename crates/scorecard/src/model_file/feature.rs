//! A feature of a model file, with its bins.

use domain::Slot;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::binning::CLOSED_BOUND;
use crate::card::Scored;
use crate::weights::Weights;
use crate::{Binning, Error, Feature, MESSAGE_SPACE};

/// A feature as it is written: of points, or of woe and a coefficient.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeatureForm {
    pub(crate) column: String,
    pub(crate) holder: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) coef: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) missing: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) other: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) missing_woe: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) other_woe: Option<f64>,
    #[serde(default)]
    pub(crate) bin: Vec<BinForm>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BinForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) below: Option<f64>,
    /// Refused, with what to write instead.
    #[serde(default, skip_serializing)]
    pub(crate) upto: Option<IgnoredAny>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) values: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) points: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) woe: Option<f64>,
}

impl FeatureForm {
    /// A feature of a file with `offset`: every bin has points.
    pub(crate) fn parse_points(self) -> Result<Scored, Error> {
        let points = self.points().map_err(|problem| self.fault(problem))?;
        self.parse(points, None)
    }

    /// A feature of a file with `intercept`: it has a coefficient and every bin a woe. Its points
    /// are yet to be computed.
    pub(crate) fn parse_weights(self) -> Result<Scored, Error> {
        let weights = self.weights().map_err(|problem| self.fault(problem))?;
        self.parse(Vec::new(), Some(weights))
    }

    pub(crate) fn of(scored: &Scored) -> Self {
        let binning = scored.feature.binning();
        let mut points = scored.points.iter().copied().map(i64::from).map(Some);
        let weights = scored.weights.as_ref();
        let mut woe = weights.into_iter().flat_map(|weights| &weights.woe).copied();
        let mut next = || match weights {
            None => (points.next().flatten(), None),
            Some(_) => (None, woe.next()),
        };
        let bin = binning
            .forms()
            .into_iter()
            .map(|(below, values)| {
                let (points, woe) = next();
                BinForm { below, values, points, woe, ..BinForm::default() }
            })
            .collect();
        let (other, other_woe) = if binning.has_other() { next() } else { (None, None) };
        let (missing, missing_woe) = if binning.has_missing() { next() } else { (None, None) };
        Self {
            column: scored.feature.column().into(),
            holder: scored.holder.to_string(),
            field: scored.field.as_ref().map(ToString::to_string),
            coef: weights.map(|weights| weights.coef),
            missing,
            other,
            missing_woe,
            other_woe,
            bin,
        }
    }

    fn parse(self, points: Vec<u16>, weights: Option<Weights>) -> Result<Scored, Error> {
        let fault = |problem: String| self.fault(problem);
        let holder: Slot =
            self.holder.parse().map_err(|error: domain::Error| fault(error.to_string()))?;
        let field = self.field.as_deref().map(str::parse).transpose();
        let field = field.map_err(|error: domain::Error| {
            fault(format!("`field`: {error}; leave it out where there is none"))
        })?;
        let feature = self
            .binning()
            .and_then(|binning| Feature::new(&self.column, binning))
            .map_err(fault)?;
        Ok(Scored { holder, field, feature, points, weights })
    }

    fn fault(&self, problem: String) -> Error {
        Error::Feature { holder: self.holder.clone(), column: self.column.clone(), problem }
    }

    fn points(&self) -> Result<Vec<u16>, String> {
        let woe = self.bin.iter().any(|bin| bin.woe.is_some());
        if woe || self.coef.is_some() || self.missing_woe.is_some() || self.other_woe.is_some() {
            return Err(
                "`coef` and woe go with `intercept`; a file with `offset` has points".into()
            );
        }
        let listed = self.bin.iter().map(|bin| bin.points.ok_or("every bin needs `points`"));
        let rest = self.other.into_iter().chain(self.missing).map(Ok);
        listed.chain(rest).map(|points| in_message_space(points?)).collect()
    }

    fn weights(&self) -> Result<Weights, String> {
        let points = self.bin.iter().any(|bin| bin.points.is_some());
        if points || self.missing.is_some() || self.other.is_some() {
            return Err(
                "points go with `offset`; a file with `intercept` has `woe` in every bin, \
                        and `missing_woe` and `other_woe` for these"
                    .into(),
            );
        }
        let coef = self.coef.ok_or("a file with `intercept` needs a `coef` in every feature")?;
        let listed = self.bin.iter().map(|bin| bin.woe.ok_or("every bin needs `woe`"));
        let rest = self.other_woe.into_iter().chain(self.missing_woe).map(Ok);
        let woe = listed.chain(rest).collect::<Result<Vec<_>, _>>()?;
        if !coef.is_finite() || !woe.iter().all(|woe| woe.is_finite()) {
            return Err(
                "`coef` and woe must be finite numbers; a bin without good or without bad \
                        rows needs smoothing"
                    .into(),
            );
        }
        Ok(Weights { coef, woe })
    }

    fn binning(&self) -> Result<Binning, String> {
        let Some((last, before)) = self.bin.split_last() else {
            return Err("needs at least one [[feature.bin]]".into());
        };
        if self.bin.iter().any(|bin| bin.upto.is_some()) {
            return Err(CLOSED_BOUND.into());
        }
        let missing = self.missing.is_some() || self.missing_woe.is_some();
        let other = self.other.is_some() || self.other_woe.is_some();
        if self.bin.iter().any(|bin| bin.values.is_some()) {
            if self.bin.iter().any(|bin| bin.below.is_some()) {
                return Err("bins have either `below` or `values`, not both".into());
            }
            let values = self.bin.iter().map(|bin| bin.values.clone().unwrap_or_default());
            return Binning::categories(values.collect(), other, missing);
        }
        if other {
            return Err("`other` goes with bins of `values`; the last bin of numbers takes what \
                        is above all others"
                .into());
        }
        if last.below.is_some() {
            return Err(
                "the last bin must have no `below`: it takes what is above all others".into()
            );
        }
        let below: Option<Vec<f64>> = before.iter().map(|bin| bin.below).collect();
        Binning::numbers(below.ok_or("every bin but the last needs `below` or `values`")?, missing)
    }
}

fn in_message_space(points: i64) -> Result<u16, String> {
    u16::try_from(points).ok().filter(|points| *points < MESSAGE_SPACE).ok_or(format!(
        "points are whole numbers from 0 to {}; shift negative ones into `offset`",
        MESSAGE_SPACE - 1
    ))
}
