//! Every operation yields what the same one yields in clear.

use proptest::prelude::*;
use session::{Fate, Role};
use sharing::{Engine, Error, Grid, Matrix, Start, Symmetry, Table, Vector};

use crate::world::{clear, dealer, rep3};

/// Runs one generic program on all engines, and compares what opens.
macro_rules! same {
    ($seed:expr, $program:ident($($argument:expr),* $(,)?), $compare:expr) => {{
        let compare = $compare;
        let expected = clear(async |mut engine| $program(&mut engine, $(&$argument),*).await);
        let arguments = ($($argument,)*);
        let kept = arguments.clone();
        let found = rep3($seed, move |mut engine| {
            let arguments = kept.clone();
            async move { same!(@call engine, $program, arguments, $($argument),*) }
        });
        found.iter().for_each(|found| compare(found, &expected));
        let program = move |mut engine| {
            let arguments = arguments.clone();
            async move { same!(@call engine, $program, arguments, $($argument),*) }
        };
        let found = dealer($seed, program, |_, _, _| Fate::Deliver).unwrap();
        found.iter().for_each(|found| compare(found, &expected));
    }};
    (@call $engine:ident, $program:ident, $arguments:ident, $a:expr) => {
        $program(&mut $engine, &$arguments.0).await
    };
    (@call $engine:ident, $program:ident, $arguments:ident, $a:expr, $b:expr) => {
        $program(&mut $engine, &$arguments.0, &$arguments.1).await
    };
    (@call $engine:ident, $program:ident, $arguments:ident, $a:expr, $b:expr, $c:expr) => {
        $program(&mut $engine, &$arguments.0, &$arguments.1, &$arguments.2).await
    };
}

fn equal<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) {
    assert_eq!(found, expected);
}

fn close(ulps: i64) -> impl Fn(&Vec<i64>, &Vec<i64>) {
    move |found, expected| {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.abs_diff(*expected) <= ulps as u64, "{found} for {expected}");
        }
    }
}

/// Numbers that every role brings a third of.
async fn brought<E: Engine, const F: u32>(
    engine: &mut E,
    values: &[i64],
) -> Result<Vector<F>, Error> {
    let third = values.len() / 3;
    let mut parts = Vec::new();
    for (role, part) in (0..).zip([0..third, third..2 * third, 2 * third..values.len()]) {
        let from = Role(role);
        // In clear, one role plays all.
        let own = engine.role() == from || engine.traffic().rounds == 0 && engine.role() == Role(0);
        let values = own.then_some(&values[part.clone()]);
        parts.push(engine.input(from, values, part.len()).await?);
    }
    Ok(Vector::concat(&parts.iter().collect::<Vec<_>>()))
}

fn matrix<const F: u32>(numbers: &Vector<F>, rows: usize) -> Matrix<F> {
    Matrix::from_vector(numbers, rows)
}

async fn opened<E: Engine>(engine: &mut E, x: &[i64], y: &[i64]) -> Result<Vec<i64>, Error> {
    let x = brought::<_, 0>(engine, x).await?;
    let y = brought::<_, 0>(engine, y).await?;
    let public = engine.constant(&vec![3; x.len()]);
    let sum = x.times(5).plus(&y).minus(&public).plus(&x.raised::<0>());
    Ok(engine.open(&sum).await?.0)
}

async fn products<E: Engine>(
    engine: &mut E,
    x: &[i64],
    v: &[i64],
    r: &[i64],
) -> Result<Vec<i64>, Error> {
    let (columns, rows) = (v.len(), r.len());
    let mut x = matrix(&brought::<_, 12>(engine, x).await?, rows);
    engine.prepare(&mut x).await?;
    let v = brought::<_, 20>(engine, v).await?;
    let r = brought::<_, 13>(engine, r).await?;
    let part = rows / 3..rows;
    let mut found = Vec::new();
    let z = engine.matvec::<12, 20, 32>(&x, part.clone(), &v).await?;
    let z = engine.reshare(z).await?;
    found.extend(engine.open(&z).await?.0);
    let short = r.slice(part.clone());
    let g = engine.transposed::<12, 13, 25>(&x, part.clone(), &short).await?;
    let g = engine.reshare(g).await?;
    found.extend(engine.open(&g).await?.0);
    let h = engine.gram::<12, 24>(&x).await?;
    let h = engine.reshare(h).await?;
    found.extend(engine.open(&Matrix::from_triangle(&h, columns).to_vector()).await?.0);
    let u = engine.scale_rows::<12, 13, 25>(&x, part.clone(), &short).await?;
    let mut u = matrix(&engine.reshare(u).await?, part.len());
    engine.prepare(&mut u).await?;
    let h = engine.gram_with::<12, 25, 37>(&x, part, &u).await?;
    let h = engine.reshare(h).await?;
    found.extend(engine.open(&h).await?.0);
    let (square, other) = (Matrix::from_triangle(&h, columns), x.gather(&[0]));
    let m = engine.matmul::<12, 37, 49>(&other, &square).await?;
    let m = engine.reshare(m).await?;
    found.extend(engine.open(&m).await?.0);
    let p = engine.multiply::<13, 13, 26>(&r, &r).await?;
    let d = engine.dot::<13, 13, 26>(&r, &r).await?;
    let both = sharing::Additive::concat(&[&p, &d, &p.sum()]);
    let both = engine.reshare(both).await?;
    found.extend(engine.open(&both).await?.0);
    Ok(found)
}

