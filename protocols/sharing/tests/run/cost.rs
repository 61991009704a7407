//! Bytes and rounds are what SPEC §7 says, and links carry the same.

use sharing::{Additive, Bits, Engine, Error, Grid, Matrix, Rep3, Start, Symmetry, Table, Traffic};

use crate::world::rep3;

#[derive(Clone, Copy, Debug)]
enum Operation {
    Join,
    Input,
    Linear,
    Products,
    Reshare,
    Truncate,
    ToBits(usize),
    Negative,
    And(usize),
    OneHot(usize),
    ToVector(usize),
    Lookup(Grid),
    Open,
    OpenTo,
    Coin,
    Shuffle(usize),
    Inverse(usize, u32, bool),
    Tally(usize),
    NegativeWithin(u32),
    OddRows,
}

/// Bytes over all links and rounds that the SPEC names for `rows` rows.
fn formula(operation: Operation, rows: u64) -> (u64, u32) {
    let words = rows.div_ceil(64);
    let conjunction = 3 * 8 * words;
    match operation {
        Operation::Join => (192, 1),
        Operation::Input => (8 * rows, 1),
        Operation::Linear | Operation::Products => (0, 0),
        Operation::Reshare => (24 * rows, 1),
        Operation::Truncate => (64 * rows, 2),
        Operation::ToBits(6) => (packed(rows, 6) + 16 * 6 * words + 11 * conjunction, 2 + 4),
        Operation::Negative => (packed(rows, 64) + 16 * 64 * words + 181 * conjunction, 2 + 7),
        Operation::And(planes) => (planes as u64 * conjunction, 1),
        Operation::OneHot(3) => (4 * conjunction, 2),
        Operation::OneHot(7) => (120 * conjunction, 3),
        Operation::ToVector(width) => (8 * width as u64 * rows + 24 * rows, 2),
        Operation::Lookup(Grid::NARROW) => {
            (packed(rows, 17) + 16 * 17 * words + (64 + 120 + 4 + 12) * conjunction + 96 * rows, 12)
        }
        Operation::Lookup(_) => (
            packed(rows, 17) + 16 * 17 * words + (65 + 502 + 3 + 14) * conjunction + 112 * rows,
            13,
        ),
        Operation::Open => (24 * rows, 1),
        Operation::OpenTo => (8 * rows, 1),
        Operation::Coin => (384, 2),
        Operation::Shuffle(columns) => (48 * columns as u64 * rows, 3),
        Operation::Tally(planes) => (8 * planes as u64 * rows, 1),
        Operation::NegativeWithin(width) => {
            let (width, leaves) = (u64::from(width), width - 1);
            let depth = u32::BITS - (leaves - 1).leading_zeros();
            let conjunctions = u64::from(3 * leaves - 2 - depth);
            (packed(rows, width) + 16 * width * words + conjunctions * conjunction, 3 + depth)
        }
        Operation::OddRows => odd_rows(words - words / 2),
        Operation::Inverse(size, doublings, warm) => {
            let steps = doublings + u32::from(warm);
            (128 * u64::from(steps) * (size * size) as u64, 2 * (steps + 1))
        }
        Operation::ToBits(_) | Operation::OneHot(_) => unreachable!("not asked for"),
    }
}

/// Of three planes and the masks 1 to 7: six pairs and planes. A third of all columns is added to two
/// more in each round, of two one to the other.
fn odd_rows(mut columns: u64) -> (u64, u32) {
    let (masks, forms) = (7, 6);
    let (mut bytes, mut rounds, mut carried) = (24 * masks, 1, 0);
    let each = |columns: u64| if columns == 2 { 1 } else { columns / 3 };
    let left = |columns: u64| if columns == 2 { 1 } else { columns - 2 * (columns / 3) };
    while columns > 1 {
        bytes += 48 * forms * each(columns);
        carried += each(columns);
        columns = left(columns);
        rounds += 1;
    }
    let mut piles = vec![1];
    piles.extend((carried > 0).then_some(carried));
    while piles.iter().any(|&columns| columns > 1) {
        let added: Vec<u64> = piles.iter().map(|&columns| each(columns)).collect();
        bytes += 48 * masks * added.iter().sum::<u64>();
        piles.iter_mut().for_each(|columns| *columns = left(*columns));
        piles.push(0);
        (0..added.len()).for_each(|weight| piles[weight + 1] += added[weight]);
        if piles.last() == Some(&0) {
            piles.pop();
        }
        rounds += 1;
    }
    (bytes + 1024 * masks * piles.len() as u64, rounds + 1)
}

