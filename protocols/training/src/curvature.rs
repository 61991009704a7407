//! The curvature of the loss over a sample of rows, and its inverse (SPEC §3.3, §3.6).

use sharing::{Additive, Engine, Matrix, Vector};

use crate::inputs::{Rows, SharedWeights};
use crate::tables::Tables;
use crate::{Error, FEATURE, PROBABILITY, ROW_WEIGHT, Terms, WEIGHT};

/// Fraction bits of a curvature, divided by its scale, and of the inverse.
pub(crate) const INVERSE: u32 = 22;
/// Fraction bits of a sum over rows.
const SUM: u32 = 39;

/// Rows that are scaled at once: bounds what the scaled rows take.
const BLOCK: usize = 1 << 15;

/// The rows that the curvature is taken of.
pub(crate) struct Sample {
    features: Matrix<FEATURE>,
    /// How much each row counts; nothing where all count the same.
    weights: Option<Vector<ROW_WEIGHT>>,
}

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

impl Sample {
    /// Copies the rows at these places.
    pub(crate) async fn of<E: Engine>(
        engine: &mut E,
        rows: &Rows,
        places: &[u32],
    ) -> Result<Self, Error> {
        let mut features = rows.features.gather(places);
        engine.prepare(&mut features).await?;
        let weights = rows.weighted.as_ref();
        let weights = weights.map(|SharedWeights { weights, .. }| weights.gather(places));
        Ok(Self { features, weights })
    }

    fn rows(&self) -> usize {
        self.features.rows()
    }

    /// The curvature that no model's exceeds: that of p = 1/2, with headroom.
    pub(crate) async fn bound<E: Engine>(
        &self,
        engine: &mut E,
        terms: &Terms,
    ) -> Result<Summed, Error> {
        let packed = match &self.weights {
            None => {
                let sum: Additive<24> = engine.gram(&self.features).await?;
                sum.raised()
            }
            Some(weights) => {
                // One more product of three: the weights with as many bits as a slope has.
                let weights = weights.raised::<PROBABILITY>();
                self.weighted_by(engine, &weights).await?
            }
        };
        Ok(Summed { packed, rows: self.rows(), factor: bound(terms) })
    }

    /// The curvature at these weights of the model.
    pub(crate) async fn at<E: Engine>(
        &self,
        engine: &mut E,
        tables: &Tables,
        weights: &Vector<WEIGHT>,
    ) -> Result<Summed, Error> {
        let z: Additive<32> = engine.matvec(&self.features, 0..self.rows(), weights).await?;
        let slope = tables.slope(engine, &z).await?;
        self.with_slopes(engine, slope).await
    }

    /// The curvature where p (1 - p) of each row of the sample is this.
    pub(crate) async fn with_slopes<E: Engine>(
        &self,
        engine: &mut E,
        slope: Additive<PROBABILITY>,
    ) -> Result<Summed, Error> {
        let slope = engine.reshare(slope).await?;
        let slope = match &self.weights {
            None => slope,
            Some(weights) => {
                let product: Additive<25> = engine.multiply(&slope, weights).await?;
                engine.truncate(product).await?
            }
        };
        let packed = self.weighted_by(engine, &slope).await?;
        Ok(Summed { packed, rows: self.rows(), factor: 1.0 })
    }

    /// The triangle of Xᵀ W X.
    async fn weighted_by<E: Engine>(
        &self,
        engine: &mut E,
        weights: &Vector<PROBABILITY>,
    ) -> Result<Additive<SUM>, Error> {
        let mut sum: Option<Additive<SUM>> = None;
        for begin in (0..self.rows()).step_by(BLOCK) {
            let block = begin..(begin + BLOCK).min(self.rows());
            let count = block.len();
            let part = weights.slice(block.clone());
            let scaled: Additive<27> =
                engine.scale_rows(&self.features, block.clone(), &part).await?;
            let scaled = Matrix::from_vector(&engine.reshare(scaled).await?, count);
            let more = engine.gram_with(&self.features, block, &scaled).await?;
            sum = Some(match sum {
                Some(sum) => sum.plus(&more),
                None => more,
            });
        }
        Ok(sum.expect("a sample has rows"))
    }
}

impl Summed {
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
