//! A scorecard: what it says, and what values in clear are worth by it.

use std::collections::BTreeMap;

use domain::{Field, ModelId, Slot, Value};
use time::Date;

use crate::canonical::Canonical;
use crate::model_file::ModelFile;
use crate::weights::Weights;
use crate::{Error, Fact, Feature, Grade, Part, Scale};

/// Totals of points are below this: what an encrypted answer has room for (10 bits).
pub const MESSAGE_SPACE: u16 = 1024;

/// A model: features with points by bin, and what their total means.
#[derive(Clone, Debug, PartialEq)]
pub struct Scorecard {
    pub(crate) model: ModelId,
    pub(crate) title: String,
    pub(crate) offset: i32,
    /// The regression's, where the file has the regression.
    pub(crate) intercept: Option<f64>,
    pub(crate) valid_until: Option<Date>,
    pub(crate) scale: Scale,
    pub(crate) grades: Vec<Grade>,
    pub(crate) training: BTreeMap<String, Fact>,
    pub(crate) features: Vec<Scored>,
}

/// A feature with its holder and its points by bin.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scored {
    pub(crate) holder: Slot,
    pub(crate) field: Option<Field>,
    pub(crate) feature: Feature,
    pub(crate) points: Vec<u16>,
    /// What the points were computed from; with all features of a model or with none.
    pub(crate) weights: Option<Weights>,
}

impl Scored {
    /// Holder and column, for an error.
    pub(crate) fn named(&self) -> (String, String) {
        (self.holder.to_string(), self.feature.column().into())
    }
}

/// What an importer gives to features that lack a bin, in the terms of the file: points in a card,
/// weight of evidence in a regression (a coefficient where bins have their own). Of both, 0 is
/// neutral: such a firm is taken for an average one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fill {
    /// For a missing value.
    pub missing: Option<f64>,
    /// For a category in no list.
    pub other: Option<f64>,
}

/// What every model has and files of other programs lack.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Name and version.
    pub model: ModelId,
    /// For readers.
    pub title: String,
    /// How totals map to odds.
    pub scale: Scale,
}

impl Scorecard {
    /// The most holders a model can have.
    pub const MOST_HOLDERS: usize = 7;

