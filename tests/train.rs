//! Joint training between processes: the weights are those of a fit in clear, and what is wrong is
//! refused by name before anything is computed, with nothing kept.

mod governed;
mod hostile;
mod killed;
mod proposed;
mod receipts;
mod scorecard;

use std::f64::consts::{FRAC_2_SQRT_PI, SQRT_2};
use std::fs;
use std::path::Path;

use lab::{Said, until};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use crate::support::circle::{Circle, Job, LOANS, REGISTER, id, register};
use crate::support::clear::credit::{self, Golden};
use crate::support::clear::exact::{self, Table};
use crate::support::spawn;

/// Each ridge of the reference: as it names it, as a job does, and as a number.
const RIDGES: [(&str, f64); 3] = [("0.01", 1e-2), ("0.001", 1e-3), ("0.0001", 1e-4)];

#[test]
fn every_table_under_every_ridge_trains_to_the_weights_and_the_auc_of_scikit_learn() {
    if credit::folder().is_none() {
        return;
    }
    println!(
        "{:<20} {:>7} {:>7} {:>10} {:>10} {:>10} {:>8}",
        "table", "columns", "ridge", "dAUC", "dcoef", "as given", "seconds"
    );
    for name in ["german", "german_woe", "default_credit", "default_credit_woe"] {
        let given = credit::table(name);
        let brought = as_brought(&given);
        let circle = Circle::running(&brought);
        for (version, (word, ridge)) in (1..).zip(RIDGES) {
            let Golden { weights: golden, auc } = credit::golden(name, word);
            // The fit in clear is scikit-learn's, to its six digits.
            let reference = exact::fit(&given, None, ridge).weights;
            let off = farthest(&reference, &golden);
            assert!(off <= 1e-5, "{name} at {word}: the reference is off by {off}");
            assert!((given.auc(&golden) - auc).abs() <= 2e-6, "{name} at {word}");

            // Holders bring columns winsorised: where that changes a table, the model to find is that
            // of the changed one. The credit data are winsorised as they are given.
            let expected = exact::fit(&brought, None, ridge).weights;
            let job = Job { ridge: word, ..Job::new(&format!("{}@{version}", plain(name))) };
            let trained = circle.trained(&job);
            let found = trained.weights();
            let dcoef = farthest(&found, &expected);
            let dauc = brought.auc(&found) - brought.auc(&expected);
            let seconds = trained.report()["seconds"].as_f64().expect("a time");
            let direct = farthest(&found, &golden);
            println!(
                "{name:<20} {:>7} {word:>7} {dauc:>+10.6} {dcoef:>10.6} {direct:>10.6} {seconds:>8.2}",
                brought.columns.len()
            );
            assert!(name != "default_credit" || direct <= 1e-2, "{name} at {word}: {direct}");
            assert!(dauc.abs() <= 1e-3 && dcoef <= 1e-2, "{name} at {word}: {dauc} {dcoef}");
            let told = trained.report()["evaluation"]["auc"].as_f64().expect("an AUC");
            assert!((told - brought.auc(&found)).abs() <= 1e-3, "{name} at {word}: {told}");
            assert_eq!(trained.report()["converged"], json!(true), "{}", trained.report());
        }
    }
}

