//! The catalogue of Jiangsu, counted and read against the annex.

use std::collections::BTreeMap;

use crate::support::{DOCUMENT, class, field};
use catalogue::{
    About, Catalogue, ClassMode, Due, Error, FieldType, OpennessRule, SharingMode, ValueKind,
};
use domain::{Field, Output};
use time::macros::date;

const GOLDEN: &str = "sha256:a800ca1df1bfa9759b64c7d9f83dc5b11d72b6d3ee7080bdcd791dfc44fa78d0";

#[test]
fn it_counts_as_the_annex_does() {
    let report = Catalogue::jiangsu().report();
    assert_eq!((report.classes, report.fields), (37, 362));
    assert_eq!(report.by_mode.values().copied().collect::<Vec<_>>(), [23, 6, 3, 4, 1]);
    assert_eq!(
        report.by_mode.keys().map(|mode| mode.code()).collect::<Vec<_>>(),
        [
            "centralised_collection",
            "interface_with_authorisation",
            "interface_without_authorisation",
            "verification_with_authorisation",
            "split"
        ]
    );
    assert_eq!(
        report.fields_by_mode.into_iter().collect::<Vec<_>>(),
        [
            (SharingMode::CentralisedCollection, 245),
            (SharingMode::InterfaceWithAuthorisation, 45),
            (SharingMode::InterfaceWithoutAuthorisation, 26),
            (SharingMode::VerificationWithAuthorisation, 46),
        ]
    );
    assert_eq!(
        report.by_due.into_iter().collect::<Vec<_>>(),
        [
            (Due::AlreadyShared, 15),
            (Due::By(date!(2022 - 09 - 30)), 14),
            (Due::By(date!(2022 - 12 - 31)), 7),
            (Due::By(date!(2023 - 12 - 31)), 1),
        ]
    );
    assert_eq!(report.by_basis.values().copied().collect::<Vec<_>>(), [16, 21]);
    let by_department = |key: &str| report.by_department[key];
    assert_eq!(by_department("prefecture_cities_13"), 14);
    assert_eq!(by_department("all_provincial_departments"), 6);
    assert_eq!(by_department("tax_service"), 5);
    assert_eq!(by_department("high_court"), 3);
    assert_eq!(report.by_department.len(), 15);
    assert_eq!(report.by_about[&About::Person], 4);
    assert_eq!(report.rows.len(), 37);
    assert!(report.rows.iter().all(|row| row.declared_public == 0));
}

#[test]
fn the_documents_own_counts_are_all_of_the_reports_and_a_wrong_one_is_refused() {
    let document: toml::Table = DOCUMENT.parse().unwrap();
    let stated: BTreeMap<String, u64> = document["counts"].clone().try_into().unwrap();
    assert_eq!(stated, Catalogue::jiangsu().report().counts());
    for key in stated.keys() {
        let line = format!("\n{key} = ");
        let wrong = DOCUMENT.replacen(&line, &format!("{line}9"), 1);
        let refused = Catalogue::from_toml(&wrong);
        assert!(matches!(refused, Err(Error::Count { what, .. }) if what == *key));
    }
}

#[test]
fn class_numbers_run_from_1_to_37_and_modes_are_those_of_the_annex() {
    let jiangsu = Catalogue::jiangsu();
    let numbers: Vec<u16> = jiangsu.classes().map(|class| class.id().number()).collect();
    assert_eq!(numbers, (1..=37).collect::<Vec<_>>());
    for class in jiangsu.classes() {
        let expected = match class.id().number() {
            1 | 2 | 3 | 11 | 14 | 15 => ClassMode::Whole(SharingMode::InterfaceWithAuthorisation),
            7..=9 => ClassMode::Whole(SharingMode::InterfaceWithoutAuthorisation),
            27..=30 => ClassMode::Whole(SharingMode::VerificationWithAuthorisation),
            10 => ClassMode::Split,
            _ => ClassMode::Whole(SharingMode::CentralisedCollection),
        };
        assert_eq!(class.mode(), expected, "class {}", class.id());
    }
}

#[test]
fn class_10_is_split_into_four_verified_and_ten_collected_fields() {
    let class = Catalogue::jiangsu().class(class(10)).unwrap();
    let named = |mode| {
        let fields = class.fields().iter().filter(move |entry| entry.mode() == mode);
        fields.map(|entry| entry.field().name()).collect::<Vec<_>>()
    };
    assert_eq!(
        named(SharingMode::VerificationWithAuthorisation),
        [
            "total_wages_cny",
            "employer_contribution_base_cny",
            "month_payable_total_cny",
            "month_paid_total_cny"
        ]
    );
    assert_eq!(named(SharingMode::CentralisedCollection).len(), 10);
    assert!(class.mode_zh().unwrap().contains("其余内容归集方式为物理归集"));
    for entry in class.fields() {
        let verified = entry.mode() == SharingMode::VerificationWithAuthorisation;
        assert_eq!(entry.is_feature(), !verified && entry.field_type().is_fact());
        assert!(!verified || !entry.outputs().contains(&Output::Score));
    }
}

