//! The curvature of the loss over a sample of rows, and its inverse (SPEC §3.3, §3.6).

use sharing::{Additive, Engine, Matrix, Vector};

use crate::inputs::{Rows, SharedWeights};
use crate::tables::Tables;
use crate::{Error, PROBABILITY, Terms, WEIGHT};

/// Fraction bits of a curvature, divided by its scale, and of the inverse.
pub(crate) const INVERSE: u32 = 22;
/// Fraction bits of a sum over rows.
const SUM: u32 = 39;

/// Rows that are scaled at once: bounds what the scaled rows take.
pub(crate) const BLOCK: usize = 1 << 15;

/// A sum over the rows of a sample that is to become a matrix with small eigenvalues.
pub(crate) struct Summed {
    /// The triangle of the sum.
    packed: Additive<SUM>,
    rows: usize,
    /// What the sum's mean is multiplied by.
    factor: f64,
}

/// What a curvature is divided by, so that its eigenvalues are at most 1, or 20 where rows are
/// weighted.
#[derive(Clone, Copy)]
pub(crate) struct Scale(f64);

impl Scale {
    /// > §3.3 c is the least number of at least h d / 4 + ridge for which 1 / (n c) is a multiple of
    /// > 2^-31, where h is the headroom and d counts the intercept; twice h / 4 where rows are
    /// > weighted.
    pub(crate) fn of(terms: &Terms) -> Self {
        let spread = if terms.is_weighted() { 2.0 } else { 1.0 };
        let least = spread * bound(terms) * terms.width() as f64 + terms.ridge.value();
        let (rows, unit) = (terms.training_rows() as f64, 31_f64.exp2());
        Self(unit / rows / (unit / rows / least).floor())
    }

    pub(crate) fn divisor(self) -> f64 {
        self.0
    }
}

/// > §3.3 A quarter, which no p (1 - p) exceeds, with headroom for the sample: 1.05, or 1.5 where
/// > rows are weighted.
fn bound(terms: &Terms) -> f64 {
    if terms.is_weighted() { 0.25 * 1.5 } else { 0.25 * 1.05 }
}

impl Summed {
    /// The curvature of a sample that no model's exceeds: that of p = 1/2, with headroom.
    pub(crate) async fn bound<E: Engine>(
        engine: &mut E,
        sample: &Rows,
        terms: &Terms,
    ) -> Result<Self, Error> {
        let packed = match &sample.weighted {
            None => {
                let sum: Additive<24> = engine.gram(&sample.features).await?;
                sum.raised()
            }
            Some(SharedWeights { weights, .. }) => {
                // One more product of three: the weights with as many bits as a slope has.
                let weights = weights.raised::<PROBABILITY>();
                weighted_by(engine, sample, &weights).await?
            }
        };
        Ok(Self { packed, rows: sample.len(), factor: bound(terms) })
    }

    /// The curvature of a sample at these weights of the model.
    pub(crate) async fn at<E: Engine>(
        engine: &mut E,
        sample: &Rows,
        tables: &Tables,
        weights: &Vector<WEIGHT>,
    ) -> Result<Self, Error> {
        let z: Additive<32> = engine.matvec(&sample.features, 0..sample.len(), weights).await?;
        let slope = tables.slope(engine, &z).await?;
        Self::with_slopes(engine, sample, slope).await
    }

    /// The curvature of a sample where p (1 - p) of each row is this.
    pub(crate) async fn with_slopes<E: Engine>(
        engine: &mut E,
        sample: &Rows,
        slope: Additive<PROBABILITY>,
    ) -> Result<Self, Error> {
        let slope = engine.reshare(slope).await?;
        let slope = match &sample.weighted {
            None => slope,
            Some(SharedWeights { weights, .. }) => {
                let product: Additive<25> = engine.multiply(&slope, weights).await?;
                engine.truncate(product).await?
            }
        };
        let packed = weighted_by(engine, sample, &slope).await?;
        Ok(Self { packed, rows: sample.len(), factor: 1.0 })
    }

    /// The mean over the rows, plus a ridge, divided by `scale`: eigenvalues in (0, 1], or
    /// (0, 20] where rows are weighted.
    ///
    /// > §3.3 A = (f S / m + max(ridge, c 2^-17) I) / c, the intercept's ridge left out.
    pub(crate) async fn normalised<E: Engine>(
        self,
        engine: &mut E,
        ridge: f64,
        Scale(divisor): Scale,
        width: usize,
    ) -> Result<Matrix<INVERSE>, Error> {
        let power = self.rows.ilog2();
        let mean: Vector<24> = engine.shifted(self.packed, power + SUM - 24).await?;
        let factor = self.factor * f64::from(power).exp2() / self.rows as f64 / divisor;
        let mean: Vector<48> = mean.scaled(sharing::encode::<24>(factor)?);
        let floor = (-17.0_f64).exp2();
        let ridge = sharing::encode::<48>((ridge / divisor).max(floor))?;
        let last = width - 1;
        let diagonal: Vec<i64> = (0..width)
            .flat_map(|j| (0..=j).map(move |i| if i == j && j < last { ridge } else { 0 }))
            .collect();
        let sum = mean.plus(&engine.constant(&diagonal));
        Ok(Matrix::from_triangle(&engine.truncate(sum.to_sum()).await?, width))
    }
}

/// The triangle of Xᵀ W X.
async fn weighted_by<E: Engine>(
    engine: &mut E,
    sample: &Rows,
    weights: &Vector<PROBABILITY>,
) -> Result<Additive<SUM>, Error> {
    let mut sum: Option<Additive<SUM>> = None;
    for begin in (0..sample.len()).step_by(BLOCK) {
        let block = begin..(begin + BLOCK).min(sample.len());
        let count = block.len();
        let part = weights.slice(block.clone());
        let scaled: Additive<27> =
            engine.scale_rows(&sample.features, block.clone(), &part).await?;
        let scaled = Matrix::from_vector(&engine.reshare(scaled).await?, count);
        let more = engine.gram_with(&sample.features, block, &scaled).await?;
        sum = Some(match sum {
            Some(sum) => sum.plus(&more),
            None => more,
        });
    }
    Ok(sum.expect("a sample has rows"))
}