#[test]
fn what_the_department_adds_to_the_lender_is_what_it_adds_in_clear() {
    if credit::folder().is_none() {
        return;
    }
    const SEED: u64 = 42;
    // Seven rows of ten are trained on; whoever has a column knows what it is of the others, too.
    let table = credit::uci();
    let mut order: Vec<usize> = (0..table.rows()).collect();
    order.shuffle(&mut StdRng::seed_from_u64(SEED));
    let (chosen, held_out) = order.split_at(table.rows() * 7 / 10);
    let (train, test) = (table.rows_at(chosen), table.rows_at(held_out));
    // The bank's eleven columns first in the file; here they are its own, and last.
    let turned = |table: &Table| {
        let mut columns = table.columns.clone();
        columns.rotate_left(11);
        Table { columns, bad: table.bad.clone() }
    };
    let (train, test) = (turned(&train), turned(&test));
    let prepared = as_brought(&train);
    let test = like(&train, &test);
    let measured = |weights: &[f64]| (test.auc(weights), test.ks(weights));

    let clear = exact::fit(&prepared, None, 1e-3).weights;
    let width = clear.len() - 1;
    let own = |table: &Table| Table {
        columns: table.columns[width - 11..].to_vec(),
        bad: table.bad.clone(),
    };
    let alone = exact::fit(&own(&prepared), None, 1e-3).weights;
    let alone = (own(&test).auc(&alone), own(&test).ks(&alone));

    let circle = Circle::running(&train);
    let found = circle.trained(&Job::new("uci@1")).weights();
    let ((auc, ks), (clear_auc, clear_ks)) = (measured(&found), measured(&clear));
    println!("70/30, seed {SEED}, held-out rows        AUC      KS");
    println!("the lender alone, in clear        {:>9.4} {:>7.4}", alone.0, alone.1);
    println!("joint, in clear                   {clear_auc:>9.4} {clear_ks:>7.4}");
    println!("joint, between processes          {auc:>9.4} {ks:>7.4}");
    assert!((auc - clear_auc).abs() <= 1e-3 && (ks - clear_ks).abs() <= 1e-3);
    assert!(auc > alone.0 + 0.03 && ks > alone.1 + 0.03, "the department adds nothing");
}

#[test]
fn standard_errors_and_p_values_are_those_of_a_statistics_program() {
    if credit::folder().is_none() {
        return;
    }
    // The reference in clear is statsmodels', where it has next to no ridge.
    let raw = credit::table("default_credit_raw");
    let errors = |table: &Table, ridge| {
        let variances = exact::fit(table, None, ridge).variances;
        let rows = table.rows() as f64;
        variances.into_iter().map(move |variance| (variance / rows).sqrt()).collect::<Vec<f64>>()
    };
    for (reference, known) in errors(&raw, 1e-9).iter().zip(credit::standard_errors()) {
        assert!((reference / known - 1.0).abs() <= 1e-2, "{reference} {known}");
    }

    let table = as_brought(&raw);
    let expected = errors(&table, 1e-4);
    let weights = exact::fit(&table, None, 1e-4).weights;
    let circle = Circle::running(&table);
    let trained = circle.trained(&Job { ridge: "0.0001", ..Job::new("errors@1") });
    let found = trained.errors().into_iter().zip(trained.p_values());
    for ((error, p), (known, weight)) in found.zip(expected.iter().zip(&weights)) {
        let known_p = two_sided(weight / known);
        println!("{error:>9.6} {known:>9.6} {:>+8.4}  p {p:.4} {known_p:.4}", error / known - 1.0);
        assert!((error / known - 1.0).abs() <= 1e-2, "{error} {known}");
        assert!((p - known_p).abs() <= 1e-2, "{p} {known_p}");
    }
}

