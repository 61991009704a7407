//! What points from shared weights cost on this machine.
//!
//! `cargo bench -p training --bench points [-- FEATURESxBINS ..]`: weights and values made from a
//! seed, values uploaded by holders of 64 features each. Three roles scale them, each in a process of
//! its own, chunks over TCP on loopback. Prints wall time and CPU of all three roles from the shares
//! that were uploaded to those of the points, rounds, bytes over all links, which must be those of
//! `Terms::cost`, and the most memory that each role had.

#[path = "../training/apart.rs"]
mod apart;
mod made;

type Failed = Box<dyn std::error::Error>;

/// Features and bins: small cards, and what seven holders have at the most.
const SIZES: [&str; 5] = ["9x4", "23x8", "64x16", "100x20", "448x32"];

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
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
    println!("{} threads a role", rayon::current_num_threads());
    println!(
        "{:>8} {:>5} {:>7} {:>7} {:>6} {:>10} {:>7} {:>10}",
        "features", "bins", "wall s", "CPU s", "rounds", "bytes", "a bin", "peak MB"
    );
    for size in sizes {
        let (features, bins) = size.split_once('x').ok_or("FEATURESxBINS")?;
        let measured = apart::measured(&[features.to_string(), bins.to_string()])?;
        let (features, bins): (usize, u8) = (features.parse()?, bins.parse()?);
        let wall = measured.iter().map(|role| role.wall).fold(0.0, f64::max);
        let cpu: f64 = measured.iter().map(|role| role.cpu).sum();
        let rounds = measured.first().map_or(0.0, |role| role.rounds);
        let bytes = (measured.iter().map(|role| role.sent).sum::<f64>() * 1e6).round();
        let peak = measured.iter().map(|role| format!("{:.0}", role.peak)).collect::<Vec<_>>();
        let each = bytes / features as f64 / f64::from(bins);
        println!(
            "{features:>8} {bins:>5} {wall:>7.2} {cpu:>7.2} {rounds:>6} {bytes:>10} {each:>7.0} {:>10}",
            peak.join(" ")
        );
        let cost = made::terms(features, bins).cost();
        assert_eq!((bytes, rounds), (cost.bytes as f64, f64::from(cost.rounds)), "by the SPEC");
    }
    Ok(())
}
