//! What a demonstration is about: three registers, a scorecard, and what the clear text says.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use domain::{Scorecard, Slot, SubjectKind, Value};

use super::phrases;
use super::province::Province;
use super::sheet::{Sheet, Trouble};
use crate::failure::Failure;
use crate::language::Text;

/// The slots of both cards, and the parties that fill them.
pub(super) const HOLDERS: [&str; 2] = ["tax", "social"];

/// The lender's half of the UCI data: its customers and their outcomes.
const LENDER_FILE: &str = "uci_credit_lender.csv";

/// The other half, which two holders share between them.
const DEPARTMENT_FILE: &str = "uci_credit_department.csv";

const UCI_TAX: [&str; 7] = ["ID", "PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"];
const UCI_SOCIAL: [&str; 7] =
    ["ID", "BILL_AMT1", "BILL_AMT2", "BILL_AMT3", "BILL_AMT4", "BILL_AMT5", "BILL_AMT6"];

const UCI_CARD: &str = include_str!("uci-default.toml");
const FIRMS_CARD: &str = include_str!("small-firms.toml");

/// Everything that a demonstration starts from. No party of it has all of this.
pub(super) struct Material {
    /// The kind of identifier.
    pub(super) kind: SubjectKind,
    /// The column with the identifier, the same in every register.
    pub(super) key: &'static str,
    /// The scorecard, and the file that it was read from.
    pub(super) card: Scorecard,
    pub(super) card_file: &'static str,
    /// Each holder's register as a CSV, in the order of [`HOLDERS`].
    pub(super) registers: [String; 2],
    /// The bank's customers as a CSV.
    pub(super) customers: String,
    sheets: [Sheet; 2],
    bank: Sheet,
    outcome: &'static str,
}

impl Material {
    /// Makes the registers of a province in small.
    pub(super) fn generated(firms: u32, seed: u64) -> Result<Self, Failure> {
        let Province { tax, social, bank } = Province::generate(firms, seed);
        let made = |trouble| not_a_table("the generated register", &trouble);
        Self::new(SubjectKind::Uscc, "uscc", FIRMS_CARD, [tax, social], bank, "bad").map_err(made)
    }

