//! Starting, and peers that are not there or stand still.

use std::fs::{self, Permissions};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Instant;

use lab::relay::{Fate, Passing, Relay, Side, round_of};
use lab::{PATIENCE, until};
use nix::sys::signal::{Signal, kill};
use serde_json::Value;

use super::{
    ask, codes, failed, folder, nothing_is_left, nothing_is_left_but, pid, restart, runtime, stop,
};
use crate::support::{bank_and_tax, make, unmade};

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let root = folder();
    let mut tax = make(root.path(), "tax", "holder");
    // The port is still ours.
    let said = tax.tacit(&["party", "run"]);
    failed(&said, "PORT", &[&tax.address, "party.toml"]);
    // Nothing is in the way once it is free.
    tax.start();
    stop(&mut tax);
}

#[test]
fn a_second_party_in_the_same_folder_is_refused_and_the_first_runs_on() {
    let root = folder();
    let mut tax = make(root.path(), "tax", "holder");
    tax.start();
    failed(&tax.tacit(&["party", "run"]), "ALREADY_RUNNING", &["tacit party stop"]);
    tax.tacit(&["party", "status"]).done();
    stop(&mut tax);
    failed(&tax.tacit(&["runs"]), "NOT_RUNNING", &["tacit", "party run"]);
}

#[test]
fn a_party_with_sealed_keys_starts_with_its_passphrase_and_nothing_else_and_may_change_it() {
    let root = folder();
    let passphrase = |name: &str, text: &str| {
        let path = root.path().join(name);
        fs::write(&path, text).expect("it can be written");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
        path.to_str().expect("a plain path").to_owned()
    };
    let first = passphrase("first", "correct horse battery staple");
    let mut tax = unmade(root.path(), "tax");
    let address = tax.address.clone();
    let init = ["init", "--name", "tax", "--duty", "holder", "--listen", &address];
    // Nothing is left open unless somebody said so.
    let said = tax.tacit(&init);
    assert_eq!(said.status.code(), Some(2), "{}", said.err);
    assert!(said.err.contains("--passphrase-file"), "{}", said.err);
    tax.tacit(&[&init[..], &["--passphrase-file", &first]].concat()).done();
    tax.start_alone();
    tax.tacit(&["doctor"]).done();
    let second = passphrase("second", "another one, of another day");
    tax.tacit(&["keys", "protect", "--passphrase-file", &second]).done();
    let status = tax.tacit(&["keys", "status", "--json"]).done().json();
    assert_eq!(status["protection"], "passphrase-file");
    stop(&mut tax);
    // The first is good for nothing any more, and no passphrase is no way in.
    fs::remove_file(&first).expect("it was written");
    restart(&mut tax);
    stop(&mut tax);
    fs::write(&second, "somebody else's guess").expect("it can be written");
    failed(&tax.tacit(&["party", "run"]), "PASSPHRASE", &["lost one cannot be replaced"]);
    fs::remove_file(&second).expect("it was written");
    failed(&tax.tacit(&["party", "run"]), "FILE", &["second"]);
}

#[test]
fn an_address_where_nobody_listens_or_nothing_of_ours_answers_is_told_apart() {
    let root = folder();
    let (mut bank, tax) = bank_and_tax(root.path(), "opaque", &codes(0, 10));
    bank.configure("[limits]\nconnect_s = 1");
    // The tax bureau's own port is bound by the test and not accepted from: it takes the call.
    bank.start();
    let began = Instant::now();
    failed(&ask(&bank, &root, &[]), "SILENT", &["tax", "does not answer", "its log"]);
    assert!(began.elapsed() < PATIENCE / 3, "it took {:?}", began.elapsed());

    // Something that is not a party.
    let web = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = web.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in web.incoming().flatten() {
            let _ = (&stream).write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    bank.process = None;
    bank.redirect(&tax, &address).expect("the peer is pinned");
    bank.start();
    failed(&ask(&bank, &root, &[]), "TLS", &["tax", "Is this the party's own port?"]);

    // Nobody.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let path = bank.dir.join("peers").join("tax.party");
    bank.process = None;
    fs::write(&path, fs::read_to_string(&path).unwrap().replace(&address, &nobody)).unwrap();
    bank.start();
    failed(&ask(&bank, &root, &[]), "UNREACHABLE", &["tax", "tacit party run"]);
    assert!(bank.runs().iter().all(|run| run["state"] == "failed"));
    nothing_is_left(&bank);
}

#[test]
fn a_peer_that_stands_still_is_given_up_after_the_idle_limit_and_may_come_back() {
    let (root, runtime) = (folder(), runtime());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 2000));
    for party in [&bank, &tax] {
        party.configure("[limits]\nidle_s = 2\nconnect_s = 2");
    }
    tax.start();
    let stop_at = Arc::new(AtomicU32::new(0));
    let (at, pid) = (Arc::clone(&stop_at), pid(&tax));
    Relay::between(&runtime, &bank, &tax, move |passing| {
        if let Passing::Frame(Side::Answerer, frame) = passing
            && round_of(frame).is_some_and(|(round, _)| round == at.load(Ordering::SeqCst))
        {
            kill(pid, Signal::SIGSTOP).expect("it is our child");
            at.store(0, Ordering::SeqCst);
        }
        Fate::Pass
    });
    bank.start();
    ask(&bank, &root, &[]).done();

    // In the middle of a run.
    stop_at.store(2, Ordering::SeqCst);
    let said = ask(&bank, &root, &[]);
    failed(&said, "SILENT", &["tax", "2 s", "round", "limits.idle_s"]);
    // Before a run: the connection stands, and nobody is behind it.
    failed(&ask(&bank, &root, &[]), "SILENT", &["tax", "its log"]);
    nothing_is_left_but(&bank, 1);

    kill(pid, Signal::SIGCONT).unwrap();
    // What the peer had begun comes to an end there too.
    until("the peer has given everything up", || {
        let over =
            |run: &Value| ["done", "unconfirmed", "failed"].iter().any(|end| run["state"] == *end);
        let runs = tax.runs();
        (runs.iter().all(over) && runs.iter().any(|run| run["state"] == "failed")).then_some(())
    });
    ask(&bank, &root, &[]).done();
}
