//! How a score does on rows whose outcomes are known: the same figures for a card and for scores in use.

use ndarray::Array1;
use scorecard::monitoring::{Calibration, Curve, ScoreBin, calibration, curve, distribution};
use scorecard::{Error, Gain, gains};
use serde::Serialize;

use crate::Measures;

/// The most points of a curve: as many as a plot can show.
const MOST_POINTS: usize = 200;

/// The most bins of a distribution of scores.
const MOST_BINS: usize = 24;

/// How a score does on rows whose outcomes are known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Performance {
    /// Of all rows.
    pub all: Measures,
    /// The mean of (probability − outcome)²; `None` without probabilities.
    pub brier: Option<f64>,
    /// Groups of as many rows, the riskiest first.
    pub gains: Vec<GainGroup>,
    /// Predicted against observed, by the same groups; `None` without probabilities.
    pub calibration: Option<Vec<Calibration>>,
    /// From the lowest score to the highest.
    pub curve: Curve,
    /// Over bins of one width.
    pub distribution: Vec<ScoreBin>,
}

/// A group of rows with neighbouring scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GainGroup {
    /// The share of the groups up to this one, the riskiest first.
    pub group: f64,
    /// Its good rows.
    pub good: u64,
    /// Its bad rows.
    pub bad: u64,
    /// The share of its rows that is bad.
    pub bad_rate: f64,
    /// The bad rate up to this group, over that of all rows.
    pub lift: f64,
    /// The share of all bad rows, up to this group.
    pub bad_so_far: f64,
    /// The share of all good rows, up to this group.
    pub good_so_far: f64,
    /// How far these two are apart.
    pub ks: f64,
}

impl Performance {
    /// Measures scores, the higher the better, and perhaps probabilities of bad, in so many groups of rows
    /// (as many as there are rows at most).
    ///
    /// # Errors
    ///
    /// [`Error::Measure`] where columns have different lengths, a score is no number, a probability is
    /// not within 0 to 1, or the rows of a class are missing.
    pub fn of(
        scores: &Array1<f64>,
        probabilities: Option<&Array1<f64>>,
        bad: &Array1<bool>,
        groups: usize,
    ) -> Result<Self, Error> {
        let groups = groups.min(bad.len());
        let risks = scores.mapv(|score| -score);
        let curve = curve(scores.view(), bad.view(), MOST_POINTS)?;
        let gains = gains(risks.view(), bad.view(), groups)?;
        let calibrated = probabilities
            .map(|probabilities| calibration(probabilities.view(), bad.view(), groups))
            .transpose()?;
        let (calibration, brier) = calibrated.unzip();
        Ok(Self {
            all: Measures::of(scores.view(), bad.view())
                .ok_or_else(|| Error::Measure("rows of both classes are needed".into()))?,
            brier,
            gains: gains.into_iter().map(GainGroup::from).collect(),
            calibration,
            curve,
            distribution: distribution(scores.view(), bad.view(), MOST_BINS)?,
        })
    }
}

impl From<Gain> for GainGroup {
    fn from(gain: Gain) -> Self {
        Self {
            group: gain.group,
            good: gain.good,
            bad: gain.bad,
            bad_rate: gain.badrate,
            lift: gain.lift,
            bad_so_far: gain.cumbad,
            good_so_far: gain.cumgood,
            ks: gain.ks,
        }
    }
}
