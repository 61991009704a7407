//! What makes the model of a training a scorecard: how columns are binned, and what points mean.

use std::collections::BTreeSet;

use domain::PartyId;
use serde::{Deserialize, Serialize};

use super::{Contribution, Job, Missing, Outputs, Weights};

/// A scorecard in the place of a model over raw columns: every column is binned, good and bad rows of
/// its bins are counted on shares, and the model is fitted over weights of evidence.
///
/// Its presence in a job opens more than weights. What opens stands in [`Opens`]; whoever countersigns
/// the job signs that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scorecard {
    /// What opens of bins, counts and points, and to whom.
    pub opens: Opens,
    /// The most pre-bins of a column, about as many rows in each: 2 to 64.
    pub prebins: u8,
    /// The most bins of a column, that of missing values apart: 2 to 31.
    pub most_bins: u8,
    /// The least share of a column's values in a bin, in hundredths: 0 to 50.
    pub least_percent: u8,
    /// How bad rates go from bin to bin, where `trends` says nothing else.
    pub trend: Trend,
    /// How they go in single columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trends: Vec<ColumnTrend>,
    /// The score at which the odds are `base_odds`: -100,000 to 100,000.
    pub base_score: i32,
    /// Good to bad at `base_score`: 1 to 1,000,000.
    pub base_odds: u32,
    /// Points that double the odds: 1 to 100.
    pub pdo: u8,
}

/// What opens of bins, counts and points, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opens {
    /// To each holder, how many good and bad rows each bin of its own columns has; to the lender, of
    /// every column the name, the bins, those counts, and the points.
    BinsAndPointsToLender,
}

/// How bad rates go from bin to bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// The better of ascending and descending; a peak or a valley where that is worth it.
    Auto,
    /// They rise.
    Ascending,
    /// They fall.
    Descending,
    /// They rise, then fall.
    Peak,
    /// They fall, then rise.
    Valley,
    /// As they like.
    None,
}

/// How bad rates go in one column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnTrend {
    /// Who brings the column.
    pub party: PartyId,
    /// Its name in the job.
    pub column: String,
    /// How its bad rates go.
    pub trend: Trend,
}

impl Scorecard {
    /// The most parties that bring columns.
    pub const MOST_HOLDERS: usize = scorecard::Scorecard::MOST_HOLDERS;
    /// The most columns of one of them.
    pub const MOST_COLUMNS: usize = scorecard::Part::MOST_FEATURES;

    /// How bad rates go in a column.
    #[must_use]
    pub fn trend_of(&self, party: &PartyId, column: &str) -> Trend {
        let own = self.trends.iter().find(|own| own.party == *party && own.column == column);
        own.map_or(self.trend, |own| own.trend)
    }
}

/// What a job owes its scorecard, and bins to their job.
pub(crate) fn check(job: &Job) -> Result<(), &'static str> {
    parts(job.scorecard.as_ref(), &job.contributions, &job.outputs)
}

pub(crate) fn parts(
    of: Option<&Scorecard>,
    contributions: &[Contribution],
    outputs: &Outputs,
) -> Result<(), &'static str> {
    let binned = contributions.iter().all(|own| own.missing == Missing::Bin);
    let Some(scorecard) = of else {
        let none = contributions.iter().all(|own| own.missing != Missing::Bin);
        return holds(none, "a bin of missing values goes with a scorecard");
    };
    numbers(scorecard)?;
    holds(outputs.weights == Weights::Lender, "a scorecard opens its weights to the lender")?;
    holds(binned, "where the model is a scorecard, missing values have a bin of their own")?;
    let fits = contributions.len() <= Scorecard::MOST_HOLDERS;
    holds(fits, "at most 7 parties bring columns of a scorecard")?;
    let fits = contributions.iter().all(|own| own.columns.len() <= Scorecard::MOST_COLUMNS);
    holds(fits, "a party brings at most 64 columns of a scorecard")?;
    let named: BTreeSet<(&PartyId, &str)> =
        scorecard.trends.iter().map(|own| (&own.party, own.column.as_str())).collect();
    holds(named.len() == scorecard.trends.len(), "a column has one trend")?;
    let there = |(party, column): &(&PartyId, &str)| {
        let own = contributions.iter().find(|own| own.party == **party);
        own.is_some_and(|own| own.columns.iter().any(|name| name == column))
    };
    holds(named.iter().all(there), "a trend is of a column that its party brings")
}

fn numbers(of: &Scorecard) -> Result<(), &'static str> {
    let Scorecard { prebins, most_bins, least_percent, base_score, base_odds, pdo, .. } = of;
    holds((2..=64).contains(prebins), "a column has 2 to 64 pre-bins")?;
    holds((2..=31).contains(most_bins), "a column has at most 2 to 31 bins")?;
    holds(*least_percent <= 50, "a bin has at least 0 to 50 of a hundred values")?;
    let fits = (-100_000..=100_000).contains(base_score);
    holds(fits, "a base score is at most 100000 from 0")?;
    let fits = (1..=1_000_000).contains(base_odds);
    holds(fits, "base odds are a whole number from 1 to 1000000")?;
    holds((1..=100).contains(pdo), "1 to 100 points double the odds")
}

fn holds(rule: bool, text: &'static str) -> Result<(), &'static str> {
    if rule { Ok(()) } else { Err(text) }
}
