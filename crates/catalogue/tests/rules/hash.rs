//! The hash: what counts, and what does not. Where it differs, the difference is listed.

use catalogue::{Catalogue, Change, Location, diff};
use toml::{Table, Value};

use crate::support::{DOCUMENT, edited, field, uncounted};

fn changes(document: &str) -> Vec<Change> {
    let changed = Catalogue::from_toml(document).unwrap();
    let found = diff(Catalogue::jiangsu(), &changed);
    assert_eq!(found.is_empty(), changed.hash() == Catalogue::jiangsu().hash(), "{found:?}");
    found
}

#[test]
fn comments_layout_and_order_do_not_count() {
    assert!(changes(&format!("# More.\n\n{}", DOCUMENT.replace(" = ", "  =  "))).is_empty());
    let table: Table = uncounted().parse().unwrap();
    assert!(changes(&toml::to_string(&table).unwrap()).is_empty());
    let mut reversed = table.clone();
    let Some(Value::Array(classes)) = reversed.get_mut("class") else { panic!("classes") };
    classes.reverse();
    for class in classes {
        let Some(Value::Array(fields)) = class.get_mut("fields") else { panic!("fields") };
        fields.reverse();
    }
    assert!(changes(&toml::to_string(&reversed).unwrap()).is_empty());
}

#[test]
fn what_is_the_default_may_be_said_or_left_out() {
    for (from, to) in [
        ("en = \"vat_paid_12m_cny\", type = \"money\"", ", openness = \"by_rule\""),
        ("en = \"vat_paid_12m_cny\", type = \"money\"", ", allow_as_feature = true"),
        ("en = \"vat_paid_12m_cny\", type = \"money\"", ", x_personal = false"),
        ("en = \"total_wages_cny\", type = \"money\"", ", allow_as_feature = false"),
    ] {
        assert!(changes(&edited(from, &format!("{from}{to}"))).is_empty(), "{to}");
    }
}

/// Every text of the document that is free, changed in turn: the hash changes, and exactly the
/// place is listed.
#[test]
fn every_text_of_the_document_counts() {
    let table: Table = uncounted().parse().unwrap();
    let mut paths = Vec::new();
    collect(&Value::Table(table.clone()), &mut Vec::new(), &mut paths);
    let mut counted = 0;
    for path in &paths {
        let free = match path.last() {
            Some(Step::Key(key)) => {
                ["document", "zh", "en", "zh_printed", "slug", "name_zh", "name_en", "x_note"]
                    .contains(&key.as_str())
                    || ["remark_zh", "sharing_mode_zh", "basis"].contains(&key.as_str())
            }
            Some(Step::Index(_)) => {
                path.iter().any(|step| matches!(step, Step::Key(key) if key == "parts"))
            }
            None => false,
        };
        if !free {
            continue;
        }
        let mut changed = Value::Table(table.clone());
        append(&mut changed, path);
        match Catalogue::from_toml(&toml::to_string(&changed).unwrap()) {
            Ok(changed) => {
                assert_ne!(changed.hash(), Catalogue::jiangsu().hash(), "{path:?}");
                assert!(!diff(Catalogue::jiangsu(), &changed).is_empty(), "{path:?}");
                counted += 1;
            }
            // A renamed key field leaves its class without one; the plan has one name.
            Err(error) => {
                let text = error.to_string();
                let known = ["x_subject_key", "basis", "verified fields is missing"];
                assert!(known.iter().any(|word| text.contains(word)), "{path:?}: {text}");
            }
        }
    }
    assert!(counted > 800, "{counted} texts were changed");
}

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Index(usize),
}

