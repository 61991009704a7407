//! Catalogues that do not load, each with an error that names the class and the field.

use crate::support::{DOCUMENT, edited, field, uncounted};
use catalogue::{Catalogue, Error, Fault, FieldType, MAX_DOCUMENT};
use domain::Output;

const VAT: &str = "en = \"vat_paid_12m_cny\", type = \"money\"";
const NAME: &str = "en = \"enterprise_name\", type = \"name\"";
const DETAIL: &str = "en = \"notice_detail\", type = \"text\"";
const WAGES: &str = "en = \"total_wages_cny\", type = \"money\"";
const VERIFIED: &str = "sharing_mode = \"verification_with_authorisation\"";

/// The fault of the field that the document's error must name.
fn fault(document: &str, named: &str) -> Fault {
    match Catalogue::from_toml(document) {
        Err(Error::Field { field, fault }) => {
            assert_eq!(field.to_string(), named);
            let text = Error::Field { field: field.clone(), fault: fault.clone() }.to_string();
            let place = format!("class {}, field `{}`: ", field.class(), field.name());
            assert!(text.starts_with(&place), "{text}");
            fault
        }
        other => panic!("{named}: {other:?}"),
    }
}

#[test]
fn the_document_loads_with_and_without_its_counts() {
    let counted = Catalogue::from_toml(DOCUMENT).unwrap();
    assert_eq!(counted, Catalogue::from_toml(&uncounted()).unwrap());
}

#[test]
fn an_output_that_would_be_the_value_does_not_load() {
    for word in ["raw", "value", "RAW", "原始明细", "report", ""] {
        let document = edited(VAT, &format!("{VAT}, permitted_outputs = [\"verify\", \"{word}\"]"));
        assert_eq!(fault(&document, "1.vat_paid_12m_cny"), Fault::UnknownOutput(word.into()));
    }
    let document = edited(VAT, &format!("{VAT}, raw = true"));
    assert!(matches!(Catalogue::from_toml(&document), Err(Error::Syntax { line: Some(_), .. })));
}

#[test]
fn an_output_beyond_the_type_does_not_load() {
    for (place, named, field_type, output) in [
        (NAME, "1.enterprise_name", FieldType::Name, Output::Score),
        (NAME, "1.enterprise_name", FieldType::Name, Output::Monitor),
        (DETAIL, "5.notice_detail", FieldType::Text, Output::Verify),
        (DETAIL, "5.notice_detail", FieldType::Text, Output::Train),
    ] {
        let document = edited(place, &format!("{place}, permitted_outputs = [\"{output}\"]"));
        assert_eq!(fault(&document, named), Fault::OutputBeyondType { output, field_type });
    }
}

#[test]
fn a_score_of_what_is_for_verification_needs_the_switch() {
    for output in [Output::Score, Output::Train, Output::Display] {
        let document = edited(WAGES, &format!("{WAGES}, permitted_outputs = [\"{output}\"]"));
        assert_eq!(fault(&document, "10.total_wages_cny"), Fault::OutputNeedsFeature(output));
    }
    let switched = edited(WAGES, &format!("{WAGES}, allow_as_feature = true"));
    let catalogue = Catalogue::from_toml(&switched).unwrap();
    let (_, entry) = catalogue.lookup(&field("10.total_wages_cny")).unwrap();
    assert!(entry.is_feature() && entry.outputs().contains(&Output::Score));
}

#[test]
fn a_feature_that_identifies_or_is_free_text_does_not_load() {
    for (place, named, field_type) in [
        (NAME, "1.enterprise_name", FieldType::Name),
        ("en = \"uscc\", type = \"uscc\"", "1.uscc", FieldType::Uscc),
        ("en = \"party_id_no\", type = \"idno\"", "7.party_id_no", FieldType::IdNumber),
        (DETAIL, "5.notice_detail", FieldType::Text),
        (
            "en = \"commitment_document\", type = \"file\"",
            "24.commitment_document",
            FieldType::File,
        ),
        ("en = \"contact_phone\", type = \"phone\"", "21.contact_phone", FieldType::Phone),
        ("en = \"case_no\", type = \"string\"", "7.case_no", FieldType::String),
        ("en = \"research_support\", type = \"list\"", "17.research_support", FieldType::List),
    ] {
        let document = edited(place, &format!("{place}, allow_as_feature = true"));
        assert_eq!(fault(&document, named), Fault::NotAFeature(field_type));
    }
}

