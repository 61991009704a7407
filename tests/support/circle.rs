//! A circle that trains: a bank, a platform and a tax bureau that compute, and a power company that
//! brings columns and leaves. Identifiers are opaque: nobody's data, so that no letter is needed.

use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use lab::{Party, Said, list, until};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::clear::exact::Table;
use crate::support::make;

/// The register of each holder.
pub(crate) const REGISTER: &str = "columns";

/// The bank's: its outcomes, and its own columns.
pub(crate) const LOANS: &str = "loans";

pub(crate) struct Circle {
    // Dropped first: a party must not outlive its folder.
    pub(crate) bank: Party,
    pub(crate) platform: Party,
    pub(crate) tax: Party,
    pub(crate) power: Party,
    pub(crate) root: TempDir,
    /// How many columns there are.
    width: usize,
}

/// A job as its file says it.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// "name@version".
    pub(crate) name: String,
    pub(crate) ridge: &'static str,
    pub(crate) newton_steps: u8,
    /// The file with the rows.
    pub(crate) rows: String,
}

impl Job {
    /// The job that any test begins with.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.into(), ridge: "0.001", newton_steps: 3, rows: "rows.csv".into() }
    }
}

impl Circle {
    /// Makes the circle for this table, and starts it: the columns are the bureau's, then the
    /// company's, then the bank's.
    pub(crate) fn running(table: &Table) -> Self {
        let mut circle = Self::built(table);
        let Self { bank, platform, tax, power, .. } = &mut circle;
        [platform, tax, power, bank].into_iter().for_each(Party::start);
        circle
    }

    /// Makes the circle; nobody runs yet.
    pub(crate) fn built(table: &Table) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let make = |name, duty| make(root.path(), name, duty);
        let [tax, power] = ["tax", "power"].map(|name| make(name, "holder"));
        let [platform, bank] = [make("platform", "platform"), make("bank", "lender")];
        let all = [&tax, &power, &platform, &bank];
        for one in all {
            all.iter().filter(|other| other.name != one.name).for_each(|other| one.pin(other));
        }
        for holder in [&tax, &power] {
            holder.configure(&format!(
                "[[register]]\nname = '{REGISTER}'\nfile = 'columns.csv'\ncolumn = 'id'\n\
                 kind = 'opaque'\n\
                 [[offer]]\nprotocol = 'train'\nregister = '{REGISTER}'\nto = ['bank']\n"
            ));
        }
        bank.configure(&format!(
            "[[register]]\nname = '{LOANS}'\nfile = 'loans.csv'\ncolumn = 'id'\nkind = 'opaque'\n"
        ));
        let circle = Self { bank, platform, tax, power, root, width: table.columns.len() };
        circle.write(table);
        circle
    }

    /// Writes every register and the list of rows.
    pub(crate) fn write(&self, table: &Table) {
        assert_eq!(table.columns.len(), self.width, "the job names other columns");
        let order: Vec<usize> = (0..table.bad.len()).collect();
        let [tax, power, bank] = self.shares();
        fs::write(self.columns_of(&self.tax), register(table, tax, &order, false))
            .expect("written");
        fs::write(self.columns_of(&self.power), register(table, power, &order, false))
            .expect("written");
        fs::write(self.loans(), register(table, bank, &order, true)).expect("written");
        let ids: Vec<String> = order.iter().map(|row| id(*row)).collect();
        self.write_rows("rows.csv", &ids);
    }

    /// Writes a list of rows.
    pub(crate) fn write_rows(&self, name: &str, ids: &[String]) {
        list(&self.root.path().join(name), "id", ids);
    }

    /// Where a holder's register lies.
    pub(crate) fn columns_of(&self, holder: &Party) -> PathBuf {
        holder.dir.join("columns.csv")
    }

    /// Where the bank's register lies.
    pub(crate) fn loans(&self) -> PathBuf {
        self.bank.dir.join("loans.csv")
    }

    /// Whose which columns are: the bureau's, the company's, the bank's.
    fn shares(&self) -> [Range<usize>; 3] {
        let (half, most) = (self.width.div_ceil(2), (self.width - 1).max(2));
        [0..half, half..most.max(half + 1), most.max(half + 1)..self.width]
    }

    /// Writes a job file; returns where.
    pub(crate) fn file(&self, job: &Job) -> String {
        let Job { name, ridge, newton_steps, rows } = job;
        let parties = [("tax", REGISTER), ("power", REGISTER), ("bank", LOANS)];
        let rest = format!(
            "[training]\nridge = {ridge}\nnewton_steps = {newton_steps}\nheld_out_percent = 0\n\
             [outputs]\nweights = 'lender'\nstandard_errors = true\nevaluation = true\n"
        );
        let brought = parties.into_iter().zip(self.shares());
        job_file(self.root.path(), (name, rows), brought, "missing = 'refuse'\n", &rest)
    }

    /// The bank lays the job before the others, or trains it once they have accepted it.
    pub(crate) fn train(&self, job: &Job, more: &[&str]) -> Said {
        let file = self.file(job);
        self.bank.tacit(&[&["train", &file, "--json"][..], more].concat())
    }

    /// Lays the job before the others, and has each accept it.
    pub(crate) fn accepted(&self, job: &Job) {
        let said = self.train(job, &[]);
        assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
        assert!(said.err.contains("JOB_NOT_COUNTERSIGNED"), "{}", said.err);
        for party in [&self.tax, &self.platform, &self.power] {
            party.tacit(&["train", "accept", &job.name]).done();
        }
    }

    /// Lays the job before the others, has them accept it, and trains it.
    pub(crate) fn trained(&self, job: &Job) -> Trained {
        self.accepted(job);
        Trained(self.train(job, &[]).done().json())
    }

    /// Sees that no party has a result, and none has anything left of a training.
    pub(crate) fn nothing_is_kept(&self) {
        for party in [&self.bank, &self.platform, &self.tax, &self.power] {
            assert_eq!(party.results(), Vec::<String>::new(), "at {}", party.name);
        }
        self.no_training_is_left();
    }

    /// Sees that none has anything left of a training.
    pub(crate) fn no_training_is_left(&self) {
        [&self.bank, &self.platform, &self.tax, &self.power]
            .into_iter()
            .for_each(forgets_trainings);
    }
}

