//! What each party of a training has done is proved to its lender, and told to its own operator.

use std::fs;
use std::path::Path;

use lab::Party;
use lab::stand_in::{Sockets, call};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use wire::peer;

use super::{made_up, refused};
use crate::support::circle::{Circle, Job};
use crate::support::spawn;

#[test]
fn each_partys_part_in_a_training_is_fetched_by_its_lender_alone_and_verified_offline() {
    let mut circle = Circle::running(&made_up(1_200));
    let trained = circle.trained(&Job::new("proved@1"));
    let run = trained.0["id"].as_str().expect("a run").to_owned();
    let file = circle.root.path().join("receipt.json");
    let path = file.to_str().expect("a plain path").to_owned();

    // Nobody but the job's lender is given anything, by any party, whatever it asks with.
    for (asker, asked) in [
        (&circle.platform, &circle.tax),
        (&circle.tax, &circle.power),
        (&circle.power, &circle.tax),
        (&circle.tax, &circle.bank),
    ] {
        assert_eq!(proofs_of(&run, asker, asked), 0, "{} at {}", asker.name, asked.name);
    }
    assert_eq!(proofs_of(&run, &circle.bank, &circle.power), 1);
    refused(
        "not the lender",
        &circle.tax.tacit(&["receipt", "fetch", &run, "--out", &path]),
        &["NO_PROOF"],
    );

    let fetch = ["receipt", "fetch", &run, "--out", &path];
    circle.bank.tacit(&fetch).done();
    // What is kept is whole: it is given out again while everybody else is gone.
    for party in [&mut circle.platform, &mut circle.tax, &mut circle.power] {
        party.process = None;
    }
    let first = fs::read(&file).expect("the file is there");
    circle.bank.tacit(&fetch).done();
    assert_eq!(proofs_in(&first).len(), 4);
    assert_eq!(proofs_in(&fs::read(&file).expect("the file is there")).len(), 4);

    // On a machine of its own: the parties' files, and nothing else.
    let keys = circle.root.path().join("keys");
    fs::create_dir(&keys).expect("a folder");
    for party in [&circle.bank, &circle.platform, &circle.tax, &circle.power] {
        fs::copy(party.card(), keys.join(format!("{}.party", party.name))).expect("a copy");
    }
    let verify = |file: &str, more: &[&str]| {
        let peers = keys.to_str().expect("a plain path");
        let words = [&["receipt", "verify", file, "--peers", peers][..], more].concat();
        spawn(circle.root.path(), &words).end()
    };
    let proven = verify(&path, &["--json"]).done().lines();
    let told: Vec<(&str, Vec<&str>)> = proven
        .iter()
        .map(|proof| {
            let changes = proof["changes"].as_array().expect("a list").iter();
            let changes = changes.map(|change| change["change"].as_str().expect("a word"));
            (proof["party"].as_str().expect("a name"), changes.collect())
        })
        .collect();
    let all = vec!["uploaded", "begun", "trained"];
    assert_eq!(
        told,
        [
            ("bank", all.clone()),
            ("platform", vec!["begun", "trained"]),
            ("power", vec!["uploaded"]),
            ("tax", all)
        ]
    );
    for proof in &proven {
        let said = ["job", "lender", "purpose", "rows", "run"].map(|name| proof[name].clone());
        let expected =
            [json!("proved@1"), json!("bank"), json!("product_development"), json!(1200)];
        assert_eq!(said[..4], expected);
        assert_eq!(said[4], json!(run));
        let own = proof["party"] == "bank";
        let countersigned = if own { "not_applicable" } else { "passed" };
        assert_eq!(proof["steps"]["countersignature"], countersigned, "{proof}");
        assert_eq!(proof["steps"]["inclusion"], "passed", "{proof}");
    }
    let said = verify(&path, &[]).done();
    assert!(said.out.contains("uploaded, begun, trained"), "{}", said.out);
    let said = verify(&path, &["--lang", "zh"]).done();
    assert!(said.out.contains("已上传份额, 开始计算, 训练完成"), "{}", said.out);
    assert!(said.out.contains("成立的步骤"), "{}", said.out);

    // A sample of places: the crate `audit` changes every byte.
    let whole = fs::read(&file).expect("the file is there");
    let changed = circle.root.path().join("changed.json");
    for at in (20..whole.len() - 20).step_by(whole.len() / 40) {
        let mut bytes = whole.clone();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        fs::write(&changed, &bytes).expect("it can be written");
        let said = verify(changed.to_str().expect("a plain path"), &[]);
        assert_eq!(said.status.code(), Some(1), "byte {at}: {}", said.out);
        let named = said.err.contains("RECEIPT_INVALID") || said.err.contains("DOCUMENT");
        assert!(named, "byte {at}: {}", said.err);
    }
}

