//! How a job's file describes its scorecard.

use serde::Deserialize;

use super::Whole;
use crate::job::{ColumnTrend, Opens, Scorecard, Trend};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScorecardForm {
    opens: Option<Opens>,
    prebins: Option<Whole<2, 64>>,
    most_bins: Option<Whole<2, 31>>,
    least_percent: Option<Whole<0, 50>>,
    trend: Option<Trend>,
    #[serde(default)]
    trends: Vec<ColumnTrend>,
    base_score: Option<i32>,
    base_odds: Option<u32>,
    pdo: Option<Whole<1, 100>>,
}

impl ScorecardForm {
    pub(super) fn parse(self) -> Scorecard {
        Scorecard {
            opens: self.opens.unwrap_or(Opens::BinsAndPointsToLender),
            prebins: self.prebins.map_or(20, |number| number.0),
            most_bins: self.most_bins.map_or(6, |number| number.0),
            least_percent: self.least_percent.map_or(5, |number| number.0),
            trend: self.trend.unwrap_or(Trend::Auto),
            trends: self.trends,
            base_score: self.base_score.unwrap_or(600),
            base_odds: self.base_odds.unwrap_or(50),
            pdo: self.pdo.map_or(20, |number| number.0),
        }
    }
}
