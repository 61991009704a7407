//! The rounds: who says what, in which order.

/// The asker shows that both sides hold the same terms, and the same list if it keeps one.
pub(crate) const AGREEMENT: u32 = 1;
/// The holder's list.
pub(crate) const LIST: u32 = 2;
/// The asker's items, blinded.
pub(crate) const BLINDED: u32 = 3;
/// The items evaluated: with them the asker can tell.
pub const EVALUATED: u32 = 4;
/// The holder's account of all that passed.
pub(crate) const TRANSCRIPT: u32 = 5;

/// What each round carries, for progress and error messages: round 1 first.
pub const ROUNDS: [&str; 5] =
    ["agreement", "list", "blinded items", "evaluated items", "holder's transcript"];

/// What `round` carries, for progress and error messages.
pub fn round_name(round: u32) -> &'static str {
    crate::rounds::name(&ROUNDS, round)
}