#[test]
fn usage_and_a_trace_tell_each_party_of_the_trainings_that_it_took_part_in() {
    let circle = Circle::running(&made_up(1_200));
    let trained = circle.trained(&Job::new("told@1"));
    let run = trained.0["id"].as_str().expect("a run");
    for (party, expected) in [
        (&circle.tax, &["uploaded", "begun", "trained"][..]),
        (&circle.power, &["uploaded"]),
        (&circle.platform, &["begun", "trained"]),
        (&circle.bank, &["uploaded", "begun", "trained"]),
    ] {
        let used = party.tacit(&["usage", "--json"]).done().json();
        let lines = used["trainings"].as_array().expect("a list");
        let changes: Vec<&str> = lines.iter().filter_map(|line| line["change"].as_str()).collect();
        assert_eq!(changes, expected, "at {}", party.name);
        for line in lines {
            let said = ["job", "lender", "purpose", "rows", "run"].map(|name| line[name].clone());
            let [job, lender, purpose] = ["told@1", "bank", "product_development"].map(Value::from);
            assert_eq!(said, [job, lender, purpose, json!(1200), json!(run)], "at {}", party.name);
            assert!(line["time"].is_string(), "{line}");
        }
        let traced = party.tacit(&["audit", "trace", run, "--json"]).done().json();
        assert_eq!(traced["model"], "told@1", "at {}", party.name);
        assert_eq!(traced["records"].as_array().map(Vec::len), Some(expected.len()));
        party.tacit(&["audit", "verify"]).done();
    }
    let said = circle.tax.tacit(&["usage"]).done().out;
    let line = said.lines().find(|line| line.contains("trained")).expect("its line");
    assert!(line.contains("told@1") && line.contains("1,200"), "{line}");
    let said = circle.tax.tacit(&["usage", "--lang", "zh"]).done().out;
    assert!(said.contains("已上传份额") && said.contains("训练完成"), "{said}");
    let said = circle.power.tacit(&["audit", "trace", run, "--lang", "zh"]).done().out;
    assert!(said.contains("已上传份额") && !said.contains("训练完成"), "{said}");
    // Of a later period there is nothing to tell.
    let later = circle.tax.tacit(&["usage", "--json", "--from", "2199-01-01"]).done().json();
    assert_eq!(later["trainings"], json!([]));
}

#[test]
fn a_training_that_nothing_was_uploaded_to_has_nothing_to_prove() {
    let mut circle = Circle::running(&made_up(1_200));
    let job = Job::new("empty@1");
    circle.accepted(&job);
    circle.power.process = None;
    refused("gone", &circle.train(&job, &[]), &["power"]);
    let run = circle.bank.ended_run();
    let out = circle.root.path().join("receipt.json");
    let run = run["id"].as_str().expect("a run");
    let said = circle.bank.tacit(&["receipt", "fetch", run, "--out", plain(&out)]);
    refused("nothing", &said, &["NO_PROOF"]);
    assert!(!out.exists());
}

/// How many proofs of a run a party is given by another one.
fn proofs_of(run: &str, asker: &Party, asked: &Party) -> usize {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let sockets = Sockets::default();
    let mut client = call(&runtime, asker, asked, &sockets);
    let run: domain::RunId = run.parse().expect("a run's number");
    let request = peer::ReceiptsRequest { run: run.to_bytes().to_vec().into() };
    let reply = runtime.block_on(client.receipts(request));
    reply.expect("an answer").into_inner().proofs.len()
}

fn proofs_in(file: &[u8]) -> Vec<Value> {
    let file: Value = serde_json::from_slice(file).expect("JSON");
    file["proofs"].as_array().expect("a list").clone()
}

fn plain(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}
