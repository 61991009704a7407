//! What a demonstration is about: the registers, a scorecard, and what the clear text says.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use domain::scorecard::Fact;
use domain::{Scorecard, Slot, SubjectKind, Value};

use super::measures::Separation;
use super::phrases;
use super::province::Province;
use super::sheet::{Sheet, Trouble};
use crate::failure::Failure;
use crate::language::Text;

/// The slot of a card that the lender fills itself, if it has one.
pub(super) const OWN: &str = "lender";

/// The lender's half of the UCI data: its customers, what it knows of them, and their outcomes.
const LENDER_FILE: &str = "uci_credit_lender.csv";

/// The other half, which two holders share between them.
const DEPARTMENT_FILE: &str = "uci_credit_department.csv";

const UCI_TAX: [&str; 7] = ["ID", "PAY_0", "PAY_5", "PAY_6", "BILL_AMT1", "BILL_AMT5", "BILL_AMT6"];
const UCI_SOCIAL: [&str; 7] =
    ["ID", "PAY_2", "PAY_3", "PAY_4", "BILL_AMT2", "BILL_AMT3", "BILL_AMT4"];

/// What the lender's own block asks, and the outcome. SEX, MARRIAGE, EDUCATION and AGE, which are in
/// its file too, say who somebody is and not how he pays: they stay out.
const UCI_LENDER: [&str; 9] = [
    "ID",
    "y",
    "LIMIT_BAL",
    "PAY_AMT1",
    "PAY_AMT2",
    "PAY_AMT3",
    "PAY_AMT4",
    "PAY_AMT5",
    "PAY_AMT6",
];

const UCI_CARD: &str = include_str!("uci-default.toml");
const FIRMS_CARD: &str = include_str!("small-firms.toml");
const UCI_REFERENCE: &str = include_str!("uci-default.reference.toml");
const FIRMS_REFERENCE: &str = include_str!("small-firms.reference.toml");

/// A holder and its register.
pub(super) struct Holder {
    /// The party, and the slot of the card that it fills.
    pub(super) name: &'static str,
    /// Its register's name.
    pub(super) register: &'static str,
    /// The register as a CSV.
    pub(super) csv: String,
    sheet: Sheet,
}

impl Holder {
    fn new(
        (name, register): (&'static str, &'static str),
        csv: String,
        key: &str,
    ) -> Result<Self, Trouble> {
        let sheet = Sheet::read(&csv, key)?;
        Ok(Self { name, register, csv, sheet })
    }

    /// How many rows the register has.
    pub(super) fn rows(&self) -> usize {
        self.sheet.keys().len()
    }
}

const TAX: (&str, &str) = ("tax", "taxpayers");
const SOCIAL: (&str, &str) = ("social", "insured");
const POWER: (&str, &str) = ("power", "metered");

/// Everything that a demonstration starts from. No party of it has all of this.
pub(super) struct Material {
    /// The kind of identifier.
    pub(super) kind: SubjectKind,
    /// The column with the identifier, the same in every register.
    pub(super) key: &'static str,
    /// The scorecard, and the file that it was read from.
    pub(super) card: Scorecard,
    pub(super) card_file: &'static str,
    /// Its statistics over the population that it was fitted on, as a file.
    pub(super) reference_file: &'static str,
    /// The holders, each with its register.
    pub(super) holders: Vec<Holder>,
    /// The bank's customers as a CSV.
    pub(super) customers: String,
    bank: Sheet,
    outcome: &'static str,
}

impl Material {
    /// Makes the registers of a province in small.
    pub(super) fn generated(firms: u32, seed: u64) -> Result<Self, Failure> {
        let Province { tax, social, power, bank } = Province::generate(firms, seed);
        let holders = vec![(TAX, tax), (SOCIAL, social), (POWER, power)];
        let made = |trouble| not_a_table("the generated register", &trouble);
        let card = (FIRMS_CARD, FIRMS_REFERENCE);
        Self::new(SubjectKind::Uscc, "uscc", card, holders, bank, "bad").map_err(made)
    }

    /// Takes the UCI data, whose departments' columns are split over two holders.
    ///
    /// # Errors
    ///
    /// When a file is not there, with the names of both, or lacks a column.
    pub(super) fn of_folder(folder: &Path) -> Result<Self, Failure> {
        let lender = read(folder, LENDER_FILE)?;
        let department = read(folder, DEPARTMENT_FILE)?;
        let in_department = |trouble| not_a_table(DEPARTMENT_FILE, &trouble);
        let department = Sheet::read(&department, "ID").map_err(in_department)?;
        let tax = department.only(&UCI_TAX).map_err(in_department)?;
        let social = department.only(&UCI_SOCIAL).map_err(in_department)?;
        let in_lender = |trouble| not_a_table(LENDER_FILE, &trouble);
        let lender = Sheet::read(&lender, "ID").map_err(in_lender)?;
        let bank = lender.only(&UCI_LENDER).map_err(in_lender)?;
        let holders = vec![(TAX, tax), (SOCIAL, social)];
        let card = (UCI_CARD, UCI_REFERENCE);
        Self::new(SubjectKind::Opaque, "ID", card, holders, bank, "y").map_err(in_department)
    }

