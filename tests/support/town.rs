//! A small town for tests of governance: a bank, a platform, three holders, and a node that keeps the
//! registry and supervises the logs. Everybody is pinned with everybody and has admitted everybody.

use std::fs;
use std::path::{Path, PathBuf};

use domain::Uscc;
use envelope::Envelope;
use lab::{Party, Said, envelopes};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::make;
use crate::support::subjects::{Issuer, Signatory};

pub(crate) const MODEL: &str = "small@1";

/// Firms that all registers have; a firm from here on is on none.
pub(crate) const FIRMS: u32 = 40;

pub(crate) struct Town {
    // Dropped first: a party must not outlive its folder.
    pub(crate) bank: Party,
    pub(crate) platform: Party,
    pub(crate) tax: Party,
    pub(crate) social: Party,
    pub(crate) power: Party,
    pub(crate) node: Party,
    pub(crate) issuer: Issuer,
    pub(crate) root: TempDir,
}

impl Town {
    /// Makes the town and starts it, with the model countersigned and published to the bank.
    pub(crate) fn running() -> Self {
        let mut town = Self::built();
        town.start();
        town
    }

    /// Makes the town; nobody runs yet.
    pub(crate) fn built() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let issuer = Issuer::new();
        let make = |name, duty| make(root.path(), name, duty);
        let [tax, social, power] = HOLDERS.map(|name| make(name, "holder"));
        let [node, platform, bank] =
            [make("node", "supervisor"), make("platform", "platform"), make("bank", "lender")];
        let all = [&node, &tax, &social, &power, &platform, &bank];
        for one in all {
            for other in all.iter().filter(|other| other.name != one.name) {
                one.pin(other);
            }
            let governance = if one.name == "node" { "" } else { "supervisor = 'node'\n" };
            one.configure(&format!(
                "[governance]\nregistry = 'node'\n{governance}{}",
                issuer.trusted()
            ));
        }
        register(&tax, "taxpayers", "tax", TAX_FIELDS);
        register(
            &social,
            "insured",
            "social",
            "insured = '10.insured_count'\nmonths = '10.payment_date'\n\
             base = '10.contribution_base_cny'",
        );
        register(
            &power,
            "metered",
            "power",
            "usage3 = '14.avg_monthly_usage_3m'\nusage6 = '14.avg_monthly_usage_6m'\n\
             owing = '14.in_arrears_now'",
        );
        fs::write(platform.dir.join("small.toml"), card()).expect("the folder is there");
        platform.configure(
            "[[model]]\nfile = 'small.toml'\nlenders = ['bank']\n\
             [model.holders]\ntax = 'tax'\nsocial = 'social'\npower = 'power'\n\
             [[route]]\nclasses = [1, 2]\nholder = 'tax'\n\
             [[route]]\nclasses = [10]\nholder = 'social'\n\
             [[route]]\nclasses = [14, 27]\nholder = 'power'\n",
        );
        bank.configure("[[offer]]\nprotocol = 'key'\nto = ['platform']\n");
        Self { bank, platform, tax, social, power, node, issuer, root }
    }

    /// Starts everybody, has the model countersigned, and publishes it.
    pub(crate) fn start(&mut self) {
        self.start_parties();
        self.countersigned();
        self.publish().done();
    }

    /// Starts everybody; nobody knows of a model yet.
    pub(crate) fn start_parties(&mut self) {
        let Self { node, tax, social, power, platform, bank, .. } = self;
        for party in [node, tax, social, power, platform, bank] {
            party.start();
        }
    }

    /// Has the platform register the model, and every holder countersign it.
    pub(crate) fn countersigned(&self) {
        self.platform.tacit(&["model", "register", MODEL]).done();
        for holder in self.holders() {
            holder.tacit(&["model", "countersign", MODEL]).done();
        }
    }

    /// Has the platform publish the model to the bank.
    pub(crate) fn publish(&self) -> Said {
        self.platform.tacit(&["model", "publish", MODEL, "--to", "bank"])
    }

    pub(crate) fn holders(&self) -> [&Party; 3] {
        [&self.tax, &self.social, &self.power]
    }

    /// A firm that grants what `terms` changes; its registry is the node.
    pub(crate) fn firm(&self, at: u32, terms: &Value) -> Signatory {
        let mut all = json!({ "grantee": { "node_id": "node" } });
        crate::support::subjects::merge(&mut all, terms);
        self.issuer.firm(&code(at), &all)
    }

    /// A firm that has granted the usual, registered at the node.
    pub(crate) fn authorised(&self, at: u32) -> (Signatory, Envelope) {
        let firm = self.firm(at, &json!({}));
        let sealed = firm.grants();
        self.node.submit(std::slice::from_ref(&sealed));
        (firm, sealed)
    }

    /// Asks for a score, showing this authorisation.
    pub(crate) fn score(&self, at: u32, shown: Option<&Envelope>, more: &[&str]) -> Said {
        let code = code(at);
        let file = self.file("shown.json");
        let mut words = vec!["score", &code, "--model", MODEL, "--json"];
        if let Some(sealed) = shown {
            envelopes(&file, std::slice::from_ref(sealed));
            words.extend(["--authorisation", file.to_str().expect("a plain path")]);
        }
        words.extend(more);
        self.bank.tacit(&words)
    }

    /// A firm that has granted verifications, registered at the node.
    pub(crate) fn verifiable(&self, at: u32) -> (Signatory, Envelope) {
        let mut scope = crate::support::subjects::scope("verify");
        let estates = json!({ "class": 27, "fields": ["*"], "outputs": ["verify"] });
        scope.as_array_mut().expect("a list").push(estates);
        let firm = self.firm(at, &json!({ "scope": scope, "model_ids": [] }));
        let sealed = firm.grants();
        self.node.submit(std::slice::from_ref(&sealed));
        (firm, sealed)
    }

    /// Asks a formula about firms, showing these authorisations.
    pub(crate) fn verify(
        &self,
        that: &str,
        firms: &[u32],
        shown: &[Envelope],
        more: &[&str],
    ) -> Said {
        let codes: Vec<String> = firms.iter().map(|at| code(*at)).collect();
        let file = self.file("shown-to-verify.jsonl");
        envelopes(&file, shown);
        let mut words = vec!["verify", "--that", that, "--json"];
        words.extend(codes.iter().map(String::as_str));
        if !shown.is_empty() {
            words.extend(["--authorisation", file.to_str().expect("a plain path")]);
        }
        words.extend(more);
        self.bank.tacit(&words)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }
}

