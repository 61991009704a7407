//! The model file as it is written: read, checked and turned into a [`Scorecard`].

use std::collections::{BTreeMap, BTreeSet};

use domain::ModelId;
use serde::{Deserialize, Serialize};
use time::Date;
use time::format_description::FormatItem;
use time::macros::format_description;

use crate::card::Scored;
use crate::weights::Scaled;
use crate::{Error, Fact, Grade, Head, MESSAGE_SPACE, Part, Scale, Scorecard};

mod feature;

pub(crate) use feature::{BinForm, FeatureForm};

const DATE: &[FormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A model file, of the right shape but not yet of sound content.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelFile {
    model: String,
    version: u32,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offset: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    intercept: Option<f64>,
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
        let valid_until = self.valid_until.as_deref().map(date).transpose()?;
        let (offset, features) = match (self.offset, self.intercept) {
            (Some(offset), None) => {
                let whole = self.feature.into_iter().map(FeatureForm::parse_points);
                (offset, whole.collect::<Result<_, _>>()?)
            }
            (None, Some(intercept)) => scaled(intercept, self.scale, self.feature)?,
            (Some(_), Some(_)) => {
                return Err(Error::Model(
                    "it has either `offset` and points, or `intercept` and woe; with `intercept` \
                     the offset is computed"
                        .into(),
                ));
            }
            (None, None) => {
                return Err(Error::Model(
                    "it needs `offset` (with points), or `intercept` (with woe)".into(),
                ));
            }
        };
        let scorecard = Scorecard {
            model,
            title: self.title,
            offset,
            intercept: self.intercept,
            valid_until,
            scale: self.scale,
            grades: self.grade,
            training: self.training,
            features,
        };
        check_size(&scorecard)?;
        Ok(scorecard)
    }

    /// A file of points that another program has made.
    pub(crate) fn of_points(head: Head, offset: i32, feature: Vec<FeatureForm>) -> Self {
        Self { offset: Some(offset), ..Self::without_points(head, feature) }
    }

    /// A file of a regression that another program has made.
    pub(crate) fn of_regression(head: Head, intercept: f64, feature: Vec<FeatureForm>) -> Self {
        Self { intercept: Some(intercept), ..Self::without_points(head, feature) }
    }

    fn without_points(head: Head, feature: Vec<FeatureForm>) -> Self {
        Self {
            model: head.model.name().into(),
            version: head.model.version(),
            title: head.title,
            offset: None,
            intercept: None,
            valid_until: None,
            scale: head.scale,
            grade: Vec::new(),
            training: BTreeMap::new(),
            feature,
        }
    }

    pub(crate) fn of(scorecard: &Scorecard) -> Self {
        Self {
            model: scorecard.model.name().into(),
            version: scorecard.model.version(),
            title: scorecard.title.clone(),
            offset: scorecard.intercept.is_none().then_some(scorecard.offset),
            intercept: scorecard.intercept,
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

/// Points from a regression, with the offset that they belong to.
fn scaled(
    intercept: f64,
    scale: Scale,
    features: Vec<FeatureForm>,
) -> Result<(i32, Vec<Scored>), Error> {
    if !intercept.is_finite() {
        return Err(Error::Model("`intercept` must be a finite number".into()));
    }
    let mut features: Vec<Scored> =
        features.into_iter().map(FeatureForm::parse_weights).collect::<Result<_, _>>()?;
    let weights: Vec<_> = features.iter().filter_map(|scored| scored.weights.as_ref()).collect();
    let Scaled { offset, points } = Scaled::of(intercept, scale, &weights)
        .map_err(|unusable| unusable.of(|place| features[place].named()))?;
    for (scored, points) in features.iter_mut().zip(points) {
        scored.points = points;
    }
    Ok((offset, features))
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
