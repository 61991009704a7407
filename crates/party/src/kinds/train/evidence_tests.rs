use scorecard::fitting::{Counts, PreBins, woe};
use training::woe::{CoarseBin, Table, Tally};
use wire::MissingRows;

use super::{Evidence, Unusable, Wanted};

const WANTED: Wanted = Wanted { trend: consent::Trend::Auto, most_bins: 6, least_percent: 5 };

/// Three bins of five pre-bins, the middle one of three; some missing or none.
fn table(tallies: [(u32, u32); 3], missing: Option<(u32, u32)>) -> Table {
    let tally = |(good, bad)| Tally { good, bad };
    let spans = [(0, 0), (1, 3), (4, 4)];
    let bins = spans.into_iter().zip(tallies);
    let bins = bins.map(|((first, last), cell)| CoarseBin { first, last, tally: tally(cell) });
    Table::Counted { bins: bins.collect(), missing: missing.map(tally) }
}

fn prebins() -> PreBins {
    PreBins::pinned(vec![1.0, 2.0, 3.0, 4.0]).unwrap()
}

#[test]
fn released_cells_become_bins_between_pre_bins_with_the_weights_of_clear_counts() {
    let table = table([(90, 10), (250, 50), (60, 40)], Some((70, 30)));
    let found = Evidence::of(&prebins(), &table, true, WANTED).unwrap();
    assert_eq!(found.breaks, [1.0, 4.0]);
    let cells = [(90, 10), (250, 50), (60, 40), (70, 30)].map(|(good, bad)| Counts::new(good, bad));
    assert_eq!(found.weights, woe(&cells));
    let values = [0.5, 1.0, 3.99, 4.0, f64::NAN];
    let [low, middle, high, missing] = found.weights[..] else { panic!("four weights") };
    assert_eq!(*found.of_rows(&values), vec![low, middle, middle, high, missing]);
    let (column, told) = found.column("vat".into(), &values).unwrap();
    assert_eq!((column.len(), told.bins.len()), (5, 3));
    let mean = (low + 2.0 * middle + high + missing) / 5.0;
    assert!((told.mean - mean).abs() < 1e-12 && told.deviation > 0.0);
}

#[test]
fn few_missing_values_weigh_what_the_first_bin_does_and_none_what_the_average_does() {
    let table = table([(90, 10), (250, 50), (60, 40)], None);
    let some = Evidence::of(&prebins(), &table, true, WANTED).unwrap();
    assert_eq!((some.missing, some.weights[3]), (MissingRows::WithFirst, some.weights[0]));
    let none = Evidence::of(&prebins(), &table, false, WANTED).unwrap();
    assert_eq!((none.missing, none.weights[3]), (MissingRows::None, 0.0));
}

#[test]
fn a_trend_that_cannot_hold_a_column_of_one_bin_and_one_that_is_withheld_are_told_apart() {
    let rising = table([(90, 10), (250, 50), (60, 40)], None);
    let falling = Wanted { trend: consent::Trend::Descending, ..WANTED };
    let of = |table: &Table, wanted| Evidence::of(&prebins(), table, false, wanted).err();
    assert_eq!(of(&rising, falling), Some(Unusable::Trend));
    assert_eq!(of(&rising, WANTED), None);
    // Rates that are all alike part nothing.
    let flat = table([(90, 10), (270, 30), (180, 20)], None);
    assert_eq!(of(&flat, WANTED), Some(Unusable::OneBin));
    assert_eq!(of(&Table::Withheld, WANTED), Some(Unusable::Withheld));
    // A bin of missing values beside the one bin is something to score by.
    let beside = table([(90, 10), (270, 30), (180, 20)], Some((50, 50)));
    assert_eq!(of(&beside, WANTED), None);
    // What begins beyond the last pre-bin is no table of these.
    let short = PreBins::pinned(vec![1.0]).unwrap();
    assert_eq!(Evidence::of(&short, &rising, false, WANTED).err(), Some(Unusable::NoTable));
}

#[test]
fn rows_that_all_weigh_the_same_are_no_column() {
    let table = table([(90, 10), (250, 50), (60, 40)], None);
    let found = Evidence::of(&prebins(), &table, false, WANTED).unwrap();
    assert!(found.column("vat".into(), &[0.5, 0.6]).is_err());
}
