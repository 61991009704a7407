//! What a training costs on this machine.
//!
//! `cargo bench -p training --bench training [-- [--apart] ROWSxCOLUMNS ...]`: for each size, columns
//! of three holders and labels made from a seed, uploaded as sessions. Three roles train, each on its
//! own thread, chunks over channels in memory, products on one pool of threads; with `--apart` each in
//! a process of its own, chunks over TCP on loopback. Prints wall time and CPU of all three roles from
//! the shares that were uploaded to the opened model, rounds, what each role sent, and the most memory
//! that a process had: all three roles' shares together, or each role's alone.

mod apart;
mod made;
mod together;

use std::time::Instant;

use training::ROLES;

use crate::apart::{cpu_seconds, peak_memory};

type Failed = Box<dyn std::error::Error>;

/// The sizes of the design study.
const SIZES: [&str; 4] = ["30000x23", "150000x10", "100000x100", "1000000x50"];

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
#[expect(clippy::disallowed_methods, reason = "a bench has a clock")]
fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = arguments.as_slice()
        && first == "--role"
    {
        return apart::role(rest);
    }
    let asked: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|size| size.contains('x')).collect();
    let sizes = if asked.is_empty() { SIZES.to_vec() } else { asked };
    println!("{} threads", rayon::current_num_threads());
    let titles = ["rows", "columns", "wall s", "CPU s", "rounds", "sent MB", "peak MB"];
    let [rows, columns, wall, cpu, rounds, sent, peak] = titles;
    println!("{rows:>9} {columns:>7} {wall:>7} {cpu:>7} {rounds:>6} {sent:>20} {peak:>16}");
    for size in sizes {
        let (rows, columns) = size.split_once('x').ok_or("ROWSxCOLUMNS")?;
        let (rows, columns): (u32, u16) = (rows.parse()?, columns.parse()?);
        let each = |numbers: Vec<f64>| {
            numbers.iter().map(|number| format!("{number:.0}")).collect::<Vec<_>>().join(" ")
        };
        let (wall, cpu, rounds, sent, peak) = match arguments.iter().any(|flag| flag == "--apart") {
            true => {
                let measured = apart::measured(&[rows.to_string(), columns.to_string()])?;
                let wall = measured.iter().map(|role| role.wall).fold(0.0, f64::max);
                let cpu = measured.iter().map(|role| role.cpu).sum();
                let sent = measured.iter().map(|role| role.sent).collect();
                let peak = measured.iter().map(|role| role.peak).collect();
                (wall, cpu, measured.first().map_or(0.0, |role| role.rounds), sent, peak)
            }
            false => {
                let terms = made::terms(rows, columns);
                let uploaded = made::uploaded(&terms, &ROLES)?;
                let (wall, cpu) = (Instant::now(), cpu_seconds());
                let finished = together::trained(&terms, uploaded)?;
                let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);
                let sent = finished.iter().map(|end| end.traffic.total() as f64 / 1e6).collect();
                let peak = vec![peak_memory().unwrap_or(f64::NAN)];
                (wall, cpu, f64::from(finished[0].traffic.rounds), sent, peak)
            }
        };
        let (sent, peak) = (each(sent), each(peak));
        println!("{rows:>9} {columns:>7} {wall:>7.2} {cpu:>7.2} {rounds:>6} {sent:>20} {peak:>16}");
    }
    Ok(())
}
