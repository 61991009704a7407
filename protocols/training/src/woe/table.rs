//! What the holder of a feature learns: its coarser bins, their counts, and what follows from them.

use sharing::Opened;

use super::{COUNT, Terms};
use crate::Error;

/// What the holder of a feature learns of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Table {
    /// All ordered bins together do not reach the floors: nothing was opened.
    Withheld,
    /// The feature's coarser bins.
    Counted {
        /// In order; each reaches the floors. There is at least one.
        bins: Vec<CoarseBin>,
        /// The bin of missing values, where it reaches the floors itself; else those rows were
        /// counted with the first bin.
        missing: Option<Tally>,
    },
}

/// Neighbouring bins that were merged, or one that stands for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoarseBin {
    /// The first of them.
    pub first: u8,
    /// The last of them.
    pub last: u8,
    /// The rows in them.
    pub tally: Tally,
}

/// How many rows of a cell are good, and how many bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Rows whose loan was repaid.
    pub good: u32,
    /// Rows whose loan was not.
    pub bad: u32,
}

/// An information value in thousandths: what the lender learns of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thousandths(pub u32);

impl Table {
    /// How many numbers are opened of a feature of so many ordered bins.
    pub(crate) fn numbers(bins: u8) -> usize {
        3 * usize::from(bins) + 3
    }

    /// The tables that a holder's opened numbers spell.
    ///
    /// # Errors
    ///
    /// [`Error::Counts`] when they spell none, or a cell that does not reach the floors: then a
    /// role or the holder's own upload was not what it should be.
    ///
    /// # Panics
    ///
    /// When the terms have no such holder.
    pub fn read(terms: &Terms, holder: usize, opened: &Opened<COUNT>) -> Result<Vec<Self>, Error> {
        let bins = &terms.features[holder];
        let mut rest = opened.0.as_slice();
        let mut tables = Vec::with_capacity(bins.len());
        for &bins in bins {
            let (own, after) = rest.split_at_checked(Self::numbers(bins)).ok_or(Error::Counts)?;
            rest = after;
            let numbers = own.iter().map(|&number| whole(number, terms.rows));
            let numbers = numbers.collect::<Option<Vec<u32>>>().ok_or(Error::Counts)?;
            tables.push(Self::of(terms, bins, &numbers).ok_or(Error::Counts)?);
        }
        match rest {
            [] => Ok(tables),
            [..] => Err(Error::Counts),
        }
    }

    /// > §W.7 Beginnings, whether missing values are apart, goods and bads before each beginning,
    /// > those of missing values.
    fn of(terms: &Terms, bins: u8, numbers: &[u32]) -> Option<Self> {
        let (flags, rest) = numbers.split_at_checked(usize::from(bins))?;
        let (&apart, rest) = rest.split_first()?;
        let (goods, rest) = rest.split_at_checked(usize::from(bins))?;
        let (bads, missing) = rest.split_at_checked(usize::from(bins))?;
        let &[missing_good, missing_bad] = missing else { return None };
        if flags.first() == Some(&0) {
            return numbers.iter().all(|&number| number == 0).then_some(Self::Withheld);
        }
        if flags.iter().chain([&apart]).any(|&flag| flag > 1) {
            return None;
        }
        let begun: Vec<(u8, u32, u32)> = (0..bins)
            .zip(flags.iter().zip(goods.iter().zip(bads)))
            .filter(|(_, (flag, _))| **flag == 1)
            .map(|(bin, (_, (&good, &bad)))| (bin, good, bad))
            .collect();
        let &(_, all_good, all_bad) = begun.first()?;
        let mut coarse = Vec::with_capacity(begun.len());
        let (mut first, mut good, mut bad) = (0, 0, 0);
        let ends = begun.iter().skip(1).copied().chain([(bins, all_good, all_bad)]);
        for (next, goods, bads) in ends {
            let tally = Tally { good: goods.checked_sub(good)?, bad: bads.checked_sub(bad)? };
            coarse.push(CoarseBin { first, last: next - 1, tally });
            (first, good, bad) = (next, goods, bads);
        }
        let missing = Tally { good: missing_good, bad: missing_bad };
        if apart == 0 && missing != (Tally { good: 0, bad: 0 }) {
            return None;
        }
        let missing = (apart == 1).then_some(missing);
        let mut tallies = coarse.iter().map(|bin| &bin.tally).chain(&missing);
        tallies.all(|tally| tally.reaches(terms)).then_some(Self::Counted { bins: coarse, missing })
    }

    /// The weight of evidence of each coarser bin, and of missing values: the logarithm of its
    /// share of the goods over its share of the bads. Below 0 it is worse than all rows are.
    pub fn weights(&self) -> (Vec<f64>, Option<f64>) {
        match self {
            Self::Withheld => (Vec::new(), None),
            Self::Counted { bins, missing } => {
                let (good, bad) = self.totals();
                let weight = |tally: &Tally| tally.weight(good, bad);
                (bins.iter().map(|bin| weight(&bin.tally)).collect(), missing.as_ref().map(weight))
            }
        }
    }

    /// The information value: the sum over all cells of the difference of both shares times the
    /// weight of evidence. None where the feature is withheld.
    pub fn information_value(&self) -> Option<f64> {
        let (good, bad) = self.totals();
        let value = |tally: &Tally| {
            let difference = f64::from(tally.good) / good - f64::from(tally.bad) / bad;
            difference * tally.weight(good, bad)
        };
        match self {
            Self::Withheld => None,
            Self::Counted { .. } => Some(self.tallies().map(value).sum()),
        }
    }

    /// The information value as the lender learns it, rounded to the nearest thousandth.
    #[expect(clippy::cast_possible_truncation, reason = "a cast of floating point saturates")]
    #[expect(clippy::cast_sign_loss, reason = "an information value is not negative")]
    pub fn thousandths(&self) -> Option<Thousandths> {
        self.information_value().map(|value| Thousandths((value * 1e3).round() as u32))
    }

    fn tallies(&self) -> impl Iterator<Item = &Tally> {
        let (bins, missing) = match self {
            Self::Withheld => (&[][..], &None),
            Self::Counted { bins, missing } => (bins.as_slice(), missing),
        };
        bins.iter().map(|bin| &bin.tally).chain(missing)
    }

    fn totals(&self) -> (f64, f64) {
        let sum = |of: fn(&Tally) -> u32| self.tallies().map(of).map(f64::from).sum();
        (sum(|tally| tally.good), sum(|tally| tally.bad))
    }
}

impl Tally {
    fn reaches(self, terms: &Terms) -> bool {
        let floors = terms.floors;
        let rows = self.good.saturating_add(self.bad);
        rows >= floors.rows() && self.good >= floors.class() && self.bad >= floors.class()
    }

    fn weight(self, good: f64, bad: f64) -> f64 {
        ((f64::from(self.good) / good) / (f64::from(self.bad) / bad)).ln()
    }
}

/// A whole number of rows, as a ring element with its fraction bits.
fn whole(number: i64, rows: u32) -> Option<u32> {
    let count = u32::try_from(number >> COUNT).ok()?;
    (i64::from(count) << COUNT == number && count <= rows).then_some(count)
}
