//! The figures on a page are those of other programs, to the digits shown.
//!
//! `germancredit-woebin.json` and `germancredit-scorecardpy.csv` are what scorecardpy 0.1.9.7 found on
//! Statlog's German credit data (crates/scorecard/tests says how they were made). Its counts of each
//! bin are given to the card as rows; everything that is computed of them is compared.

use std::path::PathBuf;
use std::{env, fs};

use domain::{ModelId, Slot, Value};
use ndarray::Array1;
use report::{Measures, ModelCard, Performance, Provenance, Sample, Source};
use scorecard::admission::Admission;
use scorecard::monitoring::calibration;
use scorecard::{CsvTable, Fill, Head, Scale, Scorecard};
use serde_json::Value as Json;
use terminal::Language;

use crate::dom::read;

const CARD: &str = include_str!("../../../scorecard/tests/vectors/germancredit-scorecardpy.csv");
const GOLDEN: &str = include_str!("../../../scorecard/tests/vectors/germancredit-woebin.json");
const UCI: &str = include_str!("../../../demo/src/uci-default.toml");

fn golden() -> Json {
    serde_json::from_str(GOLDEN).expect("JSON")
}

fn german() -> Scorecard {
    let head = Head {
        model: ModelId::new("german", 1).expect("a name"),
        title: "German credit".into(),
        scale: Scale { base_score: 600, base_odds: 19.0, pdo: 50.0 },
    };
    Scorecard::from_scorecardpy(CARD, head, |_| "bank".parse().ok(), Fill::default())
        .expect("a card")
}

/// Good and bad rows of each bin of a feature, in the order of the card.
fn counts(golden: &Json, column: &str) -> Vec<(u64, u64)> {
    let bins = golden["tree"][column]["bins"].as_array().expect("bins");
    let rows = |count: &Json| count.as_u64().expect("a count of rows");
    bins.iter().map(|bin| (rows(&bin[1]), rows(&bin[2]))).collect()
}

/// As many rows as scorecardpy had, each feature's bins filled as it found them.
fn measured(card: &Scorecard) -> ModelCard {
    let golden = golden();
    let place = |counts: Vec<u64>| {
        let filled = counts.into_iter().enumerate();
        filled.flat_map(|(bin, rows)| (0..rows).map(move |_| bin)).collect::<Vec<_>>()
    };
    let mut sample = Sample::new(card, None);
    for bad in [false, true] {
        let columns = card.features().map(|(_, feature, _)| {
            let counts = counts(&golden, feature.column()).into_iter();
            place(counts.map(|(good, bads)| if bad { bads } else { good }).collect())
        });
        let columns: Vec<Vec<usize>> = columns.collect();
        for row in 0..columns[0].len() {
            let bins: Vec<usize> = columns.iter().map(|column| column[row]).collect();
            sample.add(Some(&bins), bad);
        }
    }
    let admission = Admission::of(card, None, sample.reference().as_ref());
    let mut found = ModelCard::of(card, Provenance::of(card, None), &admission);
    found.measure(&sample, Source::of("germancredit.csv", b""), 10).expect("both classes");
    found
}

#[test]
fn bins_on_a_page_are_those_of_scorecardpy() {
    let card = german();
    let golden = golden();
    let page = read(&measured(&card).to_html(Language::En));
    let overview = page.table("Features, in the order of the model").rows();
    let iv = page.table("Features, in the order of the model").heads();
    let iv = iv.iter().position(|head| head == "IV").expect("a column");
    let mut compared = 0;
    for ((_, feature, points), line) in card.features().zip(&overview) {
        let theirs = &golden["tree"][feature.column()];
        let total: f64 = theirs["total_iv"].as_f64().unwrap();
        assert_eq!(line[iv], format!("{total:.4}"), "{}", feature.column());
        let table = page.table(&format!("Bins of bank.{}", feature.column()));
        assert_eq!(
            table.heads(),
            ["no.", "bin", "points", "rows", "share", "good", "bad", "bad rate", "WOE", "IV"]
                .into_iter()
                .chain((table.heads().len() > 10).then_some("remark"))
                .collect::<Vec<_>>()
        );
        let bins = theirs["bins"].as_array().unwrap();
        assert_eq!(bins.len(), points.len());
        for ((row, bin), points) in table.rows().iter().zip(bins).zip(points) {
            let (good, bad) = (bin[1].as_f64().unwrap(), bin[2].as_f64().unwrap());
            let expected = [
                points.to_string(),
                format!("{}", good + bad),
                format!("{:.2}%", (good + bad) / 10.0),
                format!("{good}"),
                format!("{bad}"),
                format!("{:.2}%", 100.0 * bad / (good + bad)),
                format!("{:.4}", bin[3].as_f64().unwrap()),
                format!("{:.4}", bin[4].as_f64().unwrap()),
            ];
            assert_eq!(row[2..10], expected, "{}", feature.column());
            if feature.binning().is_numeric() {
                assert_eq!(row[1], of_range(bin[0].as_str().unwrap()));
            }
            compared += 1;
        }
    }
    assert!(compared > 60, "{compared}");
}

