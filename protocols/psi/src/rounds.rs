//! The rounds: who says what, in which order.

/// The receiver commits to its salt.
pub(crate) const COMMITMENT: u32 = 1;
/// The sender tells its salt.
pub(crate) const SALT: u32 = 2;
/// The receiver opens its salt and confirms both.
pub(crate) const OPENING: u32 = 3;
/// The receiver's items, masked and shuffled.
pub(crate) const RECEIVER_POINTS: u32 = 4;
/// The sender's items, masked and shuffled.
pub(crate) const SENDER_POINTS: u32 = 5;
/// The tags of the receiver's points.
pub(crate) const RECEIVER_TAGS: u32 = 6;
/// The sender's account of all that passed.
pub(crate) const SENDER_TRANSCRIPT: u32 = 7;
/// The tags of the sender's points (two-sided runs).
pub(crate) const SENDER_TAGS: u32 = 8;
/// The receiver's account of all that passed (two-sided runs).
pub(crate) const RECEIVER_TRANSCRIPT: u32 = 9;

/// What each round carries, for progress and error messages: round 1 first.
pub const ROUNDS: [&str; 9] = [
    "commitment",
    "salt",
    "opening",
    "receiver's masked items",
    "sender's masked items",
    "tags of the receiver's items",
    "sender's transcript",
    "tags of the sender's items",
    "receiver's transcript",
];

/// What `round` carries, for progress and error messages.
pub fn round_name(round: u32) -> &'static str {
    name(&ROUNDS, round)
}

/// What `round` carries in a protocol of these rounds.
pub(crate) fn name(rounds: &'static [&'static str], round: u32) -> &'static str {
    let place = usize::try_from(round).ok().and_then(|round| round.checked_sub(1));
    place.and_then(|place| rounds.get(place)).copied().unwrap_or("no round of this protocol")
}

/// How far a session has come; what costs time is masking, its own items and the peer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Own items masked and handed out to be sent.
    pub masked: u64,
    /// The peer's items masked again.
    pub remasked: u64,
    /// What the two come to when all is done.
    pub of: u64,
}
