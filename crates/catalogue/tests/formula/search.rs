//! Whatever is asked, in whatever order: rulings tell nothing, and what is learned stays wide.

use std::sync::LazyLock;

use catalogue::disclosure::MAX_THRESHOLDS;
use catalogue::{Catalogue, Disclosed, TypedFormula};
use domain::{Answer, Value};
use proptest::collection::vec;
use proptest::prelude::{
    ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use time::{Date, Duration};

use crate::support::{TODAY, answer, field, typed_by};

/// A catalogue whose grid of one number is so even that its upper cells are narrow.
fn city() -> &'static Catalogue {
    static LOADED: LazyLock<Catalogue> = LazyLock::new(|| {
        let grid: Vec<String> = (1..=10).map(|i| (i * 40_000).to_string()).collect();
        let overlay = format!(
            "schema = 1\noverlay = \"city-2026\"\nbase = \"jiangsu-2022\"\n\
             document = \"市清单\"\nissued = 2026-01-05\n[[change]]\n\
             field = \"1.vat_paid_12m_cny\"\ngrid = [{}]\n",
            grid.join(", ")
        );
        Catalogue::jiangsu().overlaid(&overlay).unwrap()
    });
    &LOADED
}

fn grid() -> Vec<String> {
    let (_, entry) = city().lookup(&field("1.vat_paid_12m_cny")).unwrap();
    entry.grid().iter().map(ToString::to_string).collect()
}

fn typed(text: &str) -> TypedFormula {
    typed_by(city(), text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Questions of every kind about one number and one day.
fn question() -> impl Strategy<Value = String> {
    let on = proptest::sample::select(grid());
    let sign = proptest::sample::select(vec![">=", ">", "<=", "<"]);
    let months = proptest::sample::select(vec![1, 3, 6, 12, 24, 36, 60]);
    prop_oneof![
        4 => (sign, on.clone()).prop_map(|(sign, at)| format!("1.vat_paid_12m_cny {sign} {at}")),
        1 => (on.clone(), on).prop_filter_map("an interval", |(low, high)| {
            let text = format!("1.vat_paid_12m_cny between {low} and {high}");
            text.parse::<formula::Formula>().is_ok().then_some(text)
        }),
        1 => (1..20_u32, proptest::sample::select(vec![5, 10, 20])).prop_map(|(tens, percent)| {
            format!("1.vat_paid_12m_cny within {percent} % of {}", tens * 30_000)
        }),
        1 => months.prop_map(|count| format!("1.last_normal_tax_date within {count} months")),
        1 => (2020..2028_u16).prop_map(|year| format!("1.last_normal_tax_date before {year}-01-01")),
    ]
}

/// The yuan that agree with an answer, of those that agreed with all before.
fn consistent(candidates: &mut Vec<u32>, formula: &TypedFormula, told: Answer) {
    candidates
        .retain(|yuan| answer(formula, |_| Some(Value::Number((*yuan).into())), TODAY) == told);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_ruling_is_the_same_whatever_the_value(
        questions in vec((question(), 0..5_i64), 1..25),
        values in (any::<f64>(), 0..4_000_000_u32),
    ) {
        // Two registers with different values answer the same questions side by side.
        let registers = [Value::Number(values.0), Value::Number(values.1.into())];
        let mut disclosed = registers.clone().map(|_| Disclosed::default());
        for (text, later) in questions {
            let formula = typed(&text);
            let today: Date = TODAY + Duration::days(later);
            let rulings = [0, 1].map(|place| {
                let ruling = disclosed[place].asked(formula.atoms(), &[], today);
                if let Ok(after) = &ruling {
                    disclosed[place] = after.clone();
                    let _ = answer(&formula, |_| Some(registers[place].clone()), today);
                }
                ruling
            });
            prop_assert_eq!(&rulings[0], &rulings[1]);
            let kept = [0, 1].map(|place| serde_json::to_string(&disclosed[place]).unwrap());
            prop_assert_eq!(&kept[0], &kept[1]);
        }
    }

    #[test]
    fn what_may_be_asked_may_be_asked_in_any_order_and_at_once(
        questions in vec(question(), 2..6),
    ) {
        let none = Disclosed::default();
        let ask = |mut texts: Vec<&String>, back: bool| {
            if back {
                texts.reverse();
            }
            texts.into_iter().try_fold(none.clone(), |so_far, text| {
                so_far.asked(typed(text).atoms(), &[], TODAY).ok()
            })
        };
        let forth = ask(questions.iter().collect(), false);
        prop_assert_eq!(&forth, &ask(questions.iter().collect(), true));
        let at_once = typed(&questions.join(" and "));
        prop_assert_eq!(forth, none.asked(at_once.atoms(), &[], TODAY).ok());
    }

    #[test]
    fn the_most_that_a_lender_learns_is_a_wide_cell(
        value in 0..600_000_u32,
        questions in vec(question(), 1..40),
    ) {
        // Steps of 1,000 yuan, far beyond every threshold, and the value itself.
        let mut candidates: Vec<u32> = (0..=2_000).map(|step| step * 1_000).collect();
        candidates.push(value);
        let mut disclosed = Disclosed::default();
        let mut confirmed = false;
        let mut thresholds = 0;
        for text in questions.iter().filter(|text| text.contains("vat_paid")) {
            let formula = typed(text);
            let Ok(after) = disclosed.asked(formula.atoms(), &[], TODAY) else { continue };
            thresholds += usize::from(after != disclosed && !text.contains('%'));
            disclosed = after;
            let told = answer(&formula, |_| Some(Value::Number(value.into())), TODAY);
            confirmed |= text.contains('%') && told == Answer::Yes;
            consistent(&mut candidates, &formula, told);
        }
        prop_assert!(thresholds <= MAX_THRESHOLDS);
        let (low, high) = (candidates.iter().min().unwrap(), candidates.iter().max().unwrap());
        prop_assert!(candidates.contains(&value));
        // Confirming what was declared is the one answer that tells more: its band and no less, which
        // at 5 % is more than a twelfth of its greater end.
        let slack = 2 * 1_000;
        let parts = if confirmed { 12 } else { 4 };
        prop_assert!(
            parts * (high - low + slack) >= *high,
            "{low} to {high} by {questions:?}"
        );
    }
}

#[test]
fn without_the_rules_the_same_questions_find_the_value() {
    // The test of the test: ten thresholds of an even grid, no rule on cells, and a sixth is left.
    let mut candidates: Vec<u32> = (0..=400).map(|step| step * 1_000).collect();
    for at in grid() {
        let formula = typed(&format!("1.vat_paid_12m_cny >= {at}"));
        consistent(&mut candidates, &formula, (217_000 >= at.parse::<u32>().unwrap()).into());
    }
    let (low, high) = (candidates.iter().min().unwrap(), candidates.iter().max().unwrap());
    assert_eq!((*low, *high), (200_000, 239_000));
    assert!(4 * (high - low) < *high);
}