    /// Takes the UCI data, whose departments' columns are split over the two holders.
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
        let bank = lender.only(&["ID", "y"]).map_err(in_lender)?;
        Self::new(SubjectKind::Opaque, "ID", UCI_CARD, [tax, social], bank, "y")
            .map_err(in_department)
    }

    fn new(
        kind: SubjectKind,
        key: &'static str,
        card_file: &'static str,
        registers: [String; 2],
        customers: String,
        outcome: &'static str,
    ) -> Result<Self, Trouble> {
        let card = Scorecard::from_toml(card_file).expect("a test reads both shipped cards");
        let [tax, social] = &registers;
        let sheets = [Sheet::read(tax, key)?, Sheet::read(social, key)?];
        let bank = Sheet::read(&customers, key)?;
        Ok(Self { kind, key, card, card_file, registers, customers, sheets, bank, outcome })
    }

    /// Whether the registers are about firms, so that each has to authorise what is asked.
    pub(super) fn is_governed(&self) -> bool {
        self.kind != SubjectKind::Opaque
    }

    /// A firm on a holder's register that is no customer of the bank's.
    pub(super) fn stranger(&self) -> Option<&str> {
        let strange = |key: &&String| self.bank.cell(key, self.key).is_none();
        self.sheets[0].keys().iter().find(strange).map(String::as_str)
    }

    /// The bank's customers, in the order of its file.
    pub(super) fn customer_keys(&self) -> &[String] {
        self.bank.keys()
    }

    /// How many rows a holder's register has.
    pub(super) fn rows(&self, holder: usize) -> usize {
        self.sheets[holder].keys().len()
    }

    /// How many of a holder's columns the card uses.
    pub(super) fn columns(&self, holder: usize) -> usize {
        let slot = self.card.holders().into_iter().find(|slot| slot.as_str() == HOLDERS[holder]);
        slot.and_then(|slot| self.card.part(&slot)).map_or(0, |part| part.features().len())
    }

    /// How many of the bank's customers are on both registers, in clear.
    pub(super) fn on_both(&self) -> usize {
        let known =
            |key: &&String| self.sheets.iter().all(|sheet| sheet.cell(key, self.key).is_some());
        self.bank.keys().iter().filter(known).count()
    }

    /// Whether the bank's own file says that this customer turned out bad.
    pub(super) fn is_bad(&self, key: &str) -> Option<bool> {
        match self.bank.cell(key, self.outcome)? {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }
    }

    /// The points that the encrypted answer must agree with, from both registers in clear.
    ///
    /// # Errors
    ///
    /// When a value has no bin.
    pub(super) fn clear_points(&self, key: &str) -> Result<u16, domain::Error> {
        self.card.clear_points(|slot, column| self.value(slot, column, key))
    }

    fn value(&self, slot: &Slot, column: &str, key: &str) -> Option<Value> {
        let holder = HOLDERS.iter().position(|name| *name == slot.as_str())?;
        let cell = self.sheets[holder].cell(key, column).filter(|cell| !cell.is_empty())?;
        if self.is_numeric(slot, column) {
            // What is no number has no bin: it must not pass for a missing one.
            Some(cell.parse().map_or_else(|_| Value::text(cell), Value::Number))
        } else {
            Some(Value::text(cell))
        }
    }

    fn is_numeric(&self, slot: &Slot, column: &str) -> bool {
        self.card.part(slot).is_some_and(|part| {
            let mut features = part.features().iter();
            features.any(|feature| feature.column() == column && feature.binning().is_numeric())
        })
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
mod tests {
    use std::fs;

    use domain::Scorecard;

    use super::{DEPARTMENT_FILE, FIRMS_CARD, HOLDERS, LENDER_FILE, Material, UCI_CARD};

    #[test]
    fn both_shipped_cards_are_sound_and_fill_the_same_two_slots() {
        for (file, model) in [(UCI_CARD, "uci-default@1"), (FIRMS_CARD, "small-firms@1")] {
            let card = Scorecard::from_toml(file).unwrap();
            assert_eq!(card.model().to_string(), model);
            let holders: Vec<_> = card.holders().iter().map(ToString::to_string).collect();
            assert_eq!(holders, HOLDERS);
            assert!(card.grade(card.offset()).is_some(), "every score has a grade");
            for holder in card.holders() {
                assert!(card.part(&holder).unwrap().features().len() >= 3);
            }
        }
    }

    #[test]
    fn every_generated_customer_has_points_and_the_scores_part_good_from_bad() {
        let material = Material::generated(4_000, 11).unwrap();
        let scored: Vec<_> = material
            .customer_keys()
            .iter()
            .map(|key| {
                let points = material.clear_points(key).unwrap();
                (i64::from(points), material.is_bad(key).unwrap())
            })
            .collect();
        let auc = super::super::measures::separation(&scored).unwrap().auc;
        assert!(auc > 0.78, "{auc}");
        assert!(material.on_both() < material.customer_keys().len());
        assert!(material.on_both() > 2_500);
    }

    #[test]
    fn a_folder_is_split_over_the_holders_and_what_it_lacks_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let told = |folder: &std::path::Path| match Material::of_folder(folder) {
            Ok(_) => String::new(),
            Err(failure) => {
                format!("{} {}", failure.what().en, failure.advice().unwrap().en)
            }
        };
        let said = told(folder.path());
        assert!(said.contains(LENDER_FILE) && said.contains(DEPARTMENT_FILE), "{said}");

        fs::write(folder.path().join(LENDER_FILE), "ID,y,AGE\n1,1,24\n2,0,26\n").unwrap();
        let header = "ID,PAY_0,PAY_2,PAY_3,PAY_4,PAY_5,PAY_6,BILL_AMT1,BILL_AMT2,BILL_AMT3,\
                      BILL_AMT4,BILL_AMT5";
        let department = folder.path().join(DEPARTMENT_FILE);
        fs::write(&department, format!("{header}\n1,2,2,-1,-1,-2,-2,3913,3102,689,0,0\n")).unwrap();
        assert!(told(folder.path()).contains("BILL_AMT6"));

        let row = "1,2,2,-1,-1,-2,-2,3913,3102,689,0,0,0";
        fs::write(&department, format!("{header},BILL_AMT6\n{row}\n")).unwrap();
        let material = Material::of_folder(folder.path()).unwrap();
        assert_eq!(material.registers[0].lines().nth(1), Some("1,2,2,-1,-1,-2,-2"));
        assert_eq!(material.customers, "ID,y\n1,1\n2,0\n");
        assert_eq!((material.on_both(), material.is_bad("1")), (1, Some(true)));
        assert!(material.clear_points("1").unwrap() < material.card.most_points());
    }
}
