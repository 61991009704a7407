//! From weights to whole points, on shares (SPEC §P.4).

use sharing::{Additive, Engine, Vector};

use super::extremes::Spans;
use super::rules::{Verdicts, verdicts};
use super::{Inputs, Terms};
use crate::error::equal;
use crate::woe::place_of;
use crate::{Column, Error, FEATURE, WEIGHT};

/// Fraction bits of a product of a weight and a value.
const PRODUCT: u32 = FEATURE + WEIGHT;
/// Fraction bits of points before they are rounded.
const EXACT: u32 = 42;
/// The largest weight: with the smallest ridge none of a converged training is larger than 118.
const LARGEST_WEIGHT: i64 = 128;

/// The points of every bin, holder after holder and feature after feature, and what the rules say of
/// them.
///
/// # Errors
///
/// [`Error::Shape`] when weights or inputs are not those of the terms, [`Error::NoRoom`], and
/// whatever the engine refuses.
pub async fn scale<E: Engine>(
    engine: &mut E,
    terms: &Terms,
    weights: &Vector<WEIGHT>,
    inputs: Inputs,
) -> Result<(Vec<Vector<0>>, Verdicts), Error> {
    terms.check()?;
    inputs.check(terms)?;
    let bins = terms.bins();
    equal("weights", bins.len() + 1, weights.len())?;
    let values = Vector::concat(&inputs.values.iter().collect::<Vec<_>>());
    let outside = outside(engine, weights, &values).await?;
    let points = points(engine, terms, weights, &values).await?;
    let spans = Spans::of(engine, &points, &bins).await?;
    let Some(verdicts) = verdicts(engine, terms, &spans, &outside).await? else {
        return Err(Error::NoRoom);
    };
    let mut start = 0;
    let holders = terms.features.iter().map(|bins| {
        let cells = bins.iter().map(|&bins| usize::from(bins)).sum::<usize>();
        start += cells;
        points.slice(start - cells..start)
    });
    Ok((holders.collect(), verdicts))
}

/// > §P.4 (1) How many weights and values lie outside of what the rest has room for.
async fn outside<E: Engine>(
    engine: &mut E,
    weights: &Vector<WEIGHT>,
    values: &Vector<FEATURE>,
) -> Result<Vector<0>, Error> {
    #[expect(clippy::cast_possible_truncation, reason = "a clip is a small whole number")]
    let largest_value = (Column::CLIP as i64) << FEATURE;
    let mut margins = Vec::new();
    for (numbers, largest) in
        [(weights.in_units(), LARGEST_WEIGHT << WEIGHT), (values.in_units(), largest_value)]
    {
        let largest = engine.constant::<0>(&vec![largest; numbers.len()]);
        margins.extend([largest.plus(&numbers), largest.minus(&numbers)]);
    }
    let margins = Vector::concat(&margins.iter().collect::<Vec<_>>());
    let broken = engine.negative(&margins).await?;
    let count = engine.tally(&broken).await?;
    Ok(engine.reshare(count).await?)
}

/// > §P.4 (2) and (3) -factor (w x + b / d) + shift / d, rounded to the nearest; the first feature
/// > has the offset taken off.
async fn points<E: Engine>(
    engine: &mut E,
    terms: &Terms,
    weights: &Vector<WEIGHT>,
    values: &Vector<FEATURE>,
) -> Result<Vector<0>, Error> {
    let bins = terms.bins();
    let count = bins.len() as f64;
    let factor = terms.scale.factor();
    let of_cell: Vec<u32> =
        bins.iter().enumerate().flat_map(|(j, &bins)| vec![place_of(j); bins]).collect();
    let intercept = vec![place_of(bins.len()); of_cell.len()];

    let product: Additive<PRODUCT> = engine.multiply(&weights.gather(&of_cell), values).await?;
    let factor_of_product = sharing::encode::<{ EXACT - PRODUCT }>(-factor)?;
    let factor_of_intercept = sharing::encode::<{ EXACT - WEIGHT }>(-factor / count)?;
    let base = weights.gather(&intercept).scaled::<EXACT>(factor_of_intercept);
    // With a half: what is cut off then rounds to the nearest.
    let shift = sharing::encode::<EXACT>(terms.scale.shift() / count + 0.5)?;
    let shift = engine.constant::<EXACT>(&vec![shift; of_cell.len()]);
    let exact = product.scaled::<EXACT>(factor_of_product).plus_vector(&base.plus(&shift));
    let rounded: Vector<0> = engine.truncate_exact(exact).await?;

    let offset = |&feature: &u32| if feature == 0 { terms.scale.offset.into() } else { 0 };
    let offsets: Vec<i64> = of_cell.iter().map(offset).collect();
    Ok(rounded.minus(&engine.constant(&offsets)))
}
