//! How sure an AUC is, and whether two of the same rows differ.

use ndarray::ArrayView1;

use crate::Error;
use crate::fitting::real;

/// An area under the ROC curve, and its variance over rows drawn anew (DeLong, DeLong and
/// Clarke-Pearson, Biometrics 44, 1988).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Auc {
    /// The chance that a bad one has a higher risk than a good one, ties counting half.
    pub area: f64,
    /// The variance of `area`.
    pub variance: f64,
}

impl Auc {
    /// The interval that has the true area in 95 of 100 samples, within 0 to 1.
    #[must_use]
    pub fn interval(&self) -> (f64, f64) {
        let half = NORMAL_975 * self.variance.sqrt();
        ((self.area - half).max(0.0), (self.area + half).min(1.0))
    }
}

/// How far the AUCs of two scores of the same rows are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The second's area less the first's.
    pub difference: f64,
    /// The variance of `difference`: smaller than that of two samples, for both saw the same rows.
    pub variance: f64,
    /// How probable a difference is to be this far from 0, or farther, where there is none.
    pub p: f64,
}

/// The 97.5th percentile of the normal distribution.
const NORMAL_975: f64 = 1.959_963_984_540_054;

/// Estimates the AUC of risks (probabilities of bad, or anything that grows with them).
///
/// # Errors
///
/// [`Error::Measure`] when the two columns have different lengths, or there are fewer than two rows of
/// a class.
pub fn auc(risks: ArrayView1<'_, f64>, bad: ArrayView1<'_, bool>) -> Result<Auc, Error> {
    let placements = Placements::of(risks, bad)?;
    Ok(Auc { area: placements.area(), variance: placements.covariance(&placements) })
}

/// Compares the AUCs of two scores of the same rows, each as risks: the second against the first.
///
/// # Errors
///
/// As [`auc`].
pub fn compare_aucs(
    first: ArrayView1<'_, f64>,
    second: ArrayView1<'_, f64>,
    bad: ArrayView1<'_, bool>,
) -> Result<Difference, Error> {
    let (first, second) = (Placements::of(first, bad)?, Placements::of(second, bad)?);
    let difference = second.area() - first.area();
    let alone = first.covariance(&first) + second.covariance(&second);
    // Rounded below 0 where the two order all rows alike.
    let variance = (alone - 2.0 * first.covariance(&second)).max(0.0);
    let p = match (difference == 0.0, variance == 0.0) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => libm::erfc(difference.abs() / (2.0 * variance).sqrt()),
    };
    Ok(Difference { difference, variance, p })
}

/// Of each row the share of the other class that it stands on the right side of, ties counting half.
struct Placements {
    /// Of each bad row, in the order of the rows: how many of the good have a lower risk.
    bads: Vec<f64>,
    /// Of each good row: how many of the bad have a higher risk.
    goods: Vec<f64>,
}

impl Placements {
    fn of(risks: ArrayView1<'_, f64>, bad: ArrayView1<'_, bool>) -> Result<Self, Error> {
        let bads = bad.iter().filter(|bad| **bad).count();
        let goods = bad.len() - bads;
        if risks.len() != bad.len() || bads < 2 || goods < 2 {
            return Err(Error::Measure(format!(
                "{} risks, {bads} bad rows and {goods} good ones: as many risks as rows, and two rows of each class",
                risks.len()
            )));
        }
        let mut order: Vec<usize> = (0..risks.len()).collect();
        order.sort_unstable_by(|one, other| risks[*one].total_cmp(&risks[*other]));
        let mut placements = vec![0.0; risks.len()];
        let (mut bads_below, mut goods_below) = (0.0, 0.0);
        for same in order.chunk_by(|one, other| risks[*one].total_cmp(&risks[*other]).is_eq()) {
            let bad_here = real(same.iter().filter(|row| bad[**row]).count() as u64);
            let good_here = real(same.len() as u64) - bad_here;
            for row in same {
                placements[*row] = if bad[*row] {
                    (goods_below + good_here / 2.0) / real(goods as u64)
                } else {
                    1.0 - (bads_below + bad_here / 2.0) / real(bads as u64)
                };
            }
            bads_below += bad_here;
            goods_below += good_here;
        }
        let of = |class: bool| {
            let rows = placements.iter().zip(&bad);
            rows.filter(|(_, bad)| **bad == class).map(|(placement, _)| *placement).collect()
        };
        Ok(Self { bads: of(true), goods: of(false) })
    }

    fn area(&self) -> f64 {
        mean(&self.bads)
    }

    /// The covariance of two areas over the same rows; with itself, the variance.
    fn covariance(&self, other: &Self) -> f64 {
        let of = |one: &[f64], other: &[f64]| {
            let (mean_one, mean_other) = (mean(one), mean(other));
            let products = one.iter().zip(other).map(|(x, y)| (x - mean_one) * (y - mean_other));
            let rows = real(one.len() as u64);
            products.sum::<f64>() / (rows - 1.0) / rows
        };
        of(&self.bads, &other.bads) + of(&self.goods, &other.goods)
    }
}

