//! The credit data of the folder that `TACIT_CREDIT_DATA` names, prepared as the reference was.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use super::exact::Table;

/// Where the credit data lie.
const FOLDER: &str = "TACIT_CREDIT_DATA";

/// What scikit-learn says of a table under one ridge.
pub(crate) struct Golden {
    pub(crate) weights: Vec<f64>,
    pub(crate) auc: f64,
}

/// The folder, or a word on what is skipped without it.
#[expect(clippy::print_stderr, reason = "a test that skips says so")]
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os(FOLDER).map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: {FOLDER} names no folder with the credit data");
    }
    folder
}

/// What scikit-learn says of a table under a ridge.
pub(crate) fn golden(name: &str, ridge: &str) -> Golden {
    let path = folder().unwrap().join("golden_sklearn.json");
    let all: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let one = &all[name][format!("lam={ridge}")];
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let mut weights: Vec<f64> = one["coef"].as_array().unwrap().iter().map(number).collect();
    weights.push(number(&one["intercept"]));
    Golden { weights, auc: number(&one["AUC"]) }
}

/// What statsmodels says of the table `default_credit_raw` without a ridge: each column's standard
/// error, the intercept's last.
pub(crate) fn standard_errors() -> Vec<f64> {
    let path = folder().unwrap().join("golden_lr_default_credit.json");
    let all: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let names = all["features"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    let error = |name: &str| all["std_err"][name].as_f64().unwrap();
    names.chain(["const"]).map(error).collect()
}

/// A table by its name in the reference.
pub(crate) fn table(name: &str) -> Table {
    match name {
        "german" => german(|columns| columns.into_iter().flat_map(dummies).map(standard).collect()),
        "german_woe" => german_woe(),
        "default_credit" => {
            let (columns, bad) = default_credit();
            let columns = columns.into_iter().map(|x| standard(winsorised(numbers(&x)))).collect();
            Table { columns, bad }
        }
        "default_credit_raw" => {
            let (columns, bad) = default_credit();
            Table { columns: columns.iter().map(|x| numbers(x)).collect(), bad }
        }
        "default_credit_woe" => {
            let (columns, bad) = default_credit();
            let columns = columns.into_iter().map(|x| woe(&binned(&x, 8, 12), &bad)).collect();
            Table { columns, bad }
        }
        other => panic!("no table is called {other}"),
    }
}

fn german(prepare: impl Fn(Vec<Vec<String>>) -> Vec<Vec<f64>>) -> Table {
    let mut columns = read("germancredit.csv");
    let bad = columns.pop().unwrap().into_iter().map(|outcome| outcome == "bad").collect();
    Table { columns: prepare(numbers_first(columns)), bad }
}

/// The numbers' columns before the words', as the reference has them once words are dummies.
fn numbers_first(columns: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let (mut first, words): (Vec<_>, Vec<_>) = columns.into_iter().partition(|x| is_numbers(x));
    first.extend(words);
    first
}

fn german_woe() -> Table {
    let mut columns = read("germancredit.csv");
    let bad: Vec<bool> = columns.pop().unwrap().into_iter().map(|o| o == "bad").collect();
    let columns = columns.into_iter().map(|x| woe(&binned(&x, 5, 8), &bad)).collect();
    Table { columns, bad }
}

/// The UCI data in raw units, winsorised and standardised: the bank's columns, then the department's.
pub(crate) fn uci() -> Table {
    let [bank, department] =
        ["lender", "department"].map(|who| read(&format!("uci_credit_{who}.csv")));
    let bad = bank[1].iter().map(|outcome| outcome == "1").collect();
    let columns = bank[2..].iter().chain(&department[1..]);
    let columns = columns.map(|x| standard(winsorised(numbers(x)))).collect();
    Table { columns, bad }
}

/// Both halves of the split, joined by their rows' names.
fn default_credit() -> (Vec<Vec<String>>, Vec<bool>) {
    let [guest, host] =
        ["guest", "host"].map(|half| read(&format!("default_credit_hetero_{half}.csv")));
    let places: HashMap<&String, usize> =
        host[0].iter().enumerate().map(|(row, id)| (id, row)).collect();
    let order: Vec<usize> = guest[0].iter().map(|id| places[id]).collect();
    let mut columns = guest[2..].to_vec();
    for column in &host[1..] {
        columns.push(order.iter().map(|&row| column[row].clone()).collect());
    }
    let bad = guest[1].iter().map(|outcome| outcome == "1").collect();
    (columns, bad)
}

/// The columns of a file, names left out; fields may be quoted.
fn read(name: &str) -> Vec<Vec<String>> {
    let path = folder().unwrap().join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut columns: Vec<Vec<String>> = Vec::new();
    for line in text.lines().skip(1) {
        for (at, field) in fields(line).into_iter().enumerate() {
            if columns.len() <= at {
                columns.push(Vec::new());
            }
            columns[at].push(field);
        }
    }
    columns
}

fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            letter => fields.last_mut().unwrap().push(letter),
        }
    }
    fields
}

