//! Chinese or English.

use clap::ValueEnum;
use domain::Text;

/// The languages that `tacit` speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// 中文.
    Zh,
    /// English.
    En,
}

impl Language {
    /// The machine's own language: Chinese where the locale says so, English everywhere else.
    pub fn of_locale() -> Self {
        sys_locale::get_locale().map_or(Self::En, |locale| Self::of(&locale))
    }

    /// The language of a locale such as `zh-CN` or `en_US.UTF-8`.
    fn of(locale: &str) -> Self {
        let chinese = locale.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("zh"));
        if chinese { Self::Zh } else { Self::En }
    }

    /// The words of a sentence in this language; in the other one where a peer has left it out.
    pub fn words(self, text: &Text) -> &str {
        let (wanted, other) = match self {
            Self::Zh => (&text.zh, &text.en),
            Self::En => (&text.en, &text.zh),
        };
        if wanted.is_empty() { other } else { wanted }
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, Text};

    #[test]
    fn a_chinese_locale_speaks_chinese_and_any_other_english() {
        for chinese in ["zh", "zh-CN", "zh_CN.UTF-8", "ZH-Hans-CN"] {
            assert_eq!(Language::of(chinese), Language::Zh, "{chinese}");
        }
        for other in ["", "C", "POSIX", "en-GB", "é", "de_DE.UTF-8"] {
            assert_eq!(Language::of(other), Language::En, "{other}");
        }
    }

    #[test]
    fn a_sentence_that_came_in_one_language_is_shown_in_that_one() {
        let text = Text { en: "refused".into(), zh: String::new() };
        assert_eq!(Language::Zh.words(&text), "refused");
    }
}
