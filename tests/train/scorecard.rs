//! Scorecards trained between processes: bins, weights of evidence and points are those of the same
//! pipeline in clear, a row scores under encryption as in clear, and what cannot be scored by is refused
//! by name.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use domain::Value as Cell;
use lab::relay::{Fate, Passing, Relay, Side};
use ndarray::ArrayView1;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use scorecard::fitting::{Constraints, PreBins, optimal, woe};
use scorecard::{Binning, Feature, Fitted, Head, Scale, Scorecard};
use serde_json::Value;
use wire::peer::frame::Kind;

use super::refused;
use crate::support::clear::credit;
use crate::support::clear::exact::{self, Table};
use crate::support::scoring_circle::{Gaps, HOLDERS, ScoringCircle};
use crate::support::{pid, runtime};

/// So many that every pre-bin of twenty reaches the floors.
const ROWS: usize = 4_000;

/// A column of the pipeline in clear.
struct Clear {
    breaks: Vec<f64>,
    /// Of each bin, then of a value that is missing.
    woe: Vec<f64>,
}

impl Clear {
    /// Bins of the most information value under the job's constraints, of counts in clear.
    fn of(column: &[f64], bad: &[bool]) -> Self {
        let prebins = PreBins::equal_frequency(ArrayView1::from(column), 20).expect("values");
        let counted = prebins.count(ArrayView1::from(column), ArrayView1::from(bad));
        let (counts, missing) = counted.expect("as many outcomes");
        let wanted = Constraints {
            max_n_bins: 6,
            min_bin_n_event: 5,
            min_bin_n_nonevent: 5,
            ..Constraints::default()
        };
        let partition = optimal(&counts, &wanted).expect("bins").partition;
        let mut cells = partition.counts(&counts);
        let apart = missing.total() >= 50;
        if apart {
            cells.push(missing);
        } else if missing.total() > 0 {
            cells[0] = cells[0] + missing;
        }
        let mut weights = woe(&cells);
        if !apart {
            weights.push(if missing.total() > 0 { weights[0] } else { 0.0 });
        }
        Self { breaks: partition.breaks(prebins.breaks()), woe: weights }
    }

    fn of_row(&self, value: f64) -> f64 {
        match value.is_nan() {
            true => self.woe[self.woe.len() - 1],
            false => self.woe[self.breaks.partition_point(|first| *first <= value)],
        }
    }
}

/// The card of the same pipeline on pooled data in clear.
fn clear_card(table: &Gaps, holder_of: impl Fn(usize) -> &'static str) -> (Vec<Clear>, Scorecard) {
    let clear: Vec<Clear> =
        table.columns.iter().map(|column| Clear::of(column, &table.bad)).collect();
    let rows = table.bad.len() as f64;
    let (mut standards, mut columns) = (Vec::new(), Vec::new());
    for (clear, column) in clear.iter().zip(&table.columns) {
        let weights: Vec<f64> = column.iter().map(|value| clear.of_row(*value)).collect();
        let mean = weights.iter().sum::<f64>() / rows;
        let deviation = (weights.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / rows).sqrt();
        columns.push(weights.iter().map(|x| (x - mean) / deviation).collect());
        standards.push((mean, deviation));
    }
    let fitted = exact::fit(&Table { columns, bad: table.bad.clone() }, None, 1e-3).weights;
    let (slopes, intercept) = fitted.split_at(fitted.len() - 1);
    let shift =
        slopes.iter().zip(&standards).map(|(slope, (mean, deviation))| slope * mean / deviation);
    let intercept = intercept[0] - shift.sum::<f64>();
    let features = clear.iter().zip(slopes).zip(&standards).enumerate();
    let features = features.map(|(at, ((clear, slope), (_, deviation)))| {
        let binning = Binning::numbers(clear.breaks.clone(), true).expect("breaks");
        Fitted {
            holder: holder_of(at).parse().expect("a slot"),
            field: None,
            feature: Feature::new(&format!("x{at}"), binning).expect("a name"),
            woe: clear.woe.clone(),
            coef: slope / deviation,
        }
    });
    let features = features.collect();
    let scale = Scale { base_score: 600, base_odds: 50.0, pdo: 20.0 };
    let head = Head { model: "clear@1".parse().expect("a name"), title: "Clear".into(), scale };
    let card = Scorecard::from_regression(head, intercept, Default::default(), features);
    (clear, card.expect("a card"))
}

