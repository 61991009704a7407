//! What the rounds of an intersection are called.

use store::Phase;

use crate::runs::phase;

/// A round of private set intersection.
pub(super) fn ecdh(round: u32) -> Phase {
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
    phase::round(round, ::psi::round_name(round), zh)
}

/// A round of private set intersection over VOLE.
pub(super) fn vole(round: u32) -> Phase {
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
    phase::round(round, ::psi::vole::round_name(round), zh)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_round_has_a_name_in_both_languages() {
        for round in 1..=u32::try_from(::psi::ROUNDS.len()).unwrap() {
            assert!(!super::ecdh(round).zh.contains("未知"), "round {round}");
        }
        assert!(super::ecdh(99).zh.contains("未知"));
        for round in 1..=u32::try_from(::psi::vole::ROUNDS.len()).unwrap() {
            assert!(!super::vole(round).zh.contains("未知"), "round {round}");
        }
    }
}
