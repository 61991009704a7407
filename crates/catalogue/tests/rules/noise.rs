//! Documents that anybody might hand in never panic.

use crate::support::{DOCUMENT, overlay};
use catalogue::{Catalogue, Profile};
use proptest::prelude::*;

const PROFILE: &str = include_str!("../../data/profiles/nanjing.toml");

/// A text with one stretch of it, anywhere, replaced.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let places = (0..text.len(), 0..40usize, "[ -~\\n纳公\u{0}]{0,12}");
    places.prop_map(move |(at, length, put)| {
        let at = floor(text, at);
        let end = floor(text, (at + length).min(text.len())).max(at);
        format!("{}{put}{}", &text[..at], &text[end..])
    })
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutated_catalogues_load_soundly_or_not_at_all(text in mutated(DOCUMENT)) {
        if let Ok(catalogue) = Catalogue::from_toml(&text) {
            prop_assert_eq!(catalogue.report().classes, 37);
        }
    }

    #[test]
    fn mutated_profiles_load_soundly_or_not_at_all(text in mutated(PROFILE)) {
        if let Ok(profile) = Profile::from_toml(&text) {
            for case in catalogue::Case::ALL {
                prop_assert!(case.possible().contains(&profile.effect(*case)));
            }
        }
    }

    #[test]
    fn noise_is_no_document(noise in "\\PC{0,200}") {
        prop_assert!(Catalogue::from_toml(&noise).is_err());
        prop_assert!(Profile::from_toml(&noise).is_err());
        let _ = Catalogue::jiangsu().overlaid(&noise);
        let _ = Catalogue::jiangsu().overlaid(&overlay(&noise));
    }
}

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("a = {}{}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(Catalogue::from_toml(&deep).is_err());
    assert!(Profile::from_toml(&deep[..60_000]).is_err());
}
