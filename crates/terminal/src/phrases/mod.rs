//! Sentences and table heads in English and Chinese: how they are written, and those that every
//! command shares.
//!
//! A phrase is a function of its slots: a phrase that lacks a language, or names a slot that it was
//! not given, does not compile. [`assert_complete`] looks at the rest: both languages use every slot,
//! and the Chinese is Chinese.

/// Defines phrases: `name(slots) "English" / "中文";`.
#[macro_export]
macro_rules! phrases {
    ($($name:ident($($slot:ident),*) $en:literal / $zh:literal;)*) => {
        $(
            #[doc = concat!("“", $en, "”")]
            pub fn $name($($slot: impl ::std::fmt::Display),*) -> $crate::phrases::Text {
                $crate::phrases::Text {
                    en: format_args!($en).to_string(),
                    zh: format_args!($zh).to_string(),
                }
            }
        )*

        #[cfg(test)]
        pub(super) const ALL: &[$crate::phrases::Template] = &[
            $($crate::phrases::Template {
                name: stringify!($name),
                slots: &[$(stringify!($slot)),*],
                en: $en,
                zh: $zh,
            },)*
        ];
    };
}

mod heads;
mod progress;
mod trouble;

use std::collections::BTreeSet;

#[doc(hidden)]
pub use domain::Text;

// Globs: the lists would repeat the name of every phrase.
pub use heads::*;
pub use progress::*;
pub use trouble::*;

/// A phrase as it is written in the source.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Its name.
    pub name: &'static str,
    /// What is put into it.
    pub slots: &'static [&'static str],
    /// In English.
    pub en: &'static str,
    /// In Chinese.
    pub zh: &'static str,
}

/// Fails a test unless every phrase has both languages and the same slots in each, the Chinese is
/// Chinese and the English is not, and no phrase is written twice.
///
/// # Panics
///
/// At the first phrase that is not as it should be.
pub fn assert_complete(phrases: &[&[Template]]) {
    let chinese = |words: &str| words.chars().any(|char| ('一'..='龥').contains(&char));
    let mut names = BTreeSet::new();
    for phrase in phrases.iter().copied().flatten() {
        for (language, words) in [("en", phrase.en), ("zh", phrase.zh)] {
            assert!(!words.trim().is_empty(), "{} has no {language}", phrase.name);
            for slot in phrase.slots {
                let used = words.contains(&format!("{{{slot}}}"));
                assert!(used, "{}: {slot} is not in the {language} sentence", phrase.name);
            }
        }
        assert!(chinese(phrase.zh), "{}: {}", phrase.name, phrase.zh);
        assert!(!chinese(phrase.en), "{}: {}", phrase.name, phrase.en);
        assert!(names.insert(phrase.name), "{}", phrase.name);
    }
}

#[cfg(test)]
mod tests {
    use super::{assert_complete, heads, progress, trouble};

    #[test]
    fn every_phrase_stands_once_in_both_languages_with_all_its_slots() {
        assert_complete(&[heads::ALL, progress::ALL, trouble::ALL]);
    }
}
