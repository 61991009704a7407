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
        match self {
            Self::Narrow { sigmoid, .. } => {
                let ([value], saturated) = look_up(engine, z, [sigmoid]).await?;
                Ok((value.raised(), saturated))
            }
            Self::Wide { sigmoid, .. } => {
                let ([value], saturated) = look_up(engine, z, [sigmoid]).await?;
                Ok((value, saturated))
            }
        }
    }

    /// The probability and p (1 - p) at each z, and whether z lies beyond the table.
    pub(crate) async fn both<const S: u32, E: Engine>(
        &self,
        engine: &mut E,
        z: &Additive<S>,
    ) -> Result<([Additive<PROBABILITY>; 2], Bits), Error> {
        match self {
            Self::Narrow { sigmoid, slope } => {
                let (values, saturated) = look_up(engine, z, [sigmoid, slope]).await?;
                Ok((values.map(|value| value.raised()), saturated))
            }
            Self::Wide { sigmoid, slope } => look_up(engine, z, [sigmoid, slope]).await,
        }
    }

    /// p (1 - p) at each z.
    pub(crate) async fn slope<const S: u32, E: Engine>(
        &self,
        engine: &mut E,
        z: &Additive<S>,
    ) -> Result<Additive<PROBABILITY>, Error> {
        match self {
            Self::Narrow { slope, .. } => {
                let ([value], _) = look_up(engine, z, [slope]).await?;
                Ok(value.raised())
            }
            Self::Wide { slope, .. } => {
                let ([value], _) = look_up(engine, z, [slope]).await?;
                Ok(value)
            }
        }
    }
}

fn pair<const OUT: u32>(grid: Grid) -> Result<[Table<OUT>; 2], Error> {
    let slope = |z| sigmoid(z) * (1.0 - sigmoid(z));
    Ok([Table::new(grid, Symmetry::Complement, sigmoid)?, Table::new(grid, Symmetry::Even, slope)?])
}

async fn look_up<const S: u32, const OUT: u32, const TABLES: usize, E: Engine>(
    engine: &mut E,
    z: &Additive<S>,
    tables: [&Table<OUT>; TABLES],
) -> Result<([Additive<OUT>; TABLES], Bits), Error> {
    let mut found = engine.lookup(z, &tables).await?;
    let mut values = found.values.drain(..);
    let values = tables.map(|_| values.next().expect("a value for each table"));
    Ok((values, found.saturated))
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}
