//! What a demonstration is about: the registers, a scorecard, and what the clear text says.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use domain::{Slot, SubjectKind, Text, Value};
use scorecard::{Fact, Scorecard};
use terminal::Failure;

use super::keyed_table::{KeyedTable, Malformed};
use super::measures::Separation;
use super::parties::{BANK, RURAL_BANK};
use super::phrases;
use super::province::Province;

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

const UCI: Cards = Cards {
    joint: include_str!("uci-default.toml"),
    reference: include_str!("uci-default.reference.toml"),
    alone: include_str!("uci-alone.toml"),
};
const FIRMS: Cards = Cards {
    joint: include_str!("small-firms.toml"),
    reference: include_str!("small-firms.reference.toml"),
    alone: include_str!("small-firms-alone.toml"),
};

/// The files of one kind of data.
struct Cards {
    /// The model of all parties.
    joint: &'static str,
    /// Its statistics over the population that it was fitted on.
    reference: &'static str,
    /// What a bank can do with its own columns alone.
    alone: &'static str,
}

/// A holder and its register.
pub(super) struct Holder {
    /// The party, and the slot of the card that it fills.
    pub(super) name: &'static str,
    /// Its register's name.
    pub(super) register: &'static str,
    /// The register as a CSV.
    pub(super) csv: String,
    sheet: KeyedTable,
}

impl Holder {
    fn new(
        (name, register): (&'static str, &'static str),
        csv: String,
        key: &str,
    ) -> Result<Self, Malformed> {
        let sheet = KeyedTable::read(&csv, key)?;
        Ok(Self { name, register, csv, sheet })
    }

    /// How many rows the register has.
    pub(super) fn rows(&self) -> usize {
        self.sheet.keys().len()
    }
}

/// A bank and its customers.
pub(super) struct Bank {
    /// The party.
    pub(super) name: &'static str,
    /// Its customers as a CSV: what it knows of them by itself, and how their loans turned out.
    pub(super) csv: String,
    sheet: KeyedTable,
    outcome: &'static str,
}

impl Bank {
    fn new(
        name: &'static str,
        csv: String,
        (key, outcome): (&str, &'static str),
    ) -> Result<Self, Malformed> {
        let sheet = KeyedTable::read(&csv, key)?;
        Ok(Self { name, csv, sheet, outcome })
    }

    /// Its customers, in the order of its file.
    pub(super) fn customers(&self) -> &[String] {
        self.sheet.keys()
    }

    /// Whether its own file says that this customer turned out bad.
    pub(super) fn is_bad(&self, key: &str) -> Option<bool> {
        match self.sheet.cell(key, self.outcome)? {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }
    }
}

const TAX: (&str, &str) = ("tax", "taxpayers");
const SOCIAL: (&str, &str) = ("social", "insured");
const POWER: (&str, &str) = ("power", "metered");
const FUND: (&str, &str) = ("fund", "contributors");

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
    /// What a bank can do with its own columns alone.
    pub(super) alone: Scorecard,
    /// The holders, each with its register.
    pub(super) holders: Vec<Holder>,
    /// The banks, the first the one that the story is about.
    pub(super) banks: Vec<Bank>,
}

impl Material {
    /// Makes the registers of a province in small.
    pub(super) fn generated(firms: u32, seed: u64) -> Result<Self, Failure> {
        let Province { tax, social, power, fund, bank, rural } = Province::generate(firms, seed);
        let holders = vec![(TAX, tax), (SOCIAL, social), (POWER, power), (FUND, fund)];
        let banks = vec![(BANK, bank), (RURAL_BANK, rural)];
        let made = |trouble| not_a_table("the generated register", &trouble);
        let made_up = Self::new(SubjectKind::Uscc, ("uscc", "bad"), &FIRMS, holders, banks);
        let mut material = made_up.map_err(made)?;
        // Of a handful of firms a small bank may have nobody whom all holders know.
        let idle = material.banks.iter().skip(1).filter(|bank| material.on_all(bank) == 0);
        let idle: Vec<_> = idle.map(|bank| bank.name).collect();
        material.banks.retain(|bank| !idle.contains(&bank.name));
        Ok(material)
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
        let department = KeyedTable::read(&department, "ID").map_err(in_department)?;
        let tax = department.only(&UCI_TAX).map_err(in_department)?;
        let social = department.only(&UCI_SOCIAL).map_err(in_department)?;
        let in_lender = |trouble| not_a_table(LENDER_FILE, &trouble);
        let lender = KeyedTable::read(&lender, "ID").map_err(in_lender)?;
        let bank = lender.only(&UCI_LENDER).map_err(in_lender)?;
        let holders = vec![(TAX, tax), (SOCIAL, social)];
        let banks = vec![(BANK, bank)];
        Self::new(SubjectKind::Opaque, ("ID", "y"), &UCI, holders, banks).map_err(in_department)
    }

