//! What a city's overlay may and may not do.

use catalogue::{Catalogue, ClassMode, Error, Fault, Openness, SharingMode};
use domain::Output;

use crate::support::{class, field, overlay};

fn overlaid(body: &str) -> Result<Catalogue, Error> {
    Catalogue::jiangsu().overlaid(&overlay(body))
}

fn change(field: &str, what: &str) -> Result<Catalogue, Error> {
    overlaid(&format!("[[change]]\nfield = \"{field}\"\n{what}\n"))
}

/// The fault of an overlay's change of this field.
fn fault(of: &str, what: &str) -> Fault {
    match change(of, what) {
        Err(Error::Field { field, fault }) if field.to_string() == of => fault,
        other => panic!("{of} {what}: {other:?}"),
    }
}

const NEW_CLASS: &str = r#"
[department]
city_parks = { zh = "市园林局", en = "City parks bureau" }
[[class]]
id = 101
slug = "park_concession"
name_zh = "公园特许经营信息"
name_en = "Park concessions"
sharing_mode = "centralised_collection"
responsible = ["city_parks"]
due = "2026-12-31"
basis = "added_by_nanjing"
refresh_cycle = "每月"
x_subject_kind = "enterprise"
x_subject_key = "uscc"
x_openness_rule = "provider_declares"
fields = [
  { zh = "统一社会信用代码", en = "uscc", type = "uscc" },
  { zh = "是否持有特许", en = "holds_concession", type = "bool", openness = "public", declared_by = "city_parks" },
]
"#;

#[test]
fn it_adds_departments_classes_and_fields() {
    let addition = "[[addition]]\nclass = 4\nfields = [\n  { zh = \"评级得分\", \
                    en = \"rating_points\", type = \"int\", grade = 3 },\n]\n";
    let city = overlaid(&format!("{NEW_CLASS}{addition}")).unwrap();
    assert_eq!((city.name(), city.documents().len()), ("city-2026", 2));
    assert_eq!(city.report().classes, 38);
    let parks = city.class(class(101)).unwrap();
    assert_eq!((parks.source(), parks.refresh_cycle()), ("市清单", Some("每月")));
    let (_, points) = city.lookup(&field("4.rating_points")).unwrap();
    assert_eq!(points.mode(), SharingMode::CentralisedCollection);
    assert_eq!((points.source(), points.grade()), (Some("市清单"), Some(3)));
    assert_eq!(city.lookup(&field("4.tax_credit_grade")).unwrap().1.source(), None);
}

#[test]
fn it_does_not_list_again_what_is_listed() {
    let again = NEW_CLASS.replace("id = 101", "id = 1");
    let refused = overlaid(&again).unwrap_err().to_string();
    assert!(refused.contains("class 1: the class is listed already"), "{refused}");
    let renamed = "[department]\ntax_service = { zh = \"市税务局\", en = \"City Tax Service\" }\n";
    assert!(overlaid(renamed).unwrap_err().to_string().contains("`tax_service`"));
    let doubled = "[[addition]]\nclass = 4\nfields = [{ zh = \"等级\", en = \"tax_credit_grade\", \
                   type = \"enum\" }]\n";
    assert!(overlaid(doubled).unwrap_err().to_string().contains("listed twice"));
    for (body, expected) in [
        ("[[addition]]\nclass = 99\nfields = []\n", "no such class"),
        ("[[change]]\nfield = \"4.nothing\"\ngrade = 1\n", "no such field"),
        ("[[change]]\nfield = \"nothing\"\ngrade = 1\n", "`nothing`"),
    ] {
        assert!(overlaid(body).unwrap_err().to_string().contains(expected), "{expected}");
    }
}

#[test]
fn it_tightens_a_mode_and_the_class_is_then_split() {
    let city = change("4.tax_credit_grade", "sharing_mode = \"interface_with_authorisation\"");
    let city = city.unwrap();
    let (rating, grade) = city.lookup(&field("4.tax_credit_grade")).unwrap();
    assert_eq!(grade.mode(), SharingMode::InterfaceWithAuthorisation);
    assert!(grade.is_feature());
    assert_eq!(rating.mode(), ClassMode::Split);
}

