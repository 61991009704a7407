//! A pinned peer that proposes, exchanges, cancels and resets in any order.

#![no_main]

use std::sync::OnceLock;

use fuzz::Script;
use fuzz::party::World;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::begun).play(&mut Script(bytes));
});
