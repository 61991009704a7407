//! The card of a model: what a risk committee asks of it.

use domain::{ModelId, Slot};
use scorecard::admission::{Admission, Finding};
use scorecard::monitoring::{Shift, shift};
use scorecard::{Error, Reference, Scale, Scorecard, Separation};
use serde::Serialize;

use crate::measures::{real, share};
use crate::sample::Drawn;
use crate::source::digest;
use crate::{FeatureCard, Measures, Performance, Provenance, Sample, Source};

/// The card of a model: what it is, how it came about, its bins and points, the rules of admission,
/// and how it does on rows whose outcomes are known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelCard {
    /// Name and version.
    pub model: ModelId,
    /// What it is about.
    pub title: String,
    /// SHA-256 of everything that its file says: comments and layout are not in it.
    pub digest: domain::Digest,
    /// The last day of use, `YYYY-MM-DD`.
    pub valid_until: Option<String>,
    /// How totals map to odds.
    pub scale: Scale,
    /// What is added to the sum of points.
    pub offset: i32,
    /// The largest sum of points.
    pub most_points: u16,
    /// How it came about.
    pub provenance: Provenance,
    /// How it fares with each rule of admission.
    pub rules: Vec<Finding>,
    /// The features without a bin for what has none, in words.
    pub lacks_bins: Option<String>,
    /// The grades, best first; last those below all of them, where there are grades.
    pub grades: Vec<GradeCard>,
    /// In the order of the file.
    pub features: Vec<FeatureCard>,
    /// What labelled rows say; `None` without any.
    pub measured: Option<Measured>,
    /// What rows of before say; `None` without any.
    pub before: Option<Baseline>,
}

/// A grade: from which score, and who has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GradeCard {
    /// Its name; `None` below the last.
    pub name: Option<String>,
    /// The lowest score; `None` below the last.
    pub from: Option<i32>,
    /// The probability of bad at that score.
    pub probability: Option<f64>,
    /// The rows with this grade; `None` without data.
    pub rows: Option<u64>,
    /// Their share of all.
    pub share: Option<f64>,
    /// The bad ones.
    pub bad: Option<u64>,
    /// The share that is bad.
    pub bad_rate: Option<f64>,
}

/// How a model does on labelled rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// The rows.
    pub data: Source,
    /// How many rows have no score, for a value without a bin.
    pub without_bin: u64,
    /// Of the whole points that the model gives.
    #[serde(flatten)]
    pub performance: Performance,
    /// The same before points were rounded, where the file has the regression.
    pub before_rounding: Option<Separation>,
    /// By holder but the lender: what of the score its block explains, 0 to 1.
    pub holders: Vec<(Slot, f64)>,
}

/// The population that a model was made for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Baseline {
    /// The rows, or the statistics of them.
    pub data: Source,
    /// How many there were.
    pub rows: u64,
    /// How well the model did on them; `None` where no outcomes are known.
    pub measures: Option<Measures>,
    /// How far scores have moved since; `None` of statistics, which have no scores.
    pub shift: Option<Shift>,
}

impl ModelCard {
    /// The card of a model without any data.
    #[must_use]
    pub fn of(card: &Scorecard, provenance: Provenance, admission: &Admission) -> Self {
        let drawn = card.features().zip(card.regression());
        let features = drawn.map(|((slot, feature, points), regression)| {
            let field = card.field(slot, feature.column());
            let drawn = Drawn { slot, feature, points, field, regression };
            FeatureCard::of(&drawn, provenance.policy)
        });
        let grades = card.grades().iter().map(|grade| GradeCard {
            name: Some(grade.name.clone()),
            from: Some(grade.from),
            probability: Some(card.probability(grade.from)),
            ..GradeCard::below()
        });
        let below = (!card.grades().is_empty()).then(GradeCard::below);
        Self {
            model: card.model().clone(),
            title: card.title().into(),
            digest: digest(&card.canonical()),
            valid_until: card.valid_until().map(|day| day.to_string()),
            scale: card.scale(),
            offset: card.offset(),
            most_points: card.most_points(),
            features: features.collect(),
            grades: grades.chain(below).collect(),
            rules: admission.findings().to_vec(),
            lacks_bins: card.lacks(),
            provenance,
            measured: None,
            before: None,
        }
    }

