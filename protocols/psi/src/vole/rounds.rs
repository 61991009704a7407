//! The rounds: who says what, in which order. Those of the VOLE lie between 3 and 11.

use session::Role;

use crate::stage::Stage;
use crate::{RECEIVER, SENDER};

/// The receiver commits to its salt.
pub(crate) const COMMITMENT: u32 = 1;
/// The sender tells its salt, and commits to its coin in a checked run.
pub(crate) const SALT: u32 = 2;
/// The receiver opens its salt and confirms both.
pub(crate) const OPENING: u32 = 3;
/// What is added to the number of a VOLE's round.
pub(crate) const BEFORE_VOLE: u32 = 3;
/// The last round of the OT extension.
const LAST_OF_OT: u32 = 7;
/// The last round of the VOLE.
pub(crate) const LAST_OF_VOLE: u32 = 10;
/// The seed of the encoding, and the receiver's coin in a checked run.
pub(crate) const SEED: u32 = 11;
/// The receiver's encoding, masked.
pub(crate) const ENCODING: u32 = 12;
/// The sender opens its coin (checked runs).
pub(crate) const COIN: u32 = 13;
/// The sender's values, sorted.
pub(crate) const VALUES: u32 = 14;
/// The sender's account of all that passed.
pub(crate) const SENDER_TRANSCRIPT: u32 = 15;
/// Which of the sender's values were met (two-sided runs).
pub(crate) const MATCHES: u32 = 16;
/// The receiver's account of all that passed (two-sided runs).
pub(crate) const RECEIVER_TRANSCRIPT: u32 = 17;

/// What each round carries, for progress and error messages: round 1 first.
pub const ROUNDS: [&str; 17] = [
    "commitment",
    "salt",
    "opening",
    vole::ROUNDS[0],
    vole::ROUNDS[1],
    vole::ROUNDS[2],
    vole::ROUNDS[3],
    vole::ROUNDS[4],
    vole::ROUNDS[5],
    vole::ROUNDS[6],
    "seed of the encoding",
    "receiver's masked encoding",
    "sender's coin",
    "sender's values",
    "sender's transcript",
    "values that were met",
    "receiver's transcript",
];

/// What `round` carries, for progress and error messages.
pub fn round_name(round: u32) -> &'static str {
    crate::rounds::name(&ROUNDS, round)
}

/// What the work of a VOLE's round is.
pub(crate) fn stage(round: u32) -> Stage {
    if round <= LAST_OF_OT { Stage::Ot } else { Stage::Lpn }
}

/// Who speaks in a round that is not the VOLE's.
pub(crate) fn speaker(round: u32) -> Role {
    match round {
        SALT | COIN | VALUES | SENDER_TRANSCRIPT => SENDER,
        _ => RECEIVER,
    }
}
