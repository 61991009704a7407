//! The bins of a block's subjects: what the lender must not learn.

use zeroize::Zeroizing;

use crate::batch::BLOCK;
use crate::{Error, Shape};

/// The bin that each subject of a block falls into, for each feature.
///
/// Wiped on drop, never printed, never sent.
///
/// ```compile_fail,E0277
/// # fn with(picks: scoring::batch::Picks) {
/// println!("{picks:?}");
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn send(_: &impl scoring::Encode) {}
/// # fn with(picks: scoring::batch::Picks) {
/// send(&picks);
/// # }
/// ```
pub struct Picks {
    bins: Zeroizing<Vec<u8>>,
    subjects: usize,
}

impl Picks {
    /// The bins of `subjects` subjects, counted from 0, feature after feature: first the bin of
    /// every subject in the first feature of the table's shape, in the order of the list.
    pub fn new(subjects: usize, bins: Vec<u8>) -> Self {
        Self { bins: Zeroizing::new(bins), subjects }
    }

    /// Refuses picks that are not of so many subjects and this shape.
    pub(crate) fn expect(&self, subjects: usize, shape: &Shape) -> Result<(), Error> {
        let bins = shape.bins();
        let right = self.subjects == subjects
            && (1..=BLOCK).contains(&subjects)
            && self.bins.len() == bins.len() * subjects
            && bins.iter().enumerate().all(|(index, &bins)| {
                // Looks at all of them, wherever the first wrong one stands.
                self.feature(index).iter().fold(true, |right, &bin| right & (u16::from(bin) < bins))
            });
        if right { Ok(()) } else { Err(Error::OtherShape { what: "block of picks" }) }
    }

    /// Its subjects' bins in one feature.
    pub(crate) fn feature(&self, index: usize) -> &[u8] {
        &self.bins[index * self.subjects..][..self.subjects]
    }

    /// How many subjects it has.
    pub(crate) fn subjects(&self) -> usize {
        self.subjects
    }

    /// All bins, feature after feature.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bins
    }
}
