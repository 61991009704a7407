//! A pinned peer that proposes, exchanges, cancels and resets in any order.

#![no_main]

use std::sync::OnceLock;

use fuzz::Script;
use fuzz::party::World;
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

fuzz_target!(init: outlive_closed_sockets(), |bytes: &[u8]| {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::begun).play(&mut Script(bytes));
});

/// Rust's own `main`, which is not here, has a process outlive that its peer closes a socket.
fn outlive_closed_sockets() {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let _entered = runtime.enter();
    // Once taken, the signal never ends the process again.
    signal(SignalKind::pipe()).expect("the signal can be taken");
}
