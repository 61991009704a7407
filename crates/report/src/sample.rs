//! Rows in the bins of a card, counted.

use domain::{Field, Slot};
use ndarray::Array1;
use scorecard::fitting::Counts;
use scorecard::{Error, Feature, Reference, Scorecard, Separation, Tally};

use crate::{Measures, Performance};

/// Rows in the bins of a card, with their outcomes as far as they are known.
#[derive(Clone, Debug)]
pub struct Sample<'a> {
    card: &'a Scorecard,
    tally: Tally<'a>,
    counts: Vec<Vec<Counts>>,
    points: Vec<u16>,
    exact: Vec<f64>,
    bad: Vec<bool>,
    without_bin: u64,
}

/// A feature of a card with all that the card says of it.
pub(crate) struct Drawn<'a> {
    pub(crate) slot: &'a Slot,
    pub(crate) feature: &'a Feature,
    pub(crate) points: &'a [u16],
    pub(crate) field: Option<&'a Field>,
    pub(crate) regression: Option<(f64, &'a [f64])>,
}

impl<'a> Sample<'a> {
    /// Has counted no row yet. `lender` is the slot that the lender fills itself.
    #[must_use]
    pub fn new(card: &'a Scorecard, lender: Option<&Slot>) -> Self {
        let counts = card.features().map(|(.., points)| vec![Counts::default(); points.len()]);
        Self {
            card,
            tally: Tally::new(card, lender),
            counts: counts.collect(),
            points: Vec::new(),
            exact: Vec::new(),
            bad: Vec::new(),
            without_bin: 0,
        }
    }

    /// Counts a row by the bins of its values ([`Scorecard::bins`]) and its outcome; `None` for a row with
    /// a value that has no bin: it has no score. Where no outcome is known, all rows are taken as good.
    pub fn add(&mut self, bins: Option<&[usize]>, bad: bool) {
        let scored = bins.and_then(|bins| Some((bins, self.card.points_of(bins)?)));
        let Some((bins, points)) = scored else {
            self.without_bin += 1;
            return;
        };
        self.tally.count(bins);
        for (counts, bin) in self.counts.iter_mut().zip(bins) {
            counts[*bin] = counts[*bin] + Counts::row(bad);
        }
        self.points.push(points);
        self.exact.extend(self.card.exact_score(bins));
        self.bad.push(bad);
    }

    /// How many rows have a score.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.bad.len() as u64
    }

    /// How many have none, for a value without a bin.
    #[must_use]
    pub const fn without_bin(&self) -> u64 {
        self.without_bin
    }

    /// The statistics of the rows; `None` of no row.
    #[must_use]
    pub fn reference(&self) -> Option<Reference> {
        self.tally.reference()
    }

    /// The scores, in the order of the rows.
    #[must_use]
    pub fn scores(&self) -> Array1<f64> {
        self.points.iter().map(|points| f64::from(self.card.score(*points))).collect()
    }

    /// Whether there are good and bad rows: without both nothing can be measured.
    #[must_use]
    pub fn has_both_classes(&self) -> bool {
        self.bad.contains(&true) && self.bad.contains(&false)
    }

    /// How well the scores part good from bad; `None` unless there are both.
    #[must_use]
    pub fn measures(&self) -> Option<Measures> {
        Measures::of(self.scores().view(), self.outcomes().view())
    }

    /// The same before points were rounded, where the card has the regression.
    #[must_use]
    pub fn exact(&self) -> Option<Separation> {
        let both: Vec<_> = self.exact.iter().copied().zip(self.bad.iter().copied()).collect();
        Separation::of(&both)
    }

    /// Everything that the scores show, in so many groups of rows.
    ///
    /// # Errors
    ///
    /// [`Error::Measure`] unless there are good and bad rows.
    pub fn performance(&self, groups: usize) -> Result<Performance, Error> {
        let probability = |points: &u16| self.card.probability(self.card.score(*points));
        let probabilities: Array1<f64> = self.points.iter().map(probability).collect();
        Performance::of(&self.scores(), Some(&probabilities), &self.outcomes(), groups)
    }

    /// The card that the rows are in the bins of.
    pub(crate) const fn card(&self) -> &'a Scorecard {
        self.card
    }

    /// Good and bad rows by feature and bin.
    pub(crate) fn counts(&self) -> &[Vec<Counts>] {
        &self.counts
    }

    /// Good and bad rows by grade, in the order of the grades; last those below all of them.
    pub(crate) fn grades(&self) -> Vec<Counts> {
        let grades = self.card.grades();
        let mut counts = vec![Counts::default(); grades.len() + 1];
        for (points, bad) in self.points.iter().zip(&self.bad) {
            let score = self.card.score(*points);
            let grade = grades.iter().position(|grade| score >= grade.from);
            let own = &mut counts[grade.unwrap_or(grades.len())];
            *own = *own + Counts::row(*bad);
        }
        counts
    }

    fn outcomes(&self) -> Array1<bool> {
        self.bad.iter().copied().collect()
    }
}