async fn truncated<E: Engine>(engine: &mut E, x: &[i64]) -> Result<Vec<i64>, Error> {
    let x = brought::<_, 40>(engine, x).await?;
    let y = engine.truncate::<40, 18>(x.to_sum()).await?;
    Ok(engine.open(&y).await?.0)
}

async fn truncated_exactly<E: Engine>(engine: &mut E, x: &[i64]) -> Result<Vec<i64>, Error> {
    let x = brought::<_, 40>(engine, x).await?;
    let y = engine.truncate_exact::<40, 18>(x.to_sum()).await?;
    Ok(engine.open(&y).await?.0)
}

async fn bitwise<E: Engine>(
    engine: &mut E,
    x: &[i64],
    y: &[i64],
) -> Result<(Vec<Vec<bool>>, Vec<i64>), Error> {
    let x = brought::<_, 0>(engine, x).await?;
    let y = brought::<_, 0>(engine, y).await?;
    let bits = engine.to_bits(&x, 6).await?;
    let others = engine.to_bits(&y, 6).await?;
    let sign = engine.negative(&x.minus(&y)).await?;
    let both = engine.and(&bits, &others).await?;
    let chosen = engine.and(&sign, &engine.not(&others)).await?;
    let mut parts = vec![both.xor(&chosen), engine.parity(&x), sign];
    for threshold in [0, 1, 17, 63, 64] {
        parts.push(engine.at_least(&bits, threshold).await?);
    }
    let hot = engine.one_hot(&bits.select(&[5, 0, 2])).await?;
    parts.push(hot);
    let all = sharing::Bits::concat(&parts.iter().collect::<Vec<_>>());
    let counts = engine.count(&all).await?;
    let back = engine.to_vector(&bits).await?;
    let indicators = engine.to_indicators(&bits.select(&[1, 3])).await?;
    let numbers = Vector::concat(&[&counts, &back, &indicators]);
    Ok((engine.open_bits(&all).await?, engine.open(&numbers).await?.0))
}

fn tables(grid: Grid) -> [Table<13>; 2] {
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    [
        Table::new(grid, Symmetry::Complement, sigmoid).unwrap(),
        Table::new(grid, Symmetry::Even, move |z| sigmoid(z) * (1.0 - sigmoid(z))).unwrap(),
    ]
}

async fn looked_up<E: Engine>(engine: &mut E, z: &[i64], grid: &Grid) -> Result<Vec<i64>, Error> {
    let z = brought::<_, 32>(engine, z).await?;
    let one = engine.constant::<0>(&vec![1; z.len()]);
    let z = engine.multiply::<32, 0, 32>(&z, &one).await?;
    let [sigmoid, weight] = tables(*grid);
    let found = engine.lookup(&z, &[&sigmoid, &weight]).await?;
    let values = sharing::Additive::concat(&found.values.iter().collect::<Vec<_>>());
    let values = engine.reshare(values).await?;
    let saturated = engine.to_vector(&found.saturated).await?;
    let steps = engine.steps(&z, *grid).await?;
    let steps = engine.to_vector(&steps).await?;
    let mut found = engine.open(&values).await?.0;
    found.extend(engine.open(&saturated).await?.0);
    found.extend(engine.open(&steps).await?.0);
    Ok(found)
}

