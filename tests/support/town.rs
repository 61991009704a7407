//! A small town for tests of governance: a bank, a platform, two holders, and a node that keeps the
//! registry and supervises the logs. Everybody is pinned with everybody and has admitted everybody.

use std::fs;
use std::path::{Path, PathBuf};

use domain::Uscc;
use envelope::Envelope;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::subjects::{Issuer, Signatory, envelopes};
use crate::support::{Party, Said};

pub(crate) const MODEL: &str = "small@1";

/// Firms that both registers have; a firm from here on is on neither.
pub(crate) const FIRMS: u32 = 40;

pub(crate) struct Town {
    // Dropped first: a party must not outlive its folder.
    pub(crate) bank: Party,
    pub(crate) platform: Party,
    pub(crate) tax: Party,
    pub(crate) social: Party,
    pub(crate) node: Party,
    pub(crate) issuer: Issuer,
    pub(crate) root: TempDir,
}

impl Town {
    /// Makes the town and starts it, with the model published to the bank.
    pub(crate) fn running() -> Self {
        let mut town = Self::built();
        town.start();
        town
    }

    /// Makes the town; nobody runs yet.
    pub(crate) fn built() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let issuer = Issuer::new();
        let make = |name, duty| Party::make(root.path(), name, duty);
        let [node, tax, social] =
            [make("node", "supervisor"), make("tax", "holder"), make("social", "holder")];
        let [platform, bank] = [make("platform", "platform"), make("bank", "lender")];
        let all = [&node, &tax, &social, &platform, &bank];
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
        let rows = (0..FIRMS).map(|at| format!("{},{},{}", code(at), 1_000 * at, at % 2));
        register(
            &tax,
            "taxpayers",
            "vat,arrears",
            rows,
            "vat = '1.vat_paid_12m_cny'\narrears = '2.in_arrears_now'",
        );
        let rows = (0..FIRMS).map(|at| format!("{},{}", code(at), at));
        register(&social, "insured", "insured", rows, "insured = '10.insured_count'");
        fs::write(platform.dir.join("small.toml"), CARD).expect("the folder is there");
        platform.configure(
            "[[model]]\nfile = 'small.toml'\nlenders = ['bank']\n\
             [model.holders]\ntax = 'tax'\nsocial = 'social'\n",
        );
        bank.configure("[[offer]]\nprotocol = 'key'\nto = ['platform']\n");
        Self { bank, platform, tax, social, node, issuer, root }
    }

    /// Starts everybody and publishes the model.
    pub(crate) fn start(&mut self) {
        let Self { node, tax, social, platform, bank, .. } = self;
        for party in [node, tax, social, platform, bank] {
            party.start();
        }
        self.platform.tacit(&["model", "publish", MODEL, "--to", "bank"]).done();
    }

    /// A firm that grants what `terms` changes; its registry is the node.
    pub(crate) fn firm(&self, at: u32, terms: &Value) -> Signatory {
        let mut all = json!({ "grantee": { "node_id": "node" } });
        crate::subjects::merge(&mut all, terms);
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

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }
}

/// The points that the model gives in clear.
pub(crate) fn clear_points(at: u32) -> u64 {
    let vat = if at >= FIRMS {
        5
    } else if 1_000 * at <= 10_000 {
        10
    } else {
        100
    };
    let arrears = if at >= FIRMS || at.is_multiple_of(2) { 50 } else { 0 };
    let insured = if at >= FIRMS {
        0
    } else if at <= 20 {
        20
    } else {
        70
    };
    vat + arrears + insured
}

const CARD: &str = "model = 'small'\nversion = 1\ntitle = 'Small'\noffset = 400\n\
    [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
    [[feature]]\ncolumn = 'vat'\nholder = 'tax'\nmissing = 5\n\
    [[feature.bin]]\nupto = 10000\npoints = 10\n[[feature.bin]]\npoints = 100\n\
    [[feature]]\ncolumn = 'arrears'\nholder = 'tax'\nmissing = 50\n\
    [[feature.bin]]\nupto = 0\npoints = 50\n[[feature.bin]]\npoints = 0\n\
    [[feature]]\ncolumn = 'insured'\nholder = 'social'\nmissing = 0\n\
    [[feature.bin]]\nupto = 20\npoints = 20\n[[feature.bin]]\npoints = 70\n";

fn register(
    party: &Party,
    name: &str,
    columns: &str,
    rows: impl Iterator<Item = String>,
    fields: &str,
) {
    let rows: Vec<String> = rows.collect();
    let text = format!("uscc,{columns}\n{}\n", rows.join("\n"));
    write(&party.dir.join(format!("{name}.csv")), &text);
    party.configure(&format!(
        "[[register]]\nname = '{name}'\nfile = '{name}.csv'\ncolumn = 'uscc'\nkind = 'uscc'\n\
         [register.fields]\n{fields}\n\
         [[offer]]\nprotocol = 'score'\nregister = '{name}'\nplatform = 'platform'\nto = ['bank']\n\
         [[offer]]\nprotocol = 'psi'\nregister = '{name}'\nto = ['bank']\noutputs = ['one-sided', 'cardinality']\n"
    ));
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("the file can be written");
}

pub(crate) fn code(at: u32) -> String {
    Uscc::nth_pdy(at).expect("a small index").reveal().to_owned()
}
