//! The exact search finds the bins that optbinning finds, on Statlog's German credit data.
//!
//! `vectors/germancredit-optbinning.json` has, of three columns, what optbinning 1.0.0 (ortools
//! 9.15.6755) says with `OptimalBinning(dtype="numerical", solver="cp", user_splits=..., ...)` under
//! each `monotonic_trend` (`None` is `free`) and two sets of constraints: its splits, its information
//! value, and good and bad rows of each bin. `user_splits` are the breaks of
//! [`PreBins::equal_frequency`] with 20 pre-bins.

use scorecard::fitting::{Constraints, Outcome, PreBins, Trend, optimal};
use serde::Deserialize;

use crate::Data;

const GOLDEN: &str = include_str!("../vectors/germancredit-optbinning.json");

#[derive(Deserialize)]
struct Golden {
    rows: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    column: String,
    trend: String,
    max_n_bins: usize,
    min_bin_size: f64,
    min_bin_n_event: u64,
    min_bin_n_nonevent: u64,
    status: String,
    splits: Vec<f64>,
    iv: f64,
    counts: Vec<(u64, u64)>,
}

impl Case {
    fn constraints(&self) -> Constraints {
        Constraints {
            max_n_bins: self.max_n_bins,
            min_bin_size: self.min_bin_size,
            min_bin_n_event: self.min_bin_n_event,
            min_bin_n_nonevent: self.min_bin_n_nonevent,
            monotonic_trend: match self.trend.as_str() {
                "free" => Trend::Free,
                "ascending" => Trend::Ascending,
                "descending" => Trend::Descending,
                "peak" => Trend::Peak,
                "valley" => Trend::Valley,
                other => panic!("{other} is no trend of the vectors"),
            },
            user_splits_fixed: Vec::new(),
        }
    }
}

#[test]
fn the_exact_search_finds_the_bins_of_optbinning_under_every_trend() {
    let outcome = ("creditability", "bad");
    let Some(german) = Data::read(&["germancredit.csv"], outcome, GOLDEN) else { return };
    let golden = Golden::deserialize(&german.golden).unwrap();
    assert_eq!(golden.rows.len(), 30);
    for case in golden.rows {
        let told = format!("{} {} {:?}", case.column, case.trend, case.constraints());
        assert_eq!(case.status, "OPTIMAL", "{told}");
        let column = german.numbers(&case.column).unwrap();
        let prebins = PreBins::equal_frequency(column.view(), 20).unwrap();
        let (counts, _) = prebins.count(column.view(), german.bad.view()).unwrap();
        let found = optimal(&counts, &case.constraints()).unwrap();
        assert_eq!(found.partition.breaks(prebins.breaks()), case.splits, "{told}");
        let bins = found.partition.counts(&counts);
        let bins: Vec<_> = bins.iter().map(|bin| (bin.good, bin.bad)).collect();
        assert_eq!(bins, case.counts, "{told}");
        assert!((found.iv - case.iv).abs() < 1e-9, "{told}: {} {}", found.iv, case.iv);
        // One bin of all rows is what a wrong trend leaves, and is told as such.
        let collapsed = found.outcome == Outcome::CollapsedByTrend;
        assert_eq!(collapsed, case.splits.is_empty(), "{told}");
    }
}
