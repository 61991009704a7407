//! What is wrong is shown at its place; what is right is resolved.

use catalogue::formula::{Asking, Mistyped};
use catalogue::{Catalogue, Gate};
use formula::Comparison;

use crate::support::{field, mistake, typed, typed_by};

/// A text, what its mistake is about, and how the sentence begins.
const CASES: &[(&str, &str, &str)] = &[
    ("1.vat_paid >= 5", "1.vat_paid", "the catalogue lists no such field"),
    ("999.a and 2.in_arrears_now", "999.a", "the catalogue lists no such field"),
    ("nothing", "nothing", "the catalogue lists no such field"),
    ("not in_arrears_now", "in_arrears_now", "several classes have this field: name one of 2, 11,"),
    (
        "1.vat_paid_12m_cny >= 499999",
        "499999",
        "this threshold is not on the field's grid; nearest: 100000 and 500000",
    ),
    ("1.vat_paid_12m_cny > -1", "-1", "this threshold is not on the field's grid; nearest: 0"),
    (
        "1.vat_paid_12m_cny between 500000 and 600_000",
        "600_000",
        "this threshold is not on the field's grid; nearest: 500000 and 1000000",
    ),
    ("19.nothing", "19.nothing", "the catalogue lists no such field"),
    (
        "10.insured_count >= 11",
        "11",
        "this threshold is not on the field's grid; nearest: 10 and 20",
    ),
    (
        "1.consecutive_normal_tax_months >= 13",
        "13",
        "this threshold is not on the field's grid; nearest: 12 and 18",
    ),
    (
        "21.award_amount_10k_cny >= 500000",
        "500000",
        "this threshold is not on the field's grid; nearest: 10000",
    ),
    (
        "1.last_normal_tax_date before 2026-01-02",
        "2026-01-02",
        "this threshold is not on the field's grid; nearest: 2026-01-01 and 2027-01-01",
    ),
    (
        "1.last_normal_tax_date before today - 31 days",
        "today - 31 days",
        "this threshold is not on the field's grid; nearest: today - 30 days and today - 90 days",
    ),
    (
        "1.last_normal_tax_date within 13 months",
        "13",
        "this threshold is not on the field's grid; nearest: 12 and 24",
    ),
    ("1.vat_paid_12m_cny within 6 % of 480000", "6", "a tolerance is 5, 10 or 20 percent"),
    (
        "16.evaluation_grade >= \"B\"",
        "\"B\"",
        "the catalogue does not rank this field's categories; ask with = or in",
    ),
    (
        "4.tax_credit_grade >= \"E\"",
        "\"E\"",
        "the grades of this field are, the best first, A, B, M, C, D",
    ),
    (
        "2.in_arrears_now >= sealed",
        "sealed",
        "only a number can be sealed, and this field holds yes or no",
    ),
    (
        "1.enterprise_name = \"示例\"",
        "1.enterprise_name = \"示例\"",
        "a field that holds a name is not asked \"equals\"; it is asked the full tuple matches",
    ),
    ("5.notice_detail", "5.notice_detail", "a field that holds free text is not asked about"),
    (
        "match(27.real_estate_certificate_no = \"1\")",
        "match(27.real_estate_certificate_no = \"1\")",
        "a match takes two or more fields of one class",
    ),
    (
        "match(1.enterprise_name = \"示\", 2.enterprise_name = \"示\")",
        "match(1.enterprise_name = \"示\", 2.enterprise_name = \"示\")",
        "a match takes two or more fields of one class",
    ),
    (
        "match(1.uscc = \"1\", 1.enterprise_name = \"（）\")",
        "\"（）\"",
        "the text has no letter and no digit to compare",
    ),
    (
        "match(27.real_estate_certificate_no = \"1\", 27.right_holder_name = \"2\", real_estate_certificate_no = \"3\")",
        "real_estate_certificate_no",
        "27.real_estate_certificate_no stands in this match already",
    ),
];

#[test]
fn every_mistake_is_shown_at_its_place() {
    for (text, place, sentence) in CASES {
        // Fields that this catalogue may name otherwise are not what is tested here.
        let mistake = mistake(text);
        assert_eq!(&text[mistake.at.clone()], *place, "{text}: {mistake}");
        assert!(mistake.en().starts_with(sentence), "{text}: {}", mistake.en());
        assert!(!mistake.zh().is_ascii(), "{text}: {}", mistake.zh());
        let shown = mistake.caret(text);
        let (line, carets) = shown.split_once('\n').unwrap();
        assert!(line.contains(place) || line.contains('…'), "{shown}");
        assert!(carets.trim_start().chars().all(|letter| letter == '^'), "{shown}");
    }
}

#[test]
fn a_name_alone_is_enough_when_one_class_has_it() {
    let formula =
        typed("vat_paid_12m_cny >= 500_000 and (not 2.in_arrears_now or insured_count >= 10)");
    let full = "1.vat_paid_12m_cny >= 500000 and (not 2.in_arrears_now or 10.insured_count >= 10)";
    assert_eq!(formula.to_string(), full);
    assert_eq!(typed(full), formula);
    assert_eq!(typed(full).hash(), formula.hash());
    assert_ne!(typed("2.in_arrears_now").hash(), formula.hash());
    let fields = ["1.vat_paid_12m_cny", "2.in_arrears_now", "10.insured_count"];
    assert_eq!(formula.fields(), fields.map(field));
}

