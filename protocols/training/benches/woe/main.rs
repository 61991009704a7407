//! What a counting costs on this machine.
//!
//! `cargo bench -p training --bench woe [-- --rows N --features N --bins N]`: features of three
//! holders and labels made from a seed, uploaded. Three roles count, each in a process of its own,
//! chunks over TCP on loopback. Prints wall time, CPU of all three roles from the shares that were
//! uploaded to what is released, rounds, what each role sent, the most memory that each had, and
//! what a holder uploads of a row and feature.

#[path = "../training/apart.rs"]
mod apart;
mod made;

type Failed = Box<dyn std::error::Error>;

/// Rows, features, bins.
const SIZES: [[u32; 3]; 5] = [
    [30_000, 23, 20],
    [100_000, 100, 20],
    [1_000_000, 50, 10],
    [1_000_000, 50, 20],
    [1_000_000, 50, 64],
];

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = arguments.as_slice()
        && first == "--role"
    {
        return apart::role(rest);
    }
    let asked = |flag: &str, usual: u32| -> Result<u32, Failed> {
        let place = arguments.iter().position(|argument| argument == flag);
        let value = place.and_then(|place| arguments.get(place + 1));
        Ok(value.map_or(Ok(usual), |value| value.parse())?)
    };
    let sizes = match ["--rows", "--features", "--bins"]
        .iter()
        .any(|flag| arguments.iter().any(|one| one == flag))
    {
        true => vec![[asked("--rows", 1_000_000)?, asked("--features", 50)?, asked("--bins", 20)?]],
        false => SIZES.to_vec(),
    };
    println!("{} threads a role", rayon::current_num_threads());
    println!(
        "{:>9} {:>8} {:>4} {:>7} {:>7} {:>6} {:>17} {:>16} {:>9}",
        "rows", "features", "bins", "wall s", "CPU s", "rounds", "sent MB", "peak MB", "upload B"
    );
    for [rows, features, bins] in sizes {
        let measured = apart::measured(&[rows, features, bins].map(|size| size.to_string()))?;
        let wall = measured.iter().map(|role| role.wall).fold(0.0, f64::max);
        let cpu: f64 = measured.iter().map(|role| role.cpu).sum();
        let rounds = measured.first().map_or(0.0, |role| role.rounds);
        let each = |of: fn(&apart::Measured) -> f64| {
            measured.iter().map(|role| format!("{:.0}", of(role))).collect::<Vec<_>>().join(" ")
        };
        let (sent, peak) = (each(|role| role.sent), each(|role| role.peak));
        // A plane's bits, twice.
        let upload = f64::from(2 * (u32::BITS - bins.leading_zeros())) / 8.0;
        println!(
            "{rows:>9} {features:>8} {bins:>4} {wall:>7.2} {cpu:>7.2} {rounds:>6} {sent:>17} {peak:>16} {upload:>9.2}"
        );
    }
    Ok(())
}
