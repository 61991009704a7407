//! What the lender brings: how its customers' loans ended, and how much each row counts.

use zeroize::Zeroizing;

use crate::error::equal;
use crate::{Error, Population, ROW_WEIGHT, Terms, WEIGHT};

/// How the lender's loans ended, ready to be shared.
///
/// It has no encoding and no `Debug`; only an [upload](crate::transfer) takes it, and masks it.
///
/// ```compile_fail
/// fn printable<T: std::fmt::Debug>() {}
/// printable::<training::Labels>();
/// ```
pub struct Labels {
    /// 1 where the loan was not repaid.
    pub(crate) bad: Zeroizing<Vec<i64>>,
    /// Where rows are weighted.
    pub(crate) weighted: Option<Weighted>,
    /// The logarithm of the odds of a bad loan: where training begins.
    pub(crate) start: Zeroizing<[i64; 1]>,
}

pub(crate) struct Weighted {
    /// 1 where the loan was repaid: 0 with `bad` where the row is no customer.
    pub(crate) good: Zeroizing<Vec<i64>>,
    /// How much the row counts, with 10 fraction bits, 1 on the mean.
    pub(crate) weights: Zeroizing<Vec<i64>>,
}

/// One row, as the lender knows it.
#[derive(Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Not a customer of the lender: it counts nothing.
    Stranger,
    /// A customer who repaid, and how much the row counts.
    Good(f64),
    /// A customer who did not, and how much the row counts.
    Bad(f64),
}

impl Labels {
    /// How many times the mean a row may count.
    pub const HEAVIEST: f64 = 32.0;

    /// The outcomes of customers that all count the same: whether each loan was bad.
    pub fn of_customers(bad: &[bool]) -> Self {
        let bads = bad.iter().filter(|bad| **bad).count();
        Self {
            start: start(bads as f64, bad.len() as f64),
            bad: Zeroizing::new(bad.iter().map(|&bad| i64::from(bad)).collect()),
            weighted: None,
        }
    }

    /// The outcomes of rows that count differently, or are not all customers.
    ///
    /// # Errors
    ///
    /// [`Error::Weight`].
    pub fn of_rows(rows: &[Outcome]) -> Result<Self, Error> {
        let weights = || rows.iter().map(Outcome::weight);
        let total: f64 = weights().sum();
        if !weights().all(|weight| weight.is_finite() && weight >= 0.0) || total <= 0.0 {
            return Err(Error::Weight);
        }
        let mean = total / rows.len() as f64;
        let encode = |weight: f64| match weight / mean <= Self::HEAVIEST {
            true => sharing::encode::<ROW_WEIGHT>(weight / mean).map_err(Error::from),
            false => Err(Error::Weight),
        };
        let weights = Zeroizing::new(weights().map(encode).collect::<Result<Vec<_>, _>>()?);
        let bads = rows.iter().filter(|row| row.is_bad()).map(Outcome::weight).sum::<f64>();
        let count = |is: fn(&Outcome) -> bool| {
            Zeroizing::new(rows.iter().map(|row| i64::from(is(row))).collect::<Vec<_>>())
        };
        Ok(Self {
            bad: count(Outcome::is_bad),
            start: start(bads, total),
            weighted: Some(Weighted { good: count(Outcome::is_good), weights }),
        })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.bad.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bad.is_empty()
    }

    /// Refuses labels that are not those of the terms.
    pub(crate) fn check(&self, terms: &Terms) -> Result<(), Error> {
        let (expected, found) = (terms.rows as usize, self.len());
        equal("rows", expected, found)?;
        match (terms.population, &self.weighted) {
            (Population::Customers, None) => Ok(()),
            (Population::Weighted { cover }, Some(weighted)) => {
                let members = self.bad.iter().zip(&*weighted.good).filter(|(b, g)| **b + **g > 0);
                let members = members.count();
                match members * usize::from(cover) < found {
                    true => Err(Error::Cover { cover, members, rows: found }),
                    false => Ok(()),
                }
            }
            (Population::Customers, Some(_)) | (Population::Weighted { .. }, None) => {
                let (expected, found) =
                    (usize::from(self.weighted.is_none()), usize::from(self.weighted.is_some()));
                Err(Error::Shape { what: "weights a row", expected, found })
            }
        }
    }
}

impl Outcome {
    fn weight(&self) -> f64 {
        match self {
            Self::Stranger => 0.0,
            Self::Good(weight) | Self::Bad(weight) => *weight,
        }
    }

    fn is_bad(&self) -> bool {
        matches!(self, Self::Bad(_))
    }

    fn is_good(&self) -> bool {
        matches!(self, Self::Good(_))
    }
}

/// The logarithm of the odds; of one class alone, that of one more row of either.
fn start(bads: f64, total: f64) -> Zeroizing<[i64; 1]> {
    let odds = match bads > 0.0 && bads < total {
        true => bads / (total - bads),
        false => (bads + 1.0) / (total - bads + 1.0),
    };
    // A logarithm of numbers below 2^32 is far below what has a place.
    Zeroizing::new([sharing::encode::<WEIGHT>(odds.ln()).unwrap_or_default()])
}
