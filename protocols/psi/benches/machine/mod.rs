//! What this machine is, and what one operation costs on it.

use std::fs;
use std::hint::black_box;

use chacha20::ChaCha20Rng;
use psi::Lanes;
use psi::oprf::{Blind, Element, Oprf, SecretKey};
use rand_core::SeedableRng;
use sha2::{Digest, Sha512};

/// Operations per measurement.
const SAMPLE: usize = 4_096;
/// As many points share an inversion as in the protocols.
const BATCH: usize = 256;

/// Microseconds of CPU of each operation, every core busy.
pub(crate) struct Costs {
    /// SHA-512 of one block.
    pub(crate) hash: f64,
    /// A short item hashed to the group (two blocks), multiplied and encoded.
    pub(crate) mask_hashed: f64,
    /// A point decoded, multiplied and encoded.
    pub(crate) mask_decoded: f64,
}

impl Costs {
    /// Measures each operation in these lanes.
    pub(crate) fn measure(lanes: Lanes) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let names: Vec<_> = (0..SAMPLE).map(|i| format!("uscc:{i:018}")).collect();
        let keys: Vec<_> = (0..SAMPLE).map(|_| SecretKey::random(&mut rng)).collect();
        let blinds: Vec<_> = (0..SAMPLE).map(|_| Blind::random(&mut rng)).collect();
        let oprf = Oprf::with_lanes(lanes);
        let inputs = |batch: usize| names[batch * BATCH..][..BATCH].iter().map(String::as_bytes);
        let blinds = |batch: usize| &blinds[batch * BATCH..][..BATCH];
        let blind = |batch| oprf.blind(inputs(batch).zip(blinds(batch))).expect("short inputs");
        let points: Vec<Element> = (0..SAMPLE / BATCH).flat_map(blind).collect();

        let twice = microseconds(&|| {
            for name in &names {
                let first = Sha512::digest(name);
                black_box(Sha512::digest(first));
            }
        });
        let mask_hashed = microseconds(&|| {
            (0..SAMPLE / BATCH).for_each(|batch| _ = black_box(blind(batch)));
        });
        let mask_decoded = microseconds(&|| {
            for (keys, points) in keys.chunks(BATCH).zip(points.chunks(BATCH)) {
                black_box(oprf.blind_evaluate(keys.iter().zip(points)));
            }
        });
        Self { hash: twice / 2.0, mask_hashed, mask_decoded }
    }

    /// Prints what each operation costs, in a column for each of `all`.
    #[expect(clippy::print_stdout, reason = "a bench prints its table")]
    pub(crate) fn print(all: &[(Lanes, Self)]) {
        print!("\n{:<38}", "CPU µs (every core busy)");
        all.iter().for_each(|(lanes, _)| print!("{:>30}", lanes.name()));
        println!();
        Self::row("SHA-512 of one block", all, |costs| costs.hash);
        Self::row("hash to the group, multiply, encode", all, |costs| costs.mask_hashed);
        Self::row("decode, multiply, encode", all, |costs| costs.mask_decoded);
    }

    /// Prints one line of the table.
    #[expect(clippy::print_stdout, reason = "a bench prints its table")]
    pub(crate) fn row(name: &str, all: &[(Lanes, Self)], cost: impl Fn(&Self) -> f64) {
        print!("{name:<38}");
        all.iter().for_each(|(_, costs)| print!("{:>30.2}", cost(costs)));
        println!();
    }
}

/// Microseconds of CPU of one operation of the [`SAMPLE`] that `work` does, every core busy.
fn microseconds(work: &(dyn Fn() + Sync)) -> f64 {
    let start = cpu_seconds();
    let mut operations = 0;
    while cpu_seconds() - start < 0.5 {
        operations += SAMPLE * rayon::broadcast(|_| work()).len();
    }
    (cpu_seconds() - start) * 1e6 / operations as f64
}

/// CPU seconds of this process, all threads, as fine as Linux counts them.
pub(crate) fn cpu_seconds() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").expect("Linux counts its threads there");
    let nanoseconds: u64 = tasks
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
        .filter_map(|counts| counts.split(' ').next()?.parse::<u64>().ok())
        .sum();
    nanoseconds as f64 / 1e9
}

/// The most memory that this process had.
pub(crate) fn peak_memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some(status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().to_owned())
}

/// Which of dalek's code paths this CPU is given where points are multiplied one by one.
pub(crate) fn backend() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512ifma") && is_x86_feature_detected!("avx512vl") {
            return "AVX-512 IFMA";
        }
        if is_x86_feature_detected!("avx2") {
            return "AVX2";
        }
    }
    "portable"
}