    /// Reads a model file.
    ///
    /// # Errors
    ///
    /// [`Error::ModelSyntax`], [`Error::Model`] or [`Error::Feature`], each with what to do.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        ModelFile::read(text)?.parse()
    }

    /// Writes the model file; reading it again yields an equal scorecard.
    #[must_use]
    pub fn to_toml(&self) -> String {
        ModelFile::of(self).to_toml()
    }

    /// Name and version.
    #[must_use]
    pub fn model(&self) -> &ModelId {
        &self.model
    }

    /// What the model is about, for readers.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What the lender adds to the sum of points.
    #[must_use]
    pub fn offset(&self) -> i32 {
        self.offset
    }

    /// The last day on which the model may be used.
    #[must_use]
    pub fn valid_until(&self) -> Option<Date> {
        self.valid_until
    }

    /// How totals map to odds.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The grades, best first; may be empty.
    #[must_use]
    pub fn grades(&self) -> &[Grade] {
        &self.grades
    }

    /// What the file says about the training, for readers.
    #[must_use]
    pub fn training(&self) -> &BTreeMap<String, Fact> {
        &self.training
    }

    /// The holders' slots, in the order in which the file first names them.
    #[must_use]
    pub fn holders(&self) -> Vec<Slot> {
        let mut holders = Vec::new();
        for scored in &self.features {
            if !holders.contains(&scored.holder) {
                holders.push(scored.holder.clone());
            }
        }
        holders
    }

    /// What a holder sees: its features in order, without points. `None` if it has none.
    #[must_use]
    pub fn part(&self, holder: &Slot) -> Option<Part> {
        let features = self.of(holder).map(|scored| scored.feature.clone()).collect();
        Part::new(self.model.clone(), holder.clone(), features).ok()
    }

    /// The points that go with [`Scorecard::part`]: by feature, then by bin in the order of
    /// [`Binning`](crate::Binning). `None` if the holder has no feature.
    #[must_use]
    pub fn points(&self, holder: &Slot) -> Option<Vec<Vec<u16>>> {
        let points: Vec<_> = self.of(holder).map(|scored| scored.points.clone()).collect();
        (!points.is_empty()).then_some(points)
    }

    /// The catalogue field that the file names for a column, for readers.
    #[must_use]
    pub fn field(&self, holder: &Slot, column: &str) -> Option<&Field> {
        let named =
            |scored: &&Scored| scored.holder == *holder && scored.feature.column() == column;
        self.features.iter().find(named)?.field.as_ref()
    }

    /// Every feature with its holder and its points by bin, in the order of the file.
    pub fn features(&self) -> impl Iterator<Item = (&Slot, &Feature, &[u16])> {
        self.features
            .iter()
            .map(|scored| (&scored.holder, &scored.feature, scored.points.as_slice()))
    }

    /// Of every feature, in the order of the file, its coefficient and the weight of evidence of its
    /// bins, where the file has the regression.
    pub fn regression(&self) -> impl Iterator<Item = Option<(f64, &[f64])>> {
        let weights = self.features.iter().map(|scored| scored.weights.as_ref());
        weights.map(|weights| weights.map(|weights| (weights.coef, weights.woe.as_slice())))
    }

    /// The largest total of points that values can reach; below [`MESSAGE_SPACE`].
    #[must_use]
    pub fn most_points(&self) -> u16 {
        self.most_points_without(None)
    }

    /// The largest total of points that the holders but this one can reach.
    #[must_use]
    pub fn most_points_without(&self, left_out: Option<&Slot>) -> u16 {
        let counted = self.features.iter().filter(|scored| Some(&scored.holder) != left_out);
        counted.filter_map(|scored| scored.points.iter().max()).sum()
    }

    /// The total of points (without the offset) for values in clear: what the encrypted protocol
    /// must agree with. `value` is asked for each holder and column.
    ///
    /// # Errors
    ///
    /// [`Error::NoBin`] for the first value that has no bin.
    pub fn clear_points(
        &self,
        value: impl FnMut(&Slot, &str) -> Option<Value>,
    ) -> Result<u16, Error> {
        Ok(self.points_of(&self.bins(value)?).unwrap_or_default())
    }

    /// The bin of every feature for values in clear, in the order of the file. `value` is asked for
    /// each holder and column.
    ///
    /// # Errors
    ///
    /// [`Error::NoBin`] for the first value that has no bin.
    pub fn bins(
        &self,
        mut value: impl FnMut(&Slot, &str) -> Option<Value>,
    ) -> Result<Vec<usize>, Error> {
        let bin = |Scored { holder, feature, .. }: &Scored| {
            let found = value(holder, feature.column());
            feature.binning().bin_of(found.as_ref()).ok_or_else(|| Error::NoBin {
                holder: holder.to_string(),
                column: feature.column().into(),
            })
        };
        self.features.iter().map(bin).collect()
    }

    /// The total of points of one bin a feature; `None` unless there is one of each.
    #[must_use]
    pub fn points_of(&self, bins: &[usize]) -> Option<u16> {
        let points = |(scored, bin): (&Scored, &usize)| scored.points.get(*bin).copied();
        self.paired(bins)?.map(points).sum()
    }

    /// The score of one bin a feature before any rounding; `None` unless the file has the
    /// regression, and there is one bin of each.
    #[must_use]
    pub fn exact_score(&self, bins: &[usize]) -> Option<f64> {
        let log_odds = |(scored, bin): (&Scored, &usize)| scored.weights.as_ref()?.log_odds(*bin);
        let sum: f64 = self.paired(bins)?.map(log_odds).sum::<Option<f64>>()?;
        Some(self.scale.shift() - self.scale.factor() * (self.intercept? + sum))
    }

    /// The score for a total of points: `offset + points`.
    #[must_use]
    pub fn score(&self, points: u16) -> i32 {
        self.offset.saturating_add(i32::from(points))
    }

    /// The probability that a subject with this score turns out bad: 1 / (1 + odds).
    #[must_use]
    pub fn probability(&self, score: i32) -> f64 {
        1.0 / (1.0 + self.scale.odds(score))
    }

    /// The best grade whose cut-off the score reaches; `None` below the last, or without grades.
    #[must_use]
    pub fn grade(&self, score: i32) -> Option<&str> {
        self.grades.iter().find(|grade| score >= grade.from).map(|grade| grade.name.as_str())
    }

    /// The features that lack a bin for a value or for none, as operators read them:
    /// `tax.vat (missing), tax.grade (other, missing)`. `None` where everything has a bin.
    #[must_use]
    pub fn lacks(&self) -> Option<String> {
        let of = |scored: &Scored| Some(format!("{}.{}", scored.holder, scored.feature.lacks()?));
        let lacking = self.features.iter().filter_map(of).collect::<Vec<_>>();
        (!lacking.is_empty()).then(|| lacking.join(", "))
    }

    /// The bytes to hash when a model is registered or referred to; not for decoding.
    ///
    /// Everything that the file says is in them, its layout and comments are not.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut canonical = Canonical::new("tacit/domain/v2/scorecard");
        canonical.text(&self.model.to_string());
        canonical.text(&self.title);
        canonical.integer(self.offset.into());
        canonical.flag(self.intercept.is_some());
        self.intercept.iter().for_each(|intercept| canonical.number(*intercept));
        canonical.text(&self.valid_until.map_or_else(String::new, |date| date.to_string()));
        canonical.integer(self.scale.base_score.into());
        canonical.number(self.scale.base_odds);
        canonical.number(self.scale.pdo);
        canonical.length(self.grades.len());
        for grade in &self.grades {
            canonical.text(&grade.name);
            canonical.integer(grade.from.into());
        }
        canonical.length(self.training.len());
        for (name, fact) in &self.training {
            canonical.text(name);
            fact.write(&mut canonical);
        }
        canonical.length(self.features.len());
        for scored in &self.features {
            canonical.text(scored.holder.as_str());
            canonical.flag(scored.field.is_some());
            scored.field.iter().for_each(|field| canonical.text(&field.to_string()));
            scored.feature.write(&mut canonical);
            canonical.length(scored.points.len());
            scored.points.iter().for_each(|points| canonical.integer((*points).into()));
            canonical.flag(scored.weights.is_some());
            scored.weights.iter().for_each(|weights| weights.write(&mut canonical));
        }
        canonical.finish()
    }

    /// The bytes to hash for what measures the model's bins and points: holders, columns, bins and
    /// points. Title, scale, grades and facts are not in them.
    pub(crate) fn canonical_bins(&self) -> Vec<u8> {
        let mut canonical = Canonical::new("tacit/domain/v2/bins");
        canonical.length(self.features.len());
        for Scored { holder, feature, points, .. } in &self.features {
            canonical.text(holder.as_str());
            feature.write(&mut canonical);
            canonical.length(points.len());
            points.iter().for_each(|points| canonical.integer((*points).into()));
        }
        canonical.finish()
    }

    fn paired<'a>(
        &'a self,
        bins: &'a [usize],
    ) -> Option<impl Iterator<Item = (&'a Scored, &'a usize)>> {
        (bins.len() == self.features.len()).then(|| self.features.iter().zip(bins))
    }

    fn of<'a>(&'a self, holder: &'a Slot) -> impl Iterator<Item = &'a Scored> {
        self.features.iter().filter(move |scored| scored.holder == *holder)
    }
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