#[test]
fn the_same_question_is_one_atom_and_negations_stand_at_atoms() {
    let formula = typed(
        "not (2.in_arrears_now and at least 2 of (10.insured_count >= 10, 3.is_abnormal_taxpayer, \
         not 2.in_arrears_now)) or 10.insured_count>=10",
    );
    assert_eq!(formula.atoms().len(), 3);
    let atom = |index, negated| Gate::Atom { index, negated };
    let two = Gate::AtLeast { k: 2, of: vec![atom(1, true), atom(2, true), atom(0, false)] };
    let not = Gate::AtLeast { k: 1, of: vec![atom(0, true), two] };
    assert_eq!(*formula.gate(), Gate::AtLeast { k: 1, of: vec![not, atom(1, false)] });
    // Nobody but the lender knows whether two sealed numbers are the same.
    let sealed = typed("10.insured_count >= sealed or 10.insured_count >= sealed");
    assert_eq!((sealed.atoms().len(), sealed.sealed()), (2, 2));
}

#[test]
fn a_sealed_atom_says_how_its_value_is_compared() {
    let formula = typed("1.vat_paid_12m_cny < sealed and 10.insured_count within 5 % of sealed");
    let asking: Vec<_> = formula.atoms().iter().map(catalogue::TypedAtom::asking).collect();
    let [Asking::Sealed(below), Asking::Sealed(near)] = asking[..] else { panic!("{asking:?}") };
    assert_eq!(
        (below.slot(), below.comparison(), below.tolerance()),
        (0, Some(Comparison::LessThan), None)
    );
    assert_eq!((near.slot(), near.comparison(), near.tolerance()), (1, None, Some(5)));
    assert_eq!(near.field(), &field("10.insured_count"));
    let ordinal = |number| below.ordinal(Some(&domain::Value::Number(number))).unwrap();
    assert!(ordinal(-1.0) < ordinal(0.0) && ordinal(0.0) < ordinal(0.5));
    assert_eq!(ordinal(1.0) - ordinal(0.0), 10_000);
    assert_eq!(below.ordinal(None), None);
    assert_eq!(below.ordinal(Some(&domain::Value::text("1"))), None);
}

#[test]
fn a_catalogue_may_state_its_own_grid_and_ranks() {
    let overlaid = |body: &str| {
        Catalogue::jiangsu().overlaid(&format!(
            "schema = 1\noverlay = \"city-2026\"\nbase = \"jiangsu-2022\"\ndocument = \"市清单\"\n\
             issued = 2026-01-05\n{body}"
        ))
    };
    let change =
        |of: &str, what: &str| overlaid(&format!("[[change]]\nfield = \"{of}\"\n{what}\n"));
    let city = change("1.vat_paid_12m_cny", "grid = [0, 250000.5, 2_000_000]").unwrap();
    assert!(typed_by(&city, "1.vat_paid_12m_cny >= 250000.5").is_ok());
    assert!(typed_by(&city, "1.vat_paid_12m_cny >= 500000").is_err());
    assert_ne!(city.hash(), overlaid("").unwrap().hash());
    let city = change("16.evaluation_grade", "ranks = [\"AAA\", \"AA\", \"A\"]").unwrap();
    assert!(typed_by(&city, "16.evaluation_grade >= \"AA\"").is_ok());
    for (of, what) in [
        ("1.vat_paid_12m_cny", "grid = []"),
        ("1.vat_paid_12m_cny", "grid = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]"),
        ("1.vat_paid_12m_cny", "grid = [2, 1]"),
        ("1.vat_paid_12m_cny", "grid = [0.00001]"),
        ("1.vat_paid_12m_cny", "grid = [nan]"),
        ("2.in_arrears_now", "grid = [1]"),
        ("1.last_normal_tax_date", "grid = [1]"),
        ("1.vat_paid_12m_cny", "ranks = [\"A\", \"B\"]"),
        ("16.evaluation_grade", "ranks = [\"A\"]"),
        ("16.evaluation_grade", "ranks = [\"A\", \"A\"]"),
        ("16.evaluation_grade", "ranks = [\"A\", \" B\"]"),
    ] {
        assert!(change(of, what).is_err(), "{what}");
    }
}

#[test]
fn a_formula_that_is_too_long_in_full_is_refused() {
    let set: Vec<String> = (0..669).map(|i| format!("\"{i}\"")).collect();
    let text = format!("tax_credit_grade in {{{}}}", set.join(", "));
    let fits = (0..).map(|cut| &text[..text.len() - cut]).find(|text| text.len() <= 4096).unwrap();
    let end = fits.rfind(", ").unwrap();
    // The short name fits with padding; the class in front makes two bytes more.
    let body = format!("{}}}", &fits[..end]);
    let wide = body.replacen("\"0\"", &format!("\"0{}\"", "x".repeat(4096 - body.len())), 1);
    assert_eq!(wide.len(), 4096);
    let Mistyped::Formula(error) = mistake(&wide).what else { panic!("{wide}") };
    assert!(error.en().contains("4096"));
}