#[test]
fn a_card_that_was_trained_jointly_is_that_of_the_clear_pipeline_and_scores_rows_as_in_clear() {
    let table = made_up(ROWS);
    let mut circle = ScoringCircle::running(&table, 0);
    let report = circle.trained("card@1", "");
    let path = report["card"].as_str().expect("the card's path").to_owned();
    let text = fs::read_to_string(&path).expect("the card");
    let card = Scorecard::from_toml(&text).expect("a model file");
    let holder_of = |column: usize| HOLDERS[column / 3];
    let (clear, expected) = clear_card(&table, holder_of);

    // Bins and weights of evidence.
    let told = report["scorecard"]["columns"].as_array().expect("columns");
    assert_eq!(told.len(), 9);
    let (mut most_woe, mut most_points) = (0.0_f64, 0);
    for (at, ((clear, told), (slot, feature, points))) in
        clear.iter().zip(told).zip(card.features()).enumerate()
    {
        assert_eq!((slot.as_str(), feature.column()), (holder_of(at), format!("x{at}").as_str()));
        let binning = Binning::numbers(clear.breaks.clone(), true).expect("breaks");
        assert_eq!(*feature.binning(), binning, "x{at}");
        let bins = told["bins"].as_array().expect("bins");
        assert_eq!(bins.len(), clear.woe.len(), "x{at}");
        for (woe, bin) in clear.woe.iter().zip(bins) {
            most_woe = most_woe.max((bin["woe"].as_f64().expect("a weight") - woe).abs());
        }
        // Points lie where the offset does not: compared within their feature.
        let (_, _, clear) = expected.features().nth(at).expect("as many features");
        for (found, clear) in points.iter().zip(clear) {
            most_points = most_points.max(found.abs_diff(*clear));
        }
        assert_eq!(told["wrong_sign"], false, "{told}");
    }
    println!("weights of evidence at most {most_woe:.1e} apart, points at most {most_points}");
    assert!(most_woe <= 1e-3 && most_points <= 1, "{most_woe} {most_points}");
    assert!((card.offset() - expected.offset()).abs() <= 9, "a point of each feature");

    // Registered, and used under encryption: rows with gaps among them, and one that nobody knows.
    circle.put_to_use(&text, "card@1");
    let gap = (0..ROWS).find(|row| table.columns[0][*row].is_nan()).expect("a gap");
    for row in [0, 1, gap, ROWS - 1, ROWS + 5] {
        let value = |_: &domain::Slot, column: &str| {
            let column: usize = column[1..].parse().expect("a number");
            let value = table.columns[column].get(row).copied()?;
            (!value.is_nan()).then_some(Cell::Number(value))
        };
        let in_clear = card.clear_points(value).expect("every value has a bin");
        assert_eq!(circle.points(row, "card@1"), u64::from(in_clear), "row {row}");
    }
}

#[test]
fn what_opens_is_shown_before_it_is_signed_and_stands_in_every_log() {
    let circle = ScoringCircle::running(&made_up(1_500), 0);
    let file = circle.file("shown@1", "trend = 'auto'");
    assert!(circle.train(&file).err.contains("JOB_NOT_COUNTERSIGNED"));
    let en = circle.power.tacit(&["train", "show", "shown@1"]).done().out;
    for words in ["scorecard", "bins of every column", "points", "own columns", "600 = 50:1"] {
        assert!(en.contains(words), "no {words} in {en}");
    }
    // One that has not signed is not trained with, whatever the others have said.
    for party in [&circle.tax, &circle.platform, &circle.social] {
        party.tacit(&["train", "accept", "shown@1"]).done();
    }
    refused("not countersigned", &circle.train(&file), &["JOB_NOT_COUNTERSIGNED", "power"]);
    circle.power.tacit(&["train", "accept", "shown@1"]).done();
    circle.train(&file).done();
    let changes = |party: &lab::Party| {
        let records = crate::support::records(party, "training");
        let word = |record: &Value| record["training"]["change"].as_str().map(str::to_owned);
        records.iter().filter_map(word).collect::<Vec<_>>()
    };
    assert_eq!(changes(&circle.power), ["uploaded", "uploaded", "disclosed"]);
    assert_eq!(changes(&circle.platform), ["counted", "begun", "trained"]);
    // Once is enough.
    refused("again", &circle.train(&file), &["JOB_TRAINED"]);
}

