//! Runs that an operator ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use lab::relay::{Fate, Passing, Relay};
use lab::{list, until};
use tokio::task::block_in_place;

use super::{codes, failed, folder, nothing_is_left, runtime, trouble};
use crate::support::{bank_and_tax, cancel_newest, spawn};

#[test]
fn a_run_that_one_operator_watches_and_the_other_ends_is_cancelled_on_both_sides() {
    let root = folder();
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 400_000));
    tax.start();
    bank.start();
    let ours = root.path().join("many.csv");
    list(&ours, "id", &codes(350_000, 750_000));
    let psi = ["psi", "--with", "tax", "--their-register", "taxpayers", "--column", "id"];
    // The protocol that takes long enough to be ended in.
    let ours = ["--kind", "opaque", "--protocol", "ecdh", "--file", ours.to_str().unwrap()];
    let asking = spawn(&bank.dir, &[&psi[..], &ours].concat());
    let running = until("chunks flow", || {
        tax.runs().into_iter().next().filter(|run| run["state"] == "running")
    });
    let id = running["id"].as_str().unwrap();
    let watching = spawn(&bank.dir, &["runs", "watch", id]);
    let cancelled = tax.tacit(&["runs", "cancel", id, "--json"]).done().json();
    assert_eq!(cancelled["id"], id);
    failed(&asking.end(), "CANCELLED", &["the operator has ended this run"]);
    failed(&watching.end(), "CANCELLED", &["the operator has ended this run"]);
    for party in [&bank, &tax] {
        let run = party.ended_run();
        assert_eq!((&run["id"], trouble(&run)), (&id.into(), "CANCELLED"), "{run}");
        nothing_is_left(party);
        failed(&party.tacit(&["runs", "cancel", id]), "RUN_OVER", &[]);
    }
}

#[test]
fn an_intersection_that_is_ended_while_it_is_proposed_is_not_proposed_by_another_protocol() {
    let (root, runtime) = (folder(), runtime());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 10));
    // So few items are proposed over ECDH first.
    tax.configure(
        "[[offer]]\nprotocol = 'psi'\nregister = 'taxpayers'\nto = ['bank']\n\
         outputs = ['one-sided']\nprotocols = ['vole']",
    );
    let proposed = Arc::new(AtomicU32::new(0));
    let (counted, dir) = (Arc::clone(&proposed), bank.dir.clone());
    Relay::between(&runtime, &bank, &tax, move |passing| {
        match passing {
            Passing::Proposal => {
                counted.fetch_add(1, Ordering::SeqCst);
            }
            Passing::Reply => block_in_place(|| cancel_newest(&dir)),
            Passing::Frame(..) | Passing::Attested(_) => {}
        }
        Fate::Pass
    });
    tax.start();
    bank.start();
    let ours = root.path().join("few.csv");
    list(&ours, "id", &codes(0, 10));
    let said = bank.psi("tax", "taxpayers", &ours, &["--kind", "opaque"]);
    failed(&said, "CANCELLED", &["the operator has ended this run"]);
    assert_eq!(proposed.load(Ordering::SeqCst), 1, "nothing more of it leaves");
    assert_eq!(trouble(&bank.ended_run()), "CANCELLED");
    assert!(tax.runs().is_empty(), "what was refused has no record");
}
