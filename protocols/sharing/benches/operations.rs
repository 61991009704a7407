//! What each operation costs: wall and CPU time of all three roles, bytes, rounds.
//!
//! `cargo bench -p sharing --bench operations [-- ROWS COLUMNS]` (100,000 rows and 50 columns unless
//! told). Each operation runs in engines of its own, three threads in one process. CPU time is that
//! of all three roles from when the first begins to when each ends.

mod machine;

use std::sync::{Arc, Barrier};
use std::time::Instant;

use sharing::{
    Additive, Engine, Error, Grid, Matrix, Rep3, Start, Symmetry, Table, Traffic, Vector,
};

use machine::{cpu_seconds, peak_memory, rep3};

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
fn main() {
    let mut sizes = std::env::args().filter_map(|argument| argument.parse::<usize>().ok());
    let rows = sizes.next().unwrap_or(100_000);
    let columns = sizes.next().unwrap_or(50);
    println!("{rows} rows, {columns} columns; {} threads of rayon", rayon::current_num_threads());
    println!(
        "{:<28} {:>8} {:>8} {:>9} {:>7}  bytes a row on each of the six links",
        "operation", "wall s", "CPU s", "ns a row", "rounds"
    );
    let operations: [(&str, Operation); 7] = [
        ("X v", Operation::Matvec),
        ("X'r", Operation::Transposed),
        ("reshare", Operation::Reshare),
        ("narrow sigmoid, reshared", Operation::Narrow),
        ("wide sigmoid, reshared", Operation::Wide),
        ("X'X of 20,000 rows", Operation::Gram),
        ("inverse, 16 doublings", Operation::Inverse),
    ];
    for (name, operation) in operations {
        let barrier = Arc::new(Barrier::new(3));
        let found = rep3(move |engine| {
            let barrier = Arc::clone(&barrier);
            async move { run(engine, operation, rows, columns, &barrier).await }
        });
        let sent = found.iter().flat_map(|(_, _, traffic)| traffic.sent.values());
        let sent: Vec<String> =
            sent.map(|bytes| format!("{:.1}", *bytes as f64 / rows as f64)).collect();
        let wall = found.iter().map(|(wall, ..)| *wall).fold(0.0, f64::max);
        let cpu = found.iter().map(|(_, cpu, _)| *cpu).fold(0.0, f64::max);
        let each = cpu * 1e9 / rows as f64;
        let rounds = found[0].2.rounds;
        println!("{name:<28} {wall:>8.3} {cpu:>8.2} {each:>9.1} {rounds:>7}  {}", sent.join(" "));
    }
    println!("peak memory of all three roles: {}", peak_memory());
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Matvec,
    Transposed,
    Reshare,
    Narrow,
    Wide,
    Gram,
    Inverse,
}

/// The seconds that an operation took, those of all CPUs meanwhile, and its traffic.
#[expect(clippy::disallowed_methods, reason = "a bench is a host: it has a clock")]
async fn run(
    mut engine: Rep3,
    operation: Operation,
    rows: usize,
    columns: usize,
    barrier: &Barrier,
) -> Result<(f64, f64, Traffic), Error> {
    let engine = &mut engine;
    let values: Vec<i64> = (0..rows as i64).map(|i| (i * 77) % 8000 - 4000).collect();
    let x = Matrix::from_columns((0..columns).map(|_| engine.constant::<12>(&values)).collect());
    let v: Vector<20> = engine.constant(&vec![1000; columns]);
    let z: Additive<32> = engine.matvec(&x, 0..rows, &v).await?;
    let before = engine.traffic();
    barrier.wait();
    let (start, cpu) = (Instant::now(), cpu_seconds());
    match operation {
        Operation::Matvec => drop(engine.matvec::<12, 20, 32>(&x, 0..rows, &v).await?),
        Operation::Transposed => {
            drop(engine.transposed::<12, 12, 24>(&x, 0..rows, &x.column(0)).await?);
        }
        Operation::Reshare => drop(engine.reshare(z).await?),
        Operation::Narrow => {
            let table = sigmoid::<13>(Grid::NARROW)?;
            let found = engine.lookup(&z, &[&table]).await?;
            for values in found.values {
                engine.reshare(values).await?;
            }
        }
        Operation::Wide => {
            let table = sigmoid::<15>(Grid::WIDE)?;
            let found = engine.lookup(&z, &[&table]).await?;
            for values in found.values {
                engine.reshare(values).await?;
            }
        }
        Operation::Gram => {
            let part: Vec<u32> = (0..20_000).take(rows).collect();
            drop(engine.gram::<12, 24>(&x.gather(&part)).await?);
        }
        Operation::Inverse => {
            let half = engine.identity::<22>(columns, 1 << 21);
            sharing::inverse(engine, &half, Start::Identity(0), 16).await?;
        }
    }
    let wall = start.elapsed().as_secs_f64();
    let cpu = cpu_seconds() - cpu;
    let mut traffic = engine.traffic();
    traffic.rounds -= before.rounds;
    for (role, bytes) in before.sent {
        *traffic.sent.entry(role).or_default() -= bytes;
    }
    Ok((wall, cpu, traffic))
}

fn sigmoid<const OUT: u32>(grid: Grid) -> Result<Table<OUT>, Error> {
    Table::new(grid, Symmetry::Complement, |z| 1.0 / (1.0 + (-z).exp()))
}
