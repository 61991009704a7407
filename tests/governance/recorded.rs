//! What was released is recorded and proven, whatever breaks or is tampered with.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use lab::relay::{Fate, Passing, Relay, Side};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;
use wire::peer::frame;

use super::{records, runtime, sql, stop};
use crate::support::town::{HOLDERS, Town, code};
use crate::support::{spawn, subjects};

#[test]
fn a_receipt_is_verified_offline_and_any_changed_byte_is_found() {
    let town = Town::running();
    let (_, sealed) = town.authorised(3);
    let scored = town.score(3, Some(&sealed), &[]).done().json();
    let run = scored["run"].as_str().expect("a run");
    let file = town.file("receipt.json");
    let path = file.to_str().expect("a plain path");
    town.bank.tacit(&["receipt", "fetch", run, "--out", path]).done();

    // On a machine of its own: the parties' files, the issuer's key, and nothing else.
    let keys = town.file("keys");
    fs::create_dir(&keys).expect("a folder");
    for party in town.holders().into_iter().chain([&town.platform, &town.node, &town.bank]) {
        fs::copy(party.card(), keys.join(format!("{}.party", party.name))).expect("a copy");
    }
    let issuer = format!("{}={}", subjects::Issuer::NAME, town.issuer.public());
    let verify = |file: &str| {
        let peers = keys.to_str().expect("a plain path");
        let words = ["receipt", "verify", file, "--peers", peers, "--issuer", &issuer, "--json"];
        spawn(town.root.path(), &words).end()
    };
    let proven = verify(path).done().lines();
    let holders: Vec<&str> = proven.iter().filter_map(|proof| proof["holder"].as_str()).collect();
    assert_eq!(holders.len(), 3, "{proven:?}");
    assert!(HOLDERS.iter().all(|holder| holders.contains(holder)), "{holders:?}");
    assert_eq!(proven[0]["authorisation"], subjects::id_of(&code(3)));

    let whole = fs::read(&file).expect("the file is there");
    let changed = town.file("changed.json");
    // A sample of places: the crate `audit` changes every byte.
    for at in (20..whole.len() - 20).step_by(whole.len() / 40) {
        let mut bytes = whole.clone();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        fs::write(&changed, &bytes).expect("it can be written");
        let said = verify(changed.to_str().expect("a plain path"));
        assert_eq!(said.status.code(), Some(1), "byte {at}: {}", said.out);
        assert!(
            said.err.contains("RECEIPT_INVALID") || said.err.contains("DOCUMENT"),
            "byte {at}: {}",
            said.err
        );
    }
}

#[test]
fn tampering_with_the_log_is_found_and_named_and_the_supervisor_finds_a_shorter_one() {
    let mut town = Town::running();
    let (_, sealed) = town.authorised(0);
    town.score(0, Some(&sealed), &[]).done();
    town.tax.tacit(&["audit", "deposit"]).done();
    town.score(0, Some(&sealed), &[]).done();
    town.tax.tacit(&["audit", "deposit"]).done();
    let whole = town.tax.tacit(&["audit", "verify", "--json"]).done().json();
    let size = whole["records"].as_i64().expect("a number");
    let runtime = runtime();
    stop(&mut town.tax);
    let path = town.tax.dir.join("party.db");
    let kept = fs::read(&path).expect("the store");
    let third = "log = 'audit' AND seq = 3";
    let cases = [
        format!(
            "UPDATE log_records SET record = CAST(replace(CAST(record AS TEXT), 'tax', 'xat') AS BLOB) WHERE {third}"
        ),
        format!(
            "UPDATE log_records SET record = (SELECT record FROM log_records WHERE log = 'audit' AND seq = 5) WHERE {third}"
        ),
        format!("DELETE FROM log_records WHERE {third}"),
    ];
    for tampering in cases {
        fs::write(&path, &kept).expect("it can be written");
        sql(&runtime, &path, &tampering);
        town.tax.start();
        let said = town.tax.tacit(&["audit", "verify"]);
        assert!(
            said.err.contains("LOG_BROKEN") && said.err.contains('3'),
            "{tampering}: {}",
            said.err
        );
        stop(&mut town.tax);
    }
    // The last records taken away, and their nodes with them: the log itself is in order.
    fs::write(&path, &kept).expect("it can be written");
    let last = size - 6;
    sql(&runtime, &path, &format!("DELETE FROM log_records WHERE log = 'audit' AND seq >= {last}"));
    sql(
        &runtime,
        &path,
        &format!(
            "DELETE FROM log_nodes WHERE log = 'audit' AND (position + 1) * (1 << level) > {last}"
        ),
    );
    town.tax.start();
    let said = town.tax.tacit(&["audit", "deposit"]);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.err.contains("LOG_TRUNCATED"), "{}", said.err);
}

