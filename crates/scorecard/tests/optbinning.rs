//! The exact search finds the bins that optbinning finds, on Statlog's German credit data.
//!
//! `vectors/germancredit-optbinning.json` has, of three columns, what optbinning 1.0.0 (ortools
//! 9.15.6755) says with `OptimalBinning(dtype="numerical", solver="cp", user_splits=..., ...)` under
//! each `monotonic_trend` (`None` is `free`) and two sets of constraints: its splits, its information
//! value, and good and bad rows of each bin. `user_splits` are the breaks of
//! [`PreBins::equal_frequency`] with 20 pre-bins. The data themselves are read from the folder that
//! `TACIT_CREDIT_DATA` names.

use std::path::PathBuf;
use std::{env, fs};

use ndarray::Array1;
use scorecard::Sheet;
use scorecard::fitting::{Constraints, Outcome, PreBins, Trend, optimal};
use serde::Deserialize;

const GOLDEN: &str = include_str!("vectors/germancredit-optbinning.json");

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
    let Some(folder) = env::var_os("TACIT_CREDIT_DATA") else {
        eprintln!("skipped: TACIT_CREDIT_DATA names no folder with germancredit.csv");
        return;
    };
    let path = PathBuf::from(folder).join("germancredit.csv");
    let sheet = Sheet::read(&fs::read_to_string(path).unwrap()).unwrap();
    let cells = |name: &str| {
        let at = sheet.column(name).unwrap();
        sheet.rows().iter().map(move |row| row[at].as_str())
    };
    let bad: Array1<bool> = cells("creditability").map(|cell| cell == "bad").collect();
    let golden: Golden = serde_json::from_str(GOLDEN).unwrap();
    assert_eq!(golden.rows.len(), 30);
    for case in golden.rows {
        let told = format!("{} {} {:?}", case.column, case.trend, case.constraints());
        assert_eq!(case.status, "OPTIMAL", "{told}");
        let column: Array1<f64> = cells(&case.column).map(|cell| cell.parse().unwrap()).collect();
        let prebins = PreBins::equal_frequency(column.view(), 20).unwrap();
        let (counts, _) = prebins.count(column.view(), bad.view()).unwrap();
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
