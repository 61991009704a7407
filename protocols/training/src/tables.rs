//! The sigmoid and its slope, as tables (SPEC §3.4).

use sharing::{Additive, Bits, Engine, Grid, Symmetry, Table};

use crate::{Error, PROBABILITY};

/// Fraction bits of what the narrow table says.
const NARROW: u32 = 13;

/// The sigmoid and its slope as tables on one grid.
pub(crate) enum Tables {
    /// 128 steps of 1/16, 12 bits.
    Narrow { sigmoid: Table<NARROW>, slope: Table<NARROW> },
    /// 512 steps of 1/32, 14 bits.
    Wide { sigmoid: Table<PROBABILITY>, slope: Table<PROBABILITY> },
}

impl Tables {
    pub(crate) fn on(grid: Grid) -> Result<Self, Error> {
        if grid == Grid::NARROW {
            let [sigmoid, slope] = pair(grid)?;
            return Ok(Self::Narrow { sigmoid, slope });
        }
        let [sigmoid, slope] = pair(grid)?;
        Ok(Self::Wide { sigmoid, slope })
    }

    /// The probability at each z, and whether z lies beyond the table.
    pub(crate) async fn probability<const S: u32, E: Engine>(
        &self,
        engine: &mut E,
        z: &Additive<S>,
    ) -> Result<(Additive<PROBABILITY>, Bits), Error> {
        let (value, saturated) = match self {
            Self::Narrow { sigmoid, .. } => {
                let (value, saturated) = look_up(engine, z, sigmoid).await?;
                (value.raised(), saturated)
            }
            Self::Wide { sigmoid, .. } => look_up(engine, z, sigmoid).await?,
        };
        Ok((value, saturated))
    }

    /// p (1 - p) at each z.
    pub(crate) async fn slope<E: Engine>(
        &self,
        engine: &mut E,
        z: &Additive<32>,
    ) -> Result<Additive<PROBABILITY>, Error> {
        match self {
            Self::Narrow { slope, .. } => Ok(look_up(engine, z, slope).await?.0.raised()),
            Self::Wide { slope, .. } => Ok(look_up(engine, z, slope).await?.0),
        }
    }
}

fn pair<const OUT: u32>(grid: Grid) -> Result<[Table<OUT>; 2], Error> {
    let slope = |z| sigmoid(z) * (1.0 - sigmoid(z));
    Ok([Table::new(grid, Symmetry::Complement, sigmoid)?, Table::new(grid, Symmetry::Even, slope)?])
}

async fn look_up<const S: u32, const OUT: u32, E: Engine>(
    engine: &mut E,
    z: &Additive<S>,
    table: &Table<OUT>,
) -> Result<(Additive<OUT>, Bits), Error> {
    let mut found = engine.lookup(z, &[table]).await?;
    let value = found.values.pop().expect("a value for the one table");
    Ok((value, found.saturated))
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}
