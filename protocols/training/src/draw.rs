//! Which rows are held out, and of which the curvature is taken: drawn by a joint coin.

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use crate::Terms;

/// Which rows do what. All of it is public, and nobody could choose it.
pub(crate) struct Draw {
    /// The rows that are trained on, ascending; empty if none is held out, and all are.
    pub(crate) training: Vec<u32>,
    /// The rows that are held out, ascending.
    pub(crate) held_out: Vec<u32>,
    /// Places among the training rows: those of the sample, of which the curvature is taken,
    /// ascending.
    pub(crate) sample: Vec<u32>,
    /// Those of which the standard errors are taken, ascending.
    pub(crate) for_errors: Vec<u32>,
}

impl Draw {
    /// Deals the rows by the coin: each row gets a random number, and the lowest are held out.
    ///
    /// > §3.2 A row's number is the next 64 bits of ChaCha20 under the coin; rows of equal numbers
    /// > keep their order.
    pub(crate) fn from_coin(coin: [u8; 32], terms: &Terms) -> Self {
        let mut rng = ChaCha20Rng::from_seed(coin);
        let mut rows: Vec<(u64, u32)> = (0..terms.rows).map(|row| (rng.next_u64(), row)).collect();
        let held_out = lowest(&mut rows, terms.held_out_rows());
        let training = match held_out.is_empty() {
            true => Vec::new(),
            false => {
                let mut training: Vec<u32> = rows.iter().map(|(_, row)| *row).collect();
                training.sort_unstable();
                training
            }
        };
        let mut places: Vec<(u64, u32)> = match held_out.is_empty() {
            true => rows,
            false => {
                let place = |row: u32| training.partition_point(|&earlier| earlier < row);
                #[expect(clippy::cast_possible_truncation, reason = "as many as there are rows")]
                rows.into_iter().map(|(number, row)| (number, place(row) as u32)).collect()
            }
        };
        let for_errors = lowest(&mut places.clone(), terms.rows_for_errors());
        let sample = lowest(&mut places, terms.sampled_rows());
        Self { training, held_out, sample, for_errors }
    }
}

/// Takes the rows of the `count` lowest numbers out, ascending.
fn lowest(rows: &mut Vec<(u64, u32)>, count: usize) -> Vec<u32> {
    if count < rows.len() && count > 0 {
        rows.select_nth_unstable(count - 1);
    }
    let mut lowest: Vec<u32> = rows.drain(..count.min(rows.len())).map(|(_, row)| row).collect();
    lowest.sort_unstable();
    lowest
}

#[cfg(test)]
mod tests {
    use super::Draw;
    use crate::Terms;

    fn terms(rows: u32, held_out_percent: u8) -> Terms {
        Terms { held_out_percent, ..Terms::new(rows, vec![1], [0; 32]) }
    }

    #[test]
    fn every_row_is_trained_on_or_held_out_and_none_is_both() {
        let draw = Draw::from_coin([3; 32], &terms(1_001, 30));
        assert_eq!(draw.held_out.len(), 300);
        let mut all = [draw.training.clone(), draw.held_out].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..1_001));
        assert!(draw.sample.into_iter().eq(0..701));
    }

    #[test]
    fn the_sample_lies_among_the_rows_that_are_trained_on_and_no_place_comes_twice() {
        let terms = terms(100_000, 20);
        let draw = Draw::from_coin([4; 32], &terms);
        assert_eq!((draw.sample.len(), draw.for_errors.len()), (20_000, 65_536));
        for places in [&draw.sample, &draw.for_errors] {
            assert!(places.is_sorted_by(|one, next| one < next));
            assert!(places.last().is_some_and(|&last| last < 80_000));
        }
        // As good as uniform: the mean is within five deviations of the middle.
        let mean = draw.sample.iter().map(|&place| f64::from(place)).sum::<f64>() / 20_000.0;
        assert!((mean - 40_000.0).abs() < 5.0 * 80_000.0 / (12.0 * 20_000.0_f64).sqrt());
    }

    #[test]
    fn another_coin_draws_other_rows_and_the_same_coin_the_same() {
        let terms = terms(1_000, 25);
        let held_out = |coin| Draw::from_coin([coin; 32], &terms).held_out;
        assert_eq!(held_out(1), held_out(1));
        assert_ne!(held_out(1), held_out(2));
    }
}