fn is_numbers(column: &[String]) -> bool {
    column.iter().all(|field| field.parse::<f64>().is_ok())
}

fn numbers(column: &[String]) -> Vec<f64> {
    column.iter().map(|field| field.parse().unwrap()).collect()
}

/// A column for each word but the first; numbers stay as they are.
fn dummies(column: Vec<String>) -> Vec<Vec<f64>> {
    if is_numbers(&column) {
        return vec![numbers(&column)];
    }
    let words: BTreeSet<&String> = column.iter().collect();
    let is = |word: &String| column.iter().map(|w| f64::from(u8::from(w == word))).collect();
    words.into_iter().skip(1).map(is).collect()
}

pub(crate) fn standard(mut column: Vec<f64>) -> Vec<f64> {
    let count = column.len() as f64;
    let mean = column.iter().sum::<f64>() / count;
    let deviation = (column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
    let deviation = if deviation == 0.0 { 1.0 } else { deviation };
    column.iter_mut().for_each(|x| *x = (*x - mean) / deviation);
    column
}

pub(crate) fn winsorised(mut column: Vec<f64>) -> Vec<f64> {
    let (low, high) = (quantile(&column, 0.01), quantile(&column, 0.99));
    column.iter_mut().for_each(|x| *x = x.clamp(low, high));
    column
}

fn quantile(column: &[f64], share: f64) -> f64 {
    let mut sorted = column.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * (sorted.len() - 1) as f64;
    let below = sorted[place.floor() as usize];
    below + (sorted[place.ceil() as usize] - below) * place.fract()
}

/// The bin of each row: by equally filled intervals where there are more than `few` values.
fn binned(column: &[String], bins: usize, few: usize) -> Vec<usize> {
    let kinds: BTreeSet<&String> = column.iter().collect();
    if !is_numbers(column) || kinds.len() <= few {
        let places: BTreeMap<&String, usize> = kinds.into_iter().zip(0..).collect();
        return column.iter().map(|field| places[field]).collect();
    }
    let values = numbers(column);
    let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
    // The lowest value belongs to the lowest interval, even where it is an edge.
    let edges = (1..bins).map(|k| quantile(&values, k as f64 / bins as f64));
    let edges: Vec<f64> = edges.filter(|edge| *edge > lowest).collect();
    values.iter().map(|x| edges.iter().filter(|edge| *x > **edge).count()).collect()
}

/// The weight of evidence of each row's bin, half a row added to either class.
fn woe(bins: &[usize], bad: &[bool]) -> Vec<f64> {
    let bads = bad.iter().filter(|bad| **bad).count() as f64;
    let goods = bad.len() as f64 - bads;
    let mut counts: BTreeMap<usize, [f64; 2]> = BTreeMap::new();
    for (bin, bad) in bins.iter().zip(bad) {
        counts.entry(*bin).or_insert([0.5; 2])[usize::from(*bad)] += 1.0;
    }
    let evidence = |bin: &usize| {
        let [good, bad] = counts[bin];
        ((bad / bads) / (good / goods)).ln()
    };
    bins.iter().map(evidence).collect()
}
