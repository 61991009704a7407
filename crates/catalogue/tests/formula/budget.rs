//! Answers are no binary search.

use catalogue::disclosure::{Limit, MAX_MATCHES};
use catalogue::{Disclosed, Overasked};
use domain::{Digest, Refusal};
use time::Duration;

use crate::support::{TODAY, field, typed};

fn ask(so_far: &Disclosed, text: &str) -> Result<Disclosed, Overasked> {
    so_far.asked(typed(text).atoms(), &[], TODAY)
}

fn asked(texts: &[&str]) -> Disclosed {
    texts.iter().fold(Disclosed::default(), |so_far, text| ask(&so_far, text).unwrap())
}

fn limit(so_far: &Disclosed, text: &str) -> Limit {
    ask(so_far, text).unwrap_err().limit
}

const FIVE: [&str; 5] = [
    "1.vat_paid_12m_cny >= 50000",
    "1.vat_paid_12m_cny >= 100000",
    "1.vat_paid_12m_cny < 500000",
    "1.vat_paid_12m_cny > 1000000",
    "not 1.vat_paid_12m_cny <= 3000000",
];

#[test]
fn the_sixth_threshold_of_a_field_is_refused_and_a_repetition_is_free() {
    let five = asked(&FIVE);
    let refused = ask(&five, "1.vat_paid_12m_cny >= 10000000").unwrap_err();
    assert_eq!(refused.refusal(), Refusal::QueryBudget);
    assert_eq!(refused.field, Some(field("1.vat_paid_12m_cny")));
    assert_eq!(refused.limit, Limit::Thresholds);
    for text in FIVE {
        assert_eq!(ask(&five, text).unwrap(), five, "{text}");
    }
    // The opposite question is the same threshold, and another field has its own.
    assert_eq!(ask(&five, "1.vat_paid_12m_cny < 50000").unwrap(), five);
    assert!(ask(&five, "1.vat_payable_12m_cny >= 10000000").is_ok());
    // Five in one formula, six in one formula.
    assert!(ask(&Disclosed::default(), &FIVE.join(" and ")).is_ok());
    let six = format!("{} or 1.vat_paid_12m_cny >= 10000000", FIVE.join(" or "));
    assert_eq!(limit(&Disclosed::default(), &six), Limit::Thresholds);
}

#[test]
fn what_is_refused_was_not_asked() {
    let four = asked(&FIVE[..4]);
    let both = "1.vat_payable_12m_cny >= 500000 and 1.vat_paid_12m_cny between 0 and 10000000";
    assert_eq!(limit(&four, both), Limit::Thresholds);
    // The other field of the refused formula still has all its questions.
    let payable = FIVE.map(|text| text.replace("paid", "payable"));
    payable.iter().fold(four, |so_far, text| ask(&so_far, text).unwrap());
}

#[test]
fn no_cell_becomes_narrower_than_a_quarter_of_its_greater_end() {
    let months = |texts: &[&str]| asked(texts);
    let nine = months(&["1.consecutive_normal_tax_months >= 9"]);
    assert!(ask(&nine, "1.consecutive_normal_tax_months >= 12").is_ok());
    let heads = asked(&["10.insured_count >= 200"]);
    assert!(ask(&heads, "10.insured_count >= 300").is_ok());
    let rate = asked(&["13.contribution_rate >= 90"]);
    assert_eq!(limit(&rate, "13.contribution_rate >= 100"), Limit::Cell);
    assert_eq!(limit(&rate, "13.contribution_rate >= 75"), Limit::Cell);
    assert!(ask(&rate, "13.contribution_rate >= 50").is_ok());
    // Two signs at one threshold would tell whether the value is that very number.
    let at = asked(&["1.vat_paid_12m_cny >= 500000"]);
    assert_eq!(limit(&at, "1.vat_paid_12m_cny > 500000"), Limit::Cell);
    assert_eq!(limit(&at, "1.vat_paid_12m_cny <= 500000"), Limit::Cell);
    assert_eq!(
        limit(&Disclosed::default(), "2.tax_arrears_cny >= 0 and not 2.tax_arrears_cny > 0"),
        Limit::Cell
    );
    assert_eq!(
        limit(&Disclosed::default(), "1.vat_paid_12m_cny between 500000 and 500000"),
        Limit::Cell
    );
}

