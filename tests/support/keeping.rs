//! A node is kept: backed up, put back, its certificate renewed, with the guide's own lines.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use lab::{Party, until};
use toml::Table;

use crate::support::{lines, make, program};

/// A node is kept as the guide says: backed up and put back, its certificate renewed; the supervisor
/// takes the log of a renewed node for what it is, and that of an old copy too.
pub(crate) fn keep_a_node(guide: &str) {
    let root = tempfile::tempdir().expect("a folder");
    let [mut tax, mut province] = [("tax", "holder"), ("province", "supervisor")]
        .map(|(name, duty)| make(root.path(), name, duty));
    tax.pin(&province);
    province.pin(&tax);
    tax.configure("[governance]\nsupervisor = 'province'\n");
    for party in [&mut province, &mut tax] {
        party.start();
    }
    let types = |script: &str, party: &mut Party| shell(root.path(), script, party);
    let deposits = |party: &Party| party.tacit(&["audit", "deposit"]);

    // A copy that is as new as the node: nothing is missing.
    let [backup, restore] = scripts(guide, "Backup and restore");
    types(&backup, &mut tax);
    tax.process = None;
    tax.start_alone();
    deposits(&tax).done();
    for change in ["suspend", "resume"] {
        tax.tacit(&["member", change, "province"]).done();
    }
    deposits(&tax).done();
    // One that is older: its own log is in order, and the supervisor knows better.
    types("tacit --dir tax party stop && mv tax/party.db newest.db", &mut tax);
    types(&restore, &mut tax);
    tax.process = None;
    tax.start_alone();
    let members = tax.tacit(&["member", "list", "--json"]).done().json();
    assert_eq!(members["state"], "admitted", "the copy knows what was decided");
    tax.tacit(&["audit", "verify"]).done();
    let said = deposits(&tax);
    assert!(!said.status.success() && said.err.contains("LOG_TRUNCATED"), "{}", said.err);
    types("tacit --dir tax party stop && mv newest.db tax/party.db", &mut tax);
    tax.process = None;

    tax.start_alone();
    let [renew, pin, switch] = scripts(guide, "Renewing keys");
    let before = fs::read_to_string(tax.card()).expect("its file");
    types(&renew, &mut tax);
    types(&pin.replace("bank", "province"), &mut province);
    province.process = None;
    province.start_alone();
    // Both certificates count until the switch; what was deposited before it goes on after it.
    deposits(&tax).done();
    types(&switch, &mut tax);
    tax.process = None;
    tax.start_alone();
    let after: Table = fs::read_to_string(tax.card()).expect("its file").parse().expect("TOML");
    let before: Table = before.parse().expect("TOML");
    for (key, value) in &before {
        assert_eq!(after[key] != *value, key == "certificate", "{key}");
    }
    deposits(&tax).done();
    tax.tacit(&["doctor"]).done();
}

/// The blocks of a section of the guide, which has so many.
fn scripts<const N: usize>(guide: &str, heading: &str) -> [String; N] {
    let blocks = lines::blocks(guide, "sh").into_iter();
    let under: Vec<_> =
        blocks.filter(|(under, _)| under == heading).map(|(_, text)| text).collect();
    under.try_into().unwrap_or_else(|found| panic!("{heading} has {found:?}"))
}

/// Types lines as a reader would, in this folder; sees to it that a party that ends is gone.
fn shell(folder: &Path, script: &str, party: &mut Party) {
    let program = program();
    let program = program.path().parent().expect("it lies in a folder");
    let paths = std::env::var("PATH").expect("there are programs");
    let complaints = folder.join("complaints");
    let mut typing = Command::new("sh")
        .args(["-euc", script])
        .current_dir(folder)
        .env("PATH", format!("{}:{paths}", program.display()))
        .env("TACIT_LANG", "en")
        .env_remove("TACIT_DIR")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&complaints).expect("a file"))
        .spawn()
        .expect("there is a shell");
    let status = until("the lines are typed", || {
        if let Some(process) = &mut party.process {
            // Nobody else waits for it, and `party stop` waits until it is gone.
            let _ = process.child.try_wait();
        }
        typing.try_wait().expect("it is our child")
    });
    let said = fs::read_to_string(complaints).expect("it was written");
    assert!(status.success(), "{script}\n{said}");
}
