//! The model file as it is written: read, checked and turned into a [`Scorecard`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::Date;
use time::format_description::FormatItem;
use time::macros::format_description;

use crate::scorecard::{Binning, Fact, Feature, Grade, MESSAGE_SPACE, Part, Scale, Scored, Slot};
use crate::{Error, ModelId, Scorecard};

const DATE: &[FormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A model file, of the right shape but not yet of sound content.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelFile {
    model: String,
    version: u32,
    title: String,
    offset: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
    scale: Scale,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    grade: Vec<Grade>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    training: BTreeMap<String, Fact>,
    #[serde(default)]
    feature: Vec<FeatureForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FeatureForm {
    column: String,
    holder: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    missing: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    other: Option<i64>,
    #[serde(default)]
    bin: Vec<BinForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BinForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    upto: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Vec<String>>,
    points: i64,
}

impl ModelFile {
    pub(crate) fn read(text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| Error::ModelSyntax {
            line: error.span().and_then(|span| text.get(..span.start)).map(line_after),
            message: error.message().into(),
        })
    }

    pub(crate) fn parse(self) -> Result<Scorecard, Error> {
        let model = ModelId::new(&self.model, self.version)?;
        if self.title.chars().any(char::is_control) {
            return Err(Error::Model("`title` must be one line".into()));
        }
        check_scale(self.scale)?;
        check_grades(&self.grade)?;
        check_training(&self.training)?;
        let features =
            self.feature.into_iter().map(FeatureForm::parse).collect::<Result<_, _>>()?;
        let valid_until = self.valid_until.as_deref().map(date).transpose()?;
        let scorecard = Scorecard {
            model,
            title: self.title,
            offset: self.offset,
            valid_until,
            scale: self.scale,
            grades: self.grade,
            training: self.training,
            features,
        };
        check_size(&scorecard)?;
        Ok(scorecard)
    }

    pub(crate) fn of(scorecard: &Scorecard) -> Self {
        Self {
            model: scorecard.model.name().into(),
            version: scorecard.model.version(),
            title: scorecard.title.clone(),
            offset: scorecard.offset,
            valid_until: scorecard.valid_until.map(|date| date.to_string()),
            scale: scorecard.scale,
            grade: scorecard.grades.clone(),
            training: scorecard.training.clone(),
            feature: scorecard.features.iter().map(FeatureForm::of).collect(),
        }
    }

    pub(crate) fn to_toml(&self) -> String {
        toml::to_string(self).expect("texts, numbers and tables can all be written as TOML")
    }
}

impl FeatureForm {
    fn parse(self) -> Result<Scored, Error> {
        let fault = |problem: String| Error::Feature {
            holder: self.holder.clone(),
            column: self.column.clone(),
            problem,
        };
        let holder: Slot = self.holder.parse().map_err(|error: Error| fault(error.to_string()))?;
        let binning = self.binning().map_err(fault)?;
        let feature = Feature::new(&self.column, binning).map_err(fault)?;
        let points = self.bin.iter().map(|bin| bin.points).chain(self.other).chain(self.missing);
        let points = points.map(in_message_space).collect::<Result<_, _>>().map_err(fault)?;
        Ok(Scored { holder, feature, points })
    }

    fn of(scored: &Scored) -> Self {
        let binning = scored.feature.binning();
        let mut rest = scored.points.iter().copied().map(i64::from);
        let bin = binning
            .forms()
            .into_iter()
            .zip(rest.by_ref())
            .map(|((upto, values), points)| BinForm { upto, values, points })
            .collect();
        let other = binning.has_other().then(|| rest.next()).flatten();
        let missing = binning.has_missing().then(|| rest.next()).flatten();
        let column = scored.feature.column().into();
        Self { column, holder: scored.holder.to_string(), missing, other, bin }
    }

    fn binning(&self) -> Result<Binning, String> {
        let Some((last, before)) = self.bin.split_last() else {
            return Err("needs at least one [[feature.bin]]".into());
        };
        let missing = self.missing.is_some();
        if self.bin.iter().any(|bin| bin.values.is_some()) {
            if self.bin.iter().any(|bin| bin.upto.is_some()) {
                return Err("bins have either `upto` or `values`, not both".into());
            }
            let values = self.bin.iter().map(|bin| bin.values.clone().unwrap_or_default());
            return Binning::categories(values.collect(), self.other.is_some(), missing);
        }
        if self.other.is_some() {
            return Err("`other` goes with bins of `values`; the last bin of numbers takes what \
                        is above all bounds"
                .into());
        }
        if last.upto.is_some() {
            return Err(
                "the last bin must have no `upto`: it takes what is above all bounds".into()
            );
        }
        let upto: Option<Vec<f64>> = before.iter().map(|bin| bin.upto).collect();
        Binning::numbers(upto.ok_or("every bin but the last needs `upto` or `values`")?, missing)
    }
}

fn in_message_space(points: i64) -> Result<u16, String> {
    u16::try_from(points).ok().filter(|points| *points < MESSAGE_SPACE).ok_or(format!(
        "points are whole numbers from 0 to {}; shift negative ones into `offset`",
        MESSAGE_SPACE - 1
    ))
}

fn check_scale(scale: Scale) -> Result<(), Error> {
    let positive = |number: f64| number.is_finite() && number > 0.0;
    if !positive(scale.base_odds) || !positive(scale.pdo) {
        return Err(Error::Model("`base_odds` and `pdo` of [scale] must be above 0".into()));
    }
    Ok(())
}

fn check_grades(grades: &[Grade]) -> Result<(), Error> {
    if !grades.is_sorted_by(|better, worse| better.from > worse.from) {
        return Err(Error::Model("put every [[grade]] in descending order of `from`".into()));
    }
    let mut names = BTreeSet::new();
    for grade in grades {
        if grade.name.is_empty() || grade.name.chars().any(char::is_control) {
            return Err(Error::Model("every [[grade]] needs a `name` of one line".into()));
        }
        if !names.insert(&grade.name) {
            return Err(Error::Model(format!("the grade `{}` comes twice", grade.name)));
        }
    }
    Ok(())
}

fn check_training(training: &BTreeMap<String, Fact>) -> Result<(), Error> {
    for (name, fact) in training {
        let fine = match fact {
            Fact::Integer(_) => true,
            Fact::Number(number) => number.is_finite(),
            Fact::Text(text) => text.len() <= 1000,
        };
        if !fine {
            return Err(Error::Model(format!(
                "`{name}` of [training] must be a finite number or a text of at most 1000 bytes"
            )));
        }
    }
    Ok(())
}

fn check_size(scorecard: &Scorecard) -> Result<(), Error> {
    let holders = scorecard.holders();
    if holders.is_empty() {
        return Err(Error::Model("it needs at least one [[feature]]".into()));
    }
    if holders.len() > Scorecard::MOST_HOLDERS {
        return Err(Error::Model(format!(
            "it names {} holders, at most {} are possible",
            holders.len(),
            Scorecard::MOST_HOLDERS
        )));
    }
    for holder in holders {
        let features = scorecard.features.iter().filter(|scored| scored.holder == holder);
        let features = features.map(|scored| scored.feature.clone()).collect();
        Part::new(scorecard.model.clone(), holder, features).map_err(Error::Model)?;
    }
    let best = scorecard.features.iter().filter_map(|scored| scored.points.iter().max());
    let most: u64 = best.copied().map(u64::from).sum();
    if most >= u64::from(MESSAGE_SPACE) {
        return Err(Error::Model(format!(
            "the best bins add up to {most} points, at most {} fit into an encrypted answer; \
             lower the points (a smaller pdo does) or move what every bin of a feature shares \
             into `offset`",
            MESSAGE_SPACE - 1
        )));
    }
    Ok(())
}

fn date(text: &str) -> Result<Date, Error> {
    Date::parse(text, DATE)
        .map_err(|_| Error::Model("`valid_until` is a date in quotes, like \"2027-12-31\"".into()))
}

/// The number of the line, from 1, that follows `text`.
fn line_after(text: &str) -> usize {
    text.matches('\n').count() + 1
}
