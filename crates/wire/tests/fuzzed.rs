//! The body of a fuzz target in `tests/fuzz`, driven by a seeded generator, and what an oversized
//! message takes.

#[path = "../../../tests/fuzz/src/script.rs"]
#[expect(dead_code, unreachable_pub, reason = "fuzz targets share it")]
mod script;
#[path = "../../../tests/fuzz/src/terms.rs"]
#[expect(unreachable_pub, reason = "fuzz targets share it")]
mod terms;
#[path = "../../../tests/fuzz/src/training.rs"]
#[expect(unreachable_pub, reason = "fuzz targets share it")]
mod training;

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use peak_alloc::PeakAlloc;
use prost::Message;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use wire::{JobMessage, Kept, MAX_MESSAGE, TrainTerms, VerifyTerms, peer};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// One test at a time: they share the count.
static ALONE: Mutex<()> = Mutex::new(());

/// The most bytes that were allocated at a time while `what` ran, beyond those before it.
fn taken(what: impl FnOnce()) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    what();
    MEMORY.peak_usage().saturating_sub(before)
}

#[test]
fn seeded_noise_and_altered_honest_terms_are_read_or_refused_and_never_panic() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let honest = VerifyTerms::try_from(terms::honest());
    assert!(honest.is_ok(), "what is altered was good");
    let mut rng = StdRng::seed_from_u64(61);
    for _ in 0..50_000 {
        let mut bytes = vec![0; usize::try_from(rng.next_u32() % 200).unwrap()];
        rng.fill_bytes(&mut bytes);
        terms::read(&bytes);
    }
}

#[test]
fn seeded_noise_and_altered_honest_messages_of_a_training_are_read_or_refused_and_never_panic() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(TrainTerms::try_from(training::honest_step()).is_ok(), "what is altered was good");
    assert!(JobMessage::try_from(training::honest_word()).is_ok(), "what is altered was good");
    let state = training::honest_state().try_into();
    assert!(state.is_ok_and(|state| Kept::of(&state).is_ok()), "what is altered was good");
    let mut rng = StdRng::seed_from_u64(13);
    for _ in 0..50_000 {
        let mut bytes = vec![0; usize::try_from(rng.next_u32() % 200).unwrap()];
        rng.fill_bytes(&mut bytes);
        training::read(&bytes);
    }
}

#[test]
fn terms_of_the_greatest_message_take_a_bounded_multiple_of_it() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // Two bytes of the message make one empty entry: the dearest there is.
    for tag in [8, 11, 12] {
        let message: Vec<u8> = (0..MAX_MESSAGE / 2).flat_map(|_| [tag << 3 | 2, 0]).collect();
        let message = Bytes::from(message);
        let took = taken(|| {
            let terms = peer::VerifyTerms::decode(message.clone()).unwrap();
            assert!(VerifyTerms::try_from(terms).is_err());
        });
        assert!(took <= 64 << 20, "{took} bytes for a message of {}", message.len());
    }
    // What is long and refused for its length is not copied.
    let body = Bytes::from(vec![7; MAX_MESSAGE]);
    let oversized = peer::VerifyTerms { boxes: vec![body], ..terms::honest() };
    let took = taken(|| assert!(VerifyTerms::try_from(oversized).is_err()));
    assert!(took < 16 << 10, "{took} bytes for a box of a MiB");
}