#[test]
fn one_declared_value_a_field_and_nothing_within_its_band() {
    let declared = asked(&["1.vat_paid_12m_cny within 5 % of 480000"]);
    assert_eq!(ask(&declared, "1.vat_paid_12m_cny within 5 % of 480,000.00").unwrap(), declared);
    for other in ["5 % of 480001", "10 % of 480000", "5 % of 100"] {
        assert_eq!(
            limit(&declared, &format!("1.vat_paid_12m_cny within {other}")),
            Limit::Declared
        );
    }
    assert_eq!(limit(&declared, "1.vat_paid_12m_cny >= 500000"), Limit::Cell);
    assert!(
        ask(&declared, "1.vat_paid_12m_cny >= 1000000 and 1.vat_paid_12m_cny >= 100000").is_ok()
    );
    let near = asked(&["1.vat_paid_12m_cny >= 500000"]);
    assert_eq!(limit(&near, "1.vat_paid_12m_cny within 5 % of 480000"), Limit::Cell);
    // No cut fits into the widest band either.
    let wide = asked(&["1.vat_paid_12m_cny within 20 % of 500000"]);
    assert_eq!(limit(&wide, "1.vat_paid_12m_cny >= 500000"), Limit::Cell);
    // A field has three thresholds left beside the band's two.
    let five = ask(&declared, "1.vat_paid_12m_cny >= 1000000 and 1.vat_paid_12m_cny >= 100000");
    let five = ask(&five.unwrap(), "1.vat_paid_12m_cny >= 3000000").unwrap();
    assert_eq!(limit(&five, "1.vat_paid_12m_cny >= 10000000"), Limit::Thresholds);
}

#[test]
fn a_sealed_number_is_the_only_question_about_its_field() {
    let [one, two] = [1, 2].map(|byte| Digest::from_bytes([byte; 32]));
    let sealed = typed("1.vat_paid_12m_cny >= sealed");
    let clear = typed("1.vat_paid_12m_cny >= 500000");
    let none = Disclosed::default();
    let after = none.asked(sealed.atoms(), &[one], TODAY).unwrap();
    assert_eq!(after.asked(sealed.atoms(), &[one], TODAY).unwrap(), after);
    for (atoms, came) in [(&sealed, two), (&clear, one)] {
        assert_eq!(after.asked(atoms.atoms(), &[came], TODAY).unwrap_err().limit, Limit::Sealed);
    }
    // `<` is the opposite of `>=`; `>` beside it would tell whether the value is the number.
    let below = typed("1.vat_paid_12m_cny < sealed");
    assert_eq!(after.asked(below.atoms(), &[one], TODAY).unwrap(), after);
    for other in ["> sealed", "<= sealed", "within 5 % of sealed"] {
        let other = typed(&format!("1.vat_paid_12m_cny {other}"));
        assert_eq!(after.asked(other.atoms(), &[one], TODAY).unwrap_err().limit, Limit::Sealed);
    }
    let before = none.asked(clear.atoms(), &[], TODAY).unwrap();
    assert_eq!(before.asked(sealed.atoms(), &[one], TODAY).unwrap_err().limit, Limit::Sealed);
    let twice = typed("1.vat_paid_12m_cny >= sealed and 1.vat_paid_12m_cny < sealed");
    assert_eq!(none.asked(twice.atoms(), &[one, two], TODAY).unwrap_err().limit, Limit::Sealed);
    assert_eq!(none.asked(sealed.atoms(), &[], TODAY).unwrap_err().limit, Limit::Sealed);
    // Each field may have one.
    let both = typed("1.vat_paid_12m_cny >= sealed and 10.insured_count within 5 % of sealed");
    assert!(none.asked(both.atoms(), &[one, two], TODAY).is_ok());
}

