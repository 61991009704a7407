//! How long a run may wait for its peers in all.

use std::time::Duration;

use tokio::time::Instant;

/// How many idle limits a run may wait, whatever moves.
const SILENCES: u32 = 10;

/// Bytes a second below which a run that waits longer than that is given up.
const SLOWEST: f64 = 16_384.0;

/// How long a run has waited, and what has moved in that time.
pub(crate) struct Waited {
    /// Moved on by what our own turns take.
    since: Instant,
    bytes: usize,
    idle: Duration,
}

impl Waited {
    pub(crate) fn new(idle: Duration) -> Self {
        Self { since: Instant::now(), bytes: 0, idle }
    }

    /// We have computed for so long: that is no peer's fault.
    pub(crate) fn computed(&mut self, took: Duration) {
        self.since += took;
    }

    /// So many bytes came or left.
    pub(crate) fn moved(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    pub(crate) fn so_far(&self) -> Duration {
        self.since.elapsed()
    }

    /// When it is enough: no more moves than was agreed, so that this comes.
    pub(crate) fn end(&self) -> Instant {
        // A run moves less than 2^53 bytes.
        self.since + self.idle * SILENCES + Duration::from_secs_f64(self.bytes as f64 / SLOWEST)
    }
}
