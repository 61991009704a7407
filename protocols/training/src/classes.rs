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
        sample: Option<&[u32]>,
        terms: &Terms,
    ) -> Result<Self, Error> {
        let sums = |of: &Vector<0>| match sample {
            Some(places) => Vector::concat(&[&of.sum(), &of.gather(places).sum()]),
            None => of.sum(),
        };
        let public = |all: i64, sampled: i64| match sample {
            Some(_) => vec![all, sampled],
            None => vec![all],
        };
        let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
        let bad = sums(&rows.bad);
        let good = match &rows.weighted {
            Some(weighted) => sums(&weighted.good),
            None => {
                let all = public(count(rows.len()), count(sample.map_or(0, <[u32]>::len)));
                engine.constant(&all).minus(&bad)
            }
        };
        let least = i64::from(Terms::LEAST_OF_A_CLASS);
        let least = engine.constant(&public(least, count(terms.least_in_sample())));
        let [bad, good] = [bad.minus(&least), good.minus(&least)];
        let short = match &rows.weighted {
            // With twice as many rows or more not both are short: their product tells.
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
        let short = engine.open_bits(&short).await?.concat();
        let enough = |place: usize| short.get(place) == Some(&false);
        Ok(Self { rows: enough(0), sample: sample.is_some() && enough(1) })
    }
}
