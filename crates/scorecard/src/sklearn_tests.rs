use domain::{ModelId, Slot, Value};

use crate::{Fill, Head, Scale, Scorecard};

const FILE: &str = r#"{
  "intercept": -1.25,
  "features": [
    {"column": "age", "holder": "tax", "coef": 0.8,
     "bins": [{"below": 25, "woe": 0.5}, {"upto": 60, "woe": -0.25}, {"woe": -1}],
     "missing": {"woe": 0.125}},
    {"column": "housing",
     "bins": [{"values": ["own"], "coef": -0.5}, {"values": ["rent"], "coef": 0.75}],
     "other": {"coef": 0}}
  ]
}"#;

fn read(json: &str) -> Result<Scorecard, crate::Error> {
    let scale = Scale { base_score: 600, base_odds: 50.0, pdo: 20.0 };
    let head = Head { model: ModelId::new("m", 1).unwrap(), title: "t".into(), scale };
    let bank = |column: &str| (column != "x").then(|| "bank".parse().unwrap());
    Scorecard::from_sklearn(json, head, bank, Fill::default())
}

fn bins(card: &Scorecard, age: Option<f64>, housing: &str) -> Vec<usize> {
    let value = |_: &Slot, column: &str| match column {
        "age" => age.map(Value::Number),
        _ => Some(Value::text(housing)),
    };
    card.bins(value).unwrap()
}

#[test]
fn a_regression_becomes_points_that_are_its_score_but_for_rounding() {
    let card = read(FILE).unwrap();
    let factor = 20.0 / 2.0_f64.ln();
    for (age, housing, log_odds) in [
        (Some(24.9), "own", 0.8 * 0.5 - 0.5),
        (Some(25.0), "rent", 0.8 * -0.25 + 0.75),
        (Some(60.0), "boat", 0.8 * -0.25),
        (Some(61.0), "own", -0.8 - 0.5),
        (None, "boat", 0.8 * 0.125),
    ] {
        let bins = bins(&card, age, housing);
        let exact = 600.0 - factor * 50.0_f64.ln() - factor * (log_odds - 1.25);
        assert!((card.exact_score(&bins).unwrap() - exact).abs() < 1e-9);
        let score = f64::from(card.score(card.points_of(&bins).unwrap()));
        assert!((score - exact).abs() <= 1.0, "{score} {exact}: half a point a feature");
        // The scale says the same of the score as the regression.
        let bad = 1.0 / (1.0 + (1.25 - log_odds).exp());
        let at = 1.0 / (1.0 + 50.0 * ((exact - 600.0) / 20.0).exp2());
        assert!((bad - at).abs() < 1e-9);
    }
    assert_eq!(card.exact_score(&[0]), None);
    assert_eq!(card.points_of(&[0, 9]), None);
}

#[test]
fn a_bin_that_a_feature_lacks_gets_the_weight_that_is_given_for_it_and_no_other_does() {
    assert_eq!(read(FILE).unwrap().lacks().unwrap(), "bank.housing (missing)");
    let scale = Scale { base_score: 600, base_odds: 50.0, pdo: 20.0 };
    let head = Head { model: ModelId::new("m", 1).unwrap(), title: "t".into(), scale };
    let fill = Fill { missing: Some(0.0), other: Some(9.0) };
    let card = Scorecard::from_sklearn(FILE, head, |_| "bank".parse().ok(), fill).unwrap();
    assert_eq!(card.lacks(), None);
    let file = card.to_toml();
    assert_eq!(file.matches("missing_woe = 0.0").count(), 1, "{file}");
    assert!(file.contains("missing_woe = 0.125") && file.contains("other_woe = 0.0"), "{file}");
}

#[test]
fn the_regression_stays_in_the_model_file() {
    let card = read(FILE).unwrap();
    let file = card.to_toml();
    assert!(file.contains("intercept = -1.25") && !file.contains("points"), "{file}");
    let again = Scorecard::from_toml(&file).unwrap();
    assert_eq!((&again, again.canonical()), (&card, card.canonical()));
    for (from, to) in [("coef = 0.8", "coef = 0.801"), ("woe = 0.5\n", "woe = 0.501\n")] {
        assert!(file.contains(from), "{file}");
        let other = Scorecard::from_toml(&file.replacen(from, to, 1)).unwrap();
        assert_ne!(other.canonical(), card.canonical());
    }
}

#[test]
fn points_start_at_none_in_every_feature() {
    let card = read(FILE).unwrap();
    assert!(card.features().all(|(.., points)| points.iter().min() == Some(&0)));
    assert_eq!(card.holders().len(), 2);
}

#[test]
fn what_is_no_regression_is_refused_with_its_feature() {
    for (from, to, expected) in [
        ("\"intercept\": -1.25", "\"intercept\": null", "sklearn"),
        ("\"below\": 25", "\"below\": 25, \"upto\": 24", "`age`: a bin has `upto` or `below`"),
        ("\"below\": 25", "\"below\": 70", "ascending"),
        ("\"woe\": 0.5", "\"coef\": 0.5", "`age`: with a `coef`"),
        ("\"coef\": -0.5", "\"woe\": -0.5", "`housing`: without a `coef`"),
        ("{\"coef\": 0}", "{}", "`housing`: without a `coef`"),
        ("\"coef\": 0.8", "\"coef\": 8e9", "`age` of `tax`: its points"),
        ("\"coef\": 0.8", "\"coef\": 80", "a smaller `pdo`"),
        ("\"column\": \"housing\"", "\"column\": \"x\"", "`x`: nobody is named"),
        ("\"column\": \"age\"", "\"colum\": \"age\"", "unknown field `colum`"),
    ] {
        assert!(FILE.contains(from), "{from}");
        let message = read(&FILE.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(message.contains(expected), "{to}: {message}");
    }
}
