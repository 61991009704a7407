//! Scorecards: points by bin, the file they are written in, and what a total means.
//!
//! A model is a TOML file:
//!
//! ```toml
//! model = "uci-default"        # 1 to 40 of a-z, 0-9 and hyphens
//! version = 1                  # from 1; a published version never changes
//! title = "Default next month"
//! offset = 412                 # the lender adds it to the decrypted sum: total = offset + points
//! valid_until = "2027-12-31"   # optional, the last day of use
//!
//! [scale]                      # how totals map to odds (good : bad)
//! base_score = 600             # at this total ...
//! base_odds = 50               # ... the odds are these,
//! pdo = 20                     # and this many more points double them
//!
//! [[grade]]                    # optional cut-offs, best grade first
//! name = "A"
//! from = 640
//!
//! [training]                   # optional facts for readers: numbers and short texts
//! rows = 30000
//! auc = 0.77
//!
//! [[feature]]
//! column = "PAY_0"             # the holder's column
//! holder = "tax"               # a slot; a party is bound to it when the model is put to use
//! missing = 12                 # points without a value or a record; absent = refuse to answer
//! [[feature.bin]]
//! upto = -1                    # inclusive, ascending; the last bin has none
//! points = 57
//! [[feature.bin]]
//! points = 0
//!
//! [[feature]]
//! column = "ownership"
//! holder = "social"
//! other = 3                    # points of a value in no list; absent = refuse to answer
//! [[feature.bin]]
//! values = ["A", "B"]
//! points = 20
//! ```
//!
//! Points are whole, at least 0, and no total exceeds [`MESSAGE_SPACE`] − 1: that is what one
//! encrypted answer can carry. A negative contribution goes into `offset`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::canonical::Canonical;
use crate::model_file::ModelFile;
use crate::{Error, ModelId, Value};

pub use crate::binning::Binning;
pub use crate::names::Slot;
pub use crate::part::{Feature, Part};

/// Totals of points are below this: what an encrypted answer has room for (10 bits).
pub const MESSAGE_SPACE: u16 = 1024;

/// A model: features with points by bin, and what their total means.
#[derive(Clone, Debug, PartialEq)]
pub struct Scorecard {
    pub(crate) model: ModelId,
    pub(crate) title: String,
    pub(crate) offset: i32,
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
    pub(crate) feature: Feature,
    pub(crate) points: Vec<u16>,
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
    /// [`Binning`]. `None` if the holder has no feature.
    #[must_use]
    pub fn points(&self, holder: &Slot) -> Option<Vec<Vec<u16>>> {
        let points: Vec<_> = self.of(holder).map(|scored| scored.points.clone()).collect();
        (!points.is_empty()).then_some(points)
    }

    /// The largest total of points that values can reach; below [`MESSAGE_SPACE`].
    #[must_use]
    pub fn most_points(&self) -> u16 {
        self.features.iter().filter_map(|scored| scored.points.iter().max()).sum()
    }

    /// The total of points (without the offset) for values in clear: what the encrypted protocol
    /// must agree with. `value` is asked for each holder and column.
    ///
    /// # Errors
    ///
    /// [`Error::NoBin`] for the first value that has no bin.
    pub fn clear_points(
        &self,
        mut value: impl FnMut(&Slot, &str) -> Option<Value>,
    ) -> Result<u16, Error> {
        self.features.iter().try_fold(0, |total, Scored { holder, feature, points }| {
            let found = value(holder, feature.column());
            let bin = feature.binning().bin_of(found.as_ref()).ok_or_else(|| Error::NoBin {
                holder: holder.to_string(),
                column: feature.column().into(),
            })?;
            Ok(total + points[bin])
        })
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

    /// The bytes to hash when a model is registered or referred to; not for decoding.
    ///
    /// Everything that the file says is in them, its layout and comments are not.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut canonical = Canonical::new("tacit/domain/v1/scorecard");
        canonical.text(&self.model.to_string());
        canonical.text(&self.title);
        canonical.integer(self.offset.into());
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
            scored.feature.write(&mut canonical);
            canonical.length(scored.points.len());
            scored.points.iter().for_each(|points| canonical.integer((*points).into()));
        }
        canonical.finish()
    }

    fn of<'a>(&'a self, holder: &'a Slot) -> impl Iterator<Item = &'a Scored> {
        self.features.iter().filter(move |scored| scored.holder == *holder)
    }
}

/// How totals map to odds, good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// The score at which the odds are `base_odds`.
    pub base_score: i32,
    /// Good to bad; above 0.
    pub base_odds: f64,
    /// Points to double the odds; above 0.
    pub pdo: f64,
}

impl Scale {
    /// The odds, good to bad, of a score.
    #[must_use]
    pub fn odds(&self, score: i32) -> f64 {
        let doublings = (f64::from(score) - f64::from(self.base_score)) / self.pdo;
        self.base_odds * doublings.exp2()
    }
}

/// A grade and the lowest score that earns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grade {
    /// Shown to the lender.
    pub name: String,
    /// The lowest score with this grade.
    pub from: i32,
}

/// A fact about the training of a model, for readers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// A count.
    Integer(i64),
    /// A rate or a measure.
    Number(f64),
    /// Anything else, in words.
    Text(String),
}

impl Fact {
    fn write(&self, canonical: &mut Canonical) {
        match self {
            Self::Integer(integer) => {
                canonical.length(0);
                canonical.integer(*integer);
            }
            Self::Number(number) => {
                canonical.length(1);
                canonical.number(*number);
            }
            Self::Text(text) => {
                canonical.length(2);
                canonical.text(text);
            }
        }
    }
}

#[cfg(test)]
#[path = "scorecard_tests.rs"]
mod tests;
