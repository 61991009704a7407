//! The rounds: who says what, in which order.

/// The asker shows that both sides hold the same terms and rows.
pub(crate) const AGREEMENT: u32 = 1;
/// The asker's claims, blinded.
pub(crate) const BLINDED: u32 = 2;
/// The claims evaluated, and the tags of the holder's values: with them the asker can tell.
pub const ANSWERS: u32 = 3;
/// The holder's account of all that passed.
pub(crate) const TRANSCRIPT: u32 = 4;

/// What each round carries, for progress and error messages: round 1 first.
pub const ROUNDS: [&str; 4] = ["agreement", "blinded claims", "answers", "holder's transcript"];

/// What `round` carries, for progress and error messages.
pub fn round_name(round: u32) -> &'static str {
    crate::rounds::name(&ROUNDS, round)
}
