//! Registers of firms: whose approval a training takes, and what a department learns of the lender's
//! customers.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use lab::{Party, list};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{farthest, made_up, refused};
use crate::support::circle::{LOANS, forgets_trainings};
use crate::support::clear::credit;
use crate::support::clear::exact::{self, Table};
use crate::support::make;
use crate::support::town::code;

/// Fields of the tax bureau's class, as the catalogue has them.
const FIELDS: [&str; 2] = ["1.vat_paid_12m_cny", "1.cit_paid_12m_cny"];

/// A bank, a platform and a tax bureau under one policy profile.
struct Firms {
    bank: Party,
    platform: Party,
    tax: Party,
    root: TempDir,
}

impl Firms {
    /// The bureau knows all these firms; every second one is the bank's customer.
    fn running(profile: &str, table: &Table) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let make = |name, duty| make(root.path(), name, duty);
        let mut tax = make("tax", "holder");
        let [mut platform, mut bank] = [make("platform", "platform"), make("bank", "lender")];
        for one in [&tax, &platform, &bank] {
            let others = [&tax, &platform, &bank].into_iter();
            others.filter(|other| other.name != one.name).for_each(|other| one.pin(other));
            one.configure(&format!("[governance]\nprofile = '{profile}'\n"));
        }
        let [vat, late] = FIELDS;
        tax.configure(&format!(
            "[[register]]\nname = 'taxpayers'\nfile = 'taxpayers.csv'\ncolumn = 'uscc'\nkind = 'uscc'\n\
             [register.fields]\nvat = '{vat}'\nlate = '{late}'\n\
             [[offer]]\nprotocol = 'train'\nregister = 'taxpayers'\nto = ['bank']\n"
        ));
        bank.configure(&format!(
            "[[register]]\nname = '{LOANS}'\nfile = 'loans.csv'\ncolumn = 'uscc'\nkind = 'uscc'\n"
        ));
        let mut taxpayers = String::from("uscc,vat,late\n");
        let mut loans = String::from("uscc,bad\n");
        let mut all = Vec::new();
        for row in 0..table.rows() {
            let firm = code(u32::try_from(row).expect("a small row"));
            let [vat, late] = [table.columns[0][row], table.columns[1][row]];
            writeln!(taxpayers, "{firm},{vat},{late}").expect("text");
            if is_customer(row) {
                writeln!(loans, "{firm},{}", u8::from(table.bad[row])).expect("text");
            }
            all.push(firm);
        }
        fs::write(tax.dir.join("taxpayers.csv"), taxpayers).expect("the register");
        fs::write(bank.dir.join("loans.csv"), loans).expect("the register");
        list(&root.path().join("cover.csv"), "uscc", &all);
        [&mut platform, &mut tax, &mut bank].into_iter().for_each(Party::start);
        Self { bank, platform, tax, root }
    }

    fn file(&self) -> String {
        let [vat, late] = FIELDS;
        let text = format!(
            "job = 'firms@1'\npurpose = 'product_development'\nvalid_until = '2199-12-31'\n\
             [computing]\ndepartment = 'tax'\nplatform = 'platform'\nlender = 'bank'\n\
             [rows]\nfile = 'cover.csv'\ncolumn = 'uscc'\nkind = 'uscc'\ncover = 2\n\
             [label]\nregister = '{LOANS}'\ncolumn = 'bad'\nmeaning = '90 days past due'\n\
             [[columns]]\nparty = 'tax'\nregister = 'taxpayers'\nnames = ['{vat}', '{late}']\n\
             [training]\nheld_out_percent = 0\nnewton_steps = 6\n"
        );
        let path = self.root.path().join("firms.toml");
        fs::write(&path, text).expect("the job file");
        path.to_str().expect("a plain path").into()
    }
}

fn is_customer(row: usize) -> bool {
    row.is_multiple_of(2)
}

/// Everything that a party keeps, as text.
fn kept(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all += &kept(&path);
        } else if let Ok(bytes) = fs::read(&path) {
            all += &String::from_utf8_lossy(&bytes);
        }
    }
    all
}

#[test]
fn firms_are_trained_on_with_every_holders_approval_and_nobody_learns_who_is_a_customer() {
    let table = two_columns(2_400);
    let firms = Firms::running("jiangsu", &table);
    let file = firms.file();
    let said = firms.bank.tacit(&["train", &file]);
    refused("not yet", &said, &["JOB_NOT_COUNTERSIGNED"]);
    for party in [&firms.tax, &firms.platform] {
        party.tacit(&["train", "accept", "firms@1"]).done();
    }
    let run = firms.bank.tacit(&["train", &file, "--json"]).done().json();
    let report = &run["report"];
    assert_eq!((&report["rows"], &report["customers"]), (&json!(2_400), &json!(1_200)), "{report}");

    // The model is that of the customers, their columns standardised over the cover.
    let standard = table.columns.iter().map(|x| credit::standard(credit::winsorised(x.clone())));
    let over_cover: Vec<Vec<f64>> = standard.collect();
    let customers: Vec<usize> = (0..table.rows()).filter(|row| is_customer(*row)).collect();
    let of = |column: &Vec<f64>| customers.iter().map(|row| column[*row]).collect();
    let clear = Table {
        columns: over_cover.iter().map(of).collect(),
        bad: customers.iter().map(|row| table.bad[*row]).collect(),
    };
    let expected = exact::fit(&clear, None, 1e-3).weights;
    let mut found: Vec<f64> = report["weights"]
        .as_array()
        .expect("weights")
        .iter()
        .map(|weight| weight.as_f64().expect("a number"))
        .collect();
    found.push(report["intercept"].as_f64().expect("a number"));
    assert!(farthest(&found, &expected) <= 1e-2, "{found:?} {expected:?}");

    // Accepting is the approval of the project, and stands in the log; so does what was uploaded.
    let log = kept(&firms.tax.dir);
    assert!(log.contains("countersigned") && log.contains("uploaded"), "neither is in the log");
    // Neither the bureau nor the platform has a list of firms or an outcome left.
    for party in [&firms.tax, &firms.platform] {
        forgets_trainings(party);
        let runs: Value = json!(party.runs());
        assert!(!runs.to_string().contains("customers"), "{runs}");
    }
}

#[test]
fn where_the_profile_asks_for_each_firms_word_no_firm_is_trained_on() {
    let firms = Firms::running("strictest", &two_columns(900));
    let said = firms.bank.tacit(&["train", &firms.file()]);
    refused("strictest", &said, &["JOB_AUTHORISATION", "tax"]);
    let shown = firms.tax.tacit(&["train", "show", "--json"]).done().lines();
    assert_eq!(shown, Vec::<Value>::new(), "nothing awaits the bureau's word");
}

/// Made-up rows whose first two columns say something.
fn two_columns(rows: usize) -> Table {
    let mut table = made_up(rows);
    table.columns.truncate(2);
    table
}
