//! The UCI credit data, as a bank and a department would hold them; or a made-up pair of registers.

use std::error::Error;
use std::path::Path;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Columns of numbers.
pub(crate) type Table = Vec<Vec<f64>>;

/// Where the credit data lie.
pub(crate) const FOLDER: &str = "TACIT_CREDIT_DATA";

/// What both have, row by row the same customers.
pub(crate) struct Data {
    pub(crate) name: String,
    pub(crate) bank: Table,
    pub(crate) department: Table,
    pub(crate) bad: Vec<bool>,
}

pub(crate) fn load() -> Result<Data, Box<dyn Error>> {
    Ok(uci()?.unwrap_or_else(|| made(20_000)))
}

/// The UCI data, if the folder is named.
pub(crate) fn uci() -> Result<Option<Data>, Box<dyn Error>> {
    let Some(folder) = std::env::var_os(FOLDER) else { return Ok(None) };
    let mut bank = read(&Path::new(&folder).join("uci_credit_lender.csv"))?;
    let department = read(&Path::new(&folder).join("uci_credit_department.csv"))?;
    let bad = bank.remove(0).into_iter().map(|outcome| outcome == 1.0).collect();
    Ok(Some(Data { name: "UCI credit data".into(), bank, department, bad }))
}

/// The columns of a file but the first, which names rows.
fn read(path: &Path) -> Result<Table, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let mut columns: Table = Vec::new();
    for line in text.lines().skip(1) {
        for (at, field) in line.split(',').skip(1).enumerate() {
            columns.resize_with(columns.len().max(at + 1), Vec::new);
            columns[at].push(field.parse()?);
        }
    }
    Ok(columns)
}

/// Customers from a seed: what they owe at the bank, and what they owe in taxes.
pub(crate) fn made(rows: usize) -> Data {
    let mut rng = StdRng::seed_from_u64(20);
    let mut normal = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
    let mut columns = |count| (0..count).map(|_| (0..rows).map(|_| normal()).collect()).collect();
    let (bank, department): (Table, Table) = (columns(3), columns(4));
    let logit = |row: usize| {
        let taxes: f64 = department.iter().map(|column| 0.6 * column[row]).sum();
        0.7 * bank[0][row] - 0.4 * bank[1][row] + taxes - 1.3
    };
    let mut rng = StdRng::seed_from_u64(21);
    let mut is_bad = |row| rng.random::<f64>() < 1.0 / (1.0 + (-logit(row)).exp());
    let bad = (0..rows).map(&mut is_bad).collect();
    Data { name: "Made-up registers".into(), bank, department, bad }
}
