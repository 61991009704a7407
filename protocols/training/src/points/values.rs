//! What a holder brings of a feature: the value that its column had in each bin.

use zeroize::Zeroizing;

use crate::column::{clipped, widened};
use crate::{Error, Standard};

/// The value of each bin of a feature, ready to be shared, as the feature's [`Column`] of the
/// training had it in every row of that bin.
///
/// It has no encoding and no `Debug`; only an [upload](super::transfer) takes it, and masks it.
///
/// ```compile_fail
/// fn printable<T: std::fmt::Debug>() {}
/// printable::<training::points::Values>();
/// ```
/// ```compile_fail
/// fn sendable<T: Into<bytes::Bytes>>() {}
/// sendable::<training::points::Values>();
/// ```
///
/// [`Column`]: crate::Column
pub struct Values {
    values: Zeroizing<Vec<i32>>,
}

impl Values {
    /// Of a column that was uploaded as it was: the weight of evidence of each bin.
    ///
    /// # Errors
    ///
    /// [`ColumnFault::NotFinite`](crate::ColumnFault::NotFinite); the feature's place is 0.
    pub fn new(bins: &[f64]) -> Result<Self, Error> {
        let values = clipped(bins).map_err(|trouble| Error::Column { column: 0, trouble })?;
        Ok(Self { values })
    }

    /// Of a column that was [standardised](crate::Column::standardised): its own units by bin, and
    /// what they were standardised by, which its holder has kept.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn standardised(bins: &[f64], standard: &Standard) -> Result<Self, Error> {
        let scaled = Zeroizing::new(bins.iter().map(|&x| standard.apply(x)).collect::<Vec<_>>());
        Self::new(&scaled)
    }

    /// How many bins there are.
    pub(crate) fn bins(&self) -> usize {
        self.values.len()
    }

    /// The values as ring elements.
    pub(crate) fn widened(self) -> Zeroizing<Vec<i64>> {
        widened(&self.values)
    }
}
