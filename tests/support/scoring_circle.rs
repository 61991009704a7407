//! A circle that trains scorecards, and scores by them: a bank, a platform, and three holders, of which
//! the tax bureau computes. Identifiers are opaque: nobody's data, so that no letter is needed.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use lab::{Party, Said, list};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::circle::{LOANS, REGISTER, id, job_file};
use crate::support::make;

/// The holders in the order of the job, each with as many columns.
pub(crate) const HOLDERS: [&str; 3] = ["tax", "social", "power"];

/// Columns with gaps (NaN), and which rows are bad.
#[derive(Clone)]
pub(crate) struct Gaps {
    pub(crate) columns: Vec<Vec<f64>>,
    pub(crate) bad: Vec<bool>,
}

pub(crate) struct ScoringCircle {
    // Dropped first: a party must not outlive its folder.
    pub(crate) bank: Party,
    pub(crate) platform: Party,
    pub(crate) tax: Party,
    pub(crate) social: Party,
    pub(crate) power: Party,
    pub(crate) root: TempDir,
    width: usize,
    /// How many of the last columns are the bank's own.
    own: usize,
}

impl ScoringCircle {
    /// Makes the circle for this table, the last `own` columns of which are the bank's; nobody runs yet.
    pub(crate) fn built(table: &Gaps, own: usize) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let make = |name, duty| make(root.path(), name, duty);
        let [tax, social, power] = HOLDERS.map(|name| make(name, "holder"));
        let [platform, bank] = [make("platform", "platform"), make("bank", "lender")];
        let all = [&tax, &social, &power, &platform, &bank];
        for one in all {
            all.iter().filter(|other| other.name != one.name).for_each(|other| one.pin(other));
        }
        for holder in [&tax, &social, &power] {
            holder.configure(
                "[[register]]\nname = 'columns'\nfile = 'columns.csv'\ncolumn = 'id'\n\
                 kind = 'opaque'\n\
                 [[offer]]\nprotocol = 'train'\nregister = 'columns'\nto = ['bank']\n\
                 [[offer]]\nprotocol = 'score'\nregister = 'columns'\nplatform = 'platform'\n\
                 to = ['bank']\n",
            );
        }
        bank.configure(
            "[[register]]\nname = 'loans'\nfile = 'loans.csv'\ncolumn = 'id'\nkind = 'opaque'\n\
             [[offer]]\nprotocol = 'key'\nto = ['platform']\n",
        );
        let width = table.columns.len();
        let circle = Self { bank, platform, tax, social, power, root, width, own };
        circle.write(table);
        circle
    }

    /// Makes the circle, and starts it.
    pub(crate) fn running(table: &Gaps, own: usize) -> Self {
        let mut circle = Self::built(table, own);
        circle.start();
        circle
    }

    pub(crate) fn start(&mut self) {
        let Self { bank, platform, tax, social, power, .. } = self;
        [platform, tax, social, power, bank].into_iter().for_each(Party::start);
    }

    /// Writes every register and the list of rows.
    pub(crate) fn write(&self, table: &Gaps) {
        let rows = table.bad.len();
        for (party, columns) in self.holders().into_iter().zip(self.shares()) {
            let text = register(table, columns, false);
            fs::write(self.columns_of(party), text).expect("the register");
        }
        let own = self.width - self.own..self.width;
        fs::write(self.bank.dir.join("loans.csv"), register(table, own, true)).expect("written");
        let ids: Vec<String> = (0..rows).map(id).collect();
        list(&self.root.path().join("rows.csv"), "id", &ids);
    }

    pub(crate) fn columns_of(&self, holder: &Party) -> PathBuf {
        holder.dir.join("columns.csv")
    }

    pub(crate) fn holders(&self) -> [&Party; 3] {
        [&self.tax, &self.social, &self.power]
    }

    /// Whose which columns are, the bank's left out.
    pub(crate) fn shares(&self) -> [Range<usize>; 3] {
        let theirs = self.width - self.own;
        [0, 1, 2].map(|at| theirs * at / 3..theirs * (at + 1) / 3)
    }

    /// Writes a job file with these keys under `[scorecard]`; returns where.
    pub(crate) fn file(&self, name: &str, scorecard: &str) -> String {
        let own = self.width - self.own..self.width;
        let all = HOLDERS.into_iter().map(|party| (party, REGISTER)).chain([("bank", LOANS)]);
        let brought = all.zip(self.shares().into_iter().chain([own]));
        let rest = format!("[training]\nheld_out_percent = 0\n[scorecard]\n{scorecard}\n");
        job_file(self.root.path(), (name, "rows.csv"), brought, "", &rest)
    }

    /// The bank lays the job before the others, or trains it once they have accepted it.
    pub(crate) fn train(&self, file: &str) -> Said {
        self.bank.tacit(&["train", file, "--json"])
    }

    /// Lays a job before the others, and has each accept it; returns its file.
    pub(crate) fn accepted(&self, name: &str, scorecard: &str) -> String {
        let file = self.file(name, scorecard);
        let said = self.train(&file);
        assert!(said.err.contains("JOB_NOT_COUNTERSIGNED"), "{}{}", said.out, said.err);
        for party in [&self.tax, &self.platform, &self.social, &self.power] {
            party.tacit(&["train", "accept", name]).done();
        }
        file
    }

    /// Lays a job before the others, has them accept it, and trains it: the report.
    pub(crate) fn trained(&self, name: &str, scorecard: &str) -> Value {
        let file = self.accepted(name, scorecard);
        self.train(&file).done().json()["report"].clone()
    }

    /// Puts a card to use at the platform, which starts anew: registered, countersigned, published.
    pub(crate) fn put_to_use(&mut self, card: &str, model: &str) {
        fs::write(self.platform.dir.join("card.toml"), card).expect("the card");
        let own = if self.own > 0 { "bank = 'lender'\n" } else { "" };
        self.platform.configure(&format!(
            "[[model]]\nfile = 'card.toml'\nlenders = ['bank']\nresearch = true\n\
             [model.holders]\ntax = 'tax'\nsocial = 'social'\npower = 'power'\n{own}"
        ));
        self.platform.process = None;
        self.platform.start();
        self.platform.tacit(&["model", "register", model]).done();
        for holder in self.holders() {
            holder.tacit(&["model", "countersign", model]).done();
        }
        self.platform.tacit(&["model", "publish", model, "--to", "bank"]).done();
    }

    /// The points that the bank opens of a row.
    pub(crate) fn points(&self, row: usize, model: &str) -> u64 {
        let words = ["score", &id(row), "--model", model, "--kind", "opaque", "--json"];
        let said = self.bank.tacit(&words).done().json();
        said["points"].as_u64().unwrap_or_else(|| panic!("no points in {said}"))
    }
}

/// A register of some columns, gaps empty; the bank's says also which rows are bad.
fn register(table: &Gaps, columns: Range<usize>, outcomes: bool) -> String {
    let mut text = String::from("id");
    columns.clone().for_each(|column| text.push_str(&format!(",x{column}")));
    text.push_str(if outcomes { ",bad\n" } else { "\n" });
    for (row, bad) in table.bad.iter().enumerate() {
        text.push_str(&id(row));
        for column in &table.columns[columns.clone()] {
            text.push(',');
            if !column[row].is_nan() {
                text.push_str(&column[row].to_string());
            }
        }
        text.push_str(match (outcomes, bad) {
            (true, true) => ",1\n",
            (true, false) => ",0\n",
            (false, _) => "\n",
        });
    }
    text
}
