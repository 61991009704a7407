//! Whatever a peer sends is a formula within its bounds or an error within the text.

use formula::{Formula, MAX_ATOMS, MAX_DEPTH, MAX_FORMULA, Node};
use proptest::prelude::{ProptestConfig, Strategy, any, proptest};

const SOUND: &str = "1.vat_paid_12m_cny >= 500,000 and not 2.in_arrears_now or at least 2 of \
    (10.insured_count >= sealed, 16.evaluation_grade in {\"A\", \"甲\"}, 4.tax_credit_grade >= \"B\", \
    1.last_normal_tax_date within 12 months, 4.rating_year before today - 30 days) and \
    match(27.owner_name = \"示例（集团）\", 27.certificate_no = \"苏1\") and x within 5 % of 480_000.5";

/// What the words and signs of the language make in any order.
const PIECES: &[&str] = &[
    "a",
    "1.b",
    "and",
    "or",
    "not",
    "(",
    ")",
    "at least",
    "2",
    "of",
    ",",
    ">=",
    "<",
    "=",
    "sealed",
    "claimed",
    "\"甲\"",
    "\"",
    "in",
    "{",
    "}",
    "within",
    "months",
    "%",
    "before",
    "2026-01-01",
    "today",
    "-",
    "match",
    "between",
    "1,000",
    "1_0",
    ".",
    "5.5",
    "（",
    "税",
    "\\",
    "\u{0}",
    "9.",
    "\n",
];

fn depth(formula: &Formula) -> usize {
    match formula.node() {
        Node::And(of) | Node::Or(of) => of.iter().map(depth).max().unwrap_or(0),
        Node::AtLeast { of, .. } => 1 + of.iter().map(depth).max().unwrap_or(0),
        Node::Not(of) => 1 + depth(of),
        Node::Atom(_) => 0,
    }
}

fn sound_or_refused(text: &str) {
    match text.parse::<Formula>() {
        Ok(formula) => {
            let printed = formula.to_string();
            assert!(text.len() <= MAX_FORMULA && printed.len() <= MAX_FORMULA);
            assert!(formula.atoms().len() <= MAX_ATOMS && depth(&formula) <= MAX_DEPTH);
            assert_eq!(printed.parse::<Formula>().as_ref(), Ok(&formula), "{text}");
        }
        Err(error) => {
            assert!(error.at.start <= error.at.end && error.at.end <= text.len(), "{text}");
            assert!(text.get(error.at.clone()).is_some(), "{text}");
            let shown = error.caret(text);
            assert!(shown.lines().count() == 2 && shown.len() < 1000, "{shown}");
            assert!(!shown.chars().any(|letter| letter.is_control() && letter != '\n'));
            assert!(error.en().len() < 300 && error.zh().len() < 400);
        }
    }
}

fn mutated() -> impl Strategy<Value = String> {
    let places = (0..SOUND.len(), 0..40_usize, "[ -~\\n税务（，“\u{0}\u{1b}]{0,12}");
    places.prop_map(|(at, length, put)| {
        let floor = |at: usize| (0..=at).rev().find(|at| SOUND.is_char_boundary(*at)).unwrap();
        let (at, end) = (floor(at), floor((at + length).min(SOUND.len())));
        format!("{}{put}{}", &SOUND[..at], &SOUND[end.max(at)..])
    })
}

#[test]
fn the_sound_text_is_sound() {
    assert!(SOUND.parse::<Formula>().is_ok(), "{:?}", SOUND.parse::<Formula>());
}

#[test]
fn every_beginning_of_a_text_is_sound_or_refused() {
    for (at, _) in SOUND.char_indices() {
        sound_or_refused(&SOUND[..at]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn noise_never_panics(text in "\\PC{0,80}") {
        sound_or_refused(&text);
    }

    #[test]
    fn bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        sound_or_refused(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn mutated_text_never_panics(text in mutated()) {
        sound_or_refused(&text);
    }

    #[test]
    fn pieces_in_any_order_never_panic(
        pieces in proptest::collection::vec(0..PIECES.len(), 0..60),
        spaced in any::<bool>(),
    ) {
        let pieces: Vec<&str> = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        sound_or_refused(&pieces.join(if spaced { " " } else { "" }));
    }
}
