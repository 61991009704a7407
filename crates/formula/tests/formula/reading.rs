//! What texts mean.

use domain::Answer;
use formula::{Atom, Formula, MAX_ATOMS, MAX_CLAIMS, MAX_DEPTH, MAX_FORMULA, Problem, Rule, Test};

fn canonical(text: &str) -> String {
    text.parse::<Formula>().unwrap_or_else(|error| panic!("{text}: {error}")).to_string()
}

fn rule(text: &str) -> Rule {
    match text.parse::<Formula>().unwrap_err().what {
        Problem::Rule(rule) => rule,
        other => panic!("{other:?}"),
    }
}

#[test]
fn not_binds_closer_than_and_and_and_closer_than_or() {
    for (text, grouped) in [
        ("a or b and c", "a or (b and c)"),
        ("a and b or c", "(a and b) or c"),
        ("a or b and c or d", "a or (b and c) or d"),
        ("not a and b", "(not a) and b"),
        ("not a or b", "(not a) or b"),
        ("not not a and b", "(not (not a)) and b"),
        ("a and not b or c", "(a and (not b)) or c"),
        ("not at least 1 of (a, b) and c", "(not at least 1 of (a, b)) and c"),
        ("a between 1 and 2 and b", "(a between 1 and 2) and b"),
        ("a >= 1 and b", "(a >= 1) and b"),
    ] {
        assert_eq!(text.parse::<Formula>(), grouped.parse::<Formula>(), "{text}");
        assert_eq!(canonical(text), text);
    }
    for (text, other) in [
        ("(a or b) and c", "a or b and c"),
        ("a and (b or c)", "a and b or c"),
        ("not (a and b)", "not a and b"),
        ("(a and b) and c", "a and b and c"),
        ("a or (b or c)", "a or b or c"),
    ] {
        assert_ne!(text.parse::<Formula>(), other.parse::<Formula>(), "{text}");
        assert_eq!(canonical(text), text);
    }
}

#[test]
fn every_test_has_one_spelling() {
    for (text, one) in [
        ("1.vat_paid_12m_cny>=500_000", "1.vat_paid_12m_cny >= 500000"),
        ("1.vat_paid_12m_cny >= 1,500,000.50", "1.vat_paid_12m_cny >= 1500000.5"),
        ("x < -0", "x < 0"),
        ("x <= - 12.25", "x <= -12.25"),
        ("x > 007", "x > 7"),
        ("x between 1 and 1", "x between 1 and 1"),
        ("g in{\"B\",\"A\"}", "g in {\"A\", \"B\"}"),
        ("g in {\"A\"}", "g = \"A\""),
        ("g >= \"B\"", "g >= \"B\""),
        ("g = \"a \\\"q\\\" \\\\\"", "g = \"a \\\"q\\\" \\\\\""),
        ("d before 2026-01-01", "d before 2026-01-01"),
        ("d after today", "d after today"),
        ("d before today-30 day", "d before today - 30 days"),
        ("d after today + 6 month", "d after today + 6 months"),
        ("d within 12 months", "d within 12 months"),
        ("x within 5% of 480,000", "x within 5 % of 480000"),
        ("x within 5 % of sealed", "x within 5 % of sealed"),
        ("x within 5 %of claimed", "x within 5 % of claimed"),
        ("match(a=claimed,b=\"1\")", "match(a = claimed, b = \"1\")"),
        ("x >= sealed", "x >= sealed"),
        (
            "match(27.owner_name=\"示例\",27.certificate_no=\"苏1\")",
            "match(27.owner_name = \"示例\", 27.certificate_no = \"苏1\")",
        ),
        ("at least 2 of (a,b , c)", "at least 2 of (a, b, c)"),
        ("at least 1 of (a >= 1,000, b)", "at least 1 of (a >= 1000, b)"),
        ("at least 1 of (a >= 1, 100.b)", "at least 1 of (a >= 1, 100.b)"),
        ("\n  ((a))\tand\r\n b ", "a and b"),
    ] {
        assert_eq!(canonical(text), one, "{text}");
        assert_eq!(canonical(one), one);
    }
}

