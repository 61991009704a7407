//! Linear models over raw values: as many exact answers as values, and the values follow.

use rand::{Rng, RngExt};

use crate::population::{FEATURES, Firm, RANGE};

/// A model's weights, and last its intercept.
pub(crate) type Model = [f64; FEATURES + 1];

/// What solving gave.
pub(crate) struct Solved {
    /// Firms of which every value was found to the last digit.
    pub(crate) firms: usize,
    /// How far a value that was found is from the true one, half of them less: percent of the range.
    pub(crate) off_percent: f64,
}

/// As many models as features, with logits of some units.
pub(crate) fn models(rng: &mut impl Rng) -> [Model; FEATURES] {
    let mut weight = || 6.0 / RANGE * rng.random_range(-1.0..1.0);
    std::array::from_fn(|_| std::array::from_fn(|_| weight()))
}

/// A logit as points of 20 to double the odds, rounded, and read back as a logit.
pub(crate) fn in_whole_points(logit: f64) -> f64 {
    let factor = 20.0 / 2.0_f64.ln();
    (logit * factor).round() / factor
}

/// Asks each model about each firm, shows the answers as `shown` does, and solves for the values.
pub(crate) fn solved(
    models: &[Model; FEATURES],
    firms: &[Firm],
    shown: impl Fn(f64) -> f64,
) -> Solved {
    let (mut exact, mut off) = (0, Vec::new());
    for Firm { values } in firms {
        // One line for each model: its weights, and what it says without the intercept.
        let lines = models.map(|mut line| {
            let intercept = line[FEATURES];
            let logit: f64 = line.iter().zip(values).map(|(weight, value)| weight * value).sum();
            line[FEATURES] = shown(intercept + logit) - intercept;
            line
        });
        let found = solution(lines);
        exact +=
            usize::from(found.iter().zip(values).all(|(found, value)| found.round() == *value));
        off.extend(found.iter().zip(values).map(|(found, value)| (found - value).abs()));
    }
    off.sort_by(f64::total_cmp);
    let off_percent = off.get(off.len() / 2).map_or(0.0, |off| 100.0 * off / RANGE);
    Solved { firms: exact, off_percent }
}

/// Gauss, with the largest pivot.
fn solution(mut lines: [Model; FEATURES]) -> [f64; FEATURES] {
    for column in 0..FEATURES {
        let largest = (column..FEATURES)
            .max_by(|one, other| lines[*one][column].abs().total_cmp(&lines[*other][column].abs()));
        lines.swap(column, largest.unwrap_or(column));
        let pivot = lines[column].map(|entry| entry / lines[column][column]);
        lines[column] = pivot;
        for (_, line) in lines.iter_mut().enumerate().filter(|(place, _)| *place != column) {
            let times = line[column];
            line.iter_mut().zip(pivot).for_each(|(entry, pivot)| *entry -= times * pivot);
        }
    }
    lines.map(|line| line[FEATURES])
}