/// `[8.0,16.0)` as a page writes it.
fn of_range(theirs: &str) -> String {
    let inside = theirs.trim_matches(['[', ')']);
    let (from, until) = inside.split_once(',').expect("a range");
    let number = |text: &str| text.parse::<f64>().expect("a number");
    match (from, until) {
        ("-inf", until) => format!("< {}", number(until)),
        (from, "inf") => format!("≥ {}", number(from)),
        (from, until) => format!("[{}, {})", number(from), number(until)),
    }
}

#[test]
fn gains_are_those_of_perf_eva() {
    let golden = golden();
    let theirs = golden["perf_eva"]["gains"].as_array().unwrap();
    let (mut scores, mut bad) = (Vec::new(), Vec::new());
    for (place, row) in (0_u32..).zip(theirs) {
        for (class, at) in [(false, 1), (true, 2)] {
            for _ in 0..row[at].as_u64().unwrap() {
                scores.push(f64::from(place));
                bad.push(class);
            }
        }
    }
    let found = Performance::of(&Array1::from(scores), None, &Array1::from(bad), 10).unwrap();
    for (gain, row) in found.gains.iter().zip(theirs) {
        let figures = [gain.bad_rate, gain.lift, gain.good_so_far, gain.bad_so_far, gain.ks];
        for (figure, at) in figures.iter().zip([3, 5, 6, 7, 8]) {
            assert!((figure - row[at as usize].as_f64().unwrap()).abs() < 1e-12, "{gain:?}");
        }
    }
}

#[test]
fn an_interval_is_that_of_stata_and_a_brier_score_that_of_scikit_learn() {
    // Hanley and McNeil, Radiology 143 (1982), table 1: Stata's `roctab` has 0.8932, 0.83295 to 0.95339.
    let ratings = [[33, 3], [6, 2], [6, 2], [11, 11], [2, 33]];
    let rows = (1_u32..).zip(ratings).flat_map(|(rating, counts)| {
        let of = |class: usize| (0..counts[class]).map(move |_| (-f64::from(rating), class == 1));
        of(0).chain(of(1)).collect::<Vec<_>>()
    });
    let (scores, bad): (Vec<f64>, Vec<bool>) = rows.unzip();
    let found = Measures::of(Array1::from(scores).view(), Array1::from(bad).view()).unwrap();
    let (low, high) = found.auc_95.unwrap();
    assert!((low - 0.83295).abs() < 5e-6 && (high - 0.95339).abs() < 5e-6, "{low} {high}");
    assert!(found.auc_words().starts_with("0.8932 (0.83"), "{}", found.auc_words());
    // The example of `sklearn.metrics.brier_score_loss`.
    let probabilities = Array1::from(vec![0.1, 0.9, 0.8, 0.3]);
    let bad = Array1::from(vec![false, true, true, false]);
    let scores = probabilities.mapv(|it| 1.0 - it);
    let found = Performance::of(&scores, Some(&probabilities), &bad, 2).unwrap();
    let brier = calibration(probabilities.view(), bad.view(), 2).unwrap().1;
    assert_eq!(found.brier, Some(brier));
    assert_eq!(format!("{brier:.5}"), "0.03750");
}

#[test]
fn the_shipped_card_has_on_its_page_what_its_fit_measured_with_numpy() {
    let Some(folder) = env::var_os("TACIT_CREDIT_DATA") else {
        eprintln!("skipped: TACIT_CREDIT_DATA names no folder with the UCI credit card data");
        return;
    };
    let sheet = |name: &str| {
        let path = PathBuf::from(&folder).join(name);
        CsvTable::read(&fs::read_to_string(path).expect("the file")).expect("a CSV")
    };
    let (lender, department) = (sheet("uci_credit_lender.csv"), sheet("uci_credit_department.csv"));
    let card = Scorecard::from_toml(UCI).expect("a card");
    let own: Slot = "lender".parse().expect("a slot");
    let label = lender.column("y").expect("labels");
    let mut sample = Sample::new(&card, Some(&own));
    for (mine, theirs) in lender.rows().iter().zip(department.rows()) {
        assert_eq!(mine[lender.column("ID").unwrap()], theirs[department.column("ID").unwrap()]);
        let value = |slot: &Slot, column: &str| {
            let (sheet, row) = if *slot == own { (&lender, mine) } else { (&department, theirs) };
            row[sheet.column(column).expect("a column")].parse().ok().map(Value::Number)
        };
        let bins = card.bins(value).ok();
        sample.add(bins.as_deref(), mine[label].trim() == "1");
    }
    let admission = Admission::of(&card, Some(&own), sample.reference().as_ref());
    let mut found = ModelCard::of(&card, Provenance::of(&card, Some(&own)), &admission);
    found.measure(&sample, Source::of("uci.csv", b""), 10).expect("both classes");
    let page = read(&found.to_html(Language::En));
    let fact = |name: &str| {
        let facts = page.table("What the model file says of its training").rows();
        facts.into_iter().find(|row| row[0] == name).expect("a fact")[1].clone()
    };
    let tiles: Vec<String> = page.named("dd").iter().map(|tile| tile.text()).collect();
    for (tile, name) in [(&tiles[0], "all_auc"), (&tiles[1], "all_ks")] {
        let expected = format!("{:.4}", fact(name).parse::<f64>().unwrap());
        eprintln!("{name}: {expected} of the fit, `{tile}` on the page");
        assert!(tile.starts_with(&expected), "{name}: {expected} {tile}");
    }
}