/// Waits until a party has nothing left of a training: it hears of the end a moment after the lender.
pub(crate) fn forgets_trainings(party: &Party) {
    until(&format!("{} forgets the training", party.name), || {
        let left = fs::read_dir(party.dir.join("trainings"));
        left.map_or(Some(()), |mut left| left.next().is_none().then_some(()))
    });
}

/// A finished training: the run as the command shows it.
pub(crate) struct Trained(pub(crate) Value);

impl Trained {
    pub(crate) fn report(&self) -> &Value {
        &self.0["report"]
    }

    /// The weights, the intercept last.
    pub(crate) fn weights(&self) -> Vec<f64> {
        self.figures("weights", "intercept")
    }

    /// The standard errors, the intercept's last.
    pub(crate) fn errors(&self) -> Vec<f64> {
        self.figures("standard_errors", "intercept_standard_error")
    }

    /// How probable weights as far from 0 are, the intercept's last.
    pub(crate) fn p_values(&self) -> Vec<f64> {
        self.figures("p", "intercept_p")
    }

    fn figures(&self, list: &str, last: &str) -> Vec<f64> {
        let report = self.report();
        let all = report[list].as_array().unwrap_or_else(|| panic!("no {list} in {report}"));
        let all = all.iter().chain([&report[last]]);
        all.map(|figure| figure.as_f64().expect("a number")).collect()
    }
}

/// The identifier of a row.
pub(crate) fn id(row: usize) -> String {
    format!("row-{row:07}")
}

/// Writes the file of a job whose lender is the bank: its name and rows, who brings which columns from
/// which register (whoever brings none is left out), a line of each of them, and the rest. Returns where.
pub(crate) fn job_file(
    root: &Path,
    (name, rows): (&str, &str),
    brought: impl Iterator<Item = ((&'static str, &'static str), Range<usize>)>,
    of_each: &str,
    rest: &str,
) -> String {
    let mut text = format!(
        "job = '{name}'\npurpose = 'product_development'\nvalid_until = '2199-12-31'\n\
         [computing]\ndepartment = 'tax'\nplatform = 'platform'\nlender = 'bank'\n\
         [rows]\nfile = '{rows}'\ncolumn = 'id'\nkind = 'opaque'\n\
         [label]\nregister = '{LOANS}'\ncolumn = 'bad'\nmeaning = 'not repaid'\n"
    );
    for ((party, register), columns) in brought.filter(|(_, columns)| !columns.is_empty()) {
        let names: Vec<String> = columns.map(|column| format!("'x{column}'")).collect();
        let names = names.join(", ");
        write!(
            text,
            "[[columns]]\nparty = '{party}'\nregister = '{register}'\nnames = [{names}]\n{of_each}"
        )
        .expect("text can always be appended to");
    }
    text.push_str(rest);
    let path = root.join(format!("{}.toml", name.replace('@', "-")));
    fs::write(&path, text).expect("the job file");
    path.to_str().expect("a plain path").into()
}

/// A register of some columns, its rows in this order; the bank's says also which rows are bad.
pub(crate) fn register(
    table: &Table,
    columns: Range<usize>,
    order: &[usize],
    outcomes: bool,
) -> String {
    let mut text = String::from("id");
    let mut add = |cell: &str| text.push_str(cell);
    columns.clone().for_each(|column| add(&format!(",x{column}")));
    if outcomes {
        add(",bad");
    }
    add("\n");
    for &row in order {
        add(&id(row));
        table.columns[columns.clone()].iter().for_each(|column| add(&format!(",{}", column[row])));
        if outcomes {
            add(if table.bad[row] { ",1" } else { ",0" });
        }
        add("\n");
    }
    text
}
