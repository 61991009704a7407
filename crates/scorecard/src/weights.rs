//! From a regression to points.

use crate::canonical::Canonical;
use crate::{Error, MESSAGE_SPACE, Scale};

/// A feature's weight in a regression, and the weight of evidence of its bins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weights {
    pub(crate) coef: f64,
    /// In the order of the binning.
    pub(crate) woe: Vec<f64>,
}

/// Points in whole numbers, and the offset that makes them a score.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scaled {
    pub(crate) offset: i32,
    /// By feature and bin; the least of each feature is 0.
    pub(crate) points: Vec<Vec<u16>>,
}

/// A feature whose points cannot be used: its place, and why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unusable(pub(crate) usize, pub(crate) String);

impl Unusable {
    /// The error, once the place has its names: holder and column.
    pub(crate) fn of(self, named: impl Fn(usize) -> (String, String)) -> Error {
        let (holder, column) = named(self.0);
        Error::Feature { holder, column, problem: self.1 }
    }
}

impl Weights {
    /// What a bin adds to the log-odds of bad.
    pub(crate) fn log_odds(&self, bin: usize) -> Option<f64> {
        Some(self.coef * self.woe.get(bin)?)
    }

    pub(crate) fn write(&self, canonical: &mut Canonical) {
        canonical.number(self.coef);
        canonical.length(self.woe.len());
        self.woe.iter().for_each(|woe| canonical.number(*woe));
    }
}

impl Scaled {
    /// Scales a regression of bad to points; see the header of [`crate`].
    pub(crate) fn of(
        intercept: f64,
        scale: Scale,
        features: &[&Weights],
    ) -> Result<Self, Unusable> {
        let (factor, shift) = (scale.factor(), scale.shift());
        let share = 1.0 / real(features.len());
        let whole = |(place, weights): (usize, &&Weights)| {
            let points = weights.woe.iter().map(|woe| {
                let exact = -factor * (woe * weights.coef + intercept * share) + shift * share;
                whole(exact.round_ties_even()).ok_or_else(|| Unusable(place, too_large()))
            });
            points.collect::<Result<Vec<i32>, _>>()
        };
        let points = features.iter().enumerate().map(whole).collect::<Result<Vec<_>, _>>()?;
        Self::shifted(0, points, |_| true)
    }

    /// Moves the least points of some features into the offset: of those that `moves` names, and of
    /// those with points below 0.
    pub(crate) fn shifted(
        offset: i32,
        points: Vec<Vec<i32>>,
        moves: impl Fn(usize) -> bool,
    ) -> Result<Self, Unusable> {
        let mut moved = i64::from(offset);
        let mut shifted = Vec::with_capacity(points.len());
        for (place, points) in points.into_iter().enumerate() {
            let least = points.iter().copied().min().unwrap_or(0);
            let least = if moves(place) { least } else { least.min(0) };
            moved += i64::from(least);
            let above = points.into_iter().map(|points| {
                let above = u16::try_from(i64::from(points) - i64::from(least)).ok();
                above.filter(|above| *above < MESSAGE_SPACE)
            });
            let above: Option<Vec<u16>> = above.collect();
            shifted.push(above.ok_or_else(|| Unusable(place, too_large()))?);
        }
        let offset = i32::try_from(moved).map_err(|_| Unusable(0, too_large()))?;
        Ok(Self { offset, points: shifted })
    }
}

fn too_large() -> String {
    format!(
        "its points are more than {} apart or far from 0; a smaller `pdo` brings them together",
        MESSAGE_SPACE - 1
    )
}

/// A number without fraction, if it is small enough to be points.
pub(crate) fn whole(number: f64) -> Option<i32> {
    const LARGEST: f64 = 1_000_000_000.0;
    if number.fract() != 0.0 || number.abs() > LARGEST {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole, and within the bound above")]
    Some(number as i32)
}

#[expect(clippy::cast_precision_loss, reason = "a count of features")]
fn real(count: usize) -> f64 {
    count as f64
}