/// The holders, by the names of their slots.
pub(crate) const HOLDERS: [&str; 3] = ["tax", "social", "power"];

/// What the tax bureau's columns are in the catalogue.
pub(crate) const TAX_FIELDS: &str = "vat = '1.vat_paid_12m_cny'\narrears = '2.in_arrears_now'\n\
    normal = '1.consecutive_normal_tax_months'";

/// A feature of the model: whose it is, what a firm has there, and the points of its bins: up to a
/// value, and without a bound last; then of whoever is not on the register.
struct Feature {
    holder: &'static str,
    column: &'static str,
    value: fn(u32) -> u32,
    bins: &'static [(u32, u64)],
    missing: u64,
}

const ABOVE: u32 = u32::MAX;

const FEATURES: [Feature; 9] = {
    const fn feature(
        (holder, column): (&'static str, &'static str),
        value: fn(u32) -> u32,
        bins: &'static [(u32, u64)],
        missing: u64,
    ) -> Feature {
        Feature { holder, column, value, bins, missing }
    }
    [
        feature(("tax", "vat"), |at| 1_000 * at, &[(10_001, 10), (ABOVE, 100)], 5),
        feature(("tax", "arrears"), |at| at % 2, &[(1, 50), (ABOVE, 0)], 40),
        feature(("tax", "normal"), |at| at % 24, &[(7, 0), (19, 23), (ABOVE, 41)], 9),
        feature(("social", "insured"), |at| at, &[(21, 20), (ABOVE, 70)], 0),
        feature(("social", "months"), |at| 7 * at % 24, &[(9, 0), (17, 31), (ABOVE, 52)], 7),
        feature(
            ("social", "base"),
            |at| 5_000 + 90 * at,
            &[(6_001, 0), (7_501, 26), (ABOVE, 44)],
            13,
        ),
        feature(("power", "usage3"), |at| 10 * at, &[(101, 0), (251, 29), (ABOVE, 57)], 3),
        feature(("power", "usage6"), |at| 9 * at + 5, &[(121, 0), (261, 17), (ABOVE, 36)], 8),
        feature(("power", "owing"), |at| (at + 1) % 3 / 2, &[(1, 33), (ABOVE, 0)], 2),
    ]
};

/// The points that the model gives in clear.
pub(crate) fn clear_points(at: u32) -> u64 {
    let points = FEATURES.iter().map(|Feature { value, bins, missing, .. }| {
        let value = (at < FIRMS).then(|| value(at));
        let bin = value.and_then(|value| bins.iter().find(|(below, _)| value < *below));
        bin.map_or(*missing, |(_, points)| *points)
    });
    points.sum()
}

/// The model file.
fn card() -> String {
    let mut card = String::from(
        "model = 'small'\nversion = 1\ntitle = 'Small'\noffset = 400\n\
         [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n",
    );
    for Feature { holder, column, bins, missing, .. } in FEATURES {
        card += &format!(
            "[[feature]]\ncolumn = '{column}'\nholder = '{holder}'\nmissing = {missing}\n"
        );
        for (below, points) in bins {
            let below = if *below == ABOVE { String::new() } else { format!("below = {below}\n") };
            card += &format!("[[feature.bin]]\n{below}points = {points}\n");
        }
    }
    card
}

/// A holder's register of all firms.
pub(crate) fn rows(holder: &str) -> String {
    let own = || FEATURES.iter().filter(|feature| feature.holder == holder);
    let columns: Vec<&str> = own().map(|feature| feature.column).collect();
    let rows = (0..FIRMS).map(|at| {
        let values = own().map(|feature| (feature.value)(at).to_string());
        [code(at)].into_iter().chain(values).collect::<Vec<_>>().join(",")
    });
    let rows: Vec<String> = rows.collect();
    format!("uscc,{}\n{}\n", columns.join(","), rows.join("\n"))
}

fn register(party: &Party, name: &str, holder: &str, fields: &str) {
    write(&party.dir.join(format!("{name}.csv")), &rows(holder));
    party.configure(&format!(
        "[[register]]\nname = '{name}'\nfile = '{name}.csv'\ncolumn = 'uscc'\nkind = 'uscc'\n\
         [register.fields]\n{fields}\n\
         [[offer]]\nprotocol = 'score'\nregister = '{name}'\nplatform = 'platform'\nto = ['bank']\n\
         [[offer]]\nprotocol = 'verify'\nregister = '{name}'\nplatform = 'platform'\nto = ['bank']\n\
         [[offer]]\nprotocol = 'psi'\nregister = '{name}'\nto = ['bank']\nprotocols = ['ecdh', 'vole']\noutputs = ['one-sided', 'cardinality']\n"
    ));
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("the file can be written");
}

pub(crate) fn code(at: u32) -> String {
    Uscc::nth_pdy(at).expect("a small index").reveal().to_owned()
}
