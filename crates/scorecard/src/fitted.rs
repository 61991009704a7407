//! A scorecard of a regression over weights of evidence, as its fitter has it.

use std::collections::BTreeMap;

use domain::{Field, Slot};

use crate::card::Scored;
use crate::model_file::{FeatureForm, ModelFile};
use crate::weights::Weights;
use crate::{Error, Fact, Feature, Head, Scorecard};

/// A feature as it was fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// Whose it is.
    pub holder: Slot,
    /// What it is in the catalogue, for readers.
    pub field: Option<Field>,
    /// The holder's column, and how its values fall into bins.
    pub feature: Feature,
    /// The weight of evidence of each bin, in the order of the binning: ln (share of the bads / share
    /// of the goods).
    pub woe: Vec<f64>,
    /// Its weight in the regression of bad.
    pub coef: f64,
}

impl Scorecard {
    /// Scales a regression of bad over weights of evidence to whole points. What comes of it has points
    /// and an offset, and no weight: whoever reads the card learns no more than it needs.
    ///
    /// # Errors
    ///
    /// Those of [`Scorecard::from_toml`]: among them points that are too far apart for an encrypted
    /// answer.
    pub fn from_regression(
        head: Head,
        intercept: f64,
        training: BTreeMap<String, Fact>,
        features: Vec<Fitted>,
    ) -> Result<Self, Error> {
        let form = |fitted: Fitted| {
            let Fitted { holder, field, feature, woe, coef } = fitted;
            let (points, weights) = (Vec::new(), Some(Weights { coef, woe }));
            FeatureForm::of(&Scored { holder, field, feature, points, weights })
        };
        let forms = features.into_iter().map(form).collect();
        let scaled = ModelFile::of_regression(head, intercept, forms).parse()?;
        let bare = |scored| Scored { weights: None, ..scored };
        let features = scaled.features.into_iter().map(bare).collect();
        let card = Self { intercept: None, training, features, ..scaled };
        // Once more as it will be read: facts have rules too.
        Self::from_toml(&card.to_toml())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Fitted;
    use crate::{Binning, Error, Feature, Head, Scale, Scorecard};

    fn fitted(woe: [f64; 3], coef: f64) -> Fitted {
        let feature = Feature::new("vat", Binning::numbers(vec![10.0], true).unwrap()).unwrap();
        Fitted { holder: "tax".parse().unwrap(), field: None, feature, woe: woe.to_vec(), coef }
    }

    fn card(features: Vec<Fitted>) -> Result<Scorecard, Error> {
        let scale = Scale { base_score: 600, base_odds: 50.0, pdo: 20.0 };
        let head = Head { model: "small@1".parse().unwrap(), title: "Small".into(), scale };
        Scorecard::from_regression(head, -1.0, BTreeMap::new(), features)
    }

    #[test]
    fn a_regression_becomes_whole_points_with_the_least_of_each_feature_in_the_offset() {
        let card = card(vec![fitted([0.5, -0.5, 0.0], 1.0)]).unwrap();
        let factor = 20.0 / std::f64::consts::LN_2;
        let exact = |woe: f64| 600.0 - factor * (50.0_f64.ln() + woe - 1.0);
        let points = card.points(&"tax".parse().unwrap()).unwrap().remove(0);
        for (woe, points) in [0.5, -0.5, 0.0].into_iter().zip(points) {
            let score = f64::from(card.score(points));
            assert!((score - exact(woe)).abs() <= 0.5, "{score} for {}", exact(woe));
        }
        let text = card.to_toml();
        assert!(!text.contains("woe") && !text.contains("coef"), "{text}");
        assert_eq!(Scorecard::from_toml(&text).unwrap(), card);
    }

    #[test]
    fn points_that_no_encrypted_answer_holds_are_refused_with_what_to_do() {
        let refused = card(vec![fitted([9.0, -30.0, 0.0], 2.0)]).unwrap_err().to_string();
        assert!(refused.contains("pdo"), "{refused}");
        assert!(card(vec![fitted([f64::NAN, 0.0, 0.0], 1.0)]).is_err());
        assert!(card(vec![Fitted { woe: vec![0.5], ..fitted([0.0; 3], 1.0) }]).is_err());
    }
}
