use std::fs;

use clap::Parser as _;
use scorecard::admission::{Admission, Rule};
use scorecard::{Reference, Scorecard};
use terminal::Voice;

use super::{Measured, check};
use crate::arguments::CheckArguments;
use crate::commands::model::card_of;

const FIRMS: &str = include_str!("../../../../demo/src/small-firms.toml");
const UCI: &str = include_str!("../../../../demo/src/uci-default.toml");
const FIRMS_REFERENCE: &str = include_str!("../../../../demo/src/small-firms.reference.toml");
const UCI_REFERENCE: &str = include_str!("../../../../demo/src/uci-default.reference.toml");

const CARD: &str = "model = 'm'\nversion = 1\ntitle = 't'\nintercept = -1\n\
    [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
    [[feature]]\ncolumn = 'a'\nholder = 'tax'\ncoef = 1\n\
    bin = [{below = 2, woe = 0.7}, {below = 3, woe = 0.69}, {woe = -1}]\n\
    [[feature]]\ncolumn = 'a'\nholder = 'social'\ncoef = 0.5\nmissing_woe = 0\n\
    bin = [{values = ['x, y'], woe = 0.3}]\n";

fn measured(csv: &str, key: Option<&str>) -> Result<Measured, String> {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.csv");
    fs::write(&data, csv).unwrap();
    let card = Scorecard::from_toml(CARD).unwrap();
    let found = Measured::of(&card, (&data, "y", key), None);
    found.map_err(|failure| format!("{}: {}", failure.code(), failure.what().en))
}

#[test]
fn the_shipped_cards_keep_every_rule_by_the_statistics_that_ship_with_them() {
    for (file, reference, lender, readable) in
        [(FIRMS, FIRMS_REFERENCE, None, 0.10), (UCI, UCI_REFERENCE, Some("lender"), 0.60)]
    {
        let card = Scorecard::from_toml(file).unwrap();
        let reference = Reference::from_toml(reference, &card).unwrap();
        let lender = lender.map(|slot| slot.parse().unwrap());
        let admission = Admission::of(&card, lender.as_ref(), Some(&reference));
        assert!(admission.is_complete(), "{} {:?}", card.model(), admission.findings());
        assert!(!Admission::of(&card, lender.as_ref(), None).is_complete());
        assert!((5..=10).contains(&card.grades().len()));
        let radix = admission.findings().iter().find(|it| it.rule == Rule::MixedRadix).unwrap();
        assert!(radix.figure.unwrap() < readable, "{radix:?}");
    }
    let uci = Scorecard::from_toml(UCI).unwrap();
    assert!(Reference::from_toml(FIRMS_REFERENCE, &uci).is_err());
}

#[test]
fn the_statistics_of_the_rows_are_left_in_a_file_that_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("card.toml"), CARD).unwrap();
    fs::write(path("rows.csv"), "y,tax.a,social.a\n1,1,\n0,2,\n0,3,\"x, y\"\n").unwrap();
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        check: CheckArguments,
    }
    let text = |name: &str| path(name).display().to_string();
    let (card, rows, left) = (text("card.toml"), text("rows.csv"), text("reference.toml"));
    let line = ["check", &card, "--data", &rows, "--label", "y", "--reference", &left, "--json"];
    // The card breaks rules; its statistics are what they are.
    let voice = Voice::new(terminal::Language::En);
    let broken = check(&Line::parse_from(line).check, voice).err().unwrap();
    assert_eq!(broken.code(), "MODEL_RULES");
    let card = Scorecard::from_toml(CARD).unwrap();
    let left = fs::read_to_string(left).unwrap();
    assert_eq!(Reference::from_toml(&left, &card).unwrap().rows, 3);
}

#[test]
fn rows_are_measured_before_and_after_rounding_and_those_without_a_bin_left_out() {
    let csv = "id,y,tax.a,social.a\n1,bad,1,\"x, y\"\n2,good,2,\n3,0,3,\n4,1,,\"x, y\"\n5,0,1,z\n";
    let found = measured(csv, Some("id")).unwrap();
    assert_eq!((found.rows, found.bads, found.unplaced), (3, 1, 2));
    assert_eq!(found.rounded.auc, 1.0);
    assert_eq!(found.exact.unwrap().auc, 1.0);
    // Bins that differ by a third of a point are one after rounding: the pair is a tie.
    let csv = "y,tax.a,social.a\n1,1,\n0,2,\n";
    let found = measured(csv, None).unwrap();
    assert_eq!((found.rounded.auc, found.exact.unwrap().auc), (0.5, 1.0));
}

#[test]
fn what_is_wrong_with_data_is_said_with_its_row() {
    for (csv, key, expected) in [
        ("y,b\n1,1\n", None, "no column `a`"),
        ("a\n1\n", None, "no column `y`"),
        ("y,a\n1,1\n2,1\n", None, "row 2 has neither"),
        ("y,a,id\n1,1,7\n0,1,7\n", Some("id"), "row 2 has a value in `id`"),
        ("y,tax.a,social.a\n1,1,\n1,2,\n", None, "nothing can be measured"),
        ("y,a\n1\n", None, "row 1 has 1 cells"),
    ] {
        let said = measured(csv, key).err().unwrap();
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_file_that_is_no_model_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.toml");
    fs::write(&file, "model = 1").unwrap();
    let failure = card_of(&file).err().unwrap();
    assert_eq!(failure.code(), "MODEL");
    assert!(failure.what().en.contains("m.toml"));
}
