//! How certain each weight is (SPEC §3.8).

use sharing::{Additive, Engine, Matrix, Start, Vector, inverse};

use crate::curvature::{INVERSE, Scale, Summed};
use crate::{Error, LENDER};

/// Doublings of the inversion without the ridge, from the inverse of the bounding curvature.
const INVERSION: u32 = 16;

/// Opens to the lender the diagonal of the inverted curvature, the ridge left out: N times each
/// weight's variance.
pub(crate) async fn variances<E: Engine>(
    engine: &mut E,
    curvature: Summed,
    bound: &Matrix<INVERSE>,
    scale: Scale,
) -> Result<Option<Vec<f64>>, Error> {
    // > §3.8 (1) A without its ridge, but with 2^-17, is inverted anew: P.
    let width = bound.rows();
    let curvature = curvature.normalised(engine, 0.0, scale, width).await?;
    let inverse = inverse(engine, &curvature, Start::Inverse(bound), INVERSION).await?;
    // > §3.8 (2) diag(P + 2^-17 P I' P) takes most of the 2^-17 out again.
    let coarse: Vector<10> = engine.truncate(inverse.to_vector().to_sum()).await?;
    let squares: Additive<20> = engine.multiply(&coarse, &coarse).await?;
    let of_column = |j: usize| squares.slice(j * width..(j + 1) * width - 1).sum();
    let sums: Vec<Additive<20>> = (0..width).map(of_column).collect();
    let sums = engine.reshare(Additive::concat(&sums.iter().collect::<Vec<_>>())).await?;
    let diagonal: Vector<37> = inverse.diagonal().raised().plus(&sums.scaled(1));
    // > §3.8 (3) It is opened to the lender.
    let opened = engine.open_to(LENDER, &diagonal).await?;
    let variance = |x: f64| x / scale.divisor();
    Ok(opened.map(|opened| opened.to_f64().into_iter().map(variance).collect()))
}