/// Bytes of values of `width` bits on their way from C2 to C0, in each of six segments.
fn packed(rows: u64, width: u64) -> u64 {
    let words = rows.div_ceil(64);
    let halves = [words / 2, words - words / 2];
    let mut start = 0;
    let mut bytes = 0;
    for half in halves {
        for turn in 0..3 {
            let end = half * (turn + 1) / 3 - half * turn / 3;
            let segment = (end * 64).min(rows - start);
            start += segment;
            bytes += 8 * segment.div_ceil(64 / width);
        }
    }
    bytes
}

async fn perform(engine: &mut Rep3, operation: Operation, rows: usize) -> Result<(), Error> {
    let values: Vec<i64> = (0..rows as i64).collect();
    let x = engine.constant::<20>(&values);
    let whole = engine.constant::<0>(&values);
    let bits = |width: usize| -> Bits {
        let parity = engine.parity(&whole);
        Bits::concat(&vec![&parity; width])
    };
    match operation {
        Operation::Join => {}
        Operation::Input => {
            let from = Rep3::ROLES[1];
            let own = (engine.role() == from).then_some(values.as_slice());
            engine.input::<0>(from, own, rows).await?;
        }
        Operation::Linear => drop(engine.not(&bits(2)).xor(&bits(2))),
        Operation::Products => {
            let x = Matrix::from_columns(vec![x]);
            let one = engine.constant::<12>(&[1]);
            engine.matvec::<20, 12, 32>(&x, 0..rows, &one).await?;
            engine.gram::<20, 40>(&x).await?;
            engine.transposed::<20, 0, 20>(&x, 0..rows, &whole).await?;
            engine.scale_rows::<20, 0, 20>(&x, 0..rows, &whole).await?;
        }
        Operation::Reshare => {
            let sum: Additive<20> = engine.multiply(&x, &whole).await?;
            engine.reshare(sum).await?;
        }
        Operation::Truncate => drop(engine.truncate::<20, 10>(x.to_sum()).await?),
        Operation::ToBits(width) => drop(engine.to_bits(&whole, width).await?),
        Operation::Negative => drop(engine.negative(&x).await?),
        Operation::And(planes) => {
            let bits = bits(planes);
            engine.and(&bits, &bits).await?;
        }
        Operation::OneHot(width) => {
            let bits = bits(width);
            engine.one_hot(&bits).await?;
        }
        Operation::ToVector(width) => {
            let bits = bits(width);
            engine.to_vector(&bits).await?;
        }
        Operation::Lookup(grid) => {
            let z: Additive<20> = engine.multiply(&x, &whole).await?;
            match grid {
                Grid::NARROW => {
                    let table = Table::<13>::new(grid, Symmetry::Even, |_| 0.5)?;
                    engine.lookup(&z, &[&table]).await?;
                }
                _ => {
                    let table = Table::<15>::new(grid, Symmetry::Even, |_| 0.5)?;
                    engine.lookup(&z, &[&table]).await?;
                }
            }
        }
        Operation::Tally(planes) => drop(engine.tally(&bits(planes)).await?),
        Operation::NegativeWithin(width) => {
            sharing::negative_within(engine, &whole, width as usize).await?;
        }
        Operation::OddRows => {
            let (planes, masks) = (bits(3), [1, 2, 3, 4, 5, 6, 7]);
            let group = sharing::Masked { bits: &[&planes], masks: &masks };
            sharing::odd_rows(engine, &[group]).await?;
        }
        Operation::Open => drop(engine.open(&x).await?),
        Operation::OpenTo => drop(engine.open_to(Rep3::ROLES[2], &x).await?),
        Operation::Coin => drop(engine.coin().await?),
        Operation::Shuffle(columns) => {
            let columns = (0..columns).map(|_| x.duplicate()).collect();
            engine.shuffle(Matrix::from_columns(columns)).await?;
        }
        Operation::Inverse(size, doublings, warm) => {
            let half = engine.identity::<22>(size, 1 << 21);
            let start = match warm {
                true => Start::Inverse(&half),
                false => Start::Identity(0),
            };
            sharing::inverse(engine, &half, start, doublings).await?;
        }
    }
    Ok(())
}

