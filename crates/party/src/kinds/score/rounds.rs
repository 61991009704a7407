//! What the rounds of a score are called.

use store::Phase;

use crate::runs::phase;

/// A round of a score.
pub(super) fn round(round: u32) -> Phase {
    let zh = match round {
        1 => "各数据方的密文",
        2 => "密文之和",
        _ => "未知轮次",
    };
    phase::round(round, scoring::score::round_name(round), zh)
}
