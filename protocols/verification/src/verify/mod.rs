//! One question: thresholds to the holders, atoms to the platform, the answer to the lender (SPEC §3.2).
//!
//! The lender speaks with the platform only, which relays the thresholds: they are sealed, and the
//! terms name their digests. Rounds 1 and 2 are left out where nothing is sealed.

mod holder;
mod lender;
mod platform;
mod thresholds;

pub use holder::Holder;
pub use lender::Lender;
pub use platform::Platform;

/// Round 1: the sealed thresholds of all atoms, from the lender to the platform.
pub const THRESHOLDS: u32 = 1;

/// Round 2: those of one holder's atoms, from the platform to it.
pub const RELAYED: u32 = 2;

/// Round 3: each holder's atoms, to the platform.
pub const ATOMS: u32 = 3;

/// Round 4: the combined answer, to the lender.
pub const ANSWER: u32 = 4;

/// What each round carries, for progress and error messages: round 1 first.
pub const ROUNDS: [&str; 4] = ["thresholds", "relayed thresholds", "atoms", "answer"];

/// What `round` carries, for progress and error messages.
pub fn round_name(round: u32) -> &'static str {
    match round {
        THRESHOLDS => ROUNDS[0],
        RELAYED => ROUNDS[1],
        ATOMS => ROUNDS[2],
        ANSWER => ROUNDS[3],
        _ => "no round of this protocol",
    }
}