fn collect(value: &Value, path: &mut Vec<Step>, paths: &mut Vec<Vec<Step>>) {
    let mut visit = |step, value| {
        path.push(step);
        collect(value, path, paths);
        path.pop();
    };
    match value {
        Value::Table(table) => {
            table.iter().for_each(|(key, value)| visit(Step::Key(key.clone()), value));
        }
        Value::Array(array) => {
            array.iter().enumerate().for_each(|(at, value)| visit(Step::Index(at), value));
        }
        Value::String(_) => paths.push(path.clone()),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

fn append(value: &mut Value, path: &[Step]) {
    let mut at = value;
    for step in path {
        at = match step {
            Step::Key(key) => at.get_mut(key).unwrap(),
            Step::Index(index) => at.get_mut(*index).unwrap(),
        };
    }
    let Value::String(text) = at else { panic!("a text") };
    text.push('x');
}

/// Every word, number and switch that is not free text, changed once.
#[test]
fn every_kind_of_typed_entry_counts() {
    const VAT: &str = "en = \"vat_paid_12m_cny\", type = \"money\"";
    const GRADE: &str = "en = \"tax_credit_grade\", type = \"enum\"";
    for (from, to, what) in [
        ("issued = 2022-07-16", "issued = 2022-07-17".to_owned(), "issued"),
        ("catalogue = \"jiangsu-2022\"", "catalogue = \"jiangsu-2023\"".into(), "catalogue"),
        ("due = \"2022-09-30\"", "due = \"already_shared\"".into(), "due"),
        ("basis = \"state_council_plan\"", "basis = \"added_by_nanjing\"".into(), "basis"),
        ("responsible = [\"tax_service\"]", "responsible = [\"sports\"]".into(), "responsible"),
        ("x_subject_kind = \"enterprise\"", "x_subject_kind = \"litigant\"".into(), "subject_kind"),
        (
            "x_openness_rule = \"provider_declares\"",
            "x_openness_rule = \"from_publicity_date\"".into(),
            "openness_rule",
        ),
        ("remark_zh =", "refresh_cycle = \"每月\"\nremark_zh =".into(), "refresh_cycle"),
        (VAT, VAT.replace("money", "decimal"), "type"),
        (VAT, format!("{VAT}, grade = 2"), "grade"),
        (VAT, format!("{VAT}, x_personal = true"), "personal"),
        (VAT, format!("{VAT}, openness = \"non_public\""), "openness"),
        (VAT, format!("{VAT}, permitted_outputs = [\"score\"]"), "outputs"),
        (VAT, format!("{VAT}, sharing_mode = \"verification_with_authorisation\""), "sharing_mode"),
        (
            GRADE,
            format!("{GRADE}, openness = \"public\", declared_by = \"tax_service\""),
            "openness",
        ),
        (GRADE, format!("{GRADE}, allow_as_feature = false"), "allow_as_feature"),
        (VAT, format!("{VAT}, grid = [0, 1000]"), "grid"),
        ("\"M\", \"C\"", "\"C\", \"M\"".into(), "ranks"),
    ] {
        let found = changes(&edited(from, &to));
        assert!(found.iter().any(|change| change.what == what), "{to}: {found:?}");
    }
    let key = edited(
        "x_subject_key = \"uscc\"\nx_openness_rule = \"provider_declares\"\nfields = [\n  { zh = \"企业名称\", en = \"enterprise_name\", type = \"name\" },",
        "x_subject_key = \"other\"\nx_openness_rule = \"provider_declares\"\nfields = [\n  { zh = \"企业名称\", en = \"other\", type = \"uscc\" },",
    );
    assert!(changes(&key).iter().any(|change| change.what == "subject_key"));
}

#[test]
fn a_difference_says_where_what_before_and_after() {
    let one = edited(
        "zh = \"纳税信用等级\", en = \"tax_credit_grade\", type = \"enum\"",
        "zh = \"纳税等级\", en = \"tax_credit_grade\", type = \"enum\"",
    );
    assert_eq!(
        changes(&one),
        [Change {
            place: Location::Field(field("4.tax_credit_grade")),
            what: "zh",
            before: Some("纳税信用等级".into()),
            after: Some("纳税等级".into()),
        }]
    );
    let renamed = changes(&edited("en = \"tax_arrears_cny\"", "en = \"arrears_cny\""));
    let places: Vec<String> = renamed.iter().map(|change| change.place.to_string()).collect();
    assert_eq!(places, ["field 2.arrears_cny", "field 2.tax_arrears_cny"]);
    assert!(renamed.iter().all(|change| change.what == "listed"));
    assert_eq!((renamed[0].before.as_deref(), renamed[1].after.as_deref()), (None, None));
    let shared = edited(
        "responsible = [\"provincial_organs_housing_fund\", \"prefecture_cities_13\"]",
        "responsible = [\"prefecture_cities_13\"]",
    );
    let before = changes(&shared)[0].before.clone().unwrap();
    assert_eq!(before, "provincial_organs_housing_fund, prefecture_cities_13");
}
