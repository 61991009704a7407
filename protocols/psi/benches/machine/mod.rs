//! What this machine is, and what one operation costs on it.

use std::fs;
use std::hint::black_box;

use chacha20::ChaCha20Rng;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar};
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
    /// The one-way map of 64 bytes to a point.
    pub(crate) map: f64,
    pub(crate) multiply: f64,
    /// Doubled and encoded, in batches.
    pub(crate) encode: f64,
    pub(crate) decode: f64,
}

impl Costs {
    /// Measures each operation, and prints what it found.
    pub(crate) fn measure(mut print: impl FnMut(&str, f64)) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let scalar = Scalar::random(&mut rng);
        let points: Vec<_> = (0..SAMPLE).map(|_| RistrettoPoint::random(&mut rng)).collect();
        let encoded: Vec<_> = points.iter().map(RistrettoPoint::compress).collect();
        let names: Vec<_> = (0..SAMPLE).map(|i| format!("uscc:{i:018}")).collect();

        let mut measure = |name: &str, work: &(dyn Fn() + Sync)| {
            let start = cpu_seconds();
            let mut operations = 0;
            while cpu_seconds() - start < 0.5 {
                operations += SAMPLE * rayon::broadcast(|_| work()).len();
            }
            let each = (cpu_seconds() - start) * 1e6 / operations as f64;
            print(name, each);
            each
        };
        let twice = measure("SHA-512 of one block, twice", &|| {
            for name in &names {
                let first = Sha512::digest(name);
                black_box(Sha512::digest(first));
            }
        });
        let map = measure("one-way map of 64 bytes to a point", &|| {
            for name in &names {
                let mut uniform = [0; 64];
                uniform[..name.len()].copy_from_slice(name.as_bytes());
                black_box(RistrettoPoint::from_uniform_bytes(&uniform));
            }
        });
        let multiply = measure("multiply", &|| {
            for point in &points {
                black_box(point * scalar);
            }
        });
        measure("compress, one by one", &|| {
            for point in &points {
                black_box(point.compress());
            }
        });
        let encode = measure("double and compress, in batches of 256", &|| {
            for batch in points.chunks(BATCH) {
                black_box(RistrettoPoint::double_and_compress_batch(batch));
            }
        });
        let decode = measure("decompress", &|| {
            for point in &encoded {
                black_box(CompressedRistretto::decompress(point));
            }
        });
        Self { hash: twice / 2.0, map, multiply, encode, decode }
    }
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

/// Which of dalek's code paths this CPU is given (SPEC §7).
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