#[test]
fn what_becomes_verification_stops_being_a_feature() {
    let city = change("2.in_arrears_now", "sharing_mode = \"verification_with_authorisation\"");
    let city = city.unwrap();
    let (_, entry) = city.lookup(&field("2.in_arrears_now")).unwrap();
    assert!(!entry.is_feature() && !entry.outputs().contains(&Output::Score));
    assert!(entry.outputs().contains(&Output::Verify));
}

#[test]
fn it_loosens_no_mode() {
    for (of, asked) in [
        ("1.vat_paid_12m_cny", "centralised_collection"),
        ("1.vat_paid_12m_cny", "interface_without_authorisation"),
        ("10.total_wages_cny", "interface_with_authorisation"),
        ("10.total_wages_cny", "centralised_collection"),
        ("27.area", "interface_with_authorisation"),
        ("4.tax_credit_grade", "interface_without_authorisation"),
    ] {
        let found = fault(of, &format!("sharing_mode = \"{asked}\""));
        assert!(matches!(found, Fault::Loosened { what: "the sharing mode", .. }), "{found}");
    }
    let looser = "[[addition]]\nclass = 1\nfields = [{ zh = \"销售额\", en = \"sales_cny\", \
                  type = \"money\", sharing_mode = \"centralised_collection\" }]\n";
    assert!(overlaid(looser).unwrap_err().to_string().contains("class 1, field `sales_cny`"));
}

#[test]
fn it_does_not_flatten_class_10() {
    let all: String = Catalogue::jiangsu()
        .class(class(10))
        .unwrap()
        .fields()
        .iter()
        .map(|entry| {
            let mode = "sharing_mode = \"verification_with_authorisation\"";
            format!("[[change]]\nfield = \"{}\"\n{mode}\n", entry.field())
        })
        .collect();
    let refused = overlaid(&all).unwrap_err();
    assert!(matches!(refused, Error::Class { fault: Fault::FlattenedSplit(_), .. }), "{refused}");
    let moded = "[[addition]]\nclass = 10\nfields = [{ zh = \"补贴\", en = \"subsidy_cny\", \
                 type = \"money\" }]\n";
    assert!(matches!(overlaid(moded), Err(Error::Field { fault: Fault::SplitWithoutMode, .. })));
    let looser =
        moded.replace("\"money\"", "\"money\", sharing_mode = \"interface_without_authorisation\"");
    assert!(matches!(
        overlaid(&looser),
        Err(Error::Field { fault: Fault::LooserThanClass { .. }, .. })
    ));
    let copied = NEW_CLASS.replace(
        "en = \"holds_concession\", type = \"bool\"",
        "en = \"total_wages_cny\", type = \"money\"",
    );
    assert!(
        overlaid(&copied).unwrap_err().to_string().contains("class 101, field `total_wages_cny`")
    );
}

#[test]
fn it_declares_public_what_the_provider_may_declare_and_nothing_else() {
    let by = |who: &str| format!("openness = \"public\"\ndeclared_by = \"{who}\"");
    let city = change("4.tax_credit_grade", &by("tax_service")).unwrap();
    let (_, entry) = city.lookup(&field("4.tax_credit_grade")).unwrap();
    assert_eq!(*entry.openness(), Openness::Public { declared_by: "tax_service".into() });
    for (of, who) in [
        ("4.tax_credit_grade", "sports"),
        ("1.vat_paid_12m_cny", "tax_service"),
        ("10.insured_count", "human_resources_social_security"),
        ("20.principal_name", "agriculture_rural_affairs"),
        ("24.disclosure_type", "all_provincial_departments"),
        ("36.list_category", "all_provincial_departments"),
    ] {
        assert!(matches!(fault(of, &by(who)), Fault::NotDeclarable(_)), "{of}");
    }
}

