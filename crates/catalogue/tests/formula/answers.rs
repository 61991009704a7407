//! What an atom is answered on a value.

use domain::{Answer, Value};
use time::macros::date;

use crate::support::{TODAY, answer, field, of_every_type, typed, typed_by};

fn number(value: f64) -> Option<Value> {
    Some(Value::Number(value))
}

fn text(value: &str) -> Option<Value> {
    Some(Value::text(value))
}

/// The answers to one question on several values.
fn check(question: &str, cases: &[(Option<Value>, Answer)]) {
    let catalogue = of_every_type();
    let formula = typed_by(&catalogue, question).unwrap_or_else(|error| panic!("{error}"));
    for (place, (value, expected)) in cases.iter().enumerate() {
        let found = answer(&formula, |_| value.clone(), TODAY);
        assert_eq!(found, *expected, "{question}, case {place}");
        let opposite = typed_by(&catalogue, &format!("not ({question})")).unwrap();
        assert_eq!(answer(&opposite, |_| value.clone(), TODAY), !*expected);
    }
}

use Answer::{No, Unknown, Yes};

#[test]
fn numbers_are_compared_exactly_and_what_is_missing_is_unknown() {
    let missing = [(None, Unknown), (number(f64::NAN), Unknown), (text("500000"), Unknown)];
    check("200.f_money >= 500000", &[(number(500_000.0), Yes), (number(499_999.99), No)]);
    check("200.f_money > 500000", &[(number(500_000.0), No), (number(500_000.01), Yes)]);
    check("200.f_money <= 500000", &[(number(500_000.0), Yes), (number(500_000.01), No)]);
    check("200.f_money < 500000", &[(number(500_000.0), No), (number(-1.0), Yes)]);
    check("200.f_money >= 500000", &missing);
    check("200.f_money > 0", &[(number(0.0), No), (number(-0.0), No), (number(0.01), Yes)]);
    check(
        "200.f_money between 100000 and 500000",
        &[
            (number(100_000.0), Yes),
            (number(500_000.0), Yes),
            (number(99_999.0), No),
            (None, Unknown),
        ],
    );
    check(
        "200.f_money within 5 % of 480000",
        &[
            (number(456_000.0), Yes),
            (number(504_000.0), Yes),
            (number(504_000.01), No),
            (None, Unknown),
        ],
    );
    check("200.f_money within 20 % of -0.5", &[(number(-0.6), Yes), (number(-0.39), No)]);
}

#[test]
fn a_yes_is_read_as_registers_write_it() {
    for yes in ["是", "1", "true", "Y", " yes ", "有"] {
        check("200.f_bool", &[(text(yes), Yes)]);
    }
    for no in ["否", "0", "False", "N"] {
        check("200.f_bool", &[(text(no), No)]);
    }
    check("200.f_bool", &[(number(1.0), Yes), (number(0.0), No)]);
    check(
        "200.f_bool",
        &[(None, Unknown), (text(""), Unknown), (text("不详"), Unknown), (number(2.0), Unknown)],
    );
}

#[test]
fn categories_are_compared_with_their_signs_and_grades_by_rank() {
    check(
        "200.f_enum in {\"A\", \"甲\"}",
        &[(text("Ａ"), Yes), (text("甲 "), Yes), (text("A+"), No)],
    );
    check("200.f_enum = \"3\"", &[(number(3.0), Yes), (number(3.5), Unknown), (text("3"), Yes)]);
    check("200.f_enum = \"A\"", &[(None, Unknown), (text("  "), Unknown), (text("a"), No)]);
    check("200.f_enum >= \"B\"", &[(text("A"), Yes), (text("B"), Yes), (text("C"), No)]);
    check("200.f_enum > \"B\"", &[(text("A"), Yes), (text("B"), No), (text("C"), No)]);
    check("200.f_enum <= \"B\"", &[(text("A"), No), (text("B"), Yes), (text("C"), Yes)]);
    check("200.f_enum < \"B\"", &[(text("A"), No), (text("B"), No), (text("C"), Yes)]);
    check("200.f_enum >= \"B\"", &[(text("未评"), Unknown), (None, Unknown)]);
    check("200.f_band = \"100-200\"", &[(text("100－200"), Yes), (text("200-300"), No)]);
}

