//! What a lender may know of a scorecard: how to read a sum, and nothing of how it came about.

use domain::{Grade, ModelId, Scale, Scorecard};
use serde::{Deserialize, Serialize};

/// What a lender may know of a scorecard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Card {
    pub(crate) model: ModelId,
    pub(crate) title: String,
    offset: i32,
    pub(crate) most_points: u16,
    scale: Scale,
    grades: Vec<Grade>,
}

/// A decrypted sum, read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) points: u16,
    pub(crate) score: i32,
    pub(crate) probability: f64,
    pub(crate) grade: Option<String>,
}

impl Card {
    pub(crate) fn of(scorecard: &Scorecard) -> Self {
        Self {
            model: scorecard.model().clone(),
            title: scorecard.title().into(),
            offset: scorecard.offset(),
            most_points: scorecard.most_points(),
            scale: scorecard.scale(),
            grades: scorecard.grades().to_vec(),
        }
    }

    /// What a sum of points means.
    pub(crate) fn read(&self, points: u16) -> Reading {
        let score = self.offset.saturating_add(points.into());
        let grade = self.grades.iter().find(|grade| score >= grade.from);
        Reading {
            points,
            score,
            probability: 1.0 / (1.0 + self.scale.odds(score)),
            grade: grade.map(|grade| grade.name.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lender_reads_a_sum_as_the_scorecard_does() {
        let scorecard = Scorecard::from_toml(
            "model = 'm'\nversion = 1\ntitle = 't'\noffset = 400\n\
             [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
             [[grade]]\nname = 'A'\nfrom = 640\n[[grade]]\nname = 'B'\nfrom = 500\n\
             [[feature]]\ncolumn = 'x'\nholder = 'tax'\n\
             [[feature.bin]]\nupto = 1\npoints = 100\n[[feature.bin]]\npoints = 300\n",
        )
        .unwrap();
        let card = Card::of(&scorecard);
        for points in [0, 100, 240, 300] {
            let read = card.read(points);
            let score = scorecard.score(points);
            assert_eq!((read.points, read.score), (points, score));
            assert_eq!(read.grade.as_deref(), scorecard.grade(score));
            assert!((read.probability - scorecard.probability(score)).abs() < 1e-15);
        }
    }
}