#[test]
fn a_split_whose_fields_carry_no_modes_does_not_load() {
    let document = edited(&format!("{WAGES}, {VERIFIED}"), WAGES);
    assert_eq!(fault(&document, "10.total_wages_cny"), Fault::SplitWithoutMode);
    let document =
        edited("sharing_mode = \"interface_with_authorisation\"", "sharing_mode = \"split\"");
    assert_eq!(fault(&document, "1.enterprise_name"), Fault::SplitWithoutMode);
}

#[test]
fn class_10_cannot_be_flattened_in_any_direction() {
    // All collected, as a whole class.
    let collected = "sharing_mode = \"centralised_collection\"";
    let (before, rest) = uncounted().split_once("id = 10\n").map(owned).unwrap();
    let (class, after) = rest.split_once("[[class]]").map(owned).unwrap();
    let rebuilt = |class: &str| format!("{before}id = 10\n{class}[[class]]{after}");
    assert!(Catalogue::from_toml(&rebuilt(&class)).is_ok());
    let flat = class.replace(VERIFIED, collected);
    assert!(matches!(fault(&rebuilt(&flat), "10.total_wages_cny"), Fault::FlattenedSplit(_)));
    let whole = class.replace("\"split\"", "\"centralised_collection\"");
    let whole = whole.replace(&format!(", {VERIFIED}"), "");
    assert!(matches!(fault(&rebuilt(&whole), "10.total_wages_cny"), Fault::FlattenedSplit(_)));
    // One field of the four, each in turn.
    for name in [
        "total_wages_cny",
        "employer_contribution_base_cny",
        "month_payable_total_cny",
        "month_paid_total_cny",
    ] {
        let field = format!("en = \"{name}\", type = \"money\", ");
        let one = class.replacen(&(field.clone() + VERIFIED), &(field.clone() + collected), 1);
        assert_ne!(one, class);
        let named = format!("10.{name}");
        assert!(matches!(fault(&rebuilt(&one), &named), Fault::FlattenedSplit(_)));
        let renamed = class.replacen(name, "other_cny", 1);
        let refused = Catalogue::from_toml(&rebuilt(&renamed)).unwrap_err();
        assert!(matches!(refused, Error::Class { fault: Fault::FlattenedSplit(_), .. }));
    }
    // All verified: tighter, and the split is lost all the same.
    for all in [
        class.replace(collected, VERIFIED),
        class
            .replace("\"split\"", "\"verification_with_authorisation\"")
            .replace(collected, VERIFIED),
    ] {
        let refused = Catalogue::from_toml(&rebuilt(&all)).unwrap_err();
        assert!(
            matches!(refused, Error::Class { fault: Fault::FlattenedSplit(_), .. }),
            "{refused}"
        );
    }
    // The same money in another class.
    let moved = edited(VAT, "en = \"month_paid_total_cny\", type = \"money\"");
    assert!(matches!(fault(&moved, "1.month_paid_total_cny"), Fault::FlattenedSplit(_)));
}

fn owned((one, two): (&str, &str)) -> (String, String) {
    (one.into(), two.into())
}

#[test]
fn a_field_is_not_shared_more_loosely_than_its_class() {
    let document = edited(VAT, &format!("{VAT}, sharing_mode = \"centralised_collection\""));
    assert!(matches!(fault(&document, "1.vat_paid_12m_cny"), Fault::LooserThanClass { .. }));
}

#[test]
fn a_declaration_of_openness_that_cannot_be_made_does_not_load() {
    let public = |by: &str| format!("openness = \"public\", declared_by = \"{by}\"");
    for (place, named, by) in [
        (VAT, "1.vat_paid_12m_cny", "tax_service"),
        (
            "en = \"insured_count\", type = \"int\"",
            "10.insured_count",
            "human_resources_social_security",
        ),
        ("en = \"tax_credit_grade\", type = \"enum\"", "4.tax_credit_grade", "high_court"),
        ("en = \"notice_start_date\", type = \"date\"", "5.notice_start_date", "market_regulation"),
        ("en = \"party_name\", type = \"name\", x_personal = true", "7.party_name", "high_court"),
    ] {
        let document = edited(place, &format!("{place}, {}", public(by)));
        assert!(matches!(fault(&document, named), Fault::NotDeclarable(_)), "{named}");
    }
    let place = "en = \"tax_credit_grade\", type = \"enum\"";
    let anonymous = edited(place, &format!("{place}, openness = \"public\""));
    assert!(matches!(fault(&anonymous, "4.tax_credit_grade"), Fault::NotDeclarable(_)));
    let declared = edited(place, &format!("{place}, {}", public("tax_service")));
    assert!(Catalogue::from_toml(&declared).is_ok());
}

