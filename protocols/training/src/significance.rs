//! How certain each weight is (SPEC §3.8).

use sharing::{Engine, Matrix, inverse};

use crate::curvature::{INVERSE, Scale, Summed};
use crate::{Error, LENDER};

/// Steps of the inversion without the ridge, from the inverse of the bounding curvature.
const INVERSION: u32 = 16;

/// Opens to the lender the diagonal of the inverted curvature, the ridge left out: N times each
/// weight's variance.
///
/// > §3.8 A without its ridge (but with c 2^-17) is inverted anew; its diagonal over c is opened to
/// > the lender.
pub(crate) async fn variances<E: Engine>(
    engine: &mut E,
    curvature: Summed,
    bound: &Matrix<INVERSE>,
    scale: Scale,
) -> Result<Option<Vec<f64>>, Error> {
    let curvature = curvature.normalised(engine, 0.0, scale, bound.rows()).await?;
    let inverse = inverse(engine, &curvature, Some(bound), INVERSION).await?;
    let opened = engine.open_to(LENDER, &inverse.diagonal()).await?;
    let variance = |x: f64| x / scale.divisor();
    Ok(opened.map(|opened| opened.to_f64().into_iter().map(variance).collect()))
}