fn mean(all: &[f64]) -> f64 {
    all.iter().sum::<f64>() / real(all.len() as u64)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};
    use proptest::prelude::*;

    use super::{auc, compare_aucs};
    use crate::Separation;

    /// 109 tomograms, rated from 1 to 5 by one reader (Hanley and McNeil, Radiology 143, 1982, table I):
    /// how many of the normal and of the abnormal have each rating.
    const RATINGS: [(u64, u64); 5] = [(33, 3), (6, 2), (6, 2), (11, 11), (2, 33)];

    fn tomograms() -> (Array1<f64>, Array1<bool>) {
        let rated = (1..=5_u8).zip(RATINGS).flat_map(|(rating, (normal, abnormal))| {
            let of = |count: u64, bad| (0..count).map(move |_| (f64::from(rating), bad));
            of(normal, false).chain(of(abnormal, true))
        });
        let (ratings, abnormal): (Vec<f64>, Vec<bool>) = rated.unzip();
        (ratings.into(), abnormal.into())
    }

    #[test]
    fn an_area_and_its_error_are_those_that_statistics_programs_print_of_published_ratings() {
        // Stata, `roctab disease rating`: 0.8932, 0.0307, 0.83295 to 0.95339.
        let (ratings, abnormal) = tomograms();
        let found = auc(ratings.view(), abnormal.view()).unwrap();
        assert!((found.area - 0.8932).abs() < 5e-5, "{}", found.area);
        assert!((found.variance.sqrt() - 0.0307).abs() < 5e-5, "{}", found.variance.sqrt());
        let (low, high) = found.interval();
        assert!((low - 0.83295).abs() < 5e-6 && (high - 0.95339).abs() < 5e-6, "{low} {high}");
    }

    #[test]
    fn rows_of_one_class_have_no_area() {
        let risks = array![0.1, 0.2, 0.3, 0.4];
        for bad in
            [array![true, true, true, true], array![true, false, false, false], array![false]]
        {
            assert_eq!(auc(risks.view(), bad.view()).unwrap_err().code(), "measure");
        }
    }

    #[test]
    fn a_score_does_not_differ_from_itself_nor_from_one_that_orders_all_rows_alike() {
        let (ratings, abnormal) = tomograms();
        let found = compare_aucs(ratings.view(), ratings.view(), abnormal.view()).unwrap();
        assert_eq!((found.difference, found.p), (0.0, 1.0));
        let squared = ratings.mapv(|rating| rating * rating);
        let found = compare_aucs(ratings.view(), squared.view(), abnormal.view()).unwrap();
        assert_eq!((found.difference, found.p), (0.0, 1.0));
        let turned = ratings.mapv(|rating| -rating);
        let found = compare_aucs(ratings.view(), turned.view(), abnormal.view()).unwrap();
        assert!(found.difference < -0.78 && found.p < 1e-12, "{found:?}");
    }

    /// The same by its definition, over all pairs of a bad row with a good one.
    fn by_pairs(one: &[f64], other: &[f64], bad: &[bool]) -> (f64, f64) {
        let rows = |class| (0..bad.len()).filter(move |row| bad[*row] == class);
        let wins = |risks: &[f64], bad: usize, good: usize| match risks[bad].total_cmp(&risks[good])
        {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        };
        let (bads, goods): (Vec<_>, Vec<_>) = (rows(true).collect(), rows(false).collect());
        let (m, n) = (bads.len() as f64, goods.len() as f64);
        let v10 = |risks: &[f64]| -> Vec<f64> {
            bads.iter()
                .map(|b| goods.iter().map(|g| wins(risks, *b, *g)).sum::<f64>() / n)
                .collect()
        };
        let v01 = |risks: &[f64]| -> Vec<f64> {
            goods
                .iter()
                .map(|g| bads.iter().map(|b| wins(risks, *b, *g)).sum::<f64>() / m)
                .collect()
        };
        let area = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let s = |one: &[f64], other: &[f64]| {
            let (x, y) = (area(one), area(other));
            one.iter().zip(other).map(|(a, b)| (a - x) * (b - y)).sum::<f64>()
                / (one.len() as f64 - 1.0)
        };
        let covariance = s(&v10(one), &v10(other)) / m + s(&v01(one), &v01(other)) / n;
        (area(&v10(one)), covariance)
    }

    proptest! {
        #[test]
        fn areas_and_covariances_are_those_of_all_pairs(
            rows in prop::collection::vec((0_u8..6, 0_u8..6, any::<bool>()), 8..40),
        ) {
            let one: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let other: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
            let bad: Vec<bool> = rows.iter().map(|row| row.2).collect();
            let bads = bad.iter().filter(|bad| **bad).count();
            prop_assume!(bads >= 2 && bad.len() - bads >= 2);
            let arrays = (Array1::from(one.clone()), Array1::from(other.clone()));
            let labels = Array1::from(bad.clone());
            let found = auc(arrays.0.view(), labels.view()).unwrap();
            let (area, variance) = by_pairs(&one, &one, &bad);
            prop_assert!((found.area - area).abs() < 1e-12);
            prop_assert!((found.variance - variance).abs() < 1e-12);
            let better: Vec<_> = one.iter().map(|risk| -risk).zip(bad.iter().copied()).collect();
            prop_assert!((found.area - Separation::of(&better).unwrap().auc).abs() < 1e-12);
            let apart = compare_aucs(arrays.0.view(), arrays.1.view(), labels.view()).unwrap();
            let of_other = by_pairs(&other, &other, &bad).1;
            let expected = variance + of_other - 2.0 * by_pairs(&one, &other, &bad).1;
            prop_assert!((apart.variance - expected.max(0.0)).abs() < 1e-12);
        }
    }
}