    fn new(
        kind: SubjectKind,
        key: &'static str,
        (card_file, reference_file): (&'static str, &'static str),
        holders: Vec<((&'static str, &'static str), String)>,
        customers: String,
        outcome: &'static str,
    ) -> Result<Self, Trouble> {
        let card = Scorecard::from_toml(card_file).expect("a test reads both shipped cards");
        let holders = holders.into_iter().map(|(holder, csv)| Holder::new(holder, csv, key));
        let holders = holders.collect::<Result<Vec<_>, _>>()?;
        let bank = Sheet::read(&customers, key)?;
        Ok(Self { kind, key, card, card_file, reference_file, holders, customers, bank, outcome })
    }

    /// Whether the registers are about firms, so that each has to authorise what is asked.
    pub(super) fn is_governed(&self) -> bool {
        self.kind != SubjectKind::Opaque
    }

    /// The slot that the lender fills itself.
    pub(super) fn own(&self) -> Option<Slot> {
        self.card.holders().into_iter().find(|slot| slot.as_str() == OWN)
    }

    /// A firm on the first holder's register that is no customer of the bank's.
    pub(super) fn stranger(&self) -> Option<&str> {
        let strange = |key: &&String| self.bank.cell(key, self.key).is_none();
        self.holders.first()?.sheet.keys().iter().find(strange).map(String::as_str)
    }

    /// The bank's customers, in the order of its file.
    pub(super) fn customer_keys(&self) -> &[String] {
        self.bank.keys()
    }

    /// How many columns of a slot the card uses.
    pub(super) fn columns(&self, slot: &str) -> usize {
        self.card.features().filter(|(holder, ..)| holder.as_str() == slot).count()
    }

    /// How many of the bank's customers are on every register, in clear.
    pub(super) fn on_all(&self) -> usize {
        let has = |key: &str| self.holders.iter().all(|it| it.sheet.cell(key, self.key).is_some());
        self.bank.keys().iter().filter(|key| has(key)).count()
    }

    /// Whether the bank's own file says that this customer turned out bad.
    pub(super) fn is_bad(&self, key: &str) -> Option<bool> {
        match self.bank.cell(key, self.outcome)? {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }
    }

    /// The points that the decrypted answer must agree with, from all registers in clear.
    ///
    /// # Errors
    ///
    /// When a value has no bin.
    pub(super) fn clear_points(&self, key: &str) -> Result<u16, domain::Error> {
        self.card.clear_points(|slot, column| self.value(slot, column, key))
    }

    /// What the card's file records of a plain regression by scikit-learn on the same bins, over all
    /// rows of the data.
    pub(super) fn of_record(&self) -> Option<Separation> {
        let fact = |name: &str| match self.card.training().get(name)? {
            Fact::Number(number) => Some(*number),
            Fact::Integer(_) | Fact::Text(_) => None,
        };
        Some(Separation { auc: fact("all_auc_sklearn")?, ks: fact("all_ks_sklearn")? })
    }

    fn value(&self, slot: &Slot, column: &str, key: &str) -> Option<Value> {
        let holder = self.holders.iter().find(|holder| holder.name == slot.as_str());
        let own = (slot.as_str() == OWN).then_some(&self.bank);
        let sheet = holder.map(|holder| &holder.sheet).or(own)?;
        let cell = sheet.cell(key, column).filter(|cell| !cell.is_empty())?;
        if self.is_numeric(slot, column) {
            // What is no number has no bin: it must not pass for a missing one.
            Some(cell.parse().map_or_else(|_| Value::text(cell), Value::Number))
        } else {
            Some(Value::text(cell))
        }
    }

    fn is_numeric(&self, slot: &Slot, column: &str) -> bool {
        let named = |(holder, feature, _): &(&Slot, &domain::Feature, &[u16])| {
            *holder == slot && feature.column() == column
        };
        self.card.features().find(named).is_some_and(|(_, it, _)| it.binning().is_numeric())
    }
}

fn read(folder: &Path, name: &str) -> Result<String, Failure> {
    let path = folder.join(name);
    fs::read_to_string(&path).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            let what = phrases::no_data(&folder.display(), name);
            Failure::new("DATA", what).advise(phrases::data_expected(LENDER_FILE, DEPARTMENT_FILE))
        }
        _ => Failure::file(&path, &error),
    })
}

fn not_a_table(file: &str, trouble: &Trouble) -> Failure {
    let what: Text = match trouble {
        Trouble::Column(column) => phrases::no_column(file, column),
        Trouble::Line(line) => phrases::odd_line(file, *line),
    };
    Failure::new("DATA", what).advise(phrases::data_expected(LENDER_FILE, DEPARTMENT_FILE))
}

#[cfg(test)]
#[path = "material_tests.rs"]
mod tests;