#[test]
fn what_is_closed_stays_closed() {
    let city = change("36.list_category", "openness = \"non_public\"").unwrap();
    let reopened = "schema = 1\noverlay = \"district-2026\"\nbase = \"city-2026\"\n\
                    document = \"区清单\"\nissued = 2026-02-01\n\
                    [[change]]\nfield = \"36.list_category\"\nopenness = \"by_rule\"\n";
    let refused = city.overlaid(reopened).unwrap_err();
    let Error::Field { fault, .. } = &refused else { panic!("{refused}") };
    assert!(matches!(fault, Fault::Loosened { what: "openness", .. }), "{refused}");
}

#[test]
fn a_mode_that_asks_for_authorisation_withdraws_a_declaration() {
    let public = "openness = \"public\"\ndeclared_by = \"tax_service\"";
    let both = format!(
        "[[change]]\nfield = \"4.tax_credit_grade\"\n{public}\n[[change]]\n\
         field = \"4.tax_credit_grade\"\nsharing_mode = \"interface_with_authorisation\"\n"
    );
    let city = overlaid(&both).unwrap();
    let (_, entry) = city.lookup(&field("4.tax_credit_grade")).unwrap();
    assert_eq!(*entry.openness(), Openness::ByRule);
}

#[test]
fn outputs_features_and_grades_only_narrow() {
    let city = change("1.vat_paid_12m_cny", "permitted_outputs = [\"verify\"]\ngrade = 4").unwrap();
    let (_, entry) = city.lookup(&field("1.vat_paid_12m_cny")).unwrap();
    assert_eq!(entry.outputs().iter().copied().collect::<Vec<_>>(), [Output::Verify]);
    let city = change("1.vat_paid_12m_cny", "allow_as_feature = false").unwrap();
    let (_, entry) = city.lookup(&field("1.vat_paid_12m_cny")).unwrap();
    assert!(!entry.is_feature() && !entry.outputs().contains(&Output::Train));

    let outputs = fault("10.total_wages_cny", "permitted_outputs = [\"score\"]");
    assert!(matches!(outputs, Fault::Loosened { what: "the outputs", .. }), "{outputs}");
    let feature = fault("10.total_wages_cny", "allow_as_feature = true");
    assert!(matches!(feature, Fault::Loosened { .. }), "{feature}");
    assert!(matches!(fault("1.uscc", "allow_as_feature = true"), Fault::NotAFeature(_)));
    for word in ["raw", "value"] {
        let unknown = fault("1.vat_paid_12m_cny", &format!("permitted_outputs = [\"{word}\"]"));
        assert_eq!(unknown, Fault::UnknownOutput(word.into()));
    }
    let twice = "[[change]]\nfield = \"4.tax_credit_grade\"\ngrade = 3\n\
                 [[change]]\nfield = \"4.tax_credit_grade\"\ngrade = 2\n";
    assert!(overlaid(twice).unwrap_err().to_string().contains("the grade"));
}

#[test]
fn it_is_written_for_one_base() {
    let wrong = overlay("").replace("base = \"jiangsu-2022\"", "base = \"qinghai-2023\"");
    assert!(matches!(Catalogue::jiangsu().overlaid(&wrong), Err(Error::Base { .. })));
    let hash = Catalogue::jiangsu().hash().to_string();
    let right = overlay(&format!("base_hash = \"{hash}\"\n"));
    assert!(Catalogue::jiangsu().overlaid(&right).is_ok());
    let other = overlay(&format!("base_hash = \"{}\"\n", hash.replace('a', "b")));
    assert!(matches!(Catalogue::jiangsu().overlaid(&other), Err(Error::Base { .. })));
}

#[test]
fn an_empty_overlay_changes_the_name_only() {
    let city = overlaid("").unwrap();
    let whats: Vec<_> = catalogue::diff(Catalogue::jiangsu(), &city)
        .into_iter()
        .map(|change| change.what)
        .collect();
    assert_eq!(whats, ["catalogue", "document", "issued"]);
    assert_ne!(city.hash(), Catalogue::jiangsu().hash());
}