#[test]
fn sealed_numbers_are_numbered_in_the_order_of_the_text() {
    let text = "a >= sealed and at least 1 of (b < sealed, c within 5 % of sealed)";
    let formula: Formula = text.parse().unwrap();
    let slots: Vec<String> = formula
        .atoms()
        .into_iter()
        .map(|atom| match atom {
            Atom::Test { test: Test::Compare(_, bound), .. } => format!("{:?}", bound.part),
            Atom::Test { test: Test::Near { declared, .. }, .. } => format!("{:?}", declared.part),
            Atom::Test { .. } | Atom::Match { .. } => panic!("{atom:?}"),
        })
        .collect();
    assert_eq!(slots, ["Sealed(0)", "Sealed(1)", "Sealed(2)"]);
    assert_eq!(formula.to_string(), text);
}

#[test]
fn the_bounds_are_kept_exactly() {
    let many = |count| vec!["a"; count].join(" and ");
    assert_eq!(many(MAX_ATOMS).parse::<Formula>().unwrap().atoms().len(), MAX_ATOMS);
    assert_eq!(rule(&many(MAX_ATOMS + 1)), Rule::TooMany);
    // Clear and withheld ones count alike, so that what is withheld can be read again.
    for supplied in ["claimed", "\"1\""] {
        let parts = |count: usize| {
            let parts: Vec<String> = (0..count).map(|at| format!("a{at} = {supplied}")).collect();
            format!("match({})", parts.join(", "))
        };
        let most: Formula = parts(MAX_CLAIMS).parse().unwrap();
        assert_eq!(most.withheld().unwrap().0.placeholders().len(), MAX_CLAIMS);
        assert_eq!(rule(&parts(MAX_CLAIMS + 1)), Rule::TooManyClaims);
    }

    let nots = |count| format!("{}a", "not ".repeat(count));
    let parentheses = |count| format!("{}a{}", "(".repeat(count), ")".repeat(count));
    assert!(nots(MAX_DEPTH).parse::<Formula>().is_ok());
    assert!(parentheses(MAX_DEPTH).parse::<Formula>().is_ok());
    assert_eq!(rule(&nots(MAX_DEPTH + 1)), Rule::TooDeep);
    assert_eq!(rule(&parentheses(MAX_DEPTH + 1)), Rule::TooDeep);
    assert_eq!(rule(&"(".repeat(MAX_FORMULA)), Rule::TooDeep);
    assert_eq!(rule(&"not ".repeat(MAX_FORMULA / 4)), Rule::TooDeep);

    let padded = |length: usize| format!("a{}", " ".repeat(length - 1));
    assert!(padded(MAX_FORMULA).parse::<Formula>().is_ok());
    assert_eq!(rule(&padded(MAX_FORMULA + 1)), Rule::TooLong);
    // Short enough as written, too long once it has its spaces.
    let set: Vec<String> = (0..660).map(|i| format!("\"{i:03}\"")).collect();
    let tight = format!("a in{{{}}}", set.join(","));
    assert!(tight.len() <= MAX_FORMULA);
    assert_eq!(rule(&tight), Rule::TooLong);
}

#[test]
fn a_combination_is_answered_from_its_atoms() {
    let formula: Formula = "a and not b or at least 2 of (c, d, e)".parse().unwrap();
    let answer = |answers: [Answer; 5]| {
        let mut given = answers.into_iter();
        formula.answer(&mut |_| given.next().unwrap())
    };
    use Answer::{No, Unknown, Yes};
    assert_eq!(answer([Yes, No, No, No, No]), Yes);
    assert_eq!(answer([Yes, Unknown, No, No, Unknown]), Unknown);
    assert_eq!(answer([No, Unknown, No, No, Unknown]), No);
    assert_eq!(answer([Unknown, Unknown, Yes, Unknown, Yes]), Yes);
}

#[test]
fn what_is_supplied_for_a_match_is_not_printed_by_debug() {
    let formula: Formula = "match(a = \"示例人\", b = \"1\")".parse().unwrap();
    assert!(!format!("{formula:?}").contains("示例人"));
    assert!(formula.to_string().contains("示例人"));
}
