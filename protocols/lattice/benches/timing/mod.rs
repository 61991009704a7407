//! Processor time of one thread, so that a machine shared with other work gives nearly the same.
#![allow(unreachable_pub, reason = "shared between benches")]

use std::hint::black_box;
use std::time::Duration;

/// Runs `work` where rayon has one thread, this one.
pub fn on_one_thread(work: impl FnOnce() + Send) {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(work);
}

/// Prints the shortest time that `work` took, and gives its last result and that time.
pub fn time<T>(what: &str, times: usize, work: impl FnMut() -> T) -> (T, f64) {
    let (last, shortest) = fastest(times, work);
    line(what, shortest, 1);
    (last, shortest)
}

/// The last result of `work`, and the shortest time that it took, in microseconds.
pub fn fastest<T>(times: usize, mut work: impl FnMut() -> T) -> (T, f64) {
    let mut once = || {
        let started = processor();
        let result = black_box(work());
        (result, processor() - started)
    };
    let first = once();
    (1..times).fold(first, |(_, shortest), _| {
        let (result, took) = once();
        (result, shortest.min(took))
    })
}

/// The processor time of this thread, in microseconds.
fn processor() -> f64 {
    let time = nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID.now().unwrap();
    Duration::from(time).as_secs_f64() * 1e6
}

/// Prints what one of `times` things took of a total in microseconds.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
pub fn line(what: &str, total: f64, times: usize) {
    println!("  {what:<43}{:>10.1} us", total / times as f64);
}
