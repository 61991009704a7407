//! The weights at which the loss is least, in floating point: what every run is measured by.

/// Columns in clear, and which rows are bad.
#[derive(Clone)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Vec<f64>>,
    pub(crate) bad: Vec<bool>,
}

impl Table {
    pub(crate) fn rows(&self) -> usize {
        self.bad.len()
    }

    /// Some of the rows.
    pub(crate) fn rows_at(&self, rows: &[usize]) -> Self {
        let pick = |column: &Vec<f64>| rows.iter().map(|&row| column[row]).collect();
        Self {
            columns: self.columns.iter().map(pick).collect(),
            bad: rows.iter().map(|&row| self.bad[row]).collect(),
        }
    }

    /// The logit of each row under a model.
    pub(crate) fn logits(&self, weights: &[f64]) -> Vec<f64> {
        let (slopes, intercept) = weights.split_at(weights.len() - 1);
        let mut logits = vec![intercept[0]; self.rows()];
        for (column, slope) in self.columns.iter().zip(slopes) {
            logits.iter_mut().zip(column).for_each(|(z, x)| *z += slope * x);
        }
        logits
    }

    /// The area under the curve, ties counted half.
    pub(crate) fn auc(&self, weights: &[f64]) -> f64 {
        let logits = self.logits(weights);
        let mut order: Vec<usize> = (0..self.rows()).collect();
        order.sort_by(|&one, &other| logits[one].total_cmp(&logits[other]));
        let (mut pairs, mut goods, mut bads, mut at) = (0.0, 0.0, 0.0, 0);
        while at < order.len() {
            let tied = order[at..].iter().take_while(|&&row| logits[row] == logits[order[at]]);
            let (mut good, mut bad) = (0.0, 0.0);
            for &row in tied {
                if self.bad[row] { bad += 1.0 } else { good += 1.0 }
            }
            pairs += bad * (goods + good / 2.0);
            (goods, bads) = (goods + good, bads + bad);
            at += (good + bad) as usize;
        }
        pairs / (goods * bads)
    }

    /// The largest difference between the shares of bad and good rows above a score.
    pub(crate) fn ks(&self, weights: &[f64]) -> f64 {
        let logits = self.logits(weights);
        let mut order: Vec<usize> = (0..self.rows()).collect();
        order.sort_by(|&one, &other| logits[one].total_cmp(&logits[other]));
        let bads = self.bad.iter().filter(|bad| **bad).count() as f64;
        let goods = self.rows() as f64 - bads;
        let (mut good, mut bad, mut most) = (0.0, 0.0, 0.0_f64);
        for row in order {
            if self.bad[row] {
                bad += 1.0 / bads
            } else {
                good += 1.0 / goods
            }
            most = most.max(good - bad);
        }
        most
    }
}

/// A model in floating point, and the inverse of its curvature.
pub(crate) struct Exact {
    pub(crate) weights: Vec<f64>,
    /// The inverse of the mean curvature, the ridge left out.
    pub(crate) variances: Vec<f64>,
}

/// Newton's method with as many halvings as it takes, to the last digit.
pub(crate) fn fit(table: &Table, row_weights: Option<&[f64]>, ridge: f64) -> Exact {
    let width = table.columns.len() + 1;
    let ones = vec![1.0; table.rows()];
    let row_weights = row_weights.unwrap_or(&ones);
    let total: f64 = row_weights.iter().sum();
    let columns: Vec<&[f64]> =
        table.columns.iter().map(Vec::as_slice).chain([ones.as_slice()]).collect();
    let shrunk = |j: usize| if j + 1 < width { ridge } else { 0.0 };
    let loss = |weights: &[f64]| {
        let logits = table.logits(weights);
        let each = logits.iter().zip(&table.bad).zip(row_weights).map(|((&z, &bad), s)| {
            let signed = if bad { -z } else { z };
            s * (signed.max(0.0) + (-signed.abs()).exp().ln_1p())
        });
        let squares = (0..width).map(|j| shrunk(j) * weights[j] * weights[j]).sum::<f64>();
        each.sum::<f64>() / total + squares / 2.0
    };
    let derivatives = |weights: &[f64], ridged: bool| {
        let logits = table.logits(weights);
        let p: Vec<f64> = logits.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect();
        let mut gradient = vec![0.0; width];
        let mut curvature = vec![vec![0.0; width]; width];
        for j in 0..width {
            let mut scaled = vec![0.0; table.rows()];
            for (row, scaled) in scaled.iter_mut().enumerate() {
                let x = columns[j][row] * row_weights[row] / total;
                gradient[j] += x * (p[row] - f64::from(u8::from(table.bad[row])));
                *scaled = x * p[row] * (1.0 - p[row]);
            }
            gradient[j] += shrunk(j) * weights[j];
            for k in 0..=j {
                let sum: f64 = scaled.iter().zip(columns[k]).map(|(u, x)| u * x).sum();
                curvature[j][k] = sum;
                curvature[k][j] = sum;
            }
            if ridged {
                curvature[j][j] += shrunk(j);
            }
        }
        (gradient, curvature)
    };
    let mut weights = vec![0.0; width];
    for _ in 0..100 {
        let (gradient, mut curvature) = derivatives(&weights, true);
        // Classes that separate leave the curvature of the intercept near 0.
        (0..width).for_each(|j| curvature[j][j] += 1e-12);
        let step = solve(curvature, gradient);
        let (before, mut share) = (loss(&weights), 1.0);
        let next = loop {
            let next: Vec<f64> = weights.iter().zip(&step).map(|(w, s)| w - share * s).collect();
            if loss(&next) <= before || share < 1e-9 {
                break next;
            }
            share /= 2.0;
        };
        let moved = weights.iter().zip(&next).map(|(w, n)| (w - n).abs()).fold(0.0, f64::max);
        weights = next;
        if moved < 1e-10 {
            break;
        }
    }
    let (_, curvature) = derivatives(&weights, false);
    let unit = |j: usize| (0..width).map(|i| f64::from(u8::from(i == j))).collect::<Vec<_>>();
    let variances = (0..width).map(|j| solve(curvature.clone(), unit(j))[j]).collect();
    Exact { weights, variances }
}

/// Gaussian elimination with pivots.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let size = right.len();
    for column in 0..size {
        let pivot = (column..size)
            .max_by(|&i, &j| matrix[i][column].abs().total_cmp(&matrix[j][column].abs()))
            .unwrap();
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        for row in column + 1..size {
            let factor = matrix[row][column] / matrix[column][column];
            let (above, below) = matrix.split_at_mut(row);
            let pairs = below[0].iter_mut().zip(&above[column]).skip(column);
            pairs.for_each(|(entry, pivot)| *entry -= factor * pivot);
            right[row] -= factor * right[column];
        }
    }
    for row in (0..size).rev() {
        let rest: f64 = (row + 1..size).map(|k| matrix[row][k] * right[k]).sum();
        right[row] = (right[row] - rest) / matrix[row][row];
    }
    right
}
