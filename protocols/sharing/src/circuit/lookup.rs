//! Public tables looked up at a secret place.

use crate::backend::Backend;
use crate::bits::{Bits, Plane};
use crate::circuit::{add, one_hot};
use crate::engine::WINDOW;
use crate::table::Symmetry;
use crate::{Additive, Error, Grid, Table};

/// What a look-up found.
pub(crate) struct Looked<const OUT: u32> {
    pub(crate) values: Vec<Additive<OUT>>,
    pub(crate) saturated: Bits,
}

/// Looks up |z| in tables on one grid (SPEC §3.8).
pub(crate) async fn look_up<const S: u32, const OUT: u32, B: Backend + ?Sized>(
    backend: &mut B,
    z: &Additive<S>,
    tables: &[&Table<OUT>],
) -> Result<Looked<OUT>, Error> {
    let grid = tables.first().expect("at least one table").grid;
    assert!(tables.iter().all(|table| table.grid == grid), "tables on one grid");

    // > §3.8 (1) The window of z, as two addends, and their sum from the table's lowest bit on.
    let sum = window::<S, B>(backend, &z.summands, z.len, grid.step).await?;
    // > §3.8 (2) The sign, and the bits of |z| as a one's complement.
    let sign = sum.plane(sum.width - 1);
    let mut magnitude = sum.select(&(0..sum.width - 1).collect::<Vec<_>>());
    magnitude.xor_each((&sign, 0));
    // > §3.8 (3) One plane for each entry; whether a bit above the index is set.
    let index = grid.index as usize;
    let above = magnitude.select(&(index..magnitude.width).collect::<Vec<_>>());
    let low = magnitude.select(&(0..index).collect::<Vec<_>>());
    let mut unset = above;
    backend.raw_flip(&mut unset);
    let (entries, mut saturated) = one_hot(backend, &low, unset).await?;
    backend.raw_flip(&mut saturated);
    // > §3.8 (4) Each table's bits, or its last entry's where a bit above the index is set.
    let looked: Vec<Bits> = tables.iter().map(|table| read(table, &entries)).collect();
    let looked = Bits::concat(&looked.iter().collect::<Vec<_>>());
    let mut values = looked;
    if saturated.width > 0 {
        let pairs: Vec<(Plane<'_>, Plane<'_>)> =
            (0..values.width).map(|k| ((&values, k), (&saturated, 0))).collect();
        values = values.xor(&backend.raw_and(values.rows, &pairs).await?);
    }
    let settled: Vec<Bits> = tables
        .iter()
        .enumerate()
        .map(|(at, table)| {
            let planes: Vec<_> = (at * bits::<OUT>()..(at + 1) * bits::<OUT>()).collect();
            settle(backend, values.select(&planes), table, &sign)
        })
        .collect();
    values = Bits::concat(&settled.iter().collect::<Vec<_>>());
    // > §3.8 (5) Back to numbers: 2 v + 1.
    let groups = vec![bits::<OUT>(); tables.len()];
    let summands = backend.raw_to_arithmetic(&values, &groups).await?;
    let values = summands.into_iter().map(|mut summands| {
        summands.iter_mut().for_each(|word| *word <<= 1);
        backend.raw_add_constant(&mut summands, 1);
        Additive { len: z.len, summands }
    });
    let values = values.collect();
    if saturated.width == 0 {
        saturated = zero(&sign);
    }
    Ok(Looked { values, saturated })
}

/// The bits of z from `grid.step` fraction bits on, `grid.index` of them.
pub(crate) async fn steps<const S: u32, B: Backend + ?Sized>(
    backend: &mut B,
    z: &Additive<S>,
    grid: Grid,
) -> Result<Bits, Error> {
    let sum = window::<S, B>(backend, &z.summands, z.len, grid.step).await?;
    let index = grid.index as usize;
    assert!(index <= sum.width, "the grid lies in the window");
    Ok(sum.select(&(0..index).collect::<Vec<_>>()))
}

/// The bits of the window from `step` fraction bits on, the sign last.
async fn window<const S: u32, B: Backend + ?Sized>(
    backend: &mut B,
    summands: &[u64],
    len: usize,
    step: u32,
) -> Result<Bits, Error> {
    let low = S - WINDOW.fraction;
    let (x, y) = backend.raw_addends(summands, len, low, WINDOW.bits).await?;
    add(backend, &x, &y, (WINDOW.fraction - step) as usize).await
}

/// A table's bits, turned over where its last entry has them set: so that a conjunction with what
/// says "beyond" yields what must be turned over there.
fn read<const OUT: u32>(table: &Table<OUT>, entries: &Bits) -> Bits {
    let masks: Vec<Vec<usize>> = (0..bits::<OUT>())
        .map(|k| {
            let last = table.entries.last().map_or(0, |last| last >> k & 1);
            let entries = table.entries.iter().enumerate();
            // The planes sum to 1: those of entries that differ from the last are enough.
            entries.filter(|(_, entry)| *entry >> k & 1 != last).map(|(place, _)| place).collect()
        })
        .collect();
    entries.combine(&masks)
}

/// Undoes what [`read`] turned over, and turns over what a negative number does.
fn settle<const OUT: u32, B: Backend + ?Sized>(
    backend: &B,
    mut values: Bits,
    table: &Table<OUT>,
    sign: &Bits,
) -> Bits {
    match table.symmetry {
        Symmetry::Complement => values.xor_each((sign, 0)),
        Symmetry::Even => {}
    }
    let mut over = values.select(&[]);
    for k in 0..values.width {
        let mut plane = values.plane(k);
        if table.entries.last().is_some_and(|last| last >> k & 1 == 1) {
            backend.raw_flip(&mut plane);
        }
        over = Bits::concat(&[&over, &plane]);
    }
    over
}

fn zero(like: &Bits) -> Bits {
    let mut zero = like.plane(0);
    zero.xor_each((like, 0));
    zero
}

const fn bits<const OUT: u32>() -> usize {
    OUT as usize - 1
}
