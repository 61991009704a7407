//! The gradient of the loss over all rows, or over a sample (SPEC §3.5).

use sharing::{Additive, Bits, Engine, Vector};

use crate::curvature::Scale;
use crate::inputs::{Rows, SharedWeights};
use crate::tables::Tables;
use crate::{Error, PROBABILITY};

/// Fraction bits of the gradient, divided by the curvature's scale.
pub(crate) const GRADIENT: u32 = 28;

/// Fraction bits of the weights at which a gradient is taken.
pub(crate) const AHEAD: u32 = 30;

/// The gradient at some weights, divided by the curvature's scale.
pub(crate) struct Gradient {
    pub(crate) vector: Vector<GRADIENT>,
    /// Which rows lie beyond the table.
    pub(crate) saturated: Bits,
    /// p (1 - p) of each row, if it was asked for.
    pub(crate) slopes: Option<Additive<PROBABILITY>>,
}

impl Gradient {
    pub(crate) async fn at<E: Engine>(
        engine: &mut E,
        rows: &Rows,
        tables: &Tables,
        weights: &Vector<AHEAD>,
        ridge: f64,
        scale: Scale,
        with_slopes: bool,
    ) -> Result<Self, Error> {
        // > §3.5 (1) z = X w stays a sum of products: it is looked up, and never truncated.
        let count = rows.len();
        let z: Additive<42> = engine.matvec(&rows.features, 0..count, weights).await?;
        let (probability, slopes, saturated) = match with_slopes {
            true => {
                let ([probability, slopes], saturated) = tables.both(engine, &z).await?;
                (probability, Some(slopes), saturated)
            }
            false => {
                let (probability, saturated) = tables.probability(engine, &z).await?;
                (probability, None, saturated)
            }
        };
        drop(z);
        // > §3.5 (2) r = p - y.
        let residual = probability.minus_vector(&rows.bad.raised::<PROBABILITY>());
        let residual = engine.reshare(residual).await?;
        let vector = Self::of_residual(engine, rows, residual, weights, ridge, scale).await?;
        Ok(Self { vector, saturated, slopes })
    }

    /// The gradient where training begins: every weight is 0 but the intercept, so that z and p are
    /// the same in all rows, and are looked up once.
    pub(crate) async fn at_start<E: Engine>(
        engine: &mut E,
        rows: &Rows,
        tables: &Tables,
        weights: &Vector<AHEAD>,
        ridge: f64,
        scale: Scale,
    ) -> Result<Vector<GRADIENT>, Error> {
        let z: Vector<42> = weights.slice(weights.len() - 1..weights.len()).raised();
        let (probability, _) = tables.probability(engine, &z.to_sum()).await?;
        let probability = engine.reshare(probability).await?.repeated(rows.len());
        let residual = probability.minus(&rows.bad.raised());
        Self::of_residual(engine, rows, residual, weights, ridge, scale).await
    }

    /// > §3.5 (2) Times the row's weight where rows are weighted. (3) g = Xᵀ r. (4) (g / n + ridge w)
    /// > / c, the intercept's ridge left out.
    async fn of_residual<E: Engine>(
        engine: &mut E,
        rows: &Rows,
        residual: Vector<PROBABILITY>,
        weights: &Vector<AHEAD>,
        ridge: f64,
        scale: Scale,
    ) -> Result<Vector<GRADIENT>, Error> {
        let count = rows.len();
        let (share, ridge) = (1.0 / count as f64 / scale.divisor(), ridge / scale.divisor());
        match &rows.weighted {
            None => {
                let sum: Additive<27> =
                    engine.transposed(&rows.features, 0..count, &residual).await?;
                let mean: Additive<58> = sum.scaled(sharing::encode::<31>(share)?);
                let shrinkage = shrinkage(engine, weights, sharing::encode::<28>(ridge)?);
                Ok(engine.truncate(mean.plus_vector(&shrinkage)).await?)
            }
            Some(SharedWeights { weights: of_rows, .. }) => {
                let weighted: Additive<25> = engine.multiply(&residual, of_rows).await?;
                let weighted = engine.reshare(weighted).await?;
                let sum: Additive<37> =
                    engine.transposed(&rows.features, 0..count, &weighted).await?;
                let power = count.ilog2();
                let mean: Vector<24> = engine.shifted(sum, power + 37 - 24).await?;
                let factor = sharing::encode::<32>(f64::from(power).exp2() * share)?;
                let mean: Vector<56> = mean.scaled(factor);
                let shrinkage = shrinkage(engine, weights, sharing::encode::<26>(ridge)?);
                Ok(engine.truncate(mean.plus(&shrinkage).to_sum()).await?)
            }
        }
    }

    /// The sum of its squares.
    pub(crate) async fn norm<E: Engine>(&self, engine: &mut E) -> Result<Vector<56>, Error> {
        let norm = engine.dot(&self.vector, &self.vector).await?;
        Ok(engine.reshare(norm).await?)
    }
}

/// The ridge's part of the gradient: nothing at the intercept.
fn shrinkage<const OUT: u32, E: Engine>(
    engine: &E,
    weights: &Vector<AHEAD>,
    ridge: i64,
) -> Vector<OUT> {
    let slopes = weights.slice(0..weights.len() - 1).scaled(ridge);
    Vector::concat(&[&slopes, &engine.constant(&[0])])
}
