//! What the rounds of handing out a key or a table are called.

use store::Phase;

use crate::runs::phase;

/// A round of handing out a key or a table.
pub(crate) fn round(round: u32) -> Phase {
    let zh = match round {
        1 => "公钥",
        2 => "加密评分表",
        _ => "未知轮次",
    };
    phase::round(round, scoring::issue::round_name(round), zh)
}