#[test]
fn structure_that_does_not_hold_does_not_load() {
    for (from, to, expected) in [
        ("schema = 1", "schema = 2", "schema = 1"),
        ("\"jiangsu-2022\"", "\"Jiangsu 2022\"", "`catalogue`"),
        ("issued = 2022-07-16", "issued = 2022-07-16T08:00:00", "`issued`"),
        ("id = 2\n", "id = 1\n", "listed already"),
        ("id = 2\n", "id = 0\n", "1 to 999"),
        ("slug = \"tax_arrears\"", "slug = \"tax_payment\"", "same `slug`"),
        ("responsible = [\"tax_service\"]", "responsible = [\"taxes\"]", "not listed"),
        ("responsible = [\"tax_service\"]", "responsible = []", "responsible departments"),
        ("due = \"2022-09-30\"", "due = \"2022-02-30\"", "`due`"),
        ("basis = \"state_council_plan\"", "basis = \"habit\"", "`basis`"),
        ("x_subject_key = \"uscc\"", "x_subject_key = \"enterprise_name\"", "`x_subject_key`"),
        ("x_subject_key = \"uscc\"", "x_subject_key = \"elsewhere\"", "`x_subject_key`"),
        ("en = \"vat_paid_12m_cny\"", "en = \"vat_payable_12m_cny\"", "listed twice"),
        ("en = \"vat_paid_12m_cny\"", "en = \"VAT\"", "field is named"),
        ("name_zh = \"纳税信息\"", "name_zh = \"纳税\\u0007信息\"", "one line"),
        ("name_zh = \"纳税信息\"", "name_zh = \"\"", "one line"),
        (VAT, "en = \"vat_paid_12m_cny\", type = \"amount\"", "`amount` is not"),
        (VAT, "en = \"vat_paid_12m_cny\", type = \"money\", grade = 6", "1 to 5"),
        (VAT, "en = \"vat_paid_12m_cny\", type = \"money\", parts = [\"a\"]", "`parts`"),
        ("parts = [\"account_name\", \"account_no\"]", "parts = []", "`parts`"),
        ("x_openness_rule = \"provider_declares\"", "x_openness_rule = \"open\"", "`open` is not"),
    ] {
        let refused = Catalogue::from_toml(&edited(from, to)).unwrap_err().to_string();
        assert!(refused.contains(expected), "{from} -> {to}: {refused}");
    }
}

#[test]
fn more_than_a_document_may_have_is_not_read() {
    let long = format!("{DOCUMENT}#{}", " ".repeat(MAX_DOCUMENT));
    assert!(matches!(Catalogue::from_toml(&long), Err(Error::Oversized { .. })));
    let many = (0..101).map(|n| format!("{{ zh = \"x\", en = \"f{n}\", type = \"text\" }},"));
    let many = edited(&format!("  {{ zh = \"企业名称\", {NAME} }},"), &many.collect::<String>());
    assert!(Catalogue::from_toml(&many).unwrap_err().to_string().contains("1 to 100 fields"));
    let wide = edited("纳税信息", &"税".repeat(300));
    assert!(Catalogue::from_toml(&wide).unwrap_err().to_string().contains("600 bytes"));
}

#[test]
fn an_error_repeats_little_of_what_it_refuses() {
    let long = "x".repeat(100_000);
    for document in [
        edited("type = \"money\"", &format!("type = \"{long}\"")),
        edited("type = \"money\"", &format!("type = \"money\", {long} = 1")),
        edited("en = \"vat_paid_12m_cny\"", &format!("en = \"{long}\"")),
        edited("sharing_mode = \"split\"", &format!("sharing_mode = \"{long}\"")),
    ] {
        assert!(Catalogue::from_toml(&document).unwrap_err().to_string().len() < 700);
    }
}
