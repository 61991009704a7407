use domain::{Slot, Value};

use crate::{Error, Part, Scorecard};

const FILE: &str = r#"
model = "uci-default"
version = 1
title = "Default next month"
offset = 412
valid_until = "2027-12-31"

[scale]
base_score = 600
base_odds = 50
pdo = 20

[[grade]]
name = "A"
from = 640
[[grade]]
name = "B"
from = 580

[training]
rows = 30000
auc = 0.7712
method = "WOE, ridge logistic regression"

[[feature]]
column = "PAY_0"
holder = "tax"
missing = 12
[[feature.bin]]
below = 0
points = 57
[[feature.bin]]
below = 0.5
points = 30
[[feature.bin]]
points = 0

[[feature]]
column = "ownership"
holder = "social"
other = 3
[[feature.bin]]
values = ["A", "B"]
points = 20
[[feature.bin]]
values = ["C"]
points = 7

[[feature]]
column = "LIMIT"
holder = "tax"
[[feature.bin]]
below = 1001
points = 1
[[feature.bin]]
points = 140
"#;

fn card() -> Scorecard {
    Scorecard::from_toml(FILE).unwrap()
}

fn slot(name: &str) -> Slot {
    name.parse().unwrap()
}

fn refusal(from: &str, to: &str) -> String {
    assert!(FILE.contains(from), "{from}");
    Scorecard::from_toml(&FILE.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn a_model_file_is_read_and_written_back_to_an_equal_model() {
    let card = card();
    assert_eq!(card.model().to_string(), "uci-default@1");
    assert_eq!(card.holders(), [slot("tax"), slot("social")]);
    assert_eq!(card.valid_until().unwrap().to_string(), "2027-12-31");
    let again = Scorecard::from_toml(&card.to_toml()).unwrap();
    assert_eq!(again, card);
    assert_eq!(again.canonical(), card.canonical());
}

#[test]
fn a_feature_may_name_its_field_for_readers() {
    let file = FILE.replacen("holder = \"tax\"", "holder = \"tax\"\nfield = \"1.vat_paid\"", 1);
    let named = Scorecard::from_toml(&file).unwrap();
    assert_eq!(named.field(&slot("tax"), "PAY_0").unwrap().to_string(), "1.vat_paid");
    assert_eq!(named.field(&slot("social"), "PAY_0"), None);
    assert_eq!(named.field(&slot("tax"), "LIMIT"), None);
    assert_eq!(Scorecard::from_toml(&named.to_toml()).unwrap(), named);
    assert_ne!(named.canonical(), card().canonical());
    // What a holder sees does not change: its own binding says what a column is.
    assert_eq!(named.part(&slot("tax")), card().part(&slot("tax")));
    let error = Scorecard::from_toml(&file.replace("1.vat_paid", "vat")).unwrap_err().to_string();
    assert!(
        error.contains("`PAY_0` of `tax`: `field`") && error.contains("leave it out"),
        "{error}"
    );
}

#[test]
fn a_holder_sees_its_features_and_no_points() {
    let part = card().part(&slot("tax")).unwrap();
    let columns: Vec<_> = part.features().iter().map(|feature| feature.column()).collect();
    assert_eq!(columns, ["PAY_0", "LIMIT"]);
    let json = serde_json::to_string(&part).unwrap();
    assert!(!json.contains("points") && !json.contains("57") && !json.contains("140"), "{json}");
    assert_eq!(serde_json::from_str::<Part>(&json).unwrap(), part);
    assert_eq!(card().part(&slot("power")), None);
}

#[test]
fn points_stand_in_the_order_of_bins_then_other_then_missing() {
    assert_eq!(card().points(&slot("tax")).unwrap(), [vec![57, 30, 0, 12], vec![1, 140]]);
    assert_eq!(card().points(&slot("social")).unwrap(), [vec![20, 7, 3]]);
    assert_eq!(card().points(&slot("power")), None);
    assert_eq!(card().most_points(), 57 + 20 + 140);
    for holder in card().holders() {
        let (part, points) = (card().part(&holder).unwrap(), card().points(&holder).unwrap());
        for (feature, points) in part.features().iter().zip(points) {
            assert_eq!(feature.binning().len(), points.len());
        }
    }
}

#[test]
fn the_total_in_clear_adds_the_points_of_each_value() {
    let total = card().clear_points(|holder, column| match (holder.as_str(), column) {
        ("tax", "PAY_0") => Some(Value::Number(0.0)),
        ("tax", "LIMIT") => Some(Value::Number(1000.0)),
        ("social", "ownership") => Some(Value::text("Z")),
        _ => None,
    });
    assert_eq!(total.unwrap(), 30 + 1 + 3);
    assert_eq!(card().score(34), 446);
}

#[test]
fn a_missing_value_without_points_for_it_is_refused() {
    let error = card().clear_points(|_, _| None).unwrap_err();
    let expected = Error::NoBin { holder: "social".into(), column: "ownership".into() };
    assert_eq!(error, expected);
}

#[test]
fn the_probability_follows_the_scale() {
    let close = |left: f64, right: f64| (left - right).abs() < 1e-12;
    assert!(close(card().probability(600), 1.0 / 51.0));
    assert!(close(card().probability(620), 1.0 / 101.0));
    assert!(close(card().probability(580), 1.0 / 26.0));
    assert!(card().probability(i32::MIN) <= 1.0 && card().probability(i32::MAX) >= 0.0);
}

#[test]
fn a_grade_is_the_best_whose_cut_off_is_reached() {
    let card = card();
    assert_eq!(card.grade(640), Some("A"));
    assert_eq!(card.grade(639), Some("B"));
    assert_eq!(card.grade(579), None);
}

#[test]
fn the_total_must_fit_into_the_message_space() {
    assert!(Scorecard::from_toml(&FILE.replacen("140", "946", 1)).is_ok());
    let message = refusal("points = 140", "points = 947");
    assert!(message.contains("1024 points, at most 1023"), "{message}");
}

#[test]
fn a_fault_names_the_feature_and_says_what_to_do() {
    let cases = [
        ("points = 57", "points = -57", "`PAY_0` of `tax`: points are whole numbers"),
        ("points = 57", "points = 70000", "0 to 1023"),
        ("below = 0.5", "below = -2", "ascending"),
        ("below = 0.5", "below = nan", "finite"),
        ("below = 0.5", "below = -inf", "finite"),
        ("below = 0.5", "upto = 0.5", "`PAY_0` of `tax`: `upto`, a bound that its bin holds"),
        ("missing = 12", "other = 12", "`other` goes with"),
        ("below = 1001\npoints = 1\n[[feature.bin]]\n", "below = 1001\n", "no `below`"),
        ("values = [\"C\"]", "values = [\"A\"]", "`ownership` of `social`: the value `A`"),
        ("values = [\"C\"]", "values = []", "at least one value"),
        ("values = [\"C\"]", "below = 3", "not both"),
        ("values = [\"C\"]\n", "", "at least one value"),
        ("column = \"LIMIT\"", "column = \"PAY_0\"", "`tax` has the column `PAY_0` twice"),
        ("column = \"LIMIT\"", "column = \"\"", "the holder's column"),
        ("holder = \"social\"", "holder = \"Social\"", "slot"),
        ("version = 1", "version = 0", "versions start at 1"),
        ("from = 580", "from = 650", "descending"),
        ("name = \"B\"", "name = \"A\"", "comes twice"),
        ("pdo = 20", "pdo = 0", "above 0"),
        ("auc = 0.7712", "auc = inf", "`auc` of [training]"),
        ("2027-12-31", "2027-02-30", "a date in quotes"),
        ("offset = 412\n", "", "needs `offset` (with points), or `intercept`"),
        ("offset = 412", "offset = 412\nintercept = 1", "either `offset` and points"),
        ("offset = 412", "intercept = 1", "`PAY_0` of `tax`: points go with `offset`"),
        ("offset = 412", "intercept = nan", "a finite number"),
        ("points = 57", "woe = 0.57", "`PAY_0` of `tax`: `coef` and woe go with `intercept`"),
        ("points = 57\n", "", "every bin needs `points`"),
        ("missing = 12", "missing_woe = 1.2", "a file with `offset` has points"),
        ("offset = 412", "offset = 4.12", "line 5"),
        ("offset = 412", "ofset = 412", "unknown field `ofset`"),
    ];
    for (from, to, expected) in cases {
        let message = refusal(from, to);
        assert!(message.contains(expected), "{to}: {message}");
    }
}

const REGRESSION: &str = r#"
model = "woe"
version = 1
title = "By hand"
intercept = -2
[scale]
base_score = 600
base_odds = 50
pdo = 20
[[feature]]
column = "a"
holder = "tax"
coef = 0.5
missing_woe = 0
[[feature.bin]]
below = 4
woe = 1
[[feature.bin]]
woe = -1
[[feature]]
column = "b"
holder = "social"
coef = 1.5
other_woe = 0.1
[[feature.bin]]
values = ["x"]
woe = 0.5
"#;

#[test]
fn points_are_scaled_from_woe_as_scorecards_are() {
    let card = Scorecard::from_toml(REGRESSION).unwrap();
    // factor 28.8539, shift 487.1229: half of each, and of the intercept, to either feature.
    // a: 272.415 -14.427, +14.427, 0 = 257.988, 286.842, 272.415; b: -21.640, -4.328 = 250.775, 268.087.
    assert_eq!(card.points(&slot("tax")).unwrap(), [vec![0, 29, 14]]);
    assert_eq!(card.points(&slot("social")).unwrap(), [vec![0, 17]]);
    assert_eq!(card.offset(), 258 + 251);
    let exact = 487.1229 + 28.8539 * (2.0 - 0.5 - 0.75);
    assert!((card.exact_score(&[0, 0]).unwrap() - exact).abs() < 1e-3);
    assert_eq!(self::card().exact_score(&[0, 0, 0]), None);
}

#[test]
fn a_regression_that_lacks_a_part_is_refused_with_its_feature() {
    for (from, to, expected) in [
        ("coef = 0.5\n", "", "`a` of `tax`: a file with `intercept` needs a `coef`"),
        ("woe = -1\n", "", "`a` of `tax`: every bin needs `woe`"),
        ("woe = -1", "woe = inf", "`a` of `tax`: `coef` and woe must be finite"),
        ("woe = -1", "woe = -100", "`a` of `tax`: its points are more than 1023 apart"),
        ("missing_woe = 0", "missing = 0", "`missing_woe` and `other_woe`"),
        ("other_woe = 0.1", "other = 1", "`missing_woe` and `other_woe`"),
        ("intercept = -2", "intercept = 1e300", "its points"),
    ] {
        assert!(REGRESSION.contains(from), "{from}");
        let error = Scorecard::from_toml(&REGRESSION.replacen(from, to, 1)).unwrap_err();
        assert!(error.to_string().contains(expected), "{to}: {error}");
    }
}

#[test]
fn a_model_without_features_or_with_an_eighth_holder_is_refused() {
    let head = &FILE[..FILE.find("[[feature]]").unwrap()];
    assert!(Scorecard::from_toml(head).unwrap_err().to_string().contains("at least one"));
    let feature = |holder: usize, column: usize| {
        format!("[[feature]]\ncolumn='c{column}'\nholder='h{holder}'\nbin=[{{points=1}}]\n")
    };
    let holders = |count| head.to_owned() + &(0..count).map(|h| feature(h, 0)).collect::<String>();
    assert!(Scorecard::from_toml(&holders(7)).is_ok());
    assert!(Scorecard::from_toml(&holders(8)).unwrap_err().to_string().contains("8 holders"));
    let columns = |count| head.to_owned() + &(0..count).map(|c| feature(0, c)).collect::<String>();
    assert!(Scorecard::from_toml(&columns(64)).is_ok());
    assert!(Scorecard::from_toml(&columns(65)).unwrap_err().to_string().contains("65 features"));
}

#[test]
fn the_canonical_bytes_change_with_every_content_and_not_with_the_layout() {
    let bytes = card().canonical();
    let laid_out = FILE.replace("\n\n", "\n\n# a comment\n");
    assert_eq!(Scorecard::from_toml(&laid_out).unwrap().canonical(), bytes);
    for (from, to) in [
        ("version = 1", "version = 2"),
        ("next month", "next year"),
        ("offset = 412", "offset = 413"),
        ("2027-12-31", "2027-12-30"),
        ("base_odds = 50", "base_odds = 49"),
        ("from = 580", "from = 581"),
        ("rows = 30000", "rows = 30001"),
        ("below = 0.5", "below = 0.25"),
        ("points = 57", "points = 56"),
        ("missing = 12", "missing = 13"),
        ("missing = 12\n", ""),
        ("values = [\"A\", \"B\"]", "values = [\"AB\"]"),
        ("holder = \"social\"", "holder = \"police\""),
    ] {
        let other = Scorecard::from_toml(&FILE.replacen(from, to, 1)).unwrap();
        assert_ne!(other.canonical(), bytes, "{to}");
    }
    assert_ne!(card().part(&slot("tax")).unwrap().canonical(), bytes);
}
