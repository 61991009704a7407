//! The gradient of the loss over all rows (SPEC §3.5).

use sharing::{Additive, Bits, Engine, Vector};

use crate::curvature::Scale;
use crate::inputs::{Rows, SharedWeights};
use crate::tables::Tables;
use crate::{Error, PROBABILITY, WEIGHT};

/// Fraction bits of the gradient, divided by the curvature's scale.
pub(crate) const GRADIENT: u32 = 28;

/// The gradient at some weights, divided by the curvature's scale.
pub(crate) struct Gradient {
    pub(crate) vector: Vector<GRADIENT>,
    /// Which rows lie beyond the table.
    pub(crate) saturated: Bits,
}

impl Gradient {
    pub(crate) async fn at<E: Engine>(
        engine: &mut E,
        rows: &Rows,
        tables: &Tables,
        weights: &Vector<WEIGHT>,
        ridge: f64,
        scale: Scale,
    ) -> Result<Self, Error> {
        // > §3.5 (1) z = X w stays a sum of products: it is looked up, and never truncated.
        let count = rows.len();
        let z = engine.matvec(&rows.features, 0..count, weights).await?;
        let (probability, saturated) = tables.probability(engine, &z).await?;
        drop(z);
        // > §3.5 (2) r = p - y, times the row's weight where rows are weighted.
        let residual = probability.minus_vector(&rows.bad.raised::<PROBABILITY>());
        let residual = engine.reshare(residual).await?;
        // > §3.5 (3) g = Xᵀ r.
        let sum: Additive<37> = match &rows.weighted {
            None => {
                let sum: Additive<27> =
                    engine.transposed(&rows.features, 0..count, &residual).await?;
                sum.raised()
            }
            Some(SharedWeights { weights, .. }) => {
                let weighted: Additive<25> = engine.multiply(&residual, weights).await?;
                let weighted = engine.reshare(weighted).await?;
                engine.transposed(&rows.features, 0..count, &weighted).await?
            }
        };
        let sum = engine.reshare(sum).await?;
        // > §3.5 (4) (g / N + ridge w) / c, the intercept's ridge left out.
        let power = count.ilog2();
        let mean: Vector<24> = engine.shifted(&sum, power + 37 - 24).await?;
        let factor = f64::from(power).exp2() / count as f64 / scale.divisor();
        let mean: Vector<50> = mean.scaled(sharing::encode::<26>(factor)?);
        let slopes = weights.slice(0..weights.len() - 1);
        let slopes = slopes.scaled(sharing::encode::<30>(ridge / scale.divisor())?);
        let shrinkage = Vector::concat(&[&slopes, &engine.constant(&[0])]);
        let vector = engine.truncate(&mean.plus(&shrinkage)).await?;
        Ok(Self { vector, saturated })
    }

    /// The sum of its squares.
    pub(crate) async fn norm<E: Engine>(&self, engine: &mut E) -> Result<Vector<56>, Error> {
        let norm = engine.dot(&self.vector, &self.vector).await?;
        Ok(engine.reshare(norm).await?)
    }
}