#[test]
fn columns_that_cannot_be_scored_by_are_refused_by_name_and_nothing_is_trained() {
    let mut table = made_up(1_500);
    // One value in every row; and a few rows that are very bad, too few to be told of.
    table.columns[4] = (0..1_500).map(|row| if row % 3 == 0 { f64::NAN } else { 7.0 }).collect();
    let worst: Vec<usize> = (0..1_500).filter(|row| table.bad[*row]).take(30).collect();
    worst.iter().for_each(|row| table.columns[0][*row] = 1e6);
    let circle = ScoringCircle::running(&table, 0);
    let report = circle.trained("small@1", "prebins = 64\nleast_percent = 0");
    let columns = report["scorecard"]["columns"].as_array().expect("columns").clone();
    for column in &columns {
        for bin in column["bins"].as_array().expect("bins") {
            let Some((good, bad)) = bin["good"].as_u64().zip(bin["bad"].as_u64()) else { continue };
            assert!(good >= 5 && bad >= 5 && good + bad >= 50, "{column}");
        }
    }
    // A value and no value are two cells to score by.
    assert_eq!(columns[4]["bins"].as_array().map(Vec::len), Some(2), "{}", columns[4]);

    let trend = "[[scorecard.trends]]\nparty = 'tax'\ncolumn = 'x0'\ntrend = 'descending'";
    let file = circle.accepted("trend@1", trend);
    refused(
        "a trend that cannot hold",
        &circle.train(&file),
        &["TRAIN_BINS", "tax", "x0", "trend"],
    );
    assert_eq!(circle.bank.results().len(), 3, "the first card, its model and report alone");

    let mut flat = table.clone();
    flat.columns[4] = vec![7.0; 1_500];
    circle.write(&flat);
    let file = circle.accepted("flat@1", "");
    refused("one bin", &circle.train(&file), &["social", "x4"]);
    flat.bad = vec![false; 1_500];
    circle.write(&flat);
    refused("all good", &circle.train(&file), &["TRAIN_DATA", "bad"]);
    crate::support::circle::forgets_trainings(&circle.tax);
}

#[test]
fn a_holder_killed_as_it_weighs_goes_on_from_what_was_counted_and_a_changed_register_does_not() {
    let runtime = runtime();
    let table = made_up(1_500);
    let mut circle = ScoringCircle::built(&table, 0);
    let (victim, proposals) = (Arc::new(AtomicI32::new(0)), AtomicU32::new(0));
    let aimed = Arc::clone(&victim);
    // The bank's first word to the company is the rows to be counted, its second those to be weighed.
    Relay::between(&runtime, &circle.bank, &circle.social, move |passing| {
        if matches!(passing, Passing::Proposal) && proposals.fetch_add(1, Ordering::SeqCst) == 1 {
            let pid = aimed.swap(0, Ordering::SeqCst);
            kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it is our child");
            return Fate::Cut;
        }
        Fate::Pass
    });
    circle.start();
    victim.store(pid(&circle.social).as_raw(), Ordering::SeqCst);
    let file = circle.accepted("killed@1", "");
    assert!(!circle.train(&file).status.success());
    assert_eq!(victim.load(Ordering::SeqCst), 0, "nobody was killed");
    circle.social.process = None;
    circle.social.start();
    let run = circle.bank.ended_run();
    let run = run["id"].as_str().expect("a number").to_owned();
    // What was counted is counted once.
    refused("anew", &circle.train(&file), &["JOB_COUNTED", "runs again"]);
    let good = fs::read_to_string(circle.columns_of(&circle.social)).expect("the register");
    let mut changed = table.clone();
    changed.columns[3].swap(0, 1);
    changed.columns[3][0] = -1e3;
    circle.write(&changed);
    refused("changed", &circle.bank.tacit(&["runs", "again", &run]), &["TRAIN_DATA", "changed"]);
    fs::write(circle.columns_of(&circle.social), good).expect("the register");
    circle.write(&table);
    let again = circle.bank.tacit(&["runs", "again", &run, "--json"]).done().json();
    let undisturbed = circle.trained("undisturbed@1", "");
    let points = |report: &Value| {
        let columns = report["scorecard"]["columns"].as_array().expect("columns").clone();
        let bins = columns.into_iter().flat_map(|column| column["bins"].as_array().cloned());
        let points = bins.flatten().map(|bin| bin["points"].as_i64().expect("points"));
        points.collect::<Vec<_>>()
    };
    let (again, undisturbed) = (points(&again["report"]), points(&undisturbed));
    assert_eq!(again.len(), undisturbed.len());
    // Weights differ by how shares happen to be rounded: a point at most.
    let apart = again.iter().zip(&undisturbed).map(|(one, other)| (one - other).abs()).max();
    assert!(apart <= Some(1), "{again:?} {undisturbed:?}");
    for party in [&circle.bank, &circle.platform, &circle.tax] {
        crate::support::circle::forgets_trainings(party);
    }
}