#[test]
fn a_job_is_proposed_shown_refused_accepted_trained_and_withdrawn() {
    let circle = Circle::running(&made_up(1_200));
    let job = Job::new("small@1");
    let file = circle.file(&job);
    // Whoever has still to answer is named, with what it types.
    let said = circle.bank.tacit(&["train", &file]);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.err.contains("JOB_NOT_COUNTERSIGNED: small@1 waits for"), "{}", said.err);
    for party in ["tax", "platform", "power"] {
        let line = said.out.lines().find(|line| line.starts_with(party)).expect("its line");
        assert!(line.ends_with("tacit train accept small@1"), "{line}");
    }
    // Each sees who computes, whose columns go in, what opens, and the warning.
    let shown = circle.power.tacit(&["train", "show", "small@1"]).done().out;
    for words in
        ["Any two of the three", "product development", "x0", "nobody", "awaits acceptance"]
    {
        assert!(shown.contains(words), "no {words} in {shown}");
    }
    // One refuses, and is heard; then all accept.
    circle.power.tacit(&["train", "refuse", "small@1", "--reason", "not ours to give"]).done();
    let said = circle.bank.tacit(&["train", &file]);
    assert!(said.err.contains("JOB_REFUSED") && said.err.contains("not ours to give"), "{said:?}");
    for party in [&circle.tax, &circle.platform, &circle.power] {
        party.tacit(&["train", "accept", "small@1"]).done();
    }
    let result = circle.root.path().join("model.csv");
    let result = result.to_str().expect("a plain path");
    let said = circle.bank.tacit(&["train", &file, "--result", result]).done();
    for words in ["intercept", "AUC", "KS", result, "Any two of the three"] {
        assert!(said.out.contains(words), "no {words} in {}", said.out);
    }
    let written = fs::read_to_string(result).expect("the model");
    let mut lines = written.lines();
    assert_eq!(lines.next(), Some("party,register,column,weight,standard_error,z,p"));
    let named: Vec<String> =
        lines.map(|line| line.split(',').take(3).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(
        named,
        [
            format!("tax,{REGISTER},x0"),
            format!("tax,{REGISTER},x1"),
            format!("power,{REGISTER},x2"),
            format!("bank,{LOANS},x3"),
            ",,intercept".into()
        ]
    );
    assert!(Path::new(result).with_extension("json").exists());
    // Nobody but the lender has learnt a weight.
    for party in [&circle.tax, &circle.platform, &circle.power] {
        assert_eq!(party.results(), Vec::<String>::new());
        assert!(!json!(party.runs()).to_string().contains("intercept"), "at {}", party.name);
    }
    // Withdrawn, it is trained no more.
    circle.bank.tacit(&["train", "withdraw", "small@1", "--reason", "done"]).done();
    let said = circle.train(&job, &[]);
    assert!(said.err.contains("JOB_WITHDRAWN"), "{}", said.err);
    let said = circle.tax.tacit(&["train", "show"]).done();
    assert!(said.out.contains("withdrawn"), "{}", said.out);
}

#[test]
fn a_cell_or_a_column_that_is_unfit_is_refused_by_its_name_and_nothing_is_kept() {
    let table = made_up(1_200);
    let circle = Circle::running(&table);
    let job = Job::new("unfit@1");
    circle.accepted(&job);
    let path = circle.columns_of(&circle.tax);
    let good = fs::read_to_string(&path).expect("the register");
    let with = |cell: &str| put(&good, 5, 1, cell);
    let constant = good.lines().enumerate().map(|(at, line)| match at {
        0 => format!("{line}\n"),
        _ => format!("{}\n", replaced(line, 1, "3")),
    });
    let without = good.lines().enumerate().filter(|(at, _)| *at != 7);
    let without: String = without.map(|(_, line)| format!("{line}\n")).collect();
    let again = good.lines().nth(9).expect("a row");
    let cases = [
        ("NaN", with("NaN"), "x0"),
        ("infinite", with("inf"), "x0"),
        ("text", with("many"), REGISTER),
        ("empty", with(""), "x0"),
        ("constant", constant.collect(), "x0"),
        ("a row fewer", without, REGISTER),
        ("an identifier twice", format!("{good}{again}\n"), REGISTER),
    ];
    for (case, spoilt, named) in cases {
        fs::write(&path, spoilt).expect("the register");
        let said = circle.train(&job, &[]);
        refused(case, &said, &["TRAIN_DATA", "tax", named]);
        // Neither a cell nor an identifier is told.
        assert!(!said.err.contains("row-") && !said.err.contains("many"), "{case}: {}", said.err);
        circle.nothing_is_kept();
    }
    // It was nothing but the register.
    fs::write(&path, good).expect("the register");
    circle.train(&job, &[]).done();
}