    /// Adds what labelled rows in this card's bins say, in so many groups.
    ///
    /// # Errors
    ///
    /// [`Error::Measure`] unless there are good and bad rows, or where they are in another card's bins.
    pub fn measure(
        &mut self,
        sample: &Sample<'_>,
        data: Source,
        groups: usize,
    ) -> Result<(), Error> {
        self.takes(sample)?;
        let performance = sample.performance(groups)?;
        let reference = sample.reference();
        let explained = reference.iter().flat_map(|it| &it.feature_dominance);
        for (feature, explains) in self.features.iter_mut().zip(explained) {
            // The lender's own features are not in the sum that it opens.
            let own = reference.as_ref().and_then(|it| it.lender.as_ref()) == Some(&feature.holder);
            feature.explains = Some(*explains).filter(|_| !own);
        }
        for (feature, counts) in self.features.iter_mut().zip(sample.counts()) {
            feature.count(counts);
        }
        for (grade, counts) in self.grades.iter_mut().zip(sample.grades()) {
            grade.rows = Some(counts.total());
            grade.share = Some(share(counts.total(), sample.rows()));
            grade.bad = Some(counts.bad);
            grade.bad_rate = counts.bad_rate();
        }
        self.measured = Some(Measured {
            data,
            without_bin: sample.without_bin(),
            performance,
            before_rounding: sample.exact(),
            holders: reference.map(|it| holders(sample.card(), &it)).unwrap_or_default(),
        });
        Ok(())
    }

    /// Compares rows in this card's bins with those of before, in so many groups of scores. `measures`
    /// are of the rows of before, where their outcomes are known.
    ///
    /// # Errors
    ///
    /// [`Error::Measure`] where there are no rows on one side, or they are in another card's bins.
    pub fn compare(
        &mut self,
        now: &Sample<'_>,
        before: &Sample<'_>,
        (data, measures): (Source, Option<Measures>),
        groups: usize,
    ) -> Result<(), Error> {
        self.takes(now)?;
        self.takes(before)?;
        let shift = shift(before.scores().view(), now.scores().view(), groups)?;
        for (feature, counts) in self.features.iter_mut().zip(before.counts()) {
            feature.compare(&counts.iter().map(|bin| bin.total()).collect::<Vec<_>>());
        }
        self.before = Some(Baseline { data, rows: before.rows(), measures, shift: Some(shift) });
        Ok(())
    }

    /// Compares rows that were [measured](Self::measure) with the statistics of those of before. These
    /// say how bins were filled, and nothing of scores.
    pub fn compare_with_statistics(&mut self, before: &Reference, data: Source) {
        for (feature, shares) in self.features.iter_mut().zip(&before.bin_shares) {
            // A share is a count over all rows, written to the last digit.
            let counts = shares.iter().map(|share| rounded(share * real(before.rows)));
            feature.compare(&counts.collect::<Vec<_>>());
        }
        self.before = Some(Baseline { data, rows: before.rows, measures: None, shift: None });
    }

    fn takes(&self, sample: &Sample<'_>) -> Result<(), Error> {
        if digest(&sample.card().canonical()) == self.digest {
            return Ok(());
        }
        Err(Error::Measure("the rows are in the bins of another card".into()))
    }
}

impl GradeCard {
    const fn below() -> Self {
        Self {
            name: None,
            from: None,
            probability: None,
            rows: None,
            share: None,
            bad: None,
            bad_rate: None,
        }
    }
}

/// By holder but the lender, what of the score its block explains.
fn holders(card: &Scorecard, reference: &Reference) -> Vec<(Slot, f64)> {
    let explained = card.holders().into_iter().zip(reference.holder_dominance.iter().copied());
    explained.filter(|(slot, _)| reference.lender.as_ref() != Some(slot)).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count: not below 0, and the count at most"
)]
fn rounded(count: f64) -> u64 {
    count.round() as u64
}
