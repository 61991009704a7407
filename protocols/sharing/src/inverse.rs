//! The inverse of a shared matrix, by Newton and Schulz.

use crate::{Engine, Error, Matrix};

/// Fraction bits of the matrix and of its inverse.
const F: u32 = 22;
const DOUBLE: u32 = 2 * F;

/// The inverse of a shared symmetric matrix A with positive eigenvalues: X <- X (2 I - A X).
///
/// `start` must have 0 < A X < 2 in its eigenvalues, else this diverges: the inverse of any matrix
/// that A lies below does, and so does the identity, which is taken without one, if the largest
/// eigenvalue of A is below 2. Each step doubles the digits that are right. Six rounds and
/// 144 d² bytes a step (SPEC §3.13).
///
/// # Errors
///
/// Whatever the engine refuses.
///
/// # Panics
///
/// When the matrices are not square and of one size.
pub async fn inverse<E: Engine>(
    engine: &mut E,
    matrix: &Matrix<F>,
    start: Option<&Matrix<F>>,
    steps: u32,
) -> Result<Matrix<F>, Error> {
    let size = matrix.rows();
    assert_eq!(size, matrix.columns(), "a square matrix has an inverse");
    let twice = engine.identity::<F>(size, 2 << F).to_vector();
    let mut found = match start {
        Some(start) => start.duplicate(),
        None => engine.identity(size, 1 << F),
    };
    for _ in 0..steps {
        let product = engine.matmul::<F, F, DOUBLE>(matrix, &found).await?;
        let product = engine.reshare(product).await?;
        let product = engine.truncate::<DOUBLE, F>(&product).await?;
        let rest = Matrix::from_vector(&twice.minus(&product), size);
        let next = engine.matmul::<F, F, DOUBLE>(&found, &rest).await?;
        let next = engine.reshare(next).await?;
        found = Matrix::from_vector(&engine.truncate::<DOUBLE, F>(&next).await?, size);
    }
    Ok(found)
}
