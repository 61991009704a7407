//! Whether there are enough rows of each class (SPEC §3.2).

use sharing::{Additive, Engine};

use crate::inputs::Rows;
use crate::{Error, Terms};

/// > §3.2 (5) One bit is opened to all roles: whether fewer than 200 are good, or fewer bad.
pub(crate) async fn enough_of_each_class<E: Engine>(
    engine: &mut E,
    rows: &Rows,
) -> Result<(), Error> {
    let bad = rows.bad.sum();
    let good = match &rows.weighted {
        Some(weighted) => weighted.good.sum(),
        None => engine.constant(&[i64::try_from(rows.len()).unwrap_or(i64::MAX)]).minus(&bad),
    };
    let least = engine.constant(&[i64::from(Terms::LEAST_OF_A_CLASS)]);
    let [bad, good] = [bad.minus(&least), good.minus(&least)];
    let short = match &rows.weighted {
        // With 400 rows or more not both are short: their product tells.
        None => {
            let product: Additive<0> = engine.multiply(&bad, &good).await?;
            let product = engine.reshare(product).await?;
            engine.negative(&product).await?
        }
        // Two rows of one plane are turned into two planes of one row.
        Some(_) => {
            let short = [engine.negative(&bad).await?, engine.negative(&good).await?];
            let [bad, good] = short.each_ref().map(|short| engine.not(short));
            let enough = engine.and(&bad, &good).await?;
            engine.not(&enough)
        }
    };
    match engine.open_bits(&short).await?.concat().first() {
        Some(false) => Ok(()),
        Some(true) | None => Err(Error::FewOfAClass),
    }
}
