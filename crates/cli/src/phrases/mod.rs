//! Every sentence and every table head of ours, in English and Chinese.
//!
//! A phrase is a function of its slots: a phrase that lacks a language, or names a slot that it was
//! not given, does not compile. A test looks at the rest: both languages use every slot, and the
//! Chinese is Chinese.

/// Defines phrases: `name(slots) "English" / "中文";`.
macro_rules! phrases {
    ($($name:ident($($slot:ident),*) $en:literal / $zh:literal;)*) => {
        $(
            pub(crate) fn $name($($slot: impl std::fmt::Display),*) -> domain::Text {
                domain::Text {
                    en: format_args!($en).to_string(),
                    zh: format_args!($zh).to_string(),
                }
            }
        )*

        #[cfg(test)]
        pub(super) const ALL: &[super::Template] = &[
            $(super::Template {
                name: stringify!($name),
                slots: &[$(stringify!($slot)),*],
                en: $en,
                zh: $zh,
            },)*
        ];
    };
}

mod authorisations;
mod bench;
mod governance;
mod models;
mod parties;
mod runs;
mod tables;
mod training;
mod trouble;

// The only globs of this crate: the lists would repeat the name of every phrase.
pub(crate) use authorisations::*;
pub(crate) use bench::*;
pub(crate) use governance::*;
pub(crate) use models::*;
pub(crate) use parties::*;
pub(crate) use runs::*;
pub(crate) use tables::*;
pub(crate) use training::*;
pub(crate) use trouble::*;

/// A phrase as it is written in the source.
#[cfg(test)]
struct Template {
    name: &'static str,
    slots: &'static [&'static str],
    en: &'static str,
    zh: &'static str,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{
        Template, authorisations, bench, governance, models, parties, runs, tables, training,
        trouble,
    };

    fn all() -> impl Iterator<Item = &'static Template> {
        [
            authorisations::ALL,
            bench::ALL,
            governance::ALL,
            models::ALL,
            parties::ALL,
            runs::ALL,
            tables::ALL,
            training::ALL,
            trouble::ALL,
        ]
        .into_iter()
        .flatten()
    }

    #[test]
    fn every_phrase_has_both_languages_and_the_same_slots_in_each() {
        for phrase in all() {
            for (language, words) in [("en", phrase.en), ("zh", phrase.zh)] {
                assert!(!words.trim().is_empty(), "{} has no {language}", phrase.name);
                for slot in phrase.slots {
                    let used = words.contains(&format!("{{{slot}}}"));
                    assert!(used, "{}: {slot} is not in the {language} sentence", phrase.name);
                }
            }
        }
    }

    #[test]
    fn the_chinese_is_chinese_and_the_english_is_not() {
        let chinese = |words: &str| words.chars().any(|char| ('一'..='龥').contains(&char));
        for phrase in all() {
            assert!(chinese(phrase.zh), "{}: {}", phrase.name, phrase.zh);
            assert!(!chinese(phrase.en), "{}: {}", phrase.name, phrase.en);
        }
    }

    #[test]
    fn no_phrase_is_written_twice() {
        let mut names = BTreeSet::new();
        for phrase in all() {
            assert!(names.insert(phrase.name), "{}", phrase.name);
        }
    }
}
