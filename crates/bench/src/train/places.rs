//! Where everything of the bench lies: registers, the list of rows, the job, the parties.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use domain::Duty;
use lab::{Lab, Offer, Register, Sketch};
use terminal::Failure;

use super::data::{self, BAD, ID, Table};
use crate::phrases;

/// The lender.
pub(super) const BANK: &str = "bank";

const PLATFORM: &str = "platform";

const KIND: &str = "opaque";

/// Of each holder.
const REGISTER: &str = "columns";

/// The lender's.
const LOANS: &str = "loans";

/// A large upload is one long turn: patience for it.
const IDLE_S: u32 = 3_600;

pub(super) struct Places<'a> {
    pub(super) root: &'a Path,
    pub(super) holders: usize,
    pub(super) columns: usize,
    pub(super) rows: u32,
    /// Whether standard errors and counts of scores are opened beside the weights.
    pub(super) findings: bool,
}

impl Places<'_> {
    /// Writes all that is in a file.
    pub(super) fn write(&self, table: &Table) -> Result<(), Failure> {
        table.write_rows(&self.root.join("rows.csv"))?;
        table.write_loans(&self.loans())?;
        let shares = data::shares(self.columns, self.holders);
        shares
            .into_iter()
            .enumerate()
            .try_for_each(|(holder, columns)| table.write_register(&self.register(holder), columns))
    }

    /// The parties: the bank, the platform, then the holders.
    pub(super) fn lab(&self) -> Result<Lab, Failure> {
        let sketch = |name: &str, duty| -> Result<Sketch, Failure> {
            Ok(Sketch::new(name, &[duty])?
                .with_limit("idle_s", IDLE_S)
                .with_limit("max_items", self.rows))
        };
        let register = |name, path: &Path| -> Result<Register, Failure> {
            Ok(Register::new(name, &text(path)?, ID, KIND))
        };
        let bank = sketch(BANK, Duty::Lender)?.with_register(&register(LOANS, &self.loans())?);
        let mut sketches = vec![bank, sketch(PLATFORM, Duty::Platform)?];
        for at in 0..self.holders {
            let table = register(REGISTER, &self.register(at))?;
            let offer = Offer::train(REGISTER, &[BANK]);
            let holder = sketch(&holder(at), Duty::Holder)?.with_register(&table);
            sketches.push(holder.with_offer(&offer));
        }
        Ok(Lab::build(self.root, &sketches)?)
    }

    /// The job file; its paths are relative to [`folder`](Self::folder).
    pub(super) fn job(&self, ridge: f64) -> String {
        let mut job = format!(
            "job = 'bench@1'\npurpose = 'product_development'\nvalid_until = '2199-12-31'\n\
             [computing]\ndepartment = '{}'\nplatform = '{PLATFORM}'\nlender = '{BANK}'\n\
             [rows]\nfile = 'rows.csv'\ncolumn = '{ID}'\nkind = '{KIND}'\n\
             [label]\nregister = '{LOANS}'\ncolumn = '{BAD}'\nmeaning = 'made up'\n",
            holder(0),
        );
        for (at, columns) in data::shares(self.columns, self.holders).into_iter().enumerate() {
            let names: Vec<String> =
                columns.map(|column| format!("'{}'", data::name(column))).collect();
            write!(
                job,
                "[[columns]]\nparty = '{}'\nregister = '{REGISTER}'\nnames = [{}]\n\
                 missing = 'refuse'\n",
                holder(at),
                names.join(", "),
            )
            .expect("text can always be appended to");
        }
        write!(
            job,
            "[training]\nridge = {ridge}\nnewton_steps = 3\nheld_out_percent = 0\n\
             [outputs]\nweights = 'lender'\nstandard_errors = {0}\nevaluation = {0}\n",
            self.findings
        )
        .expect("text can always be appended to");
        job
    }

    /// The folder of the list of rows.
    pub(super) fn folder(&self) -> Result<String, Failure> {
        text(self.root)
    }

    fn loans(&self) -> PathBuf {
        self.root.join("loans.csv")
    }

    fn register(&self, at: usize) -> PathBuf {
        self.root.join(format!("{}.csv", holder(at)))
    }
}

fn holder(at: usize) -> String {
    format!("holder-{}", at + 1)
}

fn text(path: &Path) -> Result<String, Failure> {
    let text = path.to_str().map(ToOwned::to_owned);
    text.ok_or_else(|| Failure::new("FILE", phrases::path_not_unicode(path.display())))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Places;

    #[test]
    fn the_job_names_every_column_once_and_the_first_holder_computes() {
        let places =
            Places { root: Path::new("/"), holders: 2, columns: 5, rows: 2_000, findings: true };
        let job: toml::Table = places.job(1e-3).parse().unwrap();
        assert_eq!(job["computing"]["department"].as_str(), Some("holder-1"));
        assert_eq!(job["training"]["ridge"].as_float(), Some(0.001));
        assert_eq!(job["outputs"]["evaluation"].as_bool(), Some(true));
        let names = |at: usize| job["columns"][at]["names"].as_array().unwrap().len();
        assert_eq!((names(0), names(1)), (3, 2));
        assert_eq!(job["columns"][1]["names"][0].as_str(), Some("x3"));
    }
}
