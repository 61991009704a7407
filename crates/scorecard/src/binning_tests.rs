use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use domain::Value;

use super::Binning;

fn number(binning: &Binning, number: f64) -> Option<usize> {
    binning.bin_of(Some(&Value::Number(number)))
}

fn text(binning: &Binning, text: &str) -> Option<usize> {
    binning.bin_of(Some(&Value::text(text)))
}

#[test]
fn a_bin_holds_its_lower_break_and_not_its_upper_one() {
    let binning = Binning::numbers(vec![-1.0, -0.0, 2.5], true).unwrap();
    let cases = [
        (f64::NEG_INFINITY, 0),
        (-1.001, 0),
        (-1.0, 1),
        (0.0_f64.next_down(), 1),
        (-0.0, 2),
        (0.0, 2),
        (2.5_f64.next_down(), 2),
        (2.5, 3),
        (f64::INFINITY, 3),
        (f64::NAN, 4),
    ];
    for (value, bin) in cases {
        assert_eq!(number(&binning, value), Some(bin), "{value}");
    }
    assert_eq!(binning.bin_of(None), Some(4));
    let labels: Vec<_> = (0..6).filter_map(|bin| binning.label(bin)).collect();
    assert_eq!(labels, ["< -1", "< 0", "< 2.5", ">= 2.5", "missing"]);
}

#[test]
fn without_a_bin_for_it_a_missing_value_gets_no_answer() {
    let binning = Binning::numbers(vec![1.0], false).unwrap();
    assert_eq!(binning.bin_of(None), None);
    assert_eq!(number(&binning, f64::NAN), None);
    assert_eq!(text(&binning, ""), None);
}

#[test]
fn a_binning_says_which_bins_it_lacks_to_hold_everything() {
    let numbers = |missing| Binning::numbers(vec![1.0], missing).unwrap().lacks();
    assert_eq!((numbers(true), numbers(false)), (vec![], vec!["missing"]));
    let lists = |other, missing| {
        Binning::categories(vec![vec!["A".into()]], other, missing).unwrap().lacks()
    };
    assert!(lists(true, true).is_empty());
    assert_eq!(lists(false, true), ["other"]);
    assert_eq!(lists(false, false), ["other", "missing"]);
}

#[test]
fn a_value_of_the_wrong_type_gets_no_answer() {
    let numbers = Binning::numbers(vec![1.0], true).unwrap();
    assert_eq!(text(&numbers, "1"), None);
    let categories = Binning::categories(vec![vec!["1".into()]], true, true).unwrap();
    assert_eq!(number(&categories, 1.0), None);
}

#[test]
fn categories_come_before_other_and_other_before_missing() {
    let bins = vec![vec!["A".into(), "B".into()], vec!["国有".into()]];
    let binning = Binning::categories(bins.clone(), true, true).unwrap();
    assert_eq!(text(&binning, " B "), Some(0));
    assert_eq!(text(&binning, "国有"), Some(1));
    assert_eq!(text(&binning, "b"), Some(2));
    assert_eq!(text(&binning, " "), Some(3));
    assert_eq!(binning.bin_of(None), Some(3));
    let strict = Binning::categories(bins, false, false).unwrap();
    assert_eq!((text(&strict, "C"), strict.bin_of(None)), (None, None));
}

#[test]
fn bounds_and_categories_that_make_no_sense_are_refused() {
    for below in [
        vec![1.0, 1.0],
        vec![2.0, 1.0],
        vec![-0.0, 0.0],
        vec![f64::NAN],
        vec![f64::INFINITY],
        vec![f64::NEG_INFINITY],
    ] {
        assert!(Binning::numbers(below, false).is_err());
    }
    let many = (0..64_u8).map(f64::from).collect();
    assert!(Binning::numbers(many, false).is_err());
    for values in [vec![], vec!["A", "A"], vec![""], vec![" A"]] {
        let values = values.into_iter().map(String::from).collect();
        assert!(Binning::categories(vec![values], false, false).is_err());
    }
}

#[test]
fn what_a_peer_sends_is_parsed_under_the_same_rules() {
    let binning = Binning::numbers(vec![-1.0, 0.5], true).unwrap();
    let json = serde_json::to_string(&binning).unwrap();
    assert_eq!(serde_json::from_str::<Binning>(&json).unwrap(), binning);
    for bad in [
        r#"{"below":[2,1]}"#,
        r#"{"below":[1e999]}"#,
        r#"{"below":[null]}"#,
        r#"{"below":[1],"other":true}"#,
        r#"{"below":[1],"values":[["A"]]}"#,
        r#"{"missing":true}"#,
        r#"{"below":[1],"points":[3,4]}"#,
    ] {
        assert!(serde_json::from_str::<Binning>(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_bound_that_its_bin_holds_is_refused_with_what_to_write_instead() {
    let refused = serde_json::from_str::<Binning>(r#"{"upto":[1],"missing":true}"#).unwrap_err();
    assert!(refused.to_string().contains("`upto` plus 1"), "{refused}");
}

proptest! {
    #[test]
    fn every_number_has_exactly_the_bin_whose_bounds_hold_it(
        value in any::<f64>(), bounds in proptest::collection::btree_set(-50_i32..50, 0..12),
        missing in any::<bool>(),
    ) {
        let breaks: Vec<f64> = bounds.into_iter().map(f64::from).collect();
        let binning = Binning::numbers(breaks.clone(), missing).unwrap();
        for value in breaks.iter().copied().chain([value, f64::INFINITY, f64::NEG_INFINITY]) {
            match number(&binning, value) {
                None => prop_assert!(value.is_nan() && !missing),
                Some(bin) if value.is_nan() => prop_assert_eq!(bin, breaks.len() + 1),
                Some(bin) => {
                    prop_assert!(bin == breaks.len() || value < breaks[bin]);
                    prop_assert!(bin == 0 || value >= breaks[bin - 1]);
                }
            }
        }
    }
}