#[test]
fn what_moves_with_today_is_another_threshold_tomorrow() {
    let formula = typed("1.last_normal_tax_date within 12 months");
    let on =
        |so_far: &Disclosed, days| so_far.asked(formula.atoms(), &[], TODAY + Duration::days(days));
    let first = on(&Disclosed::default(), 0).unwrap();
    assert_eq!(on(&first, 0).unwrap(), first);
    for days in [1, 7, 30, 89] {
        assert_eq!(on(&first, days).unwrap_err().limit, Limit::Cell, "{days}");
    }
    // One shares today with the other: three thresholds in all.
    let more = ask(&first, "1.last_normal_tax_date within 3 months").unwrap();
    let five = ask(&more, "1.last_normal_tax_date before 2024-01-01").unwrap();
    let five = ask(&five, "1.last_normal_tax_date before today - 60 months").unwrap();
    assert_eq!(limit(&five, "1.last_normal_tax_date after today + 60 months"), Limit::Thresholds);
}

#[test]
fn categories_count_by_set_and_a_yes_or_no_is_told_once() {
    let sets = ["\"A\"", "\"B\"", "\"C\"", "\"D\"", "\"E\""];
    let texts = sets.map(|set| format!("16.evaluation_grade = {set}"));
    let five = asked(&texts.each_ref().map(String::as_str));
    assert_eq!(ask(&five, "16.evaluation_grade = \"C\"").unwrap(), five);
    assert_eq!(limit(&five, "16.evaluation_grade in {\"C\", \"D\"}"), Limit::Thresholds);
    // `>= "B"` and `in {"A", "B"}` are one question.
    let grade = asked(&["4.tax_credit_grade >= \"B\""]);
    assert_eq!(ask(&grade, "4.tax_credit_grade in {\"B\", \"A\"}").unwrap(), grade);
    assert_eq!(asked(&["2.in_arrears_now and not 2.in_arrears_now"]), Disclosed::default());
}

#[test]
fn matches_are_counted_for_the_subject_whatever_they_supply() {
    let matched = |i: u8, class: u8| {
        let name = if class == 27 { "right_holder_name" } else { "enterprise_name" };
        let number = if class == 27 { "real_estate_certificate_no" } else { "uscc" };
        format!("match({class}.{name} = \"示例\", {class}.{number} = \"{}\")", i / 2)
    };
    let texts: Vec<String> =
        (0..MAX_MATCHES).map(|i| matched(i, if i % 2 == 0 { 27 } else { 1 })).collect();
    let ten = asked(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    let refused = ask(&ten, &matched(0, 27)).unwrap_err();
    assert_eq!((refused.limit, refused.field.clone()), (Limit::Matches, None));
    assert!(ask(&ten, "1.vat_paid_12m_cny >= 500000").is_ok());
    // What is kept says nothing about what was supplied.
    assert_eq!(serde_json::to_string(&ten).unwrap(), "{\"matches\":10}");
}

#[test]
fn what_is_kept_is_read_back_and_nothing_else_is() {
    let one = Digest::from_bytes([1; 32]);
    let formula = typed(
        "1.vat_paid_12m_cny within 5 % of 480000 and 4.tax_credit_grade >= \"B\" and \
         10.insured_count > 10 and 1.cit_paid_12m_cny >= sealed and 1.last_normal_tax_date before today",
    );
    let kept = Disclosed::default().asked(formula.atoms(), &[one], TODAY).unwrap();
    let json = serde_json::to_string(&kept).unwrap();
    assert_eq!(serde_json::from_str::<Disclosed>(&json).unwrap(), kept);
    for bad in
        ["{\"matches\":-1}", "{\"more\":1}", "{\"fields\":{\"1.a\":{\"sealed\":\"x\"}}}", "7"]
    {
        assert!(serde_json::from_str::<Disclosed>(bad).is_err(), "{bad}");
    }
    // Even what somebody else wrote is ruled on without overflow.
    let odd = "{\"fields\":{\"10.insured_count\":{\"thresholds\":{\"cuts\":[{\"at\":-9223372036854775808},\
               {\"at\":9223372036854775807,\"above\":true}]}}}}";
    assert!(ask(&serde_json::from_str(odd).unwrap(), "10.insured_count >= 10").is_ok());
}
