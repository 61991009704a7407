//! The curve of a score: which shares of the good and of the bad lie at each score or below it.

use ndarray::ArrayView1;
use serde::Serialize;

use crate::Error;
use crate::fitting::real;

/// A score, and what of each class has this score or a lower one.
///
/// With the share of the good to the right and that of the bad upwards, points are a ROC curve; the
/// distance of the two over the scores is what Kolmogorov and Smirnov look for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The score.
    pub score: f64,
    /// The share of the good rows, 0 to 1.
    pub good: f64,
    /// The share of the bad rows, 0 to 1.
    pub bad: f64,
}

/// A score's curve, from its lowest score to its highest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// A point a score, or fewer; the last has all rows below it.
    pub points: Vec<CurvePoint>,
    /// The greatest distance between the two shares.
    pub ks: f64,
    /// The score up to which they are so far apart.
    pub ks_at: f64,
}

/// The fewest points that a curve is thinned to.
const FEWEST: usize = 8;

/// Traces the curve of scores, the higher the better, in at most so many points (8 at least). Where
/// there are more scores, points are left out that are near their neighbours; the greatest distance is
/// taken over all of them, and its point stays.
///
/// # Errors
///
/// [`Error::Measure`] when the two columns have different lengths, a score is no number, or the rows of a
/// class are missing.
pub fn curve(
    scores: ArrayView1<'_, f64>,
    bad: ArrayView1<'_, bool>,
    most: usize,
) -> Result<Curve, Error> {
    if scores.len() != bad.len() || scores.iter().any(|score| !score.is_finite()) {
        return Err(Error::Measure("every row has a score, a number, and an outcome".into()));
    }
    let mut sorted: Vec<(f64, bool)> = scores.iter().copied().zip(bad.iter().copied()).collect();
    sorted.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
    let count = |rows: &[(f64, bool)]| rows.iter().filter(|(_, bad)| *bad).count() as u64;
    let bads = count(&sorted);
    let goods = sorted.len() as u64 - bads;
    if bads == 0 || goods == 0 {
        return Err(Error::Measure("a curve takes rows of both classes".into()));
    }
    let (mut bad_so_far, mut good_so_far) = (0, 0);
    let same = sorted.chunk_by(|(one, _), (other, _)| one == other);
    let points = same.map(|same| {
        let bad = count(same);
        bad_so_far += bad;
        good_so_far += same.len() as u64 - bad;
        CurvePoint {
            score: same[0].0,
            good: real(good_so_far) / real(goods),
            bad: real(bad_so_far) / real(bads),
        }
    });
    let points: Vec<CurvePoint> = points.collect();
    let distance = |point: &CurvePoint| (point.bad - point.good).abs();
    let farthest = points.iter().fold(points[0], |farthest, point| {
        if distance(point) > distance(&farthest) { *point } else { farthest }
    });
    Ok(Curve {
        points: thinned(points, farthest.score, most.max(FEWEST)),
        ks: distance(&farthest),
        ks_at: farthest.score,
    })
}

/// At most so many points, about as far apart as one another, with that of a score.
fn thinned(points: Vec<CurvePoint>, keep: f64, most: usize) -> Vec<CurvePoint> {
    if points.len() <= most {
        return points;
    }
    // One place is for the point that stays, one for the last.
    let steps = real((most - 2) as u64);
    let last = points.len() - 1;
    let mut reached = 0.0;
    let points = points.into_iter().enumerate().filter(|(place, point)| {
        let step = ((point.good + point.bad) / 2.0 * steps).floor();
        let rises = step > reached;
        reached = step.max(reached);
        rises || *place == last || point.score == keep
    });
    points.map(|(_, point)| point).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};
    use proptest::prelude::*;

    use super::curve;
    use crate::Separation;

    #[test]
    fn a_worked_example_rises_step_by_step_and_equal_scores_are_one_step() {
        let scores = array![1.0, 2.0, 3.0, 3.0, 4.0];
        let bad = array![true, false, true, false, false];
        let found = curve(scores.view(), bad.view(), 200).unwrap();
        let steps: Vec<_> = found.points.iter().map(|point| (point.score, point.bad)).collect();
        assert_eq!(steps, [(1.0, 0.5), (2.0, 0.5), (3.0, 1.0), (4.0, 1.0)]);
        assert_eq!((found.ks, found.ks_at), (0.5, 1.0));
        assert!(curve(scores.view(), array![true].view(), 200).is_err());
        assert!(curve(array![1.0, 2.0].view(), array![true, true].view(), 9).is_err());
        assert!(curve(array![f64::NAN, 2.0].view(), array![true, false].view(), 9).is_err());
    }

    proptest! {
        #[test]
        fn the_area_and_the_distance_are_those_of_all_pairs_and_thinning_leaves_the_distance(
            rows in prop::collection::vec((0_u16..300, any::<bool>()), 2..400),
        ) {
            let scores: Array1<f64> = rows.iter().map(|(score, _)| f64::from(*score)).collect();
            let bad: Array1<bool> = rows.iter().map(|(_, bad)| *bad).collect();
            let both: Vec<_> = scores.iter().copied().zip(bad.iter().copied()).collect();
            let Some(separation) = Separation::of(&both) else { return Ok(()) };
            let whole = curve(scores.view(), bad.view(), 1000).unwrap();
            let mut before = (0.0, 0.0);
            let mut area = 0.0;
            for point in &whole.points {
                area += (point.good - before.0) * (point.bad + before.1) / 2.0;
                before = (point.good, point.bad);
            }
            prop_assert!((area - separation.auc).abs() < 1e-12);
            prop_assert!((whole.ks - separation.ks).abs() < 1e-12);
            prop_assert_eq!(before, (1.0, 1.0));
            let few = curve(scores.view(), bad.view(), 16).unwrap();
            prop_assert!(few.points.len() <= 16 && few.points.last() == whole.points.last());
            prop_assert_eq!((few.ks, few.ks_at), (whole.ks, whole.ks_at));
            let of = few.points.iter().find(|point| point.score == few.ks_at).unwrap();
            prop_assert!(((of.bad - of.good).abs() - few.ks).abs() < 1e-12);
            prop_assert!(few.points.iter().all(|point| whole.points.contains(point)));
        }
    }
}
