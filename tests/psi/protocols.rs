//! Which protocol finds an intersection, who may choose it, and what holds over each.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use domain::{RunId, SubjectKind};
use lab::relay::{Fate, Passing, Relay, Side, round_of};
use lab::stand_in::{Sockets, call};
use lab::{Party, envelopes, list};
use serde_json::{Value, json};
use tokio::task::block_in_place;
use wire::peer::{self, reply};
use wire::{Proposal, PsiOutput, PsiProtocol, PsiTerms};

use super::{PROTOCOLS, Scene, code, column, number, result_of, text};
use crate::support::subjects::Issuer;
use crate::support::{bank_and_tax, events, rules, runtime, spawn};

#[test]
fn large_sets_take_vole_and_small_ones_and_counts_ecdh_where_nobody_says_which() {
    let root = tempfile::tempdir().expect("a folder");
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(1000, 6000));
    tax.start();
    bank.start();
    let ours = root.path().join("ours.csv");
    let ask = |items: u32, output: &str| {
        list(&ours, "id", &codes(0, items));
        let ask = ["--kind", "opaque", "--output", output];
        bank.psi("tax", "taxpayers", &ours, &ask).done().json()
    };
    for (items, output, name) in [
        (1999, "one-sided", PROTOCOLS[0].1),
        (2000, "one-sided", PROTOCOLS[1].1),
        (2000, "two-sided", PROTOCOLS[1].1),
        (2000, "cardinality", PROTOCOLS[0].1),
    ] {
        let run = ask(items, output);
        assert_eq!(text(&run["report"], "protocol"), name, "{items} {output}");
        assert_eq!(number(&run["report"], "matches"), u64::from(items) - 1000);
        assert_eq!(text(&run["terms"], "protocol"), "auto");
    }
}

#[test]
fn a_protocol_that_an_offer_leaves_out_is_refused_by_name_and_not_taken_where_nobody_says_which() {
    let root = tempfile::tempdir().expect("a folder");
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(1000, 4000));
    let offer = |protocols: &str| {
        format!(
            "[[offer]]\nprotocol = 'psi'\nregister = 'taxpayers'\nto = ['bank']\n\
             outputs = ['one-sided', 'two-sided']\nprotocols = {protocols}\n"
        )
    };
    bank.start();
    let ours = root.path().join("ours.csv");
    // A set for VOLE where only ECDH is offered, and the other way about.
    for ((only, name), (other, _), items) in
        [(PROTOCOLS[0], PROTOCOLS[1], 2000), (PROTOCOLS[1], PROTOCOLS[0], 1200)]
    {
        tax.process = None;
        tax.configure(&offer(&format!("['{only}']")));
        tax.start();
        list(&ours, "id", &codes(0, items));
        let ask = |more: &[&str]| {
            bank.psi("tax", "taxpayers", &ours, &[&["--kind", "opaque"], more].concat())
        };
        let before = tax.runs().len();
        let refused = ask(&["--protocol", other]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(refused.err.contains("OTHER_PROTOCOL: "), "{}", refused.err);
        assert!(refused.err.contains(&format!("--protocol {only}")), "{}", refused.err);
        assert_eq!(tax.runs().len(), before, "a refused run has no state");
        let run = ask(&[]).done().json();
        assert_eq!(text(&run["report"], "protocol"), name);
        assert_eq!(column(&result_of(&run)), codes(1000, items).into_iter().collect());
    }
}

#[test]
fn a_count_over_vole_and_other_parameters_are_refused_by_name_whatever_the_askers_program_does() {
    let (root, runtime) = (tempfile::tempdir().expect("a folder"), runtime());
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &codes(0, 10));
    tax.start();
    bank.start();
    let ours = root.path().join("ours.csv");
    list(&ours, "id", &codes(0, 10));
    let count = ["--kind", "opaque", "--output", "cardinality", "--protocol", "vole"];
    let said = bank.psi("tax", "taxpayers", &ours, &count);
    assert!(said.err.contains("OTHER_PROTOCOL: "), "{}", said.err);

    let mut client = call(&runtime, &bank, &tax, &Sockets::default());
    let mut ask = |output: PsiOutput, parameters: u32| {
        let protocol = PsiProtocol::Vole { parameters, checked: false };
        let reply = runtime.block_on(client.propose(proposal(output, protocol)));
        reply.expect("it answers").into_inner().outcome
    };
    for (output, parameters, word) in
        [(PsiOutput::Cardinality, 1, "ecdh"), (PsiOutput::OneSided, 2, "not 2")]
    {
        match ask(output, parameters) {
            Some(reply::Outcome::Refusal(refusal)) => {
                assert_eq!(refusal.code, "OTHER_PROTOCOL");
                assert!(refusal.en.contains(word), "{}", refusal.en);
            }
            other => panic!("it agreed: {other:?}"),
        }
    }
    assert!(tax.runs().is_empty(), "what is refused has no record");
    assert!(matches!(ask(PsiOutput::OneSided, 1), Some(reply::Outcome::Agreement(_))));
}

