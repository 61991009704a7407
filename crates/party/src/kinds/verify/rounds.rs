//! What the rounds of a verification are called.

use store::Phase;

use crate::runs::phase;

/// A round of handing over an evaluation key.
pub(super) fn upload(round: u32) -> Phase {
    let at = usize::try_from(round).ok().and_then(|round| round.checked_sub(1));
    let en = at.and_then(|at| verification::upload::ROUNDS.get(at)).copied();
    let zh = if en.is_some() { "运算密钥" } else { "未知轮次" };
    phase::round(round, en.unwrap_or("no round of this protocol"), zh)
}

/// A round of a verification.
pub(super) fn round(round: u32) -> Phase {
    let zh = match round {
        1 => "密封的阈值",
        2 => "转交的密封阈值",
        3 => "各数据方的密文",
        4 => "合并后的密文",
        _ => "未知轮次",
    };
    phase::round(round, verification::verify::round_name(round), zh)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_round_has_a_name_in_both_languages() {
        for round in 1..=u32::try_from(verification::verify::ROUNDS.len()).unwrap() {
            assert!(!super::round(round).zh.contains("未知"), "round {round}");
        }
        assert!(!super::upload(1).zh.contains("未知") && super::upload(2).zh.contains("未知"));
        assert!(super::round(0).zh.contains("未知") && super::upload(0).zh.contains("未知"));
    }
}
