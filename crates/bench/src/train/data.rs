//! Made-up rows: columns of the normal distribution, and loans that end by a known model of them.

use std::f64::consts::TAU;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use terminal::Failure;

/// The column of the identifier.
pub(super) const ID: &str = "id";

/// The lender's column: 1 where the loan was not repaid.
pub(super) const BAD: &str = "bad";

/// The intercept: about a quarter of the loans are not repaid.
const INTERCEPT: f64 = -1.4;

/// The deviation of the rest of a row's logit.
const SPREAD: f64 = 1.2;

/// What is written of a number: four decimals.
const DECIMALS: f64 = 1e4;

/// A table of rows, column by column.
pub(super) struct Table {
    /// To four decimals, as registers have them.
    pub(super) columns: Vec<Vec<f32>>,
    pub(super) bad: Vec<bool>,
    /// The weights that the loans end by, the intercept last.
    pub(super) known: Vec<f64>,
}

impl Table {
    /// Makes a table from a seed.
    pub(super) fn made(rows: usize, columns: usize, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        // As of credit data: some columns tell much, some little, and of both signs.
        let mut known: Vec<f64> = (0..columns).map(|_| normal(&mut rng)).collect();
        let size = known.iter().map(|weight| weight * weight).sum::<f64>().sqrt();
        known.iter_mut().for_each(|weight| *weight *= SPREAD / size);
        let mut logits = vec![INTERCEPT; rows];
        let column = |weight: &f64| {
            let numbers = logits.iter_mut().map(|logit| {
                let number = (normal(&mut rng) * DECIMALS).round() / DECIMALS;
                *logit += weight * number;
                narrow(number)
            });
            numbers.collect()
        };
        let columns = known.iter().map(column).collect();
        let bad = logits.iter().map(|z| rng.random::<f64>() < 1.0 / (1.0 + (-z).exp())).collect();
        known.push(INTERCEPT);
        Self { columns, bad, known }
    }

    /// The same with its columns as holders upload them: outliers at the first and the last percent,
    /// mean 0, deviation 1.
    pub(super) fn standardised(&self) -> Self {
        let columns = self.columns.iter().map(|column| standardised(column)).collect();
        Self { columns, bad: self.bad.clone(), known: self.known.clone() }
    }

    /// Writes the list of rows.
    pub(super) fn write_rows(&self, path: &Path) -> Result<(), Failure> {
        written(path, |file| {
            writeln!(file, "{ID}")?;
            (0..self.bad.len()).try_for_each(|row| writeln!(file, "{}", id(row)))
        })
    }

    /// Writes the lender's register.
    pub(super) fn write_loans(&self, path: &Path) -> Result<(), Failure> {
        written(path, |file| {
            writeln!(file, "{ID},{BAD}")?;
            let mut loans = self.bad.iter().enumerate();
            loans.try_for_each(|(row, bad)| writeln!(file, "{},{}", id(row), u8::from(*bad)))
        })
    }

    /// Writes a holder's register, in an order of its own.
    pub(super) fn write_register(&self, path: &Path, columns: Range<usize>) -> Result<(), Failure> {
        let mut order: Vec<usize> = (0..self.bad.len()).collect();
        order.shuffle(&mut StdRng::seed_from_u64(columns.start as u64));
        written(path, |file| {
            write!(file, "{ID}")?;
            for column in columns.clone() {
                write!(file, ",{}", name(column))?;
            }
            writeln!(file)?;
            for row in order {
                write!(file, "{}", id(row))?;
                for column in &self.columns[columns.clone()] {
                    write!(file, ",{:.4}", column[row])?;
                }
                writeln!(file)?;
            }
            Ok(())
        })
    }
}

/// A column's name.
pub(super) fn name(column: usize) -> String {
    format!("x{column}")
}

/// Which columns each holder has: as many each as goes, the first one more where it does not.
pub(super) fn shares(columns: usize, holders: usize) -> Vec<Range<usize>> {
    let end = |holder: usize| holder * (columns / holders) + holder.min(columns % holders);
    (0..holders).map(|holder| end(holder)..end(holder + 1)).collect()
}

fn id(row: usize) -> String {
    format!("row-{row:08}")
}

/// A number of the normal distribution, of mean 0 and deviation 1 (Box and Muller).
fn normal(rng: &mut StdRng) -> f64 {
    // Never 0, of which there is no logarithm.
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (TAU * rng.random::<f64>()).cos()
}

fn standardised(column: &[f32]) -> Vec<f32> {
    let mut sorted = column.to_vec();
    sorted.sort_by(f32::total_cmp);
    let (low, high) = (quantile(&sorted, 0.01), quantile(&sorted, 0.99));
    let clamped = || column.iter().map(|x| f64::from(*x).clamp(low, high));
    let count = column.len() as f64;
    let mean = clamped().sum::<f64>() / count;
    let deviation = (clamped().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
    clamped().map(|x| narrow((x - mean) / deviation)).collect()
}

/// Between the two nearest numbers, in proportion.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the slice")]
fn quantile(sorted: &[f32], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let of = |place: f64| f64::from(sorted[place as usize]);
    of(place.floor()) + (of(place.ceil()) - of(place.floor())) * place.fract()
}

/// Seven digits are more than a training has.
#[expect(clippy::cast_possible_truncation, reason = "seven digits suffice")]
fn narrow(number: f64) -> f32 {
    number as f32
}

fn written(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Failure> {
    let whole = || {
        let mut file = BufWriter::new(File::create(path)?);
        write(&mut file)?;
        file.flush()
    };
    whole().map_err(|error| Failure::file(path, &error))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Table, shares};

    #[test]
    fn a_table_is_the_same_for_the_same_seed_and_about_a_quarter_is_bad() {
        let (one, same, other) =
            (Table::made(4_000, 3, 1), Table::made(4_000, 3, 1), Table::made(4_000, 3, 2));
        assert!(one.columns == same.columns && one.bad == same.bad);
        assert!(one.columns != other.columns);
        let bad = one.bad.iter().filter(|bad| **bad).count();
        assert!((700..1_500).contains(&bad), "{bad}");
    }

    #[test]
    fn every_column_has_one_holder() {
        assert_eq!(shares(7, 3), [0..3, 3..5, 5..7]);
        assert_eq!(shares(2, 2), [0..1, 1..2]);
        assert_eq!((shares(23, 1).len(), shares(23, 1)[0].clone()), (1, 0..23));
    }

    #[test]
    fn a_register_has_every_row_and_what_it_says_is_what_is_fitted() {
        let table = Table::made(50, 4, 9);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("register.csv");
        table.write_register(&path, 1..3).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("id,x1,x2"));
        let mut seen = 0;
        for line in lines {
            let cells: Vec<&str> = line.split(',').collect();
            let row: usize = cells[0].strip_prefix("row-").unwrap().parse().unwrap();
            assert_eq!(cells[1].parse::<f32>().unwrap(), table.columns[1][row]);
            assert_eq!(cells[2].parse::<f32>().unwrap(), table.columns[2][row]);
            seen += 1;
        }
        assert_eq!(seen, 50);
    }

    #[test]
    fn a_standardised_column_has_mean_0_and_deviation_1() {
        let table = Table::made(5_000, 1, 4).standardised();
        let column = table.columns[0].iter().map(|x| f64::from(*x));
        let (sum, squares) = column.fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
        assert!((sum / 5_000.0).abs() < 1e-6 && (squares / 5_000.0 - 1.0).abs() < 1e-6);
    }
}
