//! The single form, for one subject while somebody waits: every holder's answer to the platform,
//! their sum to the lender (SPEC §2.1 to §2.6, §3.2).

pub(crate) mod answer;
mod holder;
mod lender;
pub(crate) mod lender_key;
mod platform;
pub(crate) mod public_key;
pub(crate) mod sum;
pub(crate) mod terms;
#[cfg(test)]
mod tests;
mod words;

pub use holder::Holder;
pub use lender::Lender;
pub use platform::Platform;

/// Round 1: each holder's answer, to the platform.
pub const ANSWER: u32 = 1;

/// Round 2: the sum of all, to the lender.
pub const SUM: u32 = 2;

/// What each round carries, for progress and error messages: round 1 first.
pub const ROUNDS: [&str; 2] = ["answer", "sum"];

/// What `round` carries, for progress and error messages.
pub fn round_name(round: u32) -> &'static str {
    match round {
        ANSWER => ROUNDS[0],
        SUM => ROUNDS[1],
        _ => "no round of this protocol",
    }
}
