//! When two texts that people typed are the same.

use unicode_normalization::UnicodeNormalization;

/// A name or number as it is compared: what people write in different ways is written in one.
///
/// In this order:
/// 1. Unicode NFKC, so that full-width letters, digits and signs are half-width ones;
/// 2. lower case;
/// 3. spaces of any kind go;
/// 4. what is neither letter nor digit goes as well, but a stretch of it between two digits becomes
///    one `-`, so that `12-3` is not `1-23`;
/// 5. NFKC again, for what has become neighbours.
///
/// Nothing is guessed: no character stands for another that only looks like it, and no word such as
/// 有限公司 is left out.
///
/// ```
/// use formula::matched;
///
/// assert_eq!(matched("苏（２０２０）南京市 不动产权第0001号"), "苏2020南京市不动产权第0001号");
/// assert_eq!(matched("Ex·ample Co., Ltd."), matched("EXAMPLE CO LTD"));
/// assert_ne!(matched("12-3"), matched("1-23"));
/// ```
#[must_use]
pub fn matched(text: &str) -> String {
    let plain = text.nfkc().flat_map(char::to_lowercase).filter(|letter| !letter.is_whitespace());
    let mut kept = String::with_capacity(text.len());
    let mut dropped = false;
    for letter in plain {
        if !letter.is_alphanumeric() {
            dropped = true;
            continue;
        }
        if dropped && letter.is_numeric() && kept.ends_with(char::is_numeric) {
            kept.push('-');
        }
        dropped = false;
        kept.push(letter);
    }
    kept.nfkc().collect()
}

/// A category as it is compared: NFKC, outer spaces dropped, all else as it is, for `A+` is not `A`.
#[must_use]
pub fn category(text: &str) -> String {
    text.nfkc().collect::<String>().trim().into()
}

#[cfg(test)]
mod tests {
    use super::{category, matched};
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    #[test]
    fn ways_of_writing_one_text_are_the_same() {
        for (one, two) in [
            ("南京 示例（集团）有限公司", "南京示例(集团)有限公司"),
            ("阿依古丽·买买提", "阿依古丽•买买提"),
            ("Ａｂｃ１２３", "ABC123"),
            ("3201 0500 0001", "320105000001"),
            ("2020/1", "2020－1"),
            ("a - b", "ab"),
            ("苏(2020) 0001", "苏（2020）0001"),
            ("\u{feff}示例\u{200b}", "示例"),
        ] {
            assert_eq!(matched(one), matched(two), "{one} {two}");
        }
    }

    #[test]
    fn different_texts_stay_different() {
        for (one, two) in [
            ("12-3", "1-23"),
            ("苏(2020)0001", "苏20200001"),
            ("0O", "00"),
            ("示例有限公司", "示例"),
            ("曰", "日"),
            ("1-2", "12"),
        ] {
            assert_ne!(matched(one), matched(two), "{one} {two}");
        }
        assert_eq!(matched(" ·()（） "), "");
    }

    #[test]
    fn categories_keep_their_signs_and_case() {
        assert_eq!(category(" Ａ＋ "), "A+");
        assert_ne!(category("A+"), category("A"));
        assert_ne!(category("a"), category("A"));
    }

    proptest! {
        #[test]
        fn what_was_normalised_stays_as_it_is(text in "\\PC{0,40}") {
            let once = matched(&text);
            prop_assert_eq!(matched(&once), once.clone());
            prop_assert!(!once.chars().any(char::is_whitespace));
            prop_assert_eq!(category(&category(&text)), category(&text));
        }

        #[test]
        fn digits_and_signs_in_any_order_stay_normalised(text in "[0-9a-cA-C\u{1100}\u{1161}②\u{301}·（ \\-]{0,20}") {
            let once = matched(&text);
            prop_assert_eq!(matched(&once), once);
        }
    }
}
