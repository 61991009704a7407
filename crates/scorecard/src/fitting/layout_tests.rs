use domain::Value;
use proptest::collection::{btree_set, vec};
use proptest::prelude::{any, prop_assert_eq, proptest};

use crate::fitting::{Counts, Layout, Missing};

const BINS: [Counts; 3] = [Counts::new(50, 5), Counts::new(40, 10), Counts::new(10, 20)];

fn number(layout: &Layout, value: f64) -> Option<usize> {
    layout.row_of(layout.binning.bin_of(Some(&Value::Number(value)))?)
}

fn texts(layout: &Layout) -> Vec<&str> {
    layout.table.rows.iter().map(|row| row.bin.as_str()).collect()
}

#[test]
fn a_special_code_inside_a_bin_has_a_row_of_its_own_and_no_other_value_moves() {
    let codes = [(-999.0, Counts::new(3, 3)), (5.0, Counts::new(1, 2)), (2.0, Counts::new(4, 4))];
    let layout = Layout::numbers(&[2.0, 8.0], &BINS, &codes, None).unwrap();
    assert_eq!(texts(&layout), ["[-inf,2.0)", "[2.0,8.0)", "[8.0,inf)", "-999", "5", "2"]);
    for (value, row) in [
        (f64::NEG_INFINITY, 0),
        (-999.0_f64.next_up(), 0),
        ((-999.0_f64).next_down(), 0),
        (-999.0, 3),
        ((-999.0_f64).next_up(), 0),
        (2.0, 5),
        (2.0_f64.next_up(), 1),
        (5.0_f64.next_down(), 1),
        (5.0, 4),
        (5.0_f64.next_up(), 1),
        (8.0, 2),
    ] {
        assert_eq!(number(&layout, value), Some(row), "{value}");
    }
    assert!(layout.table.rows[3..].iter().all(|row| row.is_special_values));
    assert_eq!(layout.woe().len(), layout.binning.len());
    assert_eq!(layout.binning.bin_of(None), None);
}

#[test]
fn codes_that_are_neighbours_or_breaks_keep_their_rows() {
    let next = 2.0_f64.next_up();
    let some = Counts::new(1, 1);
    let layout =
        Layout::numbers(&[2.0, next], &BINS, &[(next, some), (2.0, some), (0.0, some)], None)
            .unwrap();
    let rows: Vec<_> = [-0.0, 0.0, 1.0, 2.0, next, next.next_up()]
        .into_iter()
        .map(|value| number(&layout, value).unwrap())
        .collect();
    assert_eq!(rows, [5, 5, 0, 4, 3, 2]);
    for codes in [[(1.0, some), (1.0, some)], [(f64::NAN, some), (1.0, some)]] {
        assert!(Layout::numbers(&[2.0, 8.0], &BINS, &codes, None).is_err());
    }
}

#[test]
fn missing_values_have_a_bin_or_join_the_nearest_or_an_assigned_one() {
    let lacking = Counts::new(12, 20);
    let with = |place| Layout::numbers(&[2.0, 8.0], &BINS, &[], Some((lacking, place)));
    let own = with(Missing::Own).unwrap();
    assert_eq!(texts(&own), ["[-inf,2.0)", "[2.0,8.0)", "[8.0,inf)", "missing"]);
    assert_eq!(own.binning.missing_bin().and_then(|bin| own.row_of(bin)), Some(3));
    for (place, bin) in [(Missing::Nearest, 2), (Missing::Assigned(0), 0)] {
        let layout = with(place).unwrap();
        assert_eq!(number(&layout, f64::NAN), Some(bin));
        let row = &layout.table.rows[bin];
        assert_eq!((row.good, row.bad), (BINS[bin].good + 12, BINS[bin].bad + 20));
        assert!(row.bin.ends_with("%,%missing") && row.breaks.ends_with("%,%missing"));
    }
    assert!(with(Missing::Assigned(3)).unwrap_err().to_string().contains("the last is 2"));
    let near = Some((Counts::default(), Missing::Nearest));
    let average = Layout::numbers(&[2.0, 8.0], &BINS, &[], near).unwrap();
    assert_eq!(number(&average, f64::NAN), Some(1));
    let nobody = Some((Counts::default(), Missing::Own));
    let whole = Layout::numbers(&[2.0, 8.0], &BINS, &[], nobody).unwrap();
    assert_eq!((whole.table.rows.len(), whole.binning.has_missing()), (3, false));
}

#[test]
fn categories_stand_in_groups_with_special_values_apart() {
    let groups = vec![vec!["own".to_owned(), "rent".into()], vec!["free".into()]];
    let codes = [("unknown".to_owned(), Counts::new(2, 1))];
    let layout = Layout::categories(groups, &BINS[..2], &codes, None).unwrap();
    assert_eq!(texts(&layout), ["own%,%rent", "free", "unknown"]);
    let row = |text: &str| layout.row_of(layout.binning.bin_of(Some(&Value::text(text)))?);
    assert_eq!(
        [row("rent"), row("free"), row("unknown"), row("boat")],
        [Some(0), Some(1), Some(2), None]
    );
    let twice = vec![vec!["a".to_owned()], vec!["a".into()]];
    assert!(Layout::categories(twice, &BINS[..2], &[], None).is_err());
    assert!(Layout::categories(vec![], &BINS[..2], &[], None).is_err());
}

#[test]
fn breaks_that_do_not_ascend_or_bins_without_counts_are_refused() {
    for breaks in [vec![8.0, 2.0], vec![2.0, 2.0], vec![2.0, f64::INFINITY], vec![2.0]] {
        assert!(Layout::numbers(&breaks, &BINS, &[], None).is_err(), "{breaks:?}");
    }
}

proptest! {
    #[test]
    fn every_double_has_one_row_and_it_is_the_bins_or_its_codes(
        breaks in btree_set(-20_i32..20, 0..6), codes in btree_set(-20_i32..20, 0..6),
        values in vec(any::<f64>(), 0..20),
    ) {
        let breaks: Vec<f64> = breaks.into_iter().map(f64::from).collect();
        let codes: Vec<f64> = codes.into_iter().map(f64::from).collect();
        let counts = vec![Counts::new(2, 1); breaks.len() + 1];
        let coded: Vec<_> = codes.iter().map(|code| (*code, Counts::new(1, 1))).collect();
        let layout = Layout::numbers(&breaks, &counts, &coded, None).unwrap();
        let near = codes.iter().chain(&breaks).flat_map(|at| [at.next_down(), *at, at.next_up()]);
        for value in near.chain(values.iter().copied().filter(|value| !value.is_nan())) {
            let code = codes.iter().position(|code| *code == value).map(|code| counts.len() + code);
            let bin = breaks.iter().filter(|first| **first <= value).count();
            prop_assert_eq!(number(&layout, value), Some(code.unwrap_or(bin)), "{}", value);
        }
    }
}
