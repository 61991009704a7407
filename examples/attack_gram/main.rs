//! A Gram matrix that is opened in every step gives a row away. Ours is never opened.
#![expect(clippy::print_stdout, reason = "a story is told on the screen")]

mod curve;
mod ours;

use std::error::Error;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use ours::Received;

const ROWS: usize = 1_000;
/// Columns of the department.
const COLUMNS: usize = 6;
/// The firm that the bank is curious about.
const VICTIM: usize = 417;

fn main() -> Result<(), Box<dyn Error>> {
    let told = story()?;
    println!("The bank adds a column of its own: 1 for one firm, 0 for all others.");
    println!("1. A protocol that opens X'WX to the bank in each step:");
    for (place, (found, truth)) in told.found.iter().zip(&told.truth).enumerate() {
        println!("   column {place} of the firm: computed {found:>8.4}, in truth {truth:>8.4}");
    }
    println!("2. Tacit, with the same column:");
    println!("   the bank's node received {} numbers;", told.received.words);
    println!("   entries of any step's X'WX among them: {}", told.received.entries);
    println!("   values of the firm among them: {}", told.received.values);
    Ok(())
}

/// What the attack gave on a protocol that opens the matrix, and on ours.
struct Told {
    found: Vec<f64>,
    truth: Vec<f64>,
    received: Received,
}

/// A department's columns, and which loans were bad.
struct Town {
    columns: Vec<Vec<f64>>,
    bad: Vec<bool>,
}

fn story() -> Result<Told, Box<dyn Error>> {
    let mut rng = StdRng::seed_from_u64(5);
    let mut normal = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
    let columns: Vec<Vec<f64>> =
        (0..COLUMNS).map(|_| (0..ROWS).map(|_| normal()).collect()).collect();
    let bad = (0..ROWS).map(|row| columns[0][row] - columns[1][row] + normal() > 0.3).collect();
    let town = Town { columns, bad };
    let truth = town.columns.iter().map(|column| column[VICTIM]).collect();

    // What the other protocol opens: the department's columns, the bank's one, the intercept.
    let mut all = town.columns.clone();
    all.push((0..ROWS).map(|row| f64::from(u8::from(row == VICTIM))).collect());
    all.push(vec![1.0; ROWS]);
    let opened = curve::gram(&all, &curve::slopes(&all, &[0.1; COLUMNS + 2]));
    // The bank's row of it: sums over all firms of which one counts. Their last is that firm's
    // weight, so the others over it are that firm's values.
    let bank = &opened[COLUMNS];
    let found = bank[..COLUMNS].iter().map(|entry| entry / bank[COLUMNS + 1]).collect();
    Ok(Told { found, truth, received: ours::train(&town)? })
}

#[cfg(test)]
mod tests {
    use super::{ours, story};

    #[test]
    fn the_opened_matrix_gives_every_value_of_the_firm_and_ours_is_never_sent() {
        let told = story().unwrap();
        for (found, truth) in told.found.iter().zip(&told.truth) {
            assert!((found - truth).abs() < 1e-9, "{found} {truth}");
        }
        let ours::Received { words, entries, values } = told.received;
        assert!(words > 100_000, "the search had something to search: {words}");
        assert_eq!((entries, values), (0, 0));
    }

    #[test]
    fn a_number_that_is_sent_is_found() {
        let bytes = [7_i64, -3, 123_456_789].map(i64::to_le_bytes).concat();
        let sought = [123_456_789, 55].into_iter().collect();
        assert_eq!(ours::among(&bytes, &sought), 1);
    }
}