#[test]
fn openness_rules_are_those_found_inside_the_fields() {
    for class in Catalogue::jiangsu().classes() {
        let expected = match class.id().number() {
            5 | 6 => OpennessRule::PublicNoticeWindow,
            22 => OpennessRule::FromPublicityDate,
            24 | 25 => OpennessRule::PerRecordDisclosureType,
            36 | 37 => OpennessRule::PublicUntilPublicityEndDate,
            _ => OpennessRule::ProviderDeclares,
        };
        assert_eq!(class.rule(), expected, "class {}", class.id());
    }
}

#[test]
fn persons_are_the_subjects_of_four_classes_and_litigants_of_two() {
    let about = |about| {
        let classes = Catalogue::jiangsu().classes().filter(move |class| class.about() == about);
        classes.map(|class| class.id().number()).collect::<Vec<_>>()
    };
    assert_eq!(about(About::Person), [8, 29, 30, 37]);
    assert_eq!(about(About::Litigant), [7, 9]);
    let other_keys = Catalogue::jiangsu().classes().filter(|class| {
        let (key, _) = (class.field(class.key()).unwrap(), ());
        key.field_type() == FieldType::IdNumber
    });
    let numbers: Vec<u16> = other_keys.map(|class| class.id().number()).collect();
    assert_eq!(numbers, [7, 8, 9, 27, 28, 29, 30, 37], "the classes not keyed by credit code");
}

#[test]
fn misprints_of_the_annex_are_kept_as_notes() {
    let jiangsu = Catalogue::jiangsu();
    let noted: Vec<u16> = jiangsu
        .classes()
        .filter(|class| class.note().is_some())
        .map(|class| class.id().number())
        .collect();
    assert_eq!(noted, [8, 9, 10, 14, 15, 21, 29, 30, 32, 33, 34, 36, 37]);
    let (_, gas) = jiangsu.lookup(&field("32.gas_usage")).unwrap();
    assert_eq!((gas.zh(), gas.zh_printed()), ("用气量", "用水量"));
    let (_, account) = jiangsu.lookup(&field("31.water_account")).unwrap();
    assert_eq!(account.parts(), ["account_name", "account_no"]);
}

#[test]
fn every_field_is_a_field_of_the_domain_and_is_found_by_its_text() {
    let jiangsu = Catalogue::jiangsu();
    for entry in jiangsu.fields() {
        let read: Field = entry.field().to_string().parse().unwrap();
        let (class, found) = jiangsu.lookup(&read).unwrap();
        assert_eq!((class.id(), found), (read.class(), entry));
    }
    assert!(jiangsu.lookup(&field("1.in_arrears_now")).is_none());
    assert!(jiangsu.lookup(&field("38.uscc")).is_none());
}

#[test]
fn features_are_the_ready_made_ones_and_never_a_name_or_a_text() {
    let jiangsu = Catalogue::jiangsu();
    for ready in [
        "1.vat_paid_12m_cny",
        "1.consecutive_normal_tax_months",
        "2.in_arrears_now",
        "4.tax_credit_grade",
        "10.insured_count",
        "13.avg_contributor_count_12m",
        "14.avg_monthly_usage_6m",
        "16.evaluation_grade",
        "17.is_national_high_tech",
    ] {
        let (_, entry) = jiangsu.lookup(&field(ready)).unwrap();
        assert!(entry.is_feature() && entry.outputs().contains(&Output::Score), "{ready}");
    }
    for entry in jiangsu.fields().filter(|entry| entry.is_feature()) {
        assert!(entry.field_type().is_fact(), "{}", entry.field());
    }
}

#[test]
fn a_column_is_bound_to_a_listed_field_of_its_kind_only() {
    let jiangsu = Catalogue::jiangsu();
    let bound = |name: &str, kind| jiangsu.accepts_binding(&field(name), kind);
    assert!(bound("1.vat_paid_12m_cny", ValueKind::Number).is_ok());
    assert!(bound("1.last_normal_tax_date", ValueKind::Date).is_ok());
    assert!(bound("4.rating_year", ValueKind::Integer).is_ok());
    let refused = bound("1.vat_paid_12m_cny", ValueKind::Text).unwrap_err().to_string();
    assert!(refused.contains("class 1, field `vat_paid_12m_cny`"), "{refused}");
    assert!(refused.contains("money") && refused.contains("text"), "{refused}");
    assert!(bound("1.enterprise_name", ValueKind::Number).is_err());
    let unlisted = bound("1.turnover", ValueKind::Number).unwrap_err().to_string();
    assert!(unlisted.contains("does not list"), "{unlisted}");
}

#[test]
fn the_hash_is_the_one_that_every_version_has_found() {
    assert_eq!(Catalogue::jiangsu().hash().to_string(), GOLDEN);
}
