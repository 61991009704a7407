//! How well the scores tell bad rows from good: counted on shares (SPEC §3.9).

use sharing::{Additive, Bits, Engine, Grid, Vector};

use crate::inputs::Rows;
use crate::measures::BINS;
use crate::{Error, Histogram, LENDER, WEIGHT};

/// Rows that are counted at once: bounds what the planes of all bins take.
const BLOCK: usize = 1 << 16;
/// Sixteenths, and the sign last: every z that the window has.
const STEPS: Grid = Grid { step: 4, index: 13 };
/// What is added so that the lowest bin begins at 0.
const LOWEST: i64 = 8 << 32;

/// How many rows of each bin are good and how many are bad, in shares: bads first.
pub(crate) struct Counted(Vector<0>);

impl Counted {
    pub(crate) async fn of<E: Engine>(
        engine: &mut E,
        rows: &Rows,
        weights: &Vector<WEIGHT>,
    ) -> Result<Self, Error> {
        let mut total = engine.constant(&[0; 2 * BINS]);
        for begin in (0..rows.len()).step_by(BLOCK) {
            let block = begin..(begin + BLOCK).min(rows.len());
            let z: Additive<32> = engine.matvec(&rows.features, block.clone(), weights).await?;
            let bins = bins(engine, &z).await?;
            let bad = engine.parity(&rows.bad.slice(block.clone()));
            let good = match &rows.weighted {
                Some(weighted) => engine.parity(&weighted.good.slice(block)),
                None => engine.not(&bad),
            };
            let bads = engine.and(&bins, &bad).await?;
            let goods = engine.and(&bins, &good).await?;
            drop(bins);
            total = total.plus(&engine.count(&Bits::concat(&[&bads, &goods])).await?);
        }
        Ok(Self(total))
    }

    /// Ends the secrecy of the counts towards the lender.
    pub(crate) async fn open<E: Engine>(self, engine: &mut E) -> Result<Option<Histogram>, Error> {
        let opened = engine.open_to(LENDER, &self.0).await?;
        Ok(opened.map(|opened| Histogram::from_counts(&opened.0)))
    }
}

/// > §3.9 (1) One plane for each of 256 bins of 1/16 from -8 to 8; beyond, the first or the last.
async fn bins<E: Engine>(engine: &mut E, z: &Additive<32>) -> Result<Bits, Error> {
    let raised = z.plus_vector(&engine.constant(&vec![LOWEST; z.len()]));
    let steps = engine.steps(&raised, STEPS).await?;
    let (low, high, sign) = (
        steps.select(&[0, 1, 2, 3, 4, 5, 6, 7]),
        steps.select(&[8, 9, 10, 11]),
        steps.select(&[12]),
    );
    let not_negative = engine.not(&sign);
    let unset = engine.not(&high);
    let pairs = engine.and(&unset.select(&[0, 1]), &unset.select(&[2, 3])).await?;
    let none_set = engine.and(&pairs.select(&[0]), &pairs.select(&[1])).await?;
    // Between: the low bits. Above: all of them set. Below: none.
    let both = Bits::concat(&[&none_set, &engine.not(&none_set)]);
    let both = engine.and(&both, &not_negative).await?;
    let between = engine.and(&low, &both.select(&[0])).await?;
    let place = between.xor(&both.select(&[1; 8]));
    Ok(engine.one_hot(&place).await?)
}
