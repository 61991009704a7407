//! What a lender may know of a scorecard: how to read a sum, and nothing of how the others' came
//! about.

use domain::{ModelId, Slot};
use scorecard::{Grade, Scale, Scorecard};
use serde::{Deserialize, Serialize};

use crate::kinds::issue::own::Own;

/// What a lender may know of a scorecard.
///
/// Where a slot is the lender's own, its part is here with its points in clear, and what stays hidden
/// is the others': which bins they have and what these are worth. The lender knows its own points in
/// any case, and subtracts them from a total that it could read; so what it opens is, with an own
/// block and without one, the sum over the other holders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Card {
    pub(crate) model: ModelId,
    pub(crate) title: String,
    offset: i32,
    /// The largest sum that the others' points can reach: the protocol's bound.
    pub(crate) most_points: u16,
    scale: Scale,
    grades: Vec<Grade>,
    /// The lender's own block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) own: Option<Own>,
}

/// A decrypted sum and the lender's own points, read together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    pub(crate) points: u16,
    pub(crate) score: i32,
    pub(crate) probability: f64,
    pub(crate) grade: Option<String>,
}

impl Card {
    /// What the lender is told that fills `own` itself.
    pub(crate) fn of(scorecard: &Scorecard, own: Option<&Slot>) -> Self {
        Self {
            model: scorecard.model().clone(),
            title: scorecard.title().into(),
            offset: scorecard.offset(),
            most_points: scorecard.most_points_without(own),
            scale: scorecard.scale(),
            grades: scorecard.grades().to_vec(),
            own: own.and_then(|slot| Own::of(scorecard, slot)),
        }
    }

    /// Whether the card is of this model, and its points fit into one answer, own ones included.
    pub(crate) fn fits(&self, model: &ModelId) -> bool {
        let own = self.own.as_ref();
        let most = u64::from(self.most_points) + own.map_or(0, Own::most_points);
        self.model == *model
            && own.is_none_or(|own| own.part().model() == model)
            && most <= u64::from(scoring::MAX_POINTS)
    }

    /// The largest total, own points included, of a card that [`Card::fits`].
    pub(crate) fn most_total(&self) -> u16 {
        let own = self.own.as_ref().map_or(0, Own::most_points);
        self.most_points.saturating_add(u16::try_from(own).unwrap_or(u16::MAX))
    }

    /// What a total of points means: the decrypted sum, and the own points where there are any.
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
             [[feature.bin]]\nbelow = 2\npoints = 100\n[[feature.bin]]\npoints = 300\n",
        )
        .unwrap();
        let card = Card::of(&scorecard, None);
        for points in [0, 100, 240, 300] {
            let read = card.read(points);
            let score = scorecard.score(points);
            assert_eq!((read.points, read.score), (points, score));
            assert_eq!(read.grade.as_deref(), scorecard.grade(score));
            assert!((read.probability - scorecard.probability(score)).abs() < 1e-15);
        }
    }

    #[test]
    fn an_own_block_is_in_the_card_and_not_in_the_bound_of_the_others() {
        let scorecard = Scorecard::from_toml(
            "model = 'm'\nversion = 1\ntitle = 't'\noffset = 400\n\
             [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
             [[feature]]\ncolumn = 'x'\nholder = 'tax'\nbin = [{below = 2, points = 9}, {points = 700}]\n\
             [[feature]]\ncolumn = 'y'\nholder = 'own'\nbin = [{below = 2, points = 4}, {points = 300}]\n",
        )
        .unwrap();
        let card = Card::of(&scorecard, Some(&"own".parse().unwrap()));
        assert_eq!((card.most_points, card.most_total()), (700, 1_000));
        let written = serde_json::to_string(&card).unwrap();
        assert!(!written.contains("tax") && !written.contains("\"x\""), "{written}");
        assert!(card.fits(scorecard.model()));
        let larger = written.replace("300", "65535");
        let larger: Card = serde_json::from_str(&larger).unwrap();
        assert!(!larger.fits(scorecard.model()));
        let other: Card = serde_json::from_str(&written.replacen("m@1", "m@2", 1)).unwrap();
        assert!(!other.fits(scorecard.model()) && !other.fits(&"m@2".parse().unwrap()));
    }
}
