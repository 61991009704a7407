//! A page speaks one language.

use terminal::Language;

use crate::dom::read;
use crate::samples::{data_check, model_card, monitoring};

/// What is written in letters of the Latin alphabet in Chinese too.
const TERMS: [&str; 20] = [
    "AUC", "KS", "IV", "WOE", "CSI", "PSI", "ROC", "Gini", "Brier", "SHA-256", "UTF-8", "CSV", "A",
    "B", "C", "R", "uscc", "tacit", "DeLong", "ln",
];

fn is_chinese(text: &str) -> bool {
    text.chars().any(|char| ('一'..='龥').contains(&char))
}

#[test]
fn a_chinese_page_is_chinese_and_an_english_one_is_not() {
    let pages = |language| {
        [
            model_card("0").to_html(language),
            monitoring("0").to_html(language),
            data_check("0").to_html(language),
        ]
    };
    for page in pages(Language::Zh) {
        for piece in read(&page).pieces() {
            let words = piece.split(|char: char| !(char.is_ascii_alphanumeric() || char == '-'));
            let words: Vec<_> = words
                .filter(|word| word.starts_with(|it: char| it.is_ascii_alphabetic()))
                .collect();
            let terms = words.iter().all(|word| TERMS.contains(word));
            assert!(terms || is_chinese(&piece), "{piece}");
        }
    }
    for page in pages(Language::En) {
        // The one category that the card's file lists in Chinese.
        let foreign =
            read(&page).pieces().into_iter().filter(|it| is_chinese(it) && !it.contains('乙'));
        assert_eq!(foreign.collect::<Vec<_>>(), Vec::<String>::new());
    }
}

#[test]
fn both_languages_have_the_same_figures() {
    let numbers = |page: &str| {
        let cells = read(page).named("td").iter().map(|cell| cell.text()).collect::<Vec<_>>();
        let is_number = |cell: &String| {
            cell.chars().next().is_some_and(|it| it.is_ascii_digit() || it == '-')
                && !cell.contains(' ')
        };
        cells.into_iter().filter(is_number).collect::<Vec<_>>()
    };
    let card = model_card("vat_paid");
    let (english, chinese) = (card.to_html(Language::En), card.to_html(Language::Zh));
    assert!(numbers(&english).len() > 300);
    assert_eq!(numbers(&english), numbers(&chinese));
}