#[test]
fn counts_that_are_altered_on_their_way_are_noticed_and_nothing_is_trained() {
    let runtime = runtime();
    let mut circle = ScoringCircle::built(&made_up(1_500), 0);
    // Answers to uploads are empty: what the platform says to the holder with words in it are counts.
    let altered = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&altered);
    Relay::between(&runtime, &circle.social, &circle.platform, move |passing| {
        let Passing::Frame(Side::Answerer, frame) = passing else { return Fate::Pass };
        let Some(Kind::Chunk(chunk)) = &mut frame.kind else { return Fate::Pass };
        if chunk.body.is_empty() {
            return Fate::Pass;
        }
        let mut body = chunk.body.to_vec();
        body[0] ^= 1;
        chunk.body = body.into();
        count.fetch_add(1, Ordering::SeqCst);
        Fate::Pass
    });
    circle.start();
    let file = circle.accepted("altered@1", "");
    let said = circle.train(&file);
    refused("altered", &said, &["social"]);
    assert!(altered.load(Ordering::SeqCst) > 0, "nothing was altered: {}", said.err);
    assert_eq!(circle.bank.results(), Vec::<String>::new());
}

#[test]
fn on_held_out_rows_the_joint_card_parts_good_from_bad_better_than_the_lenders_own() {
    if credit::folder().is_none() {
        return;
    }
    // The bank's eleven columns are the last; seven rows of ten are trained on, as without bins.
    const OWN: usize = 11;
    let mut all = credit::uci();
    all.columns.rotate_left(OWN);
    let mut order: Vec<usize> = (0..all.rows()).collect();
    order.shuffle(&mut StdRng::seed_from_u64(42));
    let (chosen, held_out) = order.split_at(all.rows() * 7 / 10);
    let (train, test) = (all.rows_at(chosen), all.rows_at(held_out));
    let width = train.columns.len();
    let auc = |card: &Scorecard, first: usize| {
        let score = |row: usize| {
            let value = |_: &domain::Slot, column: &str| {
                let column: usize = column[1..].parse().expect("a number");
                Some(Cell::Number(test.columns[first + column][row]))
            };
            f64::from(card.clear_points(value).expect("every value has a bin"))
        };
        let scores = (0..test.rows()).map(score).collect();
        Table { columns: vec![scores], bad: test.bad.clone() }.auc(&[-1.0, 0.0])
    };
    let joint = Gaps { columns: train.columns.clone(), bad: train.bad.clone() };
    let own = Gaps { columns: train.columns[width - OWN..].to_vec(), bad: train.bad.clone() };
    let alone = auc(&clear_card(&own, |_| "bank").1, width - OWN);
    let clear = auc(&clear_card(&joint, |_| "all").1, 0);
    let circle = ScoringCircle::running(&joint, OWN);
    let report = circle.trained("uci@1", "");
    let card = fs::read_to_string(report["card"].as_str().expect("a card")).expect("the card");
    let found = auc(&Scorecard::from_toml(&card).expect("a model file"), 0);
    println!("70/30, seed 42, AUC of whole points on held-out rows");
    println!("the lender alone, in clear        {alone:>9.4}");
    println!("joint, in clear                   {clear:>9.4}");
    println!("joint, between processes          {found:>9.4}");
    println!(
        "seconds of the training           {:>9.2}",
        report["seconds"].as_f64().unwrap_or(0.0)
    );
    assert!((found - clear).abs() <= 1e-3, "{found} {clear}");
    assert!(found > alone + 0.03, "the holders add nothing: {found} {alone}");
}

/// Made-up rows with nine columns, three a holder; about a quarter is bad, and one cell in ten of the
/// first column of each holder is empty.
fn made_up(rows: usize) -> Gaps {
    let mut rng = StdRng::seed_from_u64(11);
    let mut number = |_: usize| (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
    let mut columns: Vec<Vec<f64>> = (0..9).map(|_| (0..rows).map(&mut number).collect()).collect();
    let slopes = [0.8, -0.5, 0.4, 0.6, -0.4, 0.3, -0.5, 0.5, 0.35];
    let logit = |row: usize| {
        slopes.iter().zip(&columns).map(|(slope, column)| slope * column[row]).sum::<f64>() - 1.4
    };
    let bad: Vec<bool> =
        (0..rows).map(|row| rng.random::<f64>() < 1.0 / (1.0 + (-logit(row)).exp())).collect();
    for column in columns.iter_mut().step_by(3) {
        column.iter_mut().filter(|_| rng.random::<f64>() < 0.1).for_each(|x| *x = f64::NAN);
    }
    Gaps { columns, bad }
}
