//! What a round is called, in both languages.

use store::Phase;

/// A round of private set intersection.
pub(crate) fn psi(round: u32) -> Phase {
    let zh = match round {
        1 => "承诺",
        2 => "盐值",
        3 => "打开承诺",
        4 => "接收方的盲化标识",
        5 => "发送方的盲化标识",
        6 => "接收方标识的标签",
        7 => "发送方的核对",
        8 => "发送方标识的标签",
        9 => "接收方的核对",
        _ => "未知轮次",
    };
    phase(round, ::psi::round_name(round), zh)
}

/// A round of private set intersection over VOLE.
pub(crate) fn psi_vole(round: u32) -> Phase {
    let zh = match round {
        1 => "承诺",
        2 => "盐值",
        3 => "打开承诺",
        4 => "基础不经意传输：点",
        5 => "基础不经意传输：点对",
        6 => "不经意传输扩展：修正",
        7 => "不经意传输扩展：核对",
        8 => "树",
        9 => "树：核对的掩码",
        10 => "树：核对",
        11 => "编码的种子",
        12 => "接收方的掩码编码",
        13 => "发送方的硬币",
        14 => "发送方的值",
        15 => "发送方的核对",
        16 => "匹配到的值",
        17 => "接收方的核对",
        _ => "未知轮次",
    };
    phase(round, ::psi::vole::round_name(round), zh)
}

/// A round of handing out a key or a table.
pub(crate) fn issue(round: u32) -> Phase {
    let zh = match round {
        1 => "公钥",
        2 => "加密评分表",
        _ => "未知轮次",
    };
    phase(round, scoring::issue::round_name(round), zh)
}

/// A round of a score.
pub(crate) fn score(round: u32) -> Phase {
    let zh = match round {
        1 => "各数据方的密文",
        2 => "密文之和",
        _ => "未知轮次",
    };
    phase(round, scoring::score::round_name(round), zh)
}

/// A round of handing over an evaluation key.
pub(crate) fn upload(round: u32) -> Phase {
    let at = usize::try_from(round).ok().and_then(|round| round.checked_sub(1));
    let en = at.and_then(|at| verification::upload::ROUNDS.get(at)).copied();
    let zh = if en.is_some() { "运算密钥" } else { "未知轮次" };
    phase(round, en.unwrap_or("no round of this protocol"), zh)
}

/// A round of a verification.
pub(crate) fn verify(round: u32) -> Phase {
    let zh = match round {
        1 => "密封的阈值",
        2 => "转交的密封阈值",
        3 => "各数据方的密文",
        4 => "合并后的密文",
        _ => "未知轮次",
    };
    phase(round, verification::verify::round_name(round), zh)
}

/// A round of a match.
pub(crate) fn matching(round: u32) -> Phase {
    let zh = match round {
        1 => "约定",
        2 => "盲化的申报值",
        3 => "应答",
        4 => "数据方的核对",
        _ => "未知轮次",
    };
    phase(round, ::psi::equality::round_name(round), zh)
}

/// A round of a trial of a lender's batch key.
pub(crate) fn trial(round: u32) -> Phase {
    let zh = match round {
        1 => "公钥",
        2 => "质询",
        3 => "应答",
        _ => "未知轮次",
    };
    phase(round, scoring::batch::trial::round_name(round), zh)
}

/// A round of a batch.
pub(crate) fn batch(round: u32) -> Phase {
    let zh = match round {
        1 => "各数据方的密文",
        2 => "密文之和",
        _ => "未知轮次",
    };
    phase(round, scoring::batch::round_name(round), zh)
}

/// What happens outside the rounds.
pub(crate) fn named(en: &str, zh: &str) -> Phase {
    Phase { en: en.into(), zh: zh.into() }
}

fn phase(round: u32, en: &str, zh: &str) -> Phase {
    Phase { en: format!("round {round}: {en}"), zh: format!("第 {round} 轮：{zh}") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_round_has_a_name_in_both_languages() {
        for round in 1..=u32::try_from(::psi::ROUNDS.len()).unwrap() {
            assert!(!super::psi(round).zh.contains("未知"), "round {round}");
        }
        assert!(super::psi(99).zh.contains("未知"));
        for round in 1..=u32::try_from(::psi::vole::ROUNDS.len()).unwrap() {
            assert!(!super::psi_vole(round).zh.contains("未知"), "round {round}");
        }
        for round in 1..=u32::try_from(::psi::equality::ROUNDS.len()).unwrap() {
            assert!(!super::matching(round).zh.contains("未知"), "round {round}");
        }
        for round in 1..=u32::try_from(verification::verify::ROUNDS.len()).unwrap() {
            assert!(!super::verify(round).zh.contains("未知"), "round {round}");
        }
        assert!(!super::upload(1).zh.contains("未知") && super::upload(2).zh.contains("未知"));
        assert!(super::verify(0).zh.contains("未知") && super::upload(0).zh.contains("未知"));
    }
}
