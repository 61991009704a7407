//! The bodies of the fuzz targets in `tests/fuzz`, driven by a seeded generator, and what an oversized
//! message takes.

#[path = "../../../tests/fuzz/src/script.rs"]
#[expect(unreachable_pub, reason = "fuzz targets share it")]
mod script;
#[path = "../../../tests/fuzz/src/verification.rs"]
#[expect(unreachable_pub, reason = "fuzz targets share it")]
mod verification;

use std::sync::{Mutex, OnceLock, PoisonError};

use chacha20::ChaCha20Rng;
use peak_alloc::PeakAlloc;
use rand_core::{Rng, SeedableRng};
use session::{Chunk, MAX_CHUNK, Session};

use crate::verification::Honest;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// One test at a time: they share the count.
static ALONE: Mutex<()> = Mutex::new(());

static HONEST: OnceLock<Honest> = OnceLock::new();

/// The most bytes that were allocated at a time while `what` ran, beyond those before it.
fn taken(what: impl FnOnce()) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    what();
    MEMORY.peak_usage().saturating_sub(before)
}

#[test]
fn seeded_noise_and_altered_honest_messages_never_panic_and_never_pass() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let honest = HONEST.get_or_init(Honest::new);
    let mut rng = ChaCha20Rng::from_seed([60; 32]);
    for run in 0..4_000_u32 {
        let mut bytes = vec![0; usize::try_from(rng.next_u32() % 600).unwrap()];
        rng.fill_bytes(&mut bytes);
        let Some(first) = bytes.first_mut() else { continue };
        // Keys have 30 MB: fewer of those.
        *first = if run % 100 == 0 { *first % 2 } else { 2 + *first % 6 };
        honest.play(&bytes);
    }
}

#[test]
fn an_oversized_message_is_refused_before_anything_is_allocated_for_it() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let honest = HONEST.get_or_init(Honest::new);
    let oversized = vec![7; 64 << 20];
    let took = taken(|| honest.refuse(&oversized));
    assert!(took < 4096, "{took} bytes for messages of 64 MiB");
    // The count sees what is allocated.
    assert!(taken(|| drop(vec![1_u8; 1 << 20])) >= 1 << 20);

    // A chunk that does not begin with the agreed key takes nothing either, whatever follows it.
    let body = bytes::Bytes::from(vec![7; MAX_CHUNK]);
    let agreed = ::verification::Fingerprint([1; 32]);
    let took = taken(|| {
        let mut receiver = ::verification::upload::KeyReceiver::new(agreed);
        let chunk = Chunk { round: 1, last: false, body: body.clone() };
        assert!(receiver.receive(::verification::LENDER, chunk).is_err());
    });
    assert!(took < 256 << 10, "{took} bytes for a chunk of another key");
}
