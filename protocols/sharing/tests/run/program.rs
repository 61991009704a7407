//! A program that uses every operation that sends something.

use session::Role;
use sharing::{Additive, Engine, Error, Grid, Matrix, Symmetry, Table};

/// Every operation once, on `rows` rows; what opens to everybody, and to role 1 alone.
pub(crate) async fn everything<E: Engine>(
    engine: &mut E,
    rows: usize,
) -> Result<(Vec<i64>, Option<Vec<i64>>), Error> {
    let numbers: Vec<i64> = (0..rows as i64).map(|i| (i - 20) * 131_071).collect();
    let own = (engine.role() == Role(2)).then_some(numbers.as_slice());
    let x = engine.input::<20>(Role(2), own, rows).await?;
    let one = engine.constant::<12>(&vec![1 << 12; rows]);
    let z: Additive<32> = engine.multiply(&x, &one).await?;
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let table = Table::<13>::new(Grid::NARROW, Symmetry::Complement, sigmoid)?;
    let mut found = engine.lookup(&z, &[&table]).await?;
    let value = engine.reshare(found.values.remove(0)).await?;
    let whole = engine.shifted::<20, 0>(x.to_sum(), 20).await?;
    let exact = engine.truncate_exact::<20, 10>(x.to_sum()).await?;
    let sign = engine.negative(&exact).await?;
    let count = engine.count(&sign).await?;
    let signs = engine.to_vector(&sign).await?;
    let shuffled = engine.shuffle(Matrix::from_columns(vec![value, whole.raised()])).await?;
    let coin = engine.coin().await?;
    let mut opened = engine.open(&count).await?.0;
    opened.extend(engine.open(&shuffled.to_vector().sum()).await?.0);
    opened.push(engine.open_bits(&sign).await?[0].iter().filter(|bit| **bit).count() as i64);
    opened.push(i64::from(coin[0]));
    let to_one = engine.open_to(Role(1), &signs.sum()).await?;
    Ok((opened, to_one.map(|opened| opened.0)))
}
