//! Every session and decoder of verification against a peer that sends anything: evaluation keys, sealed
//! thresholds, atoms, answers and the boxes of claims.
//!
//! Behind a feature, since tfhe takes minutes to build:
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz --features verification verification`.

#![no_main]

use std::sync::LazyLock;

use fuzz::verification::Honest;
use libfuzzer_sys::fuzz_target;

static HONEST: LazyLock<Honest> = LazyLock::new(Honest::new);

fuzz_target!(|bytes: &[u8]| HONEST.play(bytes));