#[test]
fn days_are_compared_with_the_calendar_and_with_today() {
    check(
        "200.f_date before 2026-01-01",
        &[
            (text("2025-12-31"), Yes),
            (text("2026-01-01"), No),
            (text("不详"), Unknown),
            (None, Unknown),
        ],
    );
    check("200.f_date after 2025-12-31", &[(text("2025-12-31"), No), (text("2026-01-01"), Yes)]);
    // 30 days before 2 March is 31 January.
    check(
        "200.f_date before today - 30 days",
        &[(text("2026-01-30"), Yes), (text("2026-01-31"), No)],
    );
    check("200.f_date after today", &[(text("2026-03-02"), No), (text("2026-03-03"), Yes)]);
    check(
        "200.f_date within 12 months",
        &[
            (text("2025-03-02"), Yes),
            (text("2025-03-01"), No),
            (text("2026-03-02"), Yes),
            (text("2026-03-03"), No),
        ],
    );
    check(
        "200.f_date before 2026-01-01",
        &[(text("2025-02-29"), Unknown), (number(2025.0), Unknown)],
    );
}

#[test]
fn months_and_years_are_whole_ones() {
    check(
        "200.f_month before today - 12 months",
        &[(text("2025-02-01"), Yes), (text("2025-03-01"), Unknown), (text("2025-04-01"), No)],
    );
    check(
        "200.f_month within 12 months",
        &[
            (text("2025-03-01"), Yes),
            (text("2025-02-01"), No),
            (text("2026-03-01"), Yes),
            (text("2026-04-01"), No),
        ],
    );
    check(
        "200.f_year before 2026-01-01",
        &[
            (number(2025.0), Yes),
            (number(2026.0), No),
            (text("2025-06-30"), Yes),
            (number(2025.5), Unknown),
        ],
    );
    check(
        "200.f_year after today - 12 months",
        &[(number(2026.0), Yes), (number(2025.0), Unknown), (number(2024.0), No)],
    );
}

#[test]
fn a_tuple_matches_when_all_its_texts_do() {
    let question = "match(27.right_holder_name = \"示例（集团）\", 27.real_estate_certificate_no = \"苏(2020)0001\")";
    let formula = typed(question);
    let of = |name: Option<&str>, number: Option<&str>| {
        let (owner, certificate) =
            (field("27.right_holder_name"), field("27.real_estate_certificate_no"));
        let value = |wanted: &domain::Field| {
            let held = if *wanted == owner { name } else { number };
            assert!(*wanted == owner || *wanted == certificate);
            held.map(Value::text)
        };
        answer(&formula, value, TODAY)
    };
    assert_eq!(of(Some("示例(集团)"), Some("苏（2020） 0001")), Yes);
    assert_eq!(of(Some("示例(集团)"), Some("苏（2020） 0002")), No);
    assert_eq!(of(Some("示例"), Some("苏(2020)0001")), No);
    assert_eq!(of(None, Some("苏(2020)0001")), Unknown);
    assert_eq!(of(Some("·"), Some("苏(2020)0001")), Unknown);
    assert_eq!(of(None, Some("苏(2020)0002")), No);
    assert_eq!(of(None, None), Unknown);
}

#[test]
fn the_ends_of_time_do_not_panic() {
    let formula = typed(
        "1.last_normal_tax_date within 60 months and 1.last_normal_tax_date after today + 60 months",
    );
    for today in [time::Date::MIN, time::Date::MAX, date!(2024 - 02 - 29)] {
        for value in ["9999-12-31", "0001-01-01", "-1-1-1", "65536-1-1", ""] {
            let _ = answer(&formula, |_| text(value), today);
        }
    }
}
