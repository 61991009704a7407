use std::fs;

use clap::Parser as _;
use report::{Measured, ModelCard};
use scorecard::admission::{Admission, Rule};
use scorecard::{Reference, Scorecard};
use tempfile::TempDir;
use terminal::{Language, Voice};

use super::{check, found};
use crate::arguments::CheckArguments;
use crate::commands::model::card_of;

const FIRMS: &str = include_str!("../../../../demo/src/small-firms.toml");
const UCI: &str = include_str!("../../../../demo/src/uci-default.toml");
const FIRMS_REFERENCE: &str = include_str!("../../../../demo/src/small-firms.reference.toml");
const UCI_REFERENCE: &str = include_str!("../../../../demo/src/uci-default.reference.toml");

/// Rows of the card below, one of them bad.
const ROWS: &str = "y,tax.a,social.a\n1,1,\n0,2,\n0,3,\"x, y\"\n";

const CARD: &str = "model = 'm'\nversion = 1\ntitle = 't'\nintercept = -1\n\
    [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
    [[feature]]\ncolumn = 'a'\nholder = 'tax'\ncoef = 1\n\
    bin = [{below = 2, woe = 0.7}, {below = 3, woe = 0.69}, {woe = -1}]\n\
    [[feature]]\ncolumn = 'a'\nholder = 'social'\ncoef = 0.5\nmissing_woe = 0\n\
    bin = [{values = ['x, y'], woe = 0.3}]\n";

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    check: CheckArguments,
}

/// A folder with the card, and a command about it.
struct Folder(TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("card.toml", CARD)].iter().chain(files) {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn line(&self, options: &[&str]) -> CheckArguments {
        let words = options.iter().map(|word| match word.contains('.') {
            true => self.path(word),
            false => (*word).to_owned(),
        });
        Line::parse_from(["check".to_owned(), self.path("card.toml")].into_iter().chain(words))
            .check
    }
}

fn measured(csv: &str, key: Option<&str>) -> Result<Measured, String> {
    let folder = Folder::with(&[("data.csv", csv)]);
    let key = key.map(|key| ["--key", key]);
    let options = ["--data", "data.csv", "--label", "y"];
    let options: Vec<&str> = options.into_iter().chain(key.into_iter().flatten()).collect();
    let card = Scorecard::from_toml(CARD).unwrap();
    let found = found(&card, &folder.line(&options));
    let found = found.map(|(found, _)| found.measured.unwrap());
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
    let folder = Folder::with(&[("rows.csv", ROWS)]);
    let options = ["--data", "rows.csv", "--label", "y", "--reference", "reference.toml", "--json"];
    // The card breaks rules; its statistics are what they are.
    let voice = Voice::new(Language::En);
    let broken = check(&folder.line(&options), voice).err().unwrap();
    assert_eq!(broken.code(), "MODEL_RULES");
    let card = Scorecard::from_toml(CARD).unwrap();
    let left = fs::read_to_string(folder.path("reference.toml")).unwrap();
    assert_eq!(Reference::from_toml(&left, &card).unwrap().rows, 3);
}

#[test]
fn rows_are_held_against_those_of_before_and_against_statistics_of_them() {
    let before = "tax.a,social.a\n1,\n1,\n3,\n1,\"x, y\"\n";
    let folder = Folder::with(&[("rows.csv", ROWS), ("before.csv", before)]);
    let card = Scorecard::from_toml(CARD).unwrap();
    let options = ["--data", "rows.csv", "--label", "y", "--base", "before.csv"];
    let (rows, _) = found(&card, &folder.line(&options)).unwrap();
    let base = rows.before.as_ref().unwrap();
    // The rows of before have no outcomes: nothing is said of how the card did on them.
    assert_eq!((base.rows, base.measures.is_some(), base.shift.is_some()), (4, false, true));
    let shares: Vec<_> = rows.features[0].bins.iter().map(|bin| bin.share_before).collect();
    assert_eq!(shares, [Some(0.75), Some(0.0), Some(0.25)]);
    let labelled = "y,tax.a,social.a\n1,1,\n0,1,\n0,3,\n1,1,\"x, y\"\n";
    let folder = Folder::with(&[("rows.csv", ROWS), ("before.csv", labelled)]);
    let line = ["--data", "before.csv", "--label", "y", "--reference", "reference.toml"];
    assert!(check(&folder.line(&line), Voice::new(Language::Zh)).is_err());
    let (known, _) = found(&card, &folder.line(&options)).unwrap();
    assert_eq!(known.before.as_ref().unwrap().measures.as_ref().unwrap().bad, 2);
    // Statistics of the same rows give the same index of every feature.
    let statistics = ["--data", "rows.csv", "--label", "y", "--base", "reference.toml"];
    let (statistics, _) = found(&card, &folder.line(&statistics)).unwrap();
    assert!(statistics.before.as_ref().unwrap().shift.is_none());
    let csi = |card: &ModelCard| card.features.iter().map(|it| it.csi).collect::<Vec<_>>();
    assert!(csi(&rows).iter().all(Option::is_some) && csi(&rows)[0] > Some(0.0));
    assert_eq!((csi(&statistics), csi(&known)), (csi(&rows), csi(&rows)));
}

#[test]
fn the_card_is_left_as_a_page_in_the_operators_language() {
    let folder = Folder::with(&[("rows.csv", ROWS)]);
    let options = ["--data", "rows.csv", "--label", "y", "--html", "page.html"];
    let card = Scorecard::from_toml(CARD).unwrap();
    for language in [Language::En, Language::Zh] {
        let line = folder.line(&options);
        assert!(check(&line, Voice::new(language)).is_err(), "the card breaks rules all the same");
        let written = fs::read_to_string(folder.path("page.html")).unwrap();
        let (expected, _) = found(&card, &line).unwrap();
        assert_eq!(written, expected.to_html(language));
        assert!(written.contains("tax.a") && !written.contains(&folder.path("")));
    }
}

#[test]
fn rows_are_measured_before_and_after_rounding_and_those_without_a_bin_left_out() {
    let csv = "id,y,tax.a,social.a\n1,bad,1,\"x, y\"\n2,good,2,\n3,0,3,\n4,1,,\"x, y\"\n5,0,1,z\n";
    let found = measured(csv, Some("id")).unwrap();
    let all = &found.performance.all;
    assert_eq!((all.rows, all.bad, found.without_bin), (3, 1, 2));
    assert_eq!(all.auc, 1.0);
    assert_eq!(found.before_rounding.unwrap().auc, 1.0);
    // Bins that differ by a third of a point are one after rounding: the pair is a tie.
    let csv = "y,tax.a,social.a\n1,1,\n0,2,\n";
    let found = measured(csv, None).unwrap();
    let exact = found.before_rounding.unwrap();
    assert_eq!((found.performance.all.auc, exact.auc), (0.5, 1.0));
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