#[test]
fn a_release_that_no_record_tells_of_is_listed() {
    let mut town = Town::running();
    let (_, sealed) = town.authorised(0);
    town.score(0, Some(&sealed), &[]).done();
    let fine = town.tax.tacit(&["audit", "reconcile", "--json"]).done().json();
    assert_eq!(fine["findings"].as_array().map(Vec::len), Some(0), "{fine}");
    // As if somebody had released without the check: a row that no record knows.
    stop(&mut town.tax);
    let columns = "released_ms, lender, platform, subject, authorisation, output, model, answer, \
                   salt, evidence, seq";
    sql(
        &runtime(),
        &town.tax.dir.join("party.db"),
        &format!(
            "INSERT INTO releases (run, receipt, {columns}) SELECT '{}', x'00', {columns} FROM releases LIMIT 1",
            "ab".repeat(16),
        ),
    );
    town.tax.start();
    let found = town.tax.tacit(&["audit", "reconcile", "--json"]);
    let found = found.json();
    assert_eq!(found["findings"][0]["kind"], "no_receipt", "{found}");
    assert_eq!(found["findings"][0]["run"], "ab".repeat(16));
}

#[test]
fn a_holder_that_is_killed_has_released_and_recorded_or_neither() {
    for at_the_reply in [true, false] {
        let mut town = Town::built();
        let runtime = runtime();
        let victim = Arc::new(AtomicI32::new(0));
        let (armed, pid) = (Arc::new(AtomicBool::new(false)), Arc::clone(&victim));
        let trigger = Arc::clone(&armed);
        Relay::between(&runtime, &town.platform, &town.tax, move |passing| {
            let now = match passing {
                // It has decided, and released nothing yet.
                Passing::Reply => at_the_reply,
                // Its answer is on its way: it was released before it left.
                Passing::Frame(Side::Answerer, frame) => {
                    !at_the_reply && matches!(frame.kind, Some(frame::Kind::Chunk(_)))
                }
                Passing::Proposal | Passing::Attested(_) | Passing::Frame(Side::Asker, _) => false,
            };
            if now && trigger.swap(false, Ordering::SeqCst) {
                kill(Pid::from_raw(pid.load(Ordering::SeqCst)), Signal::SIGKILL).expect("a child");
                return Fate::Cut;
            }
            Fate::Pass
        });
        town.start();
        let (_, sealed) = town.authorised(0);
        let process = town.tax.process.as_ref().expect("it runs");
        victim.store(process.child.id().try_into().expect("a small number"), Ordering::SeqCst);
        // Not the publication of the model: the first question of a score.
        armed.store(true, Ordering::SeqCst);
        let said = town.score(0, Some(&sealed), &[]);
        assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
        town.tax.process = None;
        town.tax.start();
        let made = usize::from(!at_the_reply);
        assert_eq!(records(&town.tax, "released").len(), made);
        assert_eq!(records(&town.tax, "release_begun").len(), made);
        let told = town.tax.tacit(&["audit", "reconcile", "--json"]).done().json();
        assert_eq!(
            (&told["releases"], told["findings"].as_array().map(Vec::len)),
            (&json!(made), Some(0))
        );
    }
}
