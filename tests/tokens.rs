//! Who of a party's staff may do what: by the socket over which they call, and the token that they bear.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use control::{Address, Client, Token};
use domain::Explain;
use lab::{Party, Said, list, until};
use nix::sys::signal::{Signal, kill};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::bearer::{Bearer, over};
use crate::support::{bank_and_tax, make, pid, records, runtime, spawn, sql, stop};

fn refused(said: &Said, code: &str, words: &[&str]) {
    assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
    let line = said.err.lines().find(|line| line.starts_with(&format!("{code}: ")));
    let line = line.unwrap_or_else(|| panic!("{code} is not said: {}", said.err));
    for word in words {
        assert!(line.contains(word), "`{word}` is not in: {line}");
    }
    assert!(said.out.is_empty(), "{}", said.out);
}

/// The newest record of a party's log, whole.
fn last_record(party: &Party) -> Value {
    let size = party.tacit(&["audit", "verify", "--json"]).done().json()["records"].clone();
    let last = (size.as_u64().expect("a number") - 1).to_string();
    party.tacit(&["audit", "prove", &last, "--json"]).done().json()["record"].clone()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn two(root: &TempDir) -> (Party, Party) {
    bank_and_tax(root.path(), "opaque", &(0..9).map(|at| format!("f{at}")).collect::<Vec<_>>())
}

#[test]
fn an_auditor_who_tries_to_approve_is_refused_and_the_log_says_so_with_the_tokens_name() {
    let root = folder();
    let (_, mut tax) = two(&root);
    tax.start_alone();
    let li = Bearer::new(&tax, &root, "auditor", "li");
    let admit = ["member", "admit", "bank", "--assessed-until", "2199-12-31"];
    refused(&li.types(&tax, &admit), "ROLE", &["`tacit member`", "approver", "li", "auditor"]);
    let refusal = last_record(&tax);
    let event = json!({ "call_refused": { "role": "auditor", "call": "Node/ChangeMember" } });
    assert_eq!((&refusal["event"], &refusal["by"]), (&event, &json!("li")), "{refusal}");
    let member = li.types(&tax, &["member", "list", "--json"]).done().json();
    assert_eq!((&member["name"], &member["state"]), (&json!("bank"), &json!("applied")));

    // Whoever may: the record has the token's name, and that of the party's own user has none.
    let wang = Bearer::new(&tax, &root, "approver", "wang");
    wang.types(&tax, &admit).done();
    let admitted = last_record(&tax);
    let event = json!({ "member": { "party": "bank", "change": "admitted" } });
    assert_eq!((&admitted["event"], &admitted["by"]), (&event, &json!("wang")), "{admitted}");
    refused(&wang.types(&tax, &["token", "new", "--role", "operator"]), "ROLE", &["operator"]);
    let psi = ["psi", "--with", "bank", "--their-register", "r", "--register", "taxpayers"];
    refused(&wang.types(&tax, &psi), "ROLE", &["`tacit psi`", "operator", "wang", "approver"]);
    assert!(tax.runs().is_empty(), "nothing was begun");
    tax.tacit(&["member", "suspend", "bank"]).done();
    let suspended = last_record(&tax);
    let change = &suspended["event"]["member"]["change"];
    assert_eq!((change, suspended.get("by")), (&json!("suspended"), None));

    // What an auditor is for.
    let reads = [&["audit", "verify"][..], &["runs"], &["usage"], &["token", "list"], &["doctor"]];
    for words in reads {
        let said = li.types(&tax, words);
        assert!(!said.err.contains("ROLE"), "{words:?}: {}", said.err);
    }
    // The name of a token is in the log for good: it stands for nobody else.
    let twice = tax.tacit(&["token", "new", "--role", "operator", "--name", "li"]);
    refused(&twice, "TOKEN_EXISTS", &["li"]);
    assert_eq!(records(&tax, "token").len(), 2, "both were written down, and no third");
}

#[test]
fn a_token_that_is_unknown_expired_or_revoked_is_refused_in_one_and_the_same_way() {
    let (root, runtime) = (folder(), runtime());
    let (_, mut tax) = two(&root);
    tax.start_alone();
    let [old, gone, good] =
        ["old", "gone", "good"].map(|name| Bearer::new(&tax, &root, "auditor", name));
    let none = Bearer::holding(&root, "none", &format!("tacit-{}", "0".repeat(64)));
    for bearer in [&old, &gone, &good] {
        bearer.types(&tax, &["runs"]).done();
    }
    gone.types(&tax, &["token", "revoke", "gone"]);
    tax.tacit(&["token", "revoke", "gone"]).done();
    stop(&mut tax);
    // A day passes.
    let database = tax.dir.join("party.db");
    sql(&runtime, &database, "UPDATE tokens SET expires_ms = made_ms + 1 WHERE name = 'old'");
    let store = fs::read(&database).expect("the store");
    for bearer in [&old, &gone, &good] {
        let secret = fs::read_to_string(&bearer.0).expect("its file");
        let digits = secret.trim().trim_start_matches("tacit-").to_owned();
        assert_eq!(digits.len(), 64);
        let bytes = hex::decode(&digits).expect("digits");
        let kept = |what: &[u8]| store.windows(what.len()).any(|window| window == what);
        assert!(!kept(digits.as_bytes()) && !kept(&bytes), "the secret is in no store");
    }
    tax.start_alone();
    let said: Vec<Said> =
        [&none, &old, &gone].map(|bearer| bearer.types(&tax, &["runs"])).into_iter().collect();
    for one in &said {
        refused(one, "TOKEN", &["unknown, has expired or was revoked", "tacit token new"]);
        assert_eq!(one.err, said[0].err, "nobody learns which there were");
    }
    good.types(&tax, &["runs"]).done();
    // To its own operator the party says more.
    let log = tax.process.as_ref().expect("it runs").complained();
    for why in ["Unknown", "Expired", "Revoked"] {
        assert!(log.contains(why), "{why}: {log}");
    }
    let findings = tax.tacit(&["doctor", "--json"]).lines();
    let tokens = findings.iter().find(|finding| finding["check"] == "tokens").expect("a check");
    assert_eq!((&tokens["ok"], &tokens["warning"]), (&json!(true), &json!(true)), "{tokens}");
    let sentence = tokens["en"].as_str().expect("a sentence");
    assert!(sentence.contains("1 have expired: old"), "{sentence}");
    let listed = tax.tacit(&["token", "list", "--json"]).done().lines();
    let of = |name: &str| listed.iter().find(|token| token["name"] == name).expect("listed");
    assert!(of("gone")["revoked"].is_string() && of("good")["revoked"].is_null());
    assert!(listed.iter().all(|token| token["used"].is_string()), "{listed:?}");
}

#[test]
fn whoever_shows_wrong_tokens_without_end_waits_and_the_partys_own_user_does_not() {
    let root = folder();
    let (_, mut tax) = two(&root);
    tax.start_alone();
    let good = Bearer::new(&tax, &root, "auditor", "good");
    let none = Bearer::holding(&root, "none", "tacit-guess");
    let codes: Vec<String> = (0..25)
        .map(|_| none.types(&tax, &["runs"]).err.split(':').next().unwrap_or("-").to_owned())
        .collect();
    assert!(codes[..20].iter().all(|code| code == "TOKEN"), "{codes:?}");
    assert!(codes[20..].iter().all(|code| code == "TOO_MANY"), "{codes:?}");
    // Of the same user of the machine it is not told any more which tokens count.
    refused(&good.types(&tax, &["runs"]), "TOO_MANY", &["wait"]);
    tax.tacit(&["runs"]).done();
}

#[test]
fn a_token_that_is_revoked_ends_what_it_follows_and_the_run_goes_on() {
    let (root, runtime) = (folder(), runtime());
    let (mut bank, mut tax) = two(&root);
    tax.start();
    bank.start();
    let li = Bearer::new(&bank, &root, "auditor", "li");
    let ours = root.path().join("few.csv");
    list(&ours, "id", &["f1".to_owned()]);
    // A peer that says nothing: the run waits for it.
    kill(pid(&tax), Signal::SIGSTOP).expect("it is our child");
    let psi = ["psi", "--with", "tax", "--their-register", "taxpayers", "--column", "id"];
    let ours = ["--kind", "opaque", "--file", ours.to_str().expect("a plain path")];
    let asking = spawn(&bank.dir, &[&psi[..], &ours].concat());
    let id = until("the run is recorded", || {
        bank.runs().first().and_then(|run| run["id"].as_str().map(ToOwned::to_owned))
    });
    let token = Token::read(&li.0).expect("a token");
    let address = Address::of(&bank.dir).bearing(Some(token));
    runtime.block_on(async {
        let party = Client::open(&address).await.expect("it runs");
        let mut followed = party.watch_run(id.clone()).await.expect("an auditor may");
        followed.next().await.expect("how the run stands").expect("it is not over");
        let revoked = spawn(&bank.dir, &["token", "revoke", "li"]);
        let ended = loop {
            match followed.next().await {
                Ok(event) => drop(event.expect("no end without its reason")),
                Err(error) => break error,
            }
        };
        assert_eq!(ended.code(), "TOKEN", "{ended}");
        revoked.end().done();
        // The line is open, and good for nothing more.
        assert_eq!(party.status().await.expect_err("it was revoked").code(), "TOKEN");
    });
    let run = bank.runs().remove(0);
    assert!(["proposed", "agreed", "running"].iter().any(|state| run["state"] == *state), "{run}");
    kill(pid(&tax), Signal::SIGCONT).expect("it is our child");
    asking.end().done();
    assert_eq!(bank.ended_run()["state"], "done");
}

#[test]
fn another_user_of_the_machine_calls_over_the_shared_socket_by_token_alone() {
    let root = folder();
    let mut tax = make(root.path(), "tax", "holder");
    let socket = root.path().join("tax.sock");
    tax.configure(&format!("[control]\nsocket = '{}'\nopen_to = 'everyone'", socket.display()));
    tax.start_alone();
    let mode = |path: &Path| fs::metadata(path).expect("a socket").mode() & 0o777;
    assert_eq!((mode(&tax.dir.join("control.sock")), mode(&socket)), (0o600, 0o666));
    let nobody = over(&socket, &["party", "status"]).end();
    refused(&nobody, "TOKEN_NEEDED", &["--token-file", "tacit token new"]);
    let (li, zhao) =
        (Bearer::new(&tax, &root, "auditor", "li"), Bearer::new(&tax, &root, "operator", "zhao"));
    let status = li.starts(&socket, &["party", "status", "--json"]).end().done().json();
    assert_eq!(status["name"], "tax");
    refused(&li.starts(&socket, &["party", "stop"]).end(), "ROLE", &["operator"]);
    // Everything is an operator's, and a token that it makes is known to be of its making.
    let made = ["token", "new", "--role", "auditor", "--json"];
    let made = zhao.starts(&socket, &made).end().done().json();
    assert_eq!((&made["name"], &made["made_by"]), (&json!("auditor-1"), &json!("zhao")));
    let asking = zhao.starts(&socket, &["party", "stop"]);
    // Whoever has started a process must take note of its end, or it does not vanish.
    until("it has stopped", || tax.process.as_mut()?.ended().expect("a child").map(|_| ()));
    asking.end().done();
    assert!(!socket.exists(), "nothing is left of it");
}
