//! The curvature of a logistic regression, in clear.

/// The slope p (1 - p) of each row at these weights.
pub(crate) fn slopes(columns: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let rows = columns.first().map_or(0, Vec::len);
    let logit = |row: usize| columns.iter().zip(weights).map(|(x, w)| w * x[row]).sum::<f64>();
    let slope = |z: f64| 1.0 / (2.0 + z.exp() + (-z).exp());
    (0..rows).map(|row| slope(logit(row))).collect()
}

/// X' diag(slopes) X.
pub(crate) fn gram(columns: &[Vec<f64>], slopes: &[f64]) -> Vec<Vec<f64>> {
    let entry = |one: &Vec<f64>, other: &Vec<f64>| {
        one.iter().zip(other).zip(slopes).map(|((x, y), s)| s * x * y).sum()
    };
    columns.iter().map(|one| columns.iter().map(|other| entry(one, other)).collect()).collect()
}
