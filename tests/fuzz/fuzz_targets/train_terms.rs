//! Anything at all, and honest messages altered, as steps of a training and words about its job.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz::training::read(bytes));
