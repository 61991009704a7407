//! On the credit data.

use super::card::{Card, weights};
use crate::support::credit;

/// With `--nocapture` prints what SPEC §P.7 says.
#[test]
fn points_of_the_credit_data_are_those_in_clear_or_one_off_and_rows_within_one_point() {
    if credit::folder().is_none() {
        return;
    }
    for (name, holders) in [("german_woe", [7, 7, 6]), ("default_credit_woe", [8, 8, 7])] {
        let mut card = Card::of_table(&credit::table(name), &holders);
        card.terms.scale.offset = 100;
        let models = card.trained(7);
        let scaled = card.honest(&models, 7);
        let clear = card.in_clear(&weights(&models));
        let apart = card.apart(&card.opened(&scaled), &clear);
        let cells = apart.concat();
        let off = cells.iter().filter(|apart| **apart != 0).count();
        let of_row = |row: usize| {
            let each = apart.iter().zip(&card.bins).map(|(apart, bins)| apart[bins[row]]);
            each.sum::<i64>().abs()
        };
        let farthest = (0..card.bad.len()).map(of_row).max().unwrap();
        println!(
            "{name:<20} {:>4} bins {off:>3} one off, rows {farthest} apart, {:?}",
            cells.len(),
            scaled[0].verdicts
        );
        assert!(cells.iter().all(|apart| apart.abs() <= 1), "{name}");
        assert!(farthest <= 1, "{name}: {farthest}");
    }
}
