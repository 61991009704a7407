//! A holder's part of a scorecard in clear, as only the platform sees it.

use zeroize::Zeroizing;

use crate::{Error, MAX_POINTS, Shape};

/// What the entries of a table hold, in order: the bins of the first feature, then those of the
/// second, and so on. Wiped on drop.
pub(crate) struct Plain {
    pub(crate) points: Zeroizing<Vec<u16>>,
    pub(crate) shape: Shape,
}

/// The points of each bin of one holder's features: the model's secret, wiped on drop.
///
/// ```compile_fail,E0277
/// # fn with(scorecard: scoring::Scorecard) {
/// println!("{scorecard:?}");
/// # }
/// ```
pub struct Scorecard(pub(crate) Plain);

impl Scorecard {
    /// A scorecard from the points of each feature's bins.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`], or [`Error::TooManyPoints`] when these features alone can exceed the
    /// message space.
    pub fn new(points: &[Vec<u16>]) -> Result<Self, Error> {
        let count = |bins: &Vec<u16>| u16::try_from(bins.len()).unwrap_or(u16::MAX);
        let shape = Shape::new(points.iter().map(count).collect())?;
        let scorecard = Self(Plain { points: Zeroizing::new(points.concat()), shape });
        match scorecard.max() {
            max if max > MAX_POINTS.into() => Err(Error::TooManyPoints { found: max }),
            _ => Ok(scorecard),
        }
    }

    /// How many features it has and how many bins each of them.
    pub fn shape(&self) -> &Shape {
        &self.0.shape
    }

    /// The most points that all parts of one model give together: the `max_points` of its terms.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyPoints`] when that exceeds the message space.
    pub fn max_points<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Result<u16, Error> {
        let found = parts.into_iter().map(Self::max).sum();
        match u16::try_from(found) {
            Ok(max) if max <= MAX_POINTS => Ok(max),
            Ok(_) | Err(_) => Err(Error::TooManyPoints { found }),
        }
    }

    fn max(&self) -> u64 {
        let mut rest = self.0.points.as_slice();
        let largest = |bins: &u16| {
            let (feature, others) = rest.split_at(usize::from(*bins));
            rest = others;
            feature.iter().max().map_or(0, |&points| u64::from(points))
        };
        self.0.shape.bins().iter().map(largest).sum()
    }
}