#[test]
fn outcomes_that_are_unfit_are_refused_before_anybody_is_asked() {
    let table = made_up(1_200);
    let circle = Circle::running(&table);
    let job = Job::new("outcomes@1");
    circle.accepted(&job);
    let path = circle.loans();
    let good = fs::read_to_string(&path).expect("the register");
    let of = |bad: &[bool]| {
        let table = Table { columns: table.columns.clone(), bad: bad.to_vec() };
        let order: Vec<usize> = (0..bad.len()).collect();
        register(&table, 3..4, &order, true)
    };
    let few: Vec<bool> = (0..1_200).map(|row| row < 199).collect();
    let without: String = good.lines().take(1_200).map(|line| format!("{line}\n")).collect();
    let cases = [
        ("one class", of(&[false; 1_200]), "bad"),
        ("fewer than 200 bads", of(&few), "bad"),
        ("neither 0 nor 1", put(&good, 3, 2, "2"), "bad"),
        ("no outcome", put(&good, 3, 2, ""), "bad"),
        ("a row that is no customer", without, "list"),
    ];
    let before = circle.tax.runs().len();
    for (case, spoilt, named) in cases {
        fs::write(&path, spoilt).expect("the register");
        refused(case, &circle.train(&job, &[]), &["TRAIN_DATA", named]);
        circle.nothing_is_kept();
    }
    assert_eq!(circle.tax.runs().len(), before, "nobody was asked");
    // A list that repeats a row is no job at all.
    let ids: Vec<String> = (0..1_200).chain([3]).map(id).collect();
    circle.write_rows("twice.csv", &ids);
    let twice = Job { rows: "twice.csv".into(), ..Job::new("twice@1") };
    refused("an identifier twice", &circle.train(&twice, &[]), &["DUPLICATE"]);
    assert_eq!(circle.tax.tacit(&["train", "show", "--json"]).done().lines().len(), 1);
}

#[test]
fn registers_and_rows_in_another_order_make_the_same_model() {
    let table = made_up(1_200);
    let circle = Circle::running(&table);
    let one = circle.trained(&Job::new("order@1")).weights();
    let backwards: Vec<usize> = (0..1_200).rev().collect();
    fs::write(circle.columns_of(&circle.tax), register(&table, 0..2, &backwards, false))
        .expect("the register");
    let ids: Vec<String> = backwards.iter().map(|row| id(*row)).collect();
    circle.write_rows("backwards.csv", &ids);
    let job = Job { rows: "backwards.csv".into(), ..Job::new("order@2") };
    let other = circle.trained(&job).weights();
    // The same rows in the same order: what differs is how shares of z happen to be rounded, a few
    // hundred units of 2^-20 in a weight (SPEC §6 of the protocol).
    assert!(farthest(&one, &other) <= 1e-3, "{one:?} {other:?}");
}

#[test]
fn a_job_that_changes_after_it_was_accepted_is_another_job() {
    let circle = Circle::running(&made_up(1_200));
    let job = Job::new("changed@1");
    circle.accepted(&job);
    let other = Job { ridge: "0.01", ..job.clone() };
    refused("another ridge", &circle.train(&other, &[]), &["JOB_EXISTS"]);
    circle.nothing_is_kept();
    // Under a version of its own it has to be accepted anew; the first is still there.
    let next = Job { name: "changed@2".into(), ..other };
    refused("not accepted", &circle.train(&next, &[]), &["JOB_NOT_COUNTERSIGNED"]);
    circle.train(&job, &[]).done();
}

#[test]
fn a_holder_that_is_gone_is_named_and_nothing_is_kept() {
    let mut circle = Circle::running(&made_up(1_200));
    let job = Job::new("gone@1");
    circle.accepted(&job);
    circle.power.process = None;
    refused("gone", &circle.train(&job, &[]), &["power"]);
    circle.nothing_is_kept();
    circle.power.start();
    circle.train(&job, &[]).done();
}

#[test]
fn whoever_has_withdrawn_its_word_is_not_trained_with() {
    let circle = Circle::running(&made_up(1_200));
    let job = Job::new("word@1");
    circle.accepted(&job);
    circle.power.tacit(&["train", "refuse", "word@1", "--reason", "audited"]).done();
    refused("refused", &circle.train(&job, &[]), &["JOB_REFUSED", "audited"]);
    circle.nothing_is_kept();
}

