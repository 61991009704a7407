//! What a run is doing, in both languages.

use store::Phase;

/// What happens outside the rounds.
pub(crate) fn named(en: &str, zh: &str) -> Phase {
    Phase { en: en.into(), zh: zh.into() }
}

/// A round of a protocol, by its name.
pub(crate) fn round(round: u32, en: &str, zh: &str) -> Phase {
    Phase { en: format!("round {round}: {en}"), zh: format!("第 {round} 轮：{zh}") }
}
