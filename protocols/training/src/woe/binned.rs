//! What a holder does with a feature before it uploads it: a bin for each row.

use zeroize::Zeroizing;

use super::terms::width;
use crate::{ColumnFault, Error};

/// A feature that is ready to be shared: the bin that each row falls into.
///
/// It has no encoding and no `Debug`; only an [upload](super::transfer) takes it, and masks it.
///
/// ```compile_fail
/// fn printable<T: std::fmt::Debug>() {}
/// printable::<training::woe::Binned>();
/// ```
/// ```compile_fail
/// fn sendable<T: Into<bytes::Bytes>>() {}
/// sendable::<training::woe::Binned>();
/// ```
pub struct Binned {
    pub(crate) rows: usize,
    pub(crate) bins: u8,
    /// The index of each row's bin, bit by bit: 64 rows a word.
    pub(crate) planes: Vec<Zeroizing<Vec<u64>>>,
}

impl Binned {
    /// The bin of each row, from 0 in ascending order of the feature, or `None` where it is
    /// missing.
    ///
    /// # Errors
    ///
    /// [`ColumnFault::BeyondBins`] when a row is in a bin from `bins` on; the feature's place is 0.
    pub fn new(rows: &[Option<u8>], bins: u8) -> Result<Self, Error> {
        let beyond = rows.iter().flatten().filter(|&&bin| bin >= bins).count();
        if beyond > 0 {
            let trouble = ColumnFault::BeyondBins { rows: beyond };
            return Err(Error::Column { column: 0, trouble });
        }
        let plane = |k: usize| packed(rows.iter().map(|bin| bin.unwrap_or(bins) >> k & 1 == 1));
        Ok(Self { rows: rows.len(), bins, planes: (0..width(bins)).map(plane).collect() })
    }
}

/// Bits, 64 rows a word.
pub(crate) fn packed(bits: impl ExactSizeIterator<Item = bool>) -> Zeroizing<Vec<u64>> {
    let mut words = Zeroizing::new(vec![0; bits.len().div_ceil(64)]);
    for (row, bit) in bits.enumerate() {
        words[row / 64] |= u64::from(bit) << (row % 64);
    }
    words
}
