//! The inverse of a shared matrix, by Newton and Schulz.

use crate::words::Words;
use crate::{Additive, Engine, Error, Matrix, Vector};

/// Fraction bits of the matrix and of its inverse.
const F: u32 = 22;
const DOUBLE: u32 = 2 * F;
/// Fraction bits of the rest R = I - A X, and of X, while both are doubled.
const REST: u32 = 27;
const COARSE: u32 = 17;

/// Where an inversion begins.
pub enum Start<'a> {
    /// The identity, divided by 2 to this power, at most 5.
    Identity(u32),
    /// The inverse of a matrix that lies above this one.
    Inverse(&'a Matrix<F>),
}

/// The inverse of a shared symmetric matrix A with positive eigenvalues, by `doublings` of the right
/// digits.
///
/// The start X must have 0 < A X < 2 in its eigenvalues, else this diverges: the inverse of any
/// matrix that A lies below does, and so does the identity, if the largest eigenvalue of A is below
/// 2, or below 2 times what the identity is divided by. Two rounds and 128 d² bytes a doubling, the
/// last two more (SPEC §3.13).
///
/// # Errors
///
/// Whatever the engine refuses.
///
/// # Panics
///
/// When the matrices are not square and of one size, or no doubling is asked for.
pub async fn inverse<E: Engine>(
    engine: &mut E,
    matrix: &Matrix<F>,
    start: Start<'_>,
    doublings: u32,
) -> Result<Matrix<F>, Error> {
    let size = matrix.rows();
    assert_eq!(size, matrix.columns(), "a square matrix has an inverse");
    assert!(doublings > 0, "an inversion takes a step");
    let (mut found, mut rest) = begun(engine, matrix, start).await?;
    // > §3.13 (2) X <- X + X R, R <- R R: as many doublings but the last.
    for _ in 1..doublings {
        let more = engine.matmul::<COARSE, REST, { COARSE + REST }>(&found, &rest).await?;
        let next = engine.matmul::<REST, REST, { REST + REST }>(&rest, &rest).await?;
        let (more, next) = both(engine, more, next, REST, size).await?;
        found = Matrix::from_vector(&found.to_vector().plus(&more), size);
        rest = Matrix::from_vector(&next, size);
    }
    // > §3.13 (3) X <- X (2 I - A X), which takes the errors of what went before to their square.
    let found = Matrix::from_vector(&found.to_vector().raised(), size);
    let product = engine.matmul::<F, F, DOUBLE>(matrix, &found).await?;
    let product: Vector<F> = engine.truncate(product).await?;
    let twice = engine.identity::<F>(size, 2 << F).to_vector();
    let rest = Matrix::from_vector(&twice.minus(&product), size);
    let found = engine.matmul::<F, F, DOUBLE>(&found, &rest).await?;
    Ok(Matrix::from_vector(&engine.truncate(found).await?, size))
}

/// > §3.13 (1) X, and R = I - A X.
async fn begun<E: Engine>(
    engine: &mut E,
    matrix: &Matrix<F>,
    start: Start<'_>,
) -> Result<(Matrix<COARSE>, Matrix<REST>), Error> {
    let size = matrix.rows();
    let one = engine.identity::<REST>(size, 1 << REST).to_vector();
    match start {
        Start::Identity(power) => {
            assert!(power <= REST - F, "a start that the scale holds");
            let found = engine.identity(size, 1 << (COARSE - power));
            let product = matrix.to_vector().times(1 << (REST - F - power));
            let rest = one.minus(&Vector { words: product.take() });
            Ok((found, Matrix::from_vector(&rest, size)))
        }
        Start::Inverse(start) => {
            assert_eq!((start.rows(), start.columns()), (size, size), "matrices of one size");
            let product = engine.matmul::<F, F, DOUBLE>(matrix, start).await?;
            let by = DOUBLE - REST;
            let start = start.to_vector().to_sum().times(1 << (by + COARSE - F));
            let (found, product) = both(engine, start, product, by, size).await?;
            let rest = one.minus(&product);
            Ok((Matrix::from_vector(&found, size), Matrix::from_vector(&rest, size)))
        }
    }
}

/// Two matrices shifted right by as many bits in the same rounds; the scales are the caller's.
async fn both<const A: u32, const B: u32, const C: u32, const D: u32, E: Engine>(
    engine: &mut E,
    first: Additive<A>,
    second: Additive<B>,
    by: u32,
    size: usize,
) -> Result<(Vector<C>, Vector<D>), Error> {
    let ((mut all, len), (more, _)) = (first.take(), second.take());
    all.extend(more);
    let words: Words = engine.raw_truncate(all, 2 * len, by).await?;
    let part = |at: usize| words.slice(at * size * size..(at + 1) * size * size);
    Ok((Vector { words: part(0) }, Vector { words: part(1) }))
}