    fn new(
        kind: SubjectKind,
        (key, outcome): (&'static str, &'static str),
        cards: &Cards,
        holders: Vec<((&'static str, &'static str), String)>,
        banks: Vec<(&'static str, String)>,
    ) -> Result<Self, Malformed> {
        let read = |file| Scorecard::from_toml(file).expect("a test reads all shipped cards");
        let holders = holders.into_iter().map(|(holder, csv)| Holder::new(holder, csv, key));
        let banks = banks.into_iter().map(|(name, csv)| Bank::new(name, csv, (key, outcome)));
        Ok(Self {
            kind,
            key,
            card: read(cards.joint),
            card_file: cards.joint,
            reference_file: cards.reference,
            alone: read(cards.alone),
            holders: holders.collect::<Result<_, _>>()?,
            banks: banks.collect::<Result<_, _>>()?,
        })
    }

    /// Whether the registers are about firms, so that each has to authorise what is asked.
    pub(super) fn is_governed(&self) -> bool {
        self.kind != SubjectKind::Opaque
    }

    /// The slot that the lender fills itself.
    pub(super) fn own(&self) -> Option<Slot> {
        self.card.holders().into_iter().find(|slot| slot.as_str() == OWN)
    }

    /// How many parties there are: the holders, the platform, the banks, and where firms authorise
    /// the provincial node.
    pub(super) fn parties(&self) -> usize {
        self.holders.len() + 1 + self.banks.len() + usize::from(self.is_governed())
    }

    /// The bank that the story is about.
    pub(super) fn bank(&self) -> &Bank {
        &self.banks[0]
    }

    /// A firm on the first holder's register that is no bank's customer.
    pub(super) fn stranger(&self) -> Option<&str> {
        let known = |key: &str| self.banks.iter().any(|it| it.sheet.cell(key, self.key).is_some());
        self.holders.first()?.sheet.keys().iter().map(String::as_str).find(|key| !known(key))
    }

    /// How many columns of a slot the card uses.
    pub(super) fn columns(&self, slot: &str) -> usize {
        self.card.features().filter(|(holder, ..)| holder.as_str() == slot).count()
    }

    /// How many of a bank's customers are on every register, in clear.
    pub(super) fn on_all(&self, bank: &Bank) -> usize {
        let has = |key: &str| self.holders.iter().all(|it| it.sheet.cell(key, self.key).is_some());
        bank.customers().iter().filter(|key| has(key)).count()
    }

    /// The points that the decrypted answer must agree with, from all registers in clear.
    ///
    /// # Errors
    ///
    /// When a value has no bin.
    pub(super) fn clear_points(&self, bank: &Bank, key: &str) -> Result<u16, scorecard::Error> {
        self.card.clear_points(|slot, column| self.value(&self.card, bank, (slot, column), key))
    }

    /// The points that a bank comes to by itself, from its own columns.
    ///
    /// # Errors
    ///
    /// When a value has no bin.
    pub(super) fn alone_points(&self, bank: &Bank, key: &str) -> Result<u16, scorecard::Error> {
        self.alone.clear_points(|slot, column| self.value(&self.alone, bank, (slot, column), key))
    }

    /// What a holder's register says in a column of whole numbers; none where it knows nothing.
    pub(super) fn number(&self, holder: &str, column: &str, key: &str) -> Option<i64> {
        let holder = self.holders.iter().find(|it| it.name == holder)?;
        holder.sheet.cell(key, column)?.parse().ok()
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

    fn value(
        &self,
        card: &Scorecard,
        bank: &Bank,
        (slot, column): (&Slot, &str),
        key: &str,
    ) -> Option<Value> {
        let holder = self.holders.iter().find(|holder| holder.name == slot.as_str());
        let own = (slot.as_str() == OWN).then_some(&bank.sheet);
        let sheet = holder.map(|holder| &holder.sheet).or(own)?;
        let cell = sheet.cell(key, column).filter(|cell| !cell.is_empty())?;
        if is_numeric(card, slot, column) {
            // What is no number has no bin: it must not pass for a missing one.
            Some(cell.parse().map_or_else(|_| Value::text(cell), Value::Number))
        } else {
            Some(Value::text(cell))
        }
    }
}

fn is_numeric(card: &Scorecard, slot: &Slot, column: &str) -> bool {
    let named = |(holder, feature, _): &(&Slot, &scorecard::Feature, &[u16])| {
        *holder == slot && feature.column() == column
    };
    card.features().find(named).is_some_and(|(_, feature, _)| feature.binning().is_numeric())
}

fn read(folder: &Path, name: &str) -> Result<String, Failure> {
    let path = folder.join(name);
    fs::read_to_string(&path).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            let what = phrases::endings::no_data(&folder.display(), name);
            Failure::new("DATA", what)
                .advise(phrases::endings::data_expected(LENDER_FILE, DEPARTMENT_FILE))
        }
        _ => Failure::file(&path, &error),
    })
}

fn not_a_table(file: &str, trouble: &Malformed) -> Failure {
    let what: Text = match trouble {
        Malformed::Column(column) => phrases::endings::no_column(file, column),
        Malformed::Line(line) => phrases::endings::odd_line(file, *line),
    };
    Failure::new("DATA", what).advise(phrases::endings::data_expected(LENDER_FILE, DEPARTMENT_FILE))
}

#[cfg(test)]
#[path = "material_tests.rs"]
mod tests;
