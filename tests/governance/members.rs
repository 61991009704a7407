//! Who was not admitted, or is suspended, gets nothing.

use std::time::{Duration, Instant};

use lab::until;
use serde_json::json;

use super::records;
use crate::support::spawn;
use crate::support::town::code;

#[test]
fn a_member_that_is_suspended_loses_its_live_run_and_gets_no_new_one() {
    let root = tempfile::tempdir().expect("a folder");
    let codes: Vec<String> = (0..60_000).map(code).collect();
    let (mut bank, mut tax) = crate::support::bank_and_tax(root.path(), "opaque", &codes);
    tax.start();
    bank.start();
    let ours = root.path().join("many.csv");
    lab::list(&ours, "id", &codes);
    let psi = ["psi", "--with", "tax", "--their-register", "taxpayers", "--column", "id"];
    // The protocol that takes long enough to be cut off in.
    let ours =
        ["--kind", "opaque", "--protocol", "ecdh", "--file", ours.to_str().expect("a plain path")];
    let asking = spawn(&bank.dir, &[&psi[..], &ours].concat());
    until("chunks flow", || (tax.runs().first()?["state"] == "running").then_some(()));
    let began = Instant::now();
    tax.tacit(&["member", "suspend", "bank", "--reason", "a test"]).done();
    let run = tax.ended_run();
    assert!(began.elapsed() < Duration::from_secs(5), "it took {:?}", began.elapsed());
    assert_eq!(run["trouble"]["code"], "MEMBER_STATE");
    assert_eq!(asking.end().status.code(), Some(1));
    let again = spawn(&bank.dir, &[&psi[..], &ours].concat()).end();
    assert!(again.err.contains("MEMBER_STATE"), "{}", again.err);

    // In again, and out for good.
    tax.tacit(&["member", "resume", "bank"]).done();
    let listed = tax.tacit(&["member", "list", "--json"]).done().json();
    assert_eq!((&listed["name"], &listed["admitted"]), (&json!("bank"), &json!(true)));
    tax.tacit(&["member", "remove", "bank"]).done();
    let refused = tax.tacit(&["member", "resume", "bank"]);
    assert!(refused.err.contains("MEMBER_STATE"), "{}", refused.err);
    assert_eq!(records(&tax, "member").len(), 5, "assessed, admitted, suspended, resumed, removed");
}

#[test]
fn who_was_not_admitted_gets_nothing_and_is_not_told_what_there_is() {
    let root = tempfile::tempdir().expect("a folder");
    let (mut bank, mut tax) =
        crate::support::bank_and_tax(root.path(), "opaque", &(0..10).map(code).collect::<Vec<_>>());
    tax.start_alone();
    bank.start();
    let ours = root.path().join("few.csv");
    lab::list(&ours, "id", &[code(1)]);
    let asked = |register: &str| bank.psi("tax", register, &ours, &["--kind", "opaque"]).err;
    let [there, not_there] = ["taxpayers", "nothing"].map(asked);
    assert!(there.contains("MEMBER_STATE"), "{there}");
    assert_eq!(there, not_there);
}