/// What each role sent for one operation.
fn traffic(operation: Operation, rows: usize) -> [Traffic; 3] {
    rep3(1, move |mut engine| async move {
        let mut before = engine.traffic();
        if let Operation::Join = operation {
            before = Traffic::default();
        }
        perform(&mut engine, operation, rows).await?;
        let mut traffic = engine.traffic();
        traffic.rounds -= before.rounds;
        for (role, bytes) in before.sent {
            *traffic.sent.entry(role).or_default() -= bytes;
        }
        Ok(traffic)
    })
}

#[test]
fn bytes_and_rounds_are_those_of_the_spec() {
    let operations = [
        Operation::Join,
        Operation::Input,
        Operation::Linear,
        Operation::Products,
        Operation::Reshare,
        Operation::Truncate,
        Operation::ToBits(6),
        Operation::Negative,
        Operation::And(5),
        Operation::OneHot(3),
        Operation::OneHot(7),
        Operation::ToVector(1),
        Operation::ToVector(12),
        Operation::Lookup(Grid::NARROW),
        Operation::Lookup(Grid::WIDE),
        Operation::Open,
        Operation::OpenTo,
        Operation::Coin,
        Operation::Shuffle(3),
        Operation::Inverse(4, 3, false),
        Operation::Inverse(4, 3, true),
        Operation::Tally(2),
        Operation::NegativeWithin(13),
        Operation::NegativeWithin(36),
        Operation::OddRows,
    ];
    for operation in operations {
        for rows in [1, 64, 100, 1000, 2500] {
            let found = traffic(operation, rows);
            let total: u64 = found.iter().map(Traffic::total).sum();
            let rounds = found[0].rounds;
            assert!(found.iter().all(|traffic| traffic.rounds == rounds));
            let expected = formula(operation, rows as u64);
            assert_eq!((total, rounds), expected, "{operation:?}, {rows} rows");
        }
    }
}

#[test]
fn six_links_carry_the_same_for_long_vectors() {
    let rows = 40_000;
    for operation in [Operation::Lookup(Grid::NARROW), Operation::Reshare, Operation::ToVector(12)]
    {
        let found = traffic(operation, rows);
        let sent: Vec<u64> =
            found.iter().flat_map(|traffic| traffic.sent.values()).copied().collect();
        let (least, most) = (sent.iter().min().unwrap(), sent.iter().max().unwrap());
        assert_eq!(sent.len(), 6);
        assert!(most - least < most / 50, "{operation:?}: {sent:?}");
    }
}

#[test]
fn a_long_message_goes_in_chunks_that_take_turns() {
    let rows = 700_000;
    let found = rep3(2, move |mut engine| async move {
        let x = engine.constant::<0>(&vec![7; rows]);
        let square: Additive<0> = engine.multiply(&x, &x).await?;
        let square = engine.reshare(square).await?;
        Ok(engine.open(&square.sum()).await?.0)
    });
    assert_eq!(found[0], [49 * rows as i64]);
}
