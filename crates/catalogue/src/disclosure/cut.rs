//! Places on a line that a question tells apart, and when two of them are too near.

use formula::{Comparison, Quantity};
use serde::{Deserialize, Serialize};

use super::NARROWEST_DAYS;

/// A place between two neighbouring values: just below a number or day, or just above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cut {
    /// Ten-thousandths, or days of the Julian count.
    at: i64,
    #[serde(default)]
    above: bool,
}

/// What is measured along a line.
#[derive(Clone, Copy)]
pub(crate) enum Line {
    /// From nought.
    Numbers,
    /// From today.
    Days { today: i64 },
}

impl Cut {
    /// Just below.
    pub(crate) const fn at(at: i64) -> Self {
        Self { at, above: false }
    }

    const fn above(at: i64) -> Self {
        Self { at, above: true }
    }

    /// Where a comparison divides the numbers.
    pub(crate) const fn of(comparison: Comparison, bound: Quantity) -> Self {
        let at = bound.ten_thousandths();
        match comparison {
            Comparison::AtLeast | Comparison::LessThan => Self::at(at),
            Comparison::AtMost | Comparison::MoreThan => Self::above(at),
        }
    }

    /// Both ends of an interval that holds them.
    pub(crate) const fn around([low, high]: [Quantity; 2]) -> [Self; 2] {
        [Self::at(low.ten_thousandths()), Self::above(high.ten_thousandths())]
    }
}

impl Line {
    /// Whether the cell between two cuts, the lower first, is narrower than may be told.
    pub(crate) fn is_narrow(self, low: Cut, high: Cut) -> bool {
        // What was stored may be anything: it is measured without overflow.
        let [low, high] = [low, high].map(|cut| i128::from(cut.at));
        let width = high - low;
        let (size, least) = match self {
            Self::Numbers => (low.abs().max(high.abs()), 1),
            Self::Days { today } => {
                let away = |day: i128| (day - i128::from(today)).abs();
                (away(low).max(away(high)), i128::from(NARROWEST_DAYS))
            }
        };
        width < least || 4 * width < size
    }
}

#[cfg(test)]
mod tests {
    use super::{Cut, Line};

    #[test]
    fn a_cell_is_at_least_a_quarter_of_its_greater_end() {
        for (low, high, narrow) in [
            (75, 100, false),
            (76, 100, true),
            (0, 1, false),
            (-100, -75, false),
            (-100, -76, true),
            (-10, 10, false),
            (0, 0, true),
            (i64::MIN, i64::MAX, false),
        ] {
            let found = Line::Numbers.is_narrow(Cut::at(low), Cut::above(high));
            assert_eq!(found, narrow, "{low} to {high}");
        }
    }

    #[test]
    fn days_are_measured_from_today() {
        let line = Line::Days { today: 1000 };
        for (low, high, narrow) in [
            (900, 925, true),
            (900, 928, false),
            (600, 699, true),
            (600, 700, false),
            (1000, 1028, false),
            (1000, 1001, true),
            (1300, 1400, false),
            (1301, 1400, true),
        ] {
            let found = line.is_narrow(Cut::at(low), Cut::at(high));
            assert_eq!(found, narrow, "{low} to {high}");
        }
    }
}