#[test]
fn an_authorisation_revoked_during_a_run_ends_it_before_anything_is_told_over_either_protocol() {
    // What the bank says last before it could be told, and the round that would tell it.
    for ((protocol, _), (before, telling)) in PROTOCOLS.into_iter().zip([(4, 6), (12, 14)]) {
        let mut scene = Scene::set();
        let (runtime, revoked) = (runtime(), Arc::new(AtomicBool::new(false)));
        let grantee = json!({ "grantee": { "node_id": "tax" } });
        let revocation = Issuer::new().firm(&code(7), &grantee).revokes(&scene.signed[7]);
        let file = envelopes(&scene.tax.dir.join("revoked.jsonl"), &[revocation]);
        let (tax, done) = (scene.tax.dir.clone(), Arc::clone(&revoked));
        let told = Arc::new(Mutex::new(Vec::new()));
        let answered = Arc::clone(&told);
        scene.bank.process = None;
        Relay::between(&runtime, &scene.bank, &scene.tax, move |passing| {
            let Passing::Frame(side, frame) = passing else { return Fate::Pass };
            let Some((round, _)) = round_of(frame) else { return Fate::Pass };
            match side {
                Side::Answerer => answered.lock().expect("nobody panicked").push(round),
                Side::Asker if round == before && !done.swap(true, Ordering::SeqCst) => {
                    let file = file.to_str().expect("a plain path");
                    block_in_place(|| spawn(&tax, &["authorisation", "submit", file]).end().done());
                }
                Side::Asker => {}
            }
            Fate::Pass
        });
        scene.bank.start();
        let ask = ["--kind", "uscc", "--protocol", protocol];
        let said = scene.bank.psi("tax", "taxpayers", &scene.ours, &ask);
        assert!(revoked.load(Ordering::SeqCst), "{protocol}: round {before} did not pass");
        assert_eq!(said.status.code(), Some(1));
        assert!(said.err.contains("AUTH_MISSING"), "{protocol}: {}", said.err);
        let told = told.lock().expect("nobody panicked");
        assert!(!told.is_empty() && told.iter().all(|round| *round < telling), "{told:?}");
        assert_eq!(scene.tax.ended_run()["trouble"]["code"], "AUTH_MISSING");
        for party in [&scene.bank, &scene.tax] {
            assert_eq!(party.results(), Vec::<String>::new());
        }
        assert_eq!(intersections(&scene.tax), Vec::<Value>::new(), "{protocol}");
    }
}

#[test]
fn the_log_says_over_which_protocol_an_intersection_ran() {
    let scene = Scene::set();
    for protocol in ["ecdh", "vole"] {
        scene.psi(&["--protocol", protocol]);
        assert_eq!(scene.tax.ended_run()["state"], "done");
    }
    let events = intersections(&scene.tax);
    let kinds = ["alignment_begun", "aligned"];
    let expected = ["ecdh_psi", "vole_psi"].map(|logged| kinds.map(|kind| (kind, logged)));
    assert_eq!(events.len(), 4, "{events:?}");
    for (event, (kind, logged)) in events.iter().zip(expected.concat()) {
        assert_eq!(event[kind]["method"]["protocol"], logged, "{event}");
        assert_eq!(event[kind]["counts"]["rows_in"], 400, "{event}");
    }
}

pub(super) fn codes(from: u32, to: u32) -> Vec<String> {
    (from..to).map(code).collect()
}

/// The bank's proposal to the tax bureau.
pub(super) fn proposal(output: PsiOutput, protocol: PsiProtocol) -> peer::Proposal {
    let party = |name: &str| name.parse().expect("a party's name");
    let terms = PsiTerms {
        register: "taxpayers".into(),
        subjects: SubjectKind::Opaque,
        output,
        items: 10,
        pad_to: None,
        protocol,
    };
    let (from, to, run) = (party("bank"), party("tax"), RunId::from_bytes([7; 16]));
    Proposal { from, to, run, rules: rules(), terms }.into()
}

/// The events of intersections in a party's log.
fn intersections(party: &Party) -> Vec<Value> {
    let kinds = ["alignment_begun", "aligned", "alignment_not_completed"];
    let all = events(party).into_iter();
    all.filter(|event| kinds.iter().any(|kind| event.get(kind).is_some())).collect()
}

#[test]
fn firms_are_offered_by_ecdh_alone_unless_the_offer_says_otherwise() {
    let root = tempfile::tempdir().expect("a folder");
    let firms: Vec<String> = (0..10).map(code).collect();
    let (mut bank, mut tax) = bank_and_tax(root.path(), "uscc", &firms);
    // In place of the offer that names both.
    tax.configure(
        "[[offer]]\nprotocol = 'psi'\nregister = 'taxpayers'\nto = ['bank']\noutputs = ['one-sided']\n",
    );
    tax.start();
    bank.start();
    let ours = root.path().join("ours.csv");
    list(&ours, "id", &firms);
    let said = bank.psi("tax", "taxpayers", &ours, &["--kind", "uscc", "--protocol", "vole"]);
    assert!(said.err.contains("OTHER_PROTOCOL: "), "{}", said.err);
    assert!(tax.runs().is_empty(), "a refused run has no state");
}
