//! Anything at all as a formula of verification, and as one asked of a catalogue.

#![no_main]

use catalogue::{Catalogue, Disclosed};
use formula::{Formula, MAX_FORMULA};
use libfuzzer_sys::fuzz_target;
use time::macros::date;

fuzz_target!(|text: &str| {
    let formula: Formula = match text.parse() {
        Ok(formula) => formula,
        Err(error) => {
            assert!(text.get(error.at.clone()).is_some());
            assert_eq!(error.caret(text).lines().count(), 2);
            return;
        }
    };
    let canonical = formula.to_string();
    assert!(canonical.len() <= MAX_FORMULA);
    assert_eq!(canonical.parse::<Formula>().as_ref(), Ok(&formula));
    match Catalogue::jiangsu().typed(&formula) {
        Ok(typed) => {
            let again = typed.to_string().parse().map(|again| Catalogue::jiangsu().typed(&again));
            assert_eq!(again, Ok(Ok(typed.clone())));
            let today = date!(2026 - 03 - 02);
            if let Ok(once) = Disclosed::default().asked(typed.atoms(), &[], today) {
                let matches = typed.to_string().contains("match(");
                assert!(matches || once.asked(typed.atoms(), &[], today) == Ok(once.clone()));
            }
        }
        Err(mistake) => assert!(text.get(mistake.at.clone()).is_some()),
    }
});
