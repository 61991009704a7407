//! Anything at all, and honest terms altered, as the terms of a verification.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzz::terms::read(bytes));
