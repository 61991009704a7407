//! Whether there are enough rows of each class (SPEC §3.2).

use sharing::{Additive, Engine, Vector};

use crate::inputs::Rows;
use crate::{Error, Terms};

/// Whether enough rows are good, and enough bad: one bit for all rows, and one for those of the sample
/// where it is not all of them.
pub(crate) struct Enough {
    /// > §3.2 (5) 200 of each class.
    pub(crate) rows: bool,
    /// > §3.2 (6) So many that the accelerated steps may be taken on the sample alone.
    pub(crate) sample: bool,
}

impl Enough {
    /// Counts, compares, and opens the bits to all roles.
    ///
    /// # Errors
    ///
    /// Whatever the engine refuses.
    pub(crate) async fn of<E: Engine>(
        engine: &mut E,
        rows: &Rows,
        sample: Option<&Rows>,
        terms: &Terms,
    ) -> Result<Self, Error> {
        let parts = || [Some(rows), sample].into_iter().flatten();
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let concat = |sums: Vec<Vector<0>>| Vector::concat(&sums.iter().collect::<Vec<_>>());
        let bad = concat(parts().map(|part| part.bad.sum()).collect());
        let good = match &rows.weighted {
            Some(_) => {
                let weighted = parts().filter_map(|part| part.weighted.as_ref());
                concat(weighted.map(|weighted| weighted.good.sum()).collect())
            }
            None => {
                let all: Vec<i64> = parts().map(|part| count(part.len())).collect();
                engine.constant(&all).minus(&bad)
            }
        };
        let least = [i64::from(Terms::LEAST_OF_A_CLASS), count(terms.least_in_sample())];
        let least = engine.constant(&least[..parts().count()]);
        let [bad, good] = [bad.minus(&least), good.minus(&least)];
        let short = match &rows.weighted {
            // With twice as many rows or more not both are short: their product tells.
            None => {
                let product: Additive<0> = engine.multiply(&bad, &good).await?;
                let product = engine.reshare(product).await?;
                engine.negative(&product).await?
            }
            Some(_) => {
                let short = [engine.negative(&bad).await?, engine.negative(&good).await?];
                let [bad, good] = short.each_ref().map(|short| engine.not(short));
                let enough = engine.and(&bad, &good).await?;
                engine.not(&enough)
            }
        };
        let short = engine.open_bits(&short).await?.concat();
        let enough = |place: usize| short.get(place) == Some(&false);
        Ok(Self { rows: enough(0), sample: sample.is_some() && enough(1) })
    }
}