#[test]
fn a_training_waits_for_the_answers_that_are_still_to_come() {
    let circle = Circle::running(&made_up(1_200));
    let job = Job::new("waits@1");
    let file = circle.file(&job);
    let waiting = spawn(&circle.bank.dir, &["train", &file, "--json", "--wait"]);
    until("the job is laid before the company", || {
        let shown = circle.power.tacit(&["train", "show", "--json"]).done().lines();
        (shown.len() == 1).then_some(())
    });
    for party in [&circle.tax, &circle.platform, &circle.power] {
        party.tacit(&["train", "accept", &job.name]).done();
    }
    let run = waiting.end().done().json();
    assert_eq!(run["state"], json!("done"), "{run}");
}

/// Made-up rows with four columns; about a quarter is bad.
fn made_up(rows: usize) -> Table {
    let mut rng = StdRng::seed_from_u64(7);
    let mut number = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
    let columns: Vec<Vec<f64>> = (0..4).map(|_| (0..rows).map(|_| number()).collect()).collect();
    let logit = |row: usize| {
        let sum = 0.8 * columns[0][row] - 0.5 * columns[1][row] + 0.3 * columns[3][row];
        sum - 1.2
    };
    let bad = (0..rows).map(|row| rng.random::<f64>() < 1.0 / (1.0 + (-logit(row)).exp()));
    let bad = bad.collect();
    Table { columns, bad }
}

/// The table as holders bring it: winsorised, but for columns that this would leave nothing of, and
/// standardised.
fn as_brought(table: &Table) -> Table {
    let cut = |column: &Vec<f64>| {
        let cut = credit::winsorised(column.clone());
        let says_something = cut.iter().any(|x| *x != cut[0]);
        credit::standard(if says_something { cut } else { column.clone() })
    };
    Table { columns: table.columns.iter().map(cut).collect(), bad: table.bad.clone() }
}

/// Other rows with the cuts, means and deviations of these.
fn like(these: &Table, others: &Table) -> Table {
    let scaled = |(these, others): (&Vec<f64>, &Vec<f64>)| {
        let cut = credit::winsorised(these.clone());
        let (low, high) = cut
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)));
        let count = cut.len() as f64;
        let mean = cut.iter().sum::<f64>() / count;
        let deviation = (cut.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
        others.iter().map(|x| (x.clamp(low, high) - mean) / deviation).collect()
    };
    let pairs = these.columns.iter().zip(&others.columns);
    Table { columns: pairs.map(scaled).collect(), bad: others.bad.clone() }
}

fn farthest(one: &[f64], other: &[f64]) -> f64 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).fold(0.0, f64::max)
}

/// How probable a number of the normal distribution as far from 0 is, by Simpson's rule.
fn two_sided(z: f64) -> f64 {
    let (far, steps) = (z.abs(), 2_000);
    let each = far / f64::from(steps);
    let density = |x: f64| FRAC_2_SQRT_PI / SQRT_2 / 2.0 * (-x * x / 2.0).exp();
    let sum: f64 = (0..=steps)
        .map(|at| {
            let times = if at == 0 || at == steps { 1.0 } else { f64::from(2 + at % 2 * 2) };
            times * density(f64::from(at) * each)
        })
        .sum();
    (1.0 - 2.0 * sum * each / 3.0).max(0.0)
}

/// A name as a job may have it.
fn plain(name: &str) -> String {
    name.replace('_', "-")
}

/// A register with another cell in one of its lines.
fn put(register: &str, line: usize, cell: usize, new: &str) -> String {
    let lines = register.lines().enumerate();
    let lines = lines.map(|(at, text)| match at == line {
        true => replaced(text, cell, new),
        false => text.to_owned(),
    });
    lines.map(|line| line + "\n").collect()
}

fn replaced(line: &str, cell: usize, new: &str) -> String {
    let cells = line.split(',').enumerate();
    let cells: Vec<&str> = cells.map(|(at, old)| if at == cell { new } else { old }).collect();
    cells.join(",")
}

/// It failed, and said these words.
fn refused(case: &str, said: &Said, words: &[&str]) {
    assert_eq!(said.status.code(), Some(1), "{case}: {}{}", said.out, said.err);
    for word in words {
        assert!(said.err.contains(word), "{case}: no {word} in {}", said.err);
    }
}
