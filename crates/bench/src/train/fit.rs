//! The same model in clear: what a training's weights are measured by.

use super::data::Table;

/// Rows that the curvature is taken of: the more, the fewer steps.
const SAMPLE: usize = 1 << 16;

/// Rows at a time, so that they stay in the cache.
const BLOCK: usize = 1 << 10;

/// A step below this is none.
const SMALL: f64 = 1e-10;

/// Steps after which whatever is reached is taken; a dozen suffice.
const MOST_STEPS: u32 = 100;

/// The weights with the least loss, the intercept last: Newton steps, each with the gradient of all
/// rows and the curvature of a sample of them.
pub(super) fn fit(table: &Table, ridge: f64) -> Vec<f64> {
    let width = table.columns.len() + 1;
    let shrunk = |j: usize| if j + 1 < width { ridge } else { 0.0 };
    let (rows, sample) = (table.bad.len(), table.bad.len().min(SAMPLE));
    let mut weights = vec![0.0; width];
    for _ in 0..MOST_STEPS {
        let (mut gradient, _) = derivatives(table, &weights, 0..rows, false);
        let (_, mut curvature) = derivatives(table, &weights, 0..sample, true);
        for j in 0..width {
            gradient[j] += shrunk(j) * weights[j];
            curvature[j][j] += shrunk(j);
        }
        let step = solve(curvature, gradient);
        weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight -= step);
        if step.iter().all(|step| step.abs() < SMALL) {
            break;
        }
    }
    weights
}

/// The mean gradient of the loss over some rows, and its mean curvature if it is wanted.
fn derivatives(
    table: &Table,
    weights: &[f64],
    rows: std::ops::Range<usize>,
    curved: bool,
) -> (Vec<f64>, Vec<Vec<f64>>) {
    let width = weights.len();
    let each = 1.0 / rows.len().max(1) as f64;
    let mut gradient = vec![0.0; width];
    let mut curvature = vec![vec![0.0; if curved { width } else { 0 }]; width];
    let mut scaled = vec![0.0; BLOCK];
    let ones = vec![1.0; BLOCK];
    for start in rows.clone().step_by(BLOCK) {
        let block = start..(start + BLOCK).min(rows.end);
        let column = |j: usize| match table.columns.get(j) {
            Some(column) => &column[block.clone()],
            None => &ones[..block.len()],
        };
        let mut logits = vec![0.0; block.len()];
        for (j, weight) in weights.iter().enumerate() {
            logits.iter_mut().zip(column(j)).for_each(|(z, x)| *z += weight * f64::from(*x));
        }
        let probabilities = logits.iter().map(|z| 1.0 / (1.0 + (-z).exp()));
        let pairs = probabilities.zip(&table.bad[block.clone()]);
        let (missed, spread): (Vec<f64>, Vec<f64>) =
            pairs.map(|(p, bad)| (p - f64::from(u8::from(*bad)), p * (1.0 - p))).unzip();
        for j in 0..width {
            gradient[j] += each * product(column(j), &missed);
            if !curved {
                continue;
            }
            let scaled = &mut scaled[..block.len()];
            let factors = scaled.iter_mut().zip(column(j)).zip(&spread);
            factors.for_each(|((scaled, x), spread)| *scaled = each * f64::from(*x) * spread);
            // The lower half, up to the diagonal.
            for (k, entry) in curvature[j].iter_mut().enumerate().take(j + 1) {
                *entry += product(column(k), scaled);
            }
        }
    }
    if curved {
        for j in 1..width {
            let (above, from_here) = curvature.split_at_mut(j);
            above.iter_mut().zip(&from_here[0]).for_each(|(row, entry)| row[j] = *entry);
        }
    }
    (gradient, curvature)
}

fn product(column: &[f32], factors: &[f64]) -> f64 {
    column.iter().zip(factors).map(|(x, factor)| f64::from(*x) * factor).sum()
}

/// Gaussian elimination; a curvature with a ridge needs no pivots.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let size = right.len();
    for column in 0..size {
        let (above, below) = matrix.split_at_mut(column + 1);
        let pivots = &above[column];
        for (row, entries) in below.iter_mut().enumerate() {
            let factor = entries[column] / pivots[column];
            let pairs = entries.iter_mut().zip(pivots).skip(column);
            pairs.for_each(|(entry, pivot)| *entry -= factor * pivot);
            right[column + 1 + row] -= factor * right[column];
        }
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|k| matrix[row][k] * right[k]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::{derivatives, fit, solve};
    use crate::train::data::Table;

    #[test]
    fn at_the_fitted_weights_the_gradient_is_nought_and_they_are_about_those_that_made_the_data() {
        let made = Table::made(20_000, 5, 7);
        let table = made.standardised();
        let (ridge, weights) = (1e-3, fit(&table, 1e-3));
        let (gradient, _) = derivatives(&table, &weights, 0..20_000, false);
        for (j, gradient) in gradient.iter().enumerate() {
            let shrunk = if j < 5 { ridge * weights[j] } else { 0.0 };
            assert!((gradient + shrunk).abs() < 1e-9, "{j}: {gradient}");
        }
        for (found, known) in weights.iter().zip(&made.known) {
            assert!((found - known).abs() < 0.15, "{found} {known}");
        }
    }

    #[test]
    fn more_rows_than_the_curvature_is_taken_of_are_fitted_to_the_last_digit_too() {
        let table = Table::made(super::SAMPLE + 30_000, 2, 3).standardised();
        let weights = fit(&table, 1e-2);
        let (gradient, _) = derivatives(&table, &weights, 0..table.bad.len(), false);
        assert!((gradient[0] + 1e-2 * weights[0]).abs() < 1e-9, "{gradient:?}");
    }

    #[test]
    fn equations_are_solved() {
        let solved = solve(vec![vec![4.0, 1.0], vec![1.0, 3.0]], vec![1.0, 2.0]);
        assert!((solved[0] - 1.0 / 11.0).abs() < 1e-12 && (solved[1] - 7.0 / 11.0).abs() < 1e-12);
    }
}
