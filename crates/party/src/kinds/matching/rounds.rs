//! What the rounds of a match are called.

use store::Phase;

use crate::runs::phase;

/// A round of a match.
pub(super) fn round(round: u32) -> Phase {
    let zh = match round {
        1 => "约定",
        2 => "盲化的申报值",
        3 => "应答",
        4 => "数据方的核对",
        _ => "未知轮次",
    };
    phase::round(round, ::psi::equality::round_name(round), zh)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_round_has_a_name_in_both_languages() {
        for round in 1..=u32::try_from(::psi::equality::ROUNDS.len()).unwrap() {
            assert!(!super::round(round).zh.contains("未知"), "round {round}");
        }
    }
}
