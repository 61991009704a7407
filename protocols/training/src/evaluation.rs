//! How well the scores tell bad rows from good: counted on shares (SPEC §3.9).

use sharing::{Additive, Bits, Engine, Grid, Vector};

use crate::inputs::Rows;
use crate::measures::BINS;
use crate::{Error, Histogram, LENDER, WEIGHT};

/// Rows that are counted at once: bounds what the planes of all bins take.
const BLOCK: usize = 1 << 16;
/// Sixteenths, and the sign last: every z that the window has.
const STEPS: Grid = Grid { step: 4, index: 13 };

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
    let steps = engine.steps(z, STEPS).await?;
    let (low, high, sign) = (
        steps.select(&[0, 1, 2, 3, 4, 5, 6]),
        steps.select(&[7, 8, 9, 10, 11]),
        steps.select(&[12]),
    );
    let not_negative = engine.not(&sign);
    // Between -8 and 8 all high bits are as the sign.
    let alike = high.xor(&Bits::concat(&[&not_negative; 5]));
    let pairs = engine.and(&alike.select(&[0, 1]), &alike.select(&[2, 3])).await?;
    let four = engine.and(&pairs.select(&[0]), &pairs.select(&[1])).await?;
    let between = engine.and(&four, &alike.select(&[4])).await?;
    // Between: the low bits. Above: all of them set. Below: none.
    let first = Bits::concat(&[&low, &engine.not(&between)]);
    let second = Bits::concat(&[&Bits::concat(&[&between; 7]), &not_negative]);
    let both = engine.and(&first, &second).await?;
    let low = both.select(&[0, 1, 2, 3, 4, 5, 6]).xor(&both.select(&[7; 7]));
    Ok(engine.one_hot(&Bits::concat(&[&low, &not_negative])).await?)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use sharing::{Additive, Clear, Engine, Error, Vector};

    use super::bins;

    async fn bin(z: f64) -> Result<Vec<usize>, Error> {
        let mut engine = Clear::new();
        let z: Vector<32> = engine.constant(&[sharing::encode::<32>(z)?]);
        let z: Additive<32> = z.to_sum();
        let planes = bins(&mut engine, &z).await.map_err(|error| match error {
            crate::Error::Sharing(error) => error,
            other => panic!("{other}"),
        })?;
        let planes = engine.open_bits(&planes).await?;
        Ok(planes.iter().enumerate().filter(|(_, rows)| rows[0]).map(|(bin, _)| bin).collect())
    }

    #[test]
    fn a_score_falls_into_its_bin_and_one_far_out_into_the_first_or_the_last() {
        for (z, expected) in [
            (0.0, 128),
            (-0.01, 127),
            (0.07, 129),
            (7.99, 255),
            (-8.0, 0),
            (-7.9, 1),
            (8.0, 255),
            (-8.01, 0),
            (100.3, 255),
            (-100.3, 0),
            (247.9, 255),
            (248.0, 255),
            (255.9, 255),
            (-255.9, 0),
        ] {
            let found = pin!(bin(z)).poll(&mut Context::from_waker(Waker::noop()));
            let Poll::Ready(found) = found else { panic!("in clear nothing is awaited") };
            assert_eq!(found.unwrap(), [expected], "{z}");
        }
    }
}
