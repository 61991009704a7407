//! The bins of the most information value under constraints.

use crate::Error;
use crate::fitting::counts::real;
use crate::fitting::search::{Best, Candidates};
use crate::fitting::trend::Shape;
use crate::fitting::{Counts, Direction, Partition, Trend};

/// The most pre-bins that the exact search takes.
pub const MOST_PREBINS: usize = 64;

/// What [`Trend::Auto`] wants of a peak or a valley: so many times the value of a monotone trend.
const WORTH_A_TURN: f64 = 1.1;

/// What bins must keep, in optbinning's vocabulary. A bin always has a row of each class.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraints {
    /// The most bins.
    pub max_n_bins: usize,
    /// The least share of the rows in a bin, 0 to 1.
    pub min_bin_size: f64,
    /// The fewest bad rows in a bin.
    pub min_bin_n_event: u64,
    /// The fewest good rows in a bin.
    pub min_bin_n_nonevent: u64,
    /// How bad rates may go from bin to bin.
    pub monotonic_trend: Trend,
    /// The pre-bins that start a bin in any case, counted from 0: pinned breaks, as
    /// [`Partition::at_breaks`] finds them.
    pub user_splits_fixed: Vec<usize>,
}

impl Default for Constraints {
    fn default() -> Self {
        Self {
            max_n_bins: 8,
            min_bin_size: 0.05,
            min_bin_n_event: 1,
            min_bin_n_nonevent: 1,
            monotonic_trend: Trend::Auto,
            user_splits_fixed: Vec::new(),
        }
    }
}

impl Constraints {
    /// The bins that keep them, of all bins of these pre-bins.
    fn candidates(&self, prebins: &[Counts]) -> Candidates {
        let rows = real(prebins.iter().copied().sum::<Counts>().total());
        Candidates::of(prebins, &self.user_splits_fixed, |bin| {
            bin.good >= self.min_bin_n_nonevent
                && bin.bad >= self.min_bin_n_event
                && real(bin.total()) / rows >= self.min_bin_size
        })
    }
}

/// Whether there is anything left to score by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There are two bins or more.
    Parted,
    /// One bin is left, and without the trend there were more: it is the wrong trend for the
    /// variable, or the variable has none.
    CollapsedByTrend,
    /// One bin is left whatever the trend: the other constraints want it, or no pre-bins differ.
    CollapsedByLimits,
}

/// The bins of the most information value.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimal {
    /// The bins.
    pub partition: Partition,
    /// Their information value: of the rows counted here, special codes and missing values left out.
    pub iv: f64,
    /// The trend that was asked for; what was chosen, if that was [`Trend::Auto`].
    pub trend: Trend,
    /// Whether there is anything left to score by.
    pub outcome: Outcome,
}

/// Finds the bins of the most information value under constraints, exactly: no other partition of the
/// pre-bins that keeps them has more. Of equals it takes one with the fewest bins.
///
/// # Errors
///
/// [`Error::Fitting`] for no pre-bins or more than [`MOST_PREBINS`], for constraints that mean nothing,
/// and where no partition keeps them.
pub fn optimal(prebins: &[Counts], constraints: &Constraints) -> Result<Optimal, Error> {
    if prebins.is_empty() || prebins.len() > MOST_PREBINS {
        return Err(Error::Fitting(format!(
            "{} pre-bins, from 1 to {MOST_PREBINS} are possible",
            prebins.len()
        )));
    }
    if constraints.max_n_bins == 0 || !(0.0..=1.0).contains(&constraints.min_bin_size) {
        return Err(Error::Fitting(
            "`max_n_bins` is 1 at least, and `min_bin_size` a share from 0 to 1".into(),
        ));
    }
    let candidates = constraints.candidates(prebins);
    let best = |shape| Some((shape, candidates.best(constraints.max_n_bins, shape)?));
    let found = match constraints.monotonic_trend {
        Trend::Free => best(Shape::Free),
        Trend::Ascending => best(Shape::Monotone(Direction::Ascending)),
        Trend::Descending => best(Shape::Monotone(Direction::Descending)),
        Trend::Peak => best(Shape::PEAK),
        Trend::Valley => best(Shape::VALLEY),
        Trend::Auto => {
            let monotone = better(
                best(Shape::Monotone(Direction::Ascending)),
                best(Shape::Monotone(Direction::Descending)),
                1.0,
            );
            better(monotone, better(best(Shape::PEAK), best(Shape::VALLEY), 1.0), WORTH_A_TURN)
        }
    };
    let free = || candidates.best(constraints.max_n_bins, Shape::Free);
    // Without pinned breaks the union of allowed bins is allowed: a trend then leaves one bin at least.
    let (shape, found) = found.ok_or_else(|| {
        Error::Fitting(match free() {
            Some(_) => {
                "the pinned breaks contradict the trend; drop one of them, or the trend".into()
            }
            None => {
                "no bins keep the constraints: each takes rows of both classes, and all together \
                     no more than there are"
                    .into()
            }
        })
    })?;
    let outcome = match found.starts.len() {
        1 => match free() {
            Some(free) if free.starts.len() > 1 => Outcome::CollapsedByTrend,
            Some(_) | None => Outcome::CollapsedByLimits,
        },
        _ => Outcome::Parted,
    };
    let partition = Partition::new(found.starts, prebins.len())?;
    Ok(Optimal { partition, iv: found.iv, trend: shape.trend(), outcome })
}

/// The first, unless the second has more than `worth` times its information value.
fn better(
    one: Option<(Shape, Best)>,
    other: Option<(Shape, Best)>,
    worth: f64,
) -> Option<(Shape, Best)> {
    match (one, other) {
        (Some(one), Some(other)) if other.1.iv > worth * one.1.iv => Some(other),
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}

#[cfg(test)]
#[path = "optimal_tests.rs"]
mod tests;
