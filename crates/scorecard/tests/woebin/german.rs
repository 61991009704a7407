//! Statlog's German credit data.
//!
//! `vectors/germancredit-woebin.json` is of `dat = pandas.read_csv("germancredit.csv",
//! keep_default_na=False)`:
//!
//! * `tree`, `chimerge`: `woebin(dat, "creditability", method=...)` of all 20 columns.
//! * `fine`: the same of the seven columns of numbers, with `init_count_distr=0.05,
//!   count_distr_limit=0.02, stop_limit=0.02, bin_num_limit=6`.
//! * `missing`: of `age_in_years`, set to NaN in every row whose index leaves 3 by 7.
//! * `special`: of `duration_in_month`, with `special_values` 24 and 12.
//! * `given`: of three columns made `pandas.Categorical`, with their `order`.
//! * `pinned`: with `breaks_list` of `credit_amount` and `housing`.
//! * `perf_eva`: of the risks (1000 · duration + index) / 1e5, `max(eva_dfkslift(df).ks)` and the rows
//!   of `eva_dfkslift(df, 10)`; of `duration_in_month` alone, the area under the curve of
//!   `eva_dfrocpr`, before it is rounded; and `perf_eva` itself, which rounds to four digits.
//! * `perf_psi`: rows 0 to 399 against the others: of `age_in_years` with `x_limits=[20, 60],
//!   x_tick_break=10`, and of the number of credits, without the rows of the first 400 that have 4.

use ndarray::{Array1, s};
use scorecard::fitting::{Layout, Limits, PreBins, categories};
use scorecard::{Separation, gains, stability_index};

use crate::{Data, METHODS, assert_every_variable, assert_same, close};

const GOLDEN: &str = include_str!("../vectors/germancredit-woebin.json");

fn german() -> Option<Data> {
    let data = Data::read(&["germancredit.csv"], ("creditability", "bad"), GOLDEN)?;
    assert_eq!((data.bad.len(), data.bad.iter().filter(|bad| **bad).count()), (1000, 300));
    Some(data)
}

#[test]
fn every_variable_has_the_bins_of_woebin_by_both_methods() {
    let Some(german) = german() else { return };
    assert_every_variable(&german, 20);
}

#[test]
fn other_limits_lead_to_the_bins_that_woebin_finds_with_them() {
    let Some(german) = german() else { return };
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
    let Some(german) = german() else { return };
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
fn categories_in_a_given_order_have_the_bins_of_woebin() {
    let Some(german) = german() else { return };
    for (name, method) in METHODS {
        let golden = german.golden["given"][name].as_object().unwrap();
        assert_eq!(golden.len(), 3);
        for (column, bins) in golden {
            let order: Vec<String> = serde_json::from_value(bins["order"].clone()).unwrap();
            let (all, counts) = german.categories(column);
            let of = |value: &String| counts[all.iter().position(|one| one == value).unwrap()];
            let counts: Vec<_> = order.iter().map(of).collect();
            let given = categories::Order::Given;
            let (values, counts) = categories::ordered(order, &counts, given).unwrap();
            let found = method(&counts, &Limits::default()).unwrap();
            let bins_of = found.counts(&counts);
            let found = Layout::categories(found.groups(&values), &bins_of, &[], None).unwrap();
            assert_same(&found, bins, &format!("{column} by {name}, as given"));
        }
    }
}

#[test]
fn pinned_bins_have_the_table_of_woebin() {
    let Some(german) = german() else { return };
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
    let Some(german) = german() else { return };
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
    let Some(german) = german() else { return };
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
