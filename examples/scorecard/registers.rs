//! The UCI credit card data as three parties' registers.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use domain::{Slot, Value};

/// The bank's half, and the departments'.
pub(crate) const FILES: [&str; 2] = ["uci_credit_lender.csv", "uci_credit_department.csv"];

/// Rows by customer, of the bank first.
pub(crate) struct Registers([Sheet; 2]);

struct Sheet {
    columns: Vec<String>,
    rows: BTreeMap<String, Vec<f64>>,
}

impl Registers {
    pub(crate) fn read(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let [bank, departments] = FILES.map(|name| Sheet::read(&folder.join(name)));
        Ok(Self([bank?, departments?]))
    }

    /// Whom the bank wants to know about.
    pub(crate) fn customers(&self) -> impl Iterator<Item = &str> {
        self.0[0].rows.keys().map(String::as_str)
    }

    /// What the party in this slot knows of a customer. The two departments' columns differ, so one
    /// sheet serves both.
    pub(crate) fn value(&self, slot: &Slot, column: &str, id: &str) -> Option<Value> {
        let sheet = &self.0[usize::from(slot.as_str() != crate::OWN)];
        let place = sheet.columns.iter().position(|name| name == column)?;
        sheet.rows.get(id)?.get(place).copied().map(Value::Number)
    }
}

impl Sheet {
    /// Reads a file of numbers: a header, and the customer's number first in every row.
    fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let said = |error: &dyn Error| format!("{}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| said(&error))?;
        let mut lines = text.lines();
        let header = lines.next().unwrap_or_default().split(',');
        let columns = header.skip(1).map(ToOwned::to_owned).collect();
        let mut rows = BTreeMap::new();
        for line in lines {
            let (id, values) = line.split_once(',').ok_or("every row has values")?;
            let values: Result<_, _> = values.split(',').map(str::parse).collect();
            rows.insert(id.to_owned(), values.map_err(|error| said(&error))?);
        }
        Ok(Self { columns, rows })
    }
}