async fn inverted<E: Engine>(engine: &mut E, a: &[i64]) -> Result<Vec<i64>, Error> {
    let a = engine.constant::<22>(a);
    let a = matrix(&a, 3);
    let cold = sharing::inverse(engine, &a, Start::Identity(0), 8).await?;
    // Of a matrix above it.
    let above = matrix(&a.to_vector().plus(&engine.identity(3, 1 << 19).to_vector()), 3);
    let start = sharing::inverse(engine, &above, Start::Identity(3), 12).await?;
    let warm = sharing::inverse(engine, &a, Start::Inverse(&start), 4).await?;
    let both = Vector::concat(&[&cold.to_vector(), &warm.to_vector()]);
    Ok(engine.open(&both).await?.0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn sums_and_constants_agree(seed: u32, pairs in prop::collection::vec(any::<(i64, i64)>(), 0..200)) {
        let (x, y): (Vec<i64>, Vec<i64>) = pairs.into_iter().unzip();
        same!(u64::from(seed), opened(x.clone(), y.clone()), equal);
    }

    #[test]
    fn products_agree(seed: u32, columns in 1usize..7, rows in 1usize..150) {
        let random = |tag: i64, count: usize| -> Vec<i64> {
            (0..count as i64)
                .map(|i| (i + tag).wrapping_mul(0x5851_f42d_4c95_7f2d + i64::from(seed)) >> 3).collect()
        };
        let (x, v, r) = (random(1, rows * columns), random(2, columns), random(3, rows));
        same!(u64::from(seed), products(x.clone(), v.clone(), r.clone()), equal);
    }

    #[test]
    fn a_truncation_is_at_most_one_unit_off(
        seed: u32,
        x in prop::collection::vec(-(1i64 << 62)..1 << 62, 1..200),
    ) {
        same!(u64::from(seed), truncated(x.clone()), close(1));
    }

    #[test]
    fn an_exact_truncation_is_exact(seed: u32, x in prop::collection::vec(any::<i64>(), 1..100)) {
        same!(u64::from(seed), truncated_exactly(x.clone()), equal);
    }

    #[test]
    fn bits_agree(seed: u32, pairs in prop::collection::vec((0i64..64, 0i64..64), 1..500)) {
        let (x, y): (Vec<i64>, Vec<i64>) = pairs.into_iter().unzip();
        same!(u64::from(seed), bitwise(x.clone(), y.clone()), equal);
    }

    #[test]
    fn a_look_up_is_within_a_step(
        seed: u32,
        z in prop::collection::vec(-(1i64 << 40) + (4 << 24)..(1 << 40) - (4 << 24), 1..300),
        wide: bool,
    ) {
        // Far from the edge of a step both engines read the same entry.
        let grid = if wide { Grid::WIDE } else { Grid::NARROW };
        let step = 1i64 << (32 - grid.step);
        let z: Vec<i64> = z.into_iter().map(|z| z.div_euclid(step) * step + step / 2).collect();
        same!(u64::from(seed), looked_up(z.clone(), grid), equal);
    }
}

async fn inverted_badly_conditioned<E: Engine>(
    engine: &mut E,
    units: &[i64],
) -> Result<Vec<i64>, Error> {
    let size = units.len().isqrt();
    let a = matrix(&engine.constant::<22>(units), size);
    let found = sharing::inverse(engine, &a, Start::Identity(0), 20).await?;
    Ok(engine.open(&found.to_vector()).await?.0)
}

/// Eigenvalues 1 and 2^-16: what rounding leaves in the rest is doubled sixteen times before it is
/// squared.
#[test]
fn a_matrix_with_very_small_eigenvalues_is_inverted_to_a_part_in_a_thousand() {
    let size = 32;
    let at = |i: usize, j: usize| (1 << 17) - 2 + if i == j { 64 } else { 0 };
    let units: Vec<i64> = (0..size * size).map(|k| at(k / size, k % size)).collect();
    let largest = 65_536.0;
    let expected = |i: usize, j: usize| {
        let projected = (1.0 - largest) / size as f64;
        if i == j { largest + projected } else { projected }
    };
    let check = |found: &Vec<i64>| {
        for (k, found) in found.iter().enumerate() {
            let far = sharing::decode::<22>(*found) - expected(k / size, k % size);
            assert!(far.abs() < largest / 1000.0, "{far}");
        }
    };
    let in_clear = clear(async |mut engine| inverted_badly_conditioned(&mut engine, &units).await);
    check(&in_clear);
    let found = rep3(6, move |mut engine| {
        let units = units.clone();
        async move { inverted_badly_conditioned(&mut engine, &units).await }
    });
    found.iter().for_each(check);
}

#[test]
fn newton_and_schulz_invert() {
    let one = 1i64 << 22;
    let a = vec![one / 2, one / 8, 0, one / 8, one / 3, one / 16, 0, one / 16, one / 4];
    same!(5, inverted(a.clone()), close(60));
}
