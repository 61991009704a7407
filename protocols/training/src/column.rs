//! What a holder does with a column before it uploads it.

use zeroize::Zeroizing;

use crate::{ColumnFault, Error, FEATURE};

/// A column that is ready to be shared: whole numbers with 12 fraction bits, from -32 to 32.
///
/// It has no encoding and no `Debug`; only an [upload](crate::transfer) takes it, and masks it.
///
/// ```compile_fail
/// fn printable<T: std::fmt::Debug>() {}
/// printable::<training::Column>();
/// ```
/// ```compile_fail
/// fn sendable<T: Into<bytes::Bytes>>() {}
/// sendable::<training::Column>();
/// ```
pub struct Column {
    /// In half of what a ring element takes: a register's columns lie here until their turn to be
    /// uploaded comes.
    values: Zeroizing<Vec<i32>>,
}

/// How a column was standardised: what its owner needs to turn a weight back into one of its own
/// units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standard {
    /// What was taken for anything lower.
    pub low: f64,
    /// What was taken for anything higher.
    pub high: f64,
    /// The mean, which became 0.
    pub mean: f64,
    /// The standard deviation, which became 1.
    pub deviation: f64,
}

impl Column {
    /// Beyond this a number is clipped.
    pub const CLIP: f64 = 32.0;
    /// The mean square that a column may have: a standardised one has 1.
    pub const MEAN_SQUARE: f64 = 1.25;

    /// Takes a column that is standardised already, or made of weights of evidence.
    ///
    /// # Errors
    ///
    /// A [`ColumnFault`], with no number of the column in it; the column's place is 0.
    pub fn new(numbers: &[f64]) -> Result<Self, Error> {
        Self::prepared(numbers).map_err(|trouble| Error::Column { column: 0, trouble })
    }

    /// Winsorises a column at its first and last percent, unless nothing but one number is between
    /// them, and standardises it.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn standardised(numbers: &[f64]) -> Result<(Self, Standard), Error> {
        let standard =
            Standard::of(numbers).map_err(|trouble| Error::Column { column: 0, trouble })?;
        let scaled = Zeroizing::new(numbers.iter().map(|&x| standard.apply(x)).collect::<Vec<_>>());
        Ok((Self::new(&scaled)?, standard))
    }

    fn prepared(numbers: &[f64]) -> Result<Self, ColumnFault> {
        let values = clipped(numbers)?;
        if values.iter().all(|value| Some(value) == values.first()) {
            return Err(ColumnFault::Constant);
        }
        let clip = |x: &f64| x.clamp(-Self::CLIP, Self::CLIP);
        let squares: f64 = numbers.iter().map(|x| clip(x).powi(2)).sum();
        match squares > Self::MEAN_SQUARE * numbers.len() as f64 {
            true => Err(ColumnFault::NotStandardised),
            false => Ok(Self { values }),
        }
    }

    /// The numbers as ring elements.
    pub(crate) fn widened(self) -> Zeroizing<Vec<i64>> {
        widened(&self.values)
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl Standard {
    /// Where a column's first and last percent begin (or what its least and its greatest number are,
    /// where all others are the same), and the mean and deviation between.
    ///
    /// # Errors
    ///
    /// A [`ColumnFault`].
    pub fn of(numbers: &[f64]) -> Result<Self, ColumnFault> {
        finite(numbers)?;
        let mut sorted = Zeroizing::new(numbers.to_vec());
        sorted.sort_by(f64::total_cmp);
        let (mut low, mut high) = (percentile(&sorted, 0.01), percentile(&sorted, 0.99));
        if low == high {
            // What is rarer than one in a hundred is all that such a column says.
            (low, high) = (percentile(&sorted, 0.0), percentile(&sorted, 1.0));
        }
        let count = numbers.len() as f64;
        let mean = numbers.iter().map(|x| x.clamp(low, high)).sum::<f64>() / count;
        let squares: f64 = numbers.iter().map(|x| (x.clamp(low, high) - mean).powi(2)).sum();
        let deviation = (squares / count).sqrt();
        match deviation > 0.0 {
            true => Ok(Self { low, high, mean, deviation }),
            false => Err(ColumnFault::Constant),
        }
    }

    /// The standardised number.
    pub fn apply(&self, number: f64) -> f64 {
        (number.clamp(self.low, self.high) - self.mean) / self.deviation
    }
}

/// Finite numbers as a column has them: clipped, with 12 fraction bits.
pub(crate) fn clipped(numbers: &[f64]) -> Result<Zeroizing<Vec<i32>>, ColumnFault> {
    finite(numbers)?;
    let clip = |x: &f64| x.clamp(-Column::CLIP, Column::CLIP);
    // Below 32 with 12 fraction bits: always has a place.
    let encode = |x: &f64| sharing::encode::<FEATURE>(clip(x)).unwrap_or_default();
    let encode = |x: &f64| i32::try_from(encode(x)).unwrap_or_default();
    Ok(Zeroizing::new(numbers.iter().map(encode).collect()))
}

/// Numbers of a column as ring elements.
pub(crate) fn widened(values: &[i32]) -> Zeroizing<Vec<i64>> {
    Zeroizing::new(values.iter().map(|&value| value.into()).collect())
}

fn finite(numbers: &[f64]) -> Result<(), ColumnFault> {
    match numbers.iter().filter(|x| !x.is_finite()).count() {
        0 if numbers.is_empty() => Err(ColumnFault::Constant),
        0 => Ok(()),
        rows => Err(ColumnFault::NotFinite { rows }),
    }
}

/// Between the two nearest numbers, in proportion.
#[expect(clippy::cast_possible_truncation, reason = "a place in the slice")]
#[expect(clippy::cast_sign_loss, reason = "not negative")]
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}
