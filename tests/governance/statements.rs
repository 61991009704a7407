//! Statements narrowed, revoked and counted, and what was done with whose data.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use envelope::Envelope;
use lab::Party;
use lab::relay::{Fate, Passing, Relay};
use lab::stand_in::{Sockets, call};
use serde_json::json;
use tonic::Request;
use wire::peer;

use super::{records, refusal, runtime, stop};
use crate::support::subjects;
use crate::support::town::{MODEL, Town, clear_points, code};

#[test]
fn narrowing_makes_a_version_that_names_the_one_before_and_revoking_ends_both() {
    let town = Town::running();
    let (firm, first) = town.authorised(12);
    let scored = town.score(12, Some(&first), &[]).done().json();
    assert_eq!(scored["points"].as_u64(), Some(clear_points(12)));

    let second = firm.narrows(&first, |draft| {
        draft.limits = consent::Limits::new(2, 0).expect("a limit");
    });
    town.node.submit(std::slice::from_ref(&second));
    assert_eq!(refusal(&town.score(12, Some(&first), &[])), "AUTH_SUPERSEDED");
    town.score(12, Some(&second), &[]).done();
    // Uses are counted over all versions: two were permitted, two were made.
    assert_eq!(refusal(&town.score(12, Some(&second), &[])), "AUTH_EXHAUSTED");

    let (other, sealed) = town.authorised(13);
    town.score(13, Some(&sealed), &[]).done();
    let began = Instant::now();
    town.node.submit(&[other.revokes(&sealed), firm.revokes(&first)]);
    assert_eq!(refusal(&town.score(13, Some(&sealed), &[])), "AUTH_REVOKED");
    assert!(began.elapsed() < Duration::from_secs(60), "it took {:?}", began.elapsed());

    let id = subjects::id_of(&code(12));
    let history = town.node.tacit(&["authorisation", "history", &id, "--json"]).done().json();
    let acts: Vec<&str> = history["history"]
        .as_array()
        .expect("a history")
        .iter()
        .filter_map(|event| event["act"].as_str())
        .collect();
    assert_eq!(acts, ["registered", "narrowed", "revoked"]);
    assert_eq!(history["authorisation"]["version"], 2);
    // For people, in words: who did it and when.
    let told = town.node.tacit(&["authorisation", "history", &id]).done().out;
    assert_eq!(told.matches("the subject").count(), 3, "{told}");
}

#[test]
fn usage_and_the_subjects_own_report_say_what_the_log_says_and_no_result() {
    let town = Town::running();
    let (_, first) = town.authorised(0);
    let (_, second) = town.authorised(1);
    for _ in 0..2 {
        town.score(0, Some(&first), &[]).done();
    }
    let scored = town.score(1, Some(&second), &[]).done().json();
    refusal(&town.score(2, Some(&second), &[]));

    let usage = town.tax.tacit(&["usage", "--json"]).done().json();
    assert_eq!(usage["released"], 3);
    let lines = usage["lines"].as_array().expect("lines");
    let sum: u64 = lines.iter().filter_map(|line| line["count"].as_u64()).sum();
    assert_eq!(sum, 3);
    assert_eq!((&lines[0]["lender"], &lines[0]["purpose"]), (&json!("bank"), &json!("pre_loan")));
    assert_eq!(records(&town.tax, "released").len(), 3);
    // Not in the text as a whole, whose times may have the same digits.
    let told = |line: &serde_json::Value| {
        line.as_object().is_some_and(|line| line.values().any(|v| *v == scored["points"]))
    };
    assert!(!lines.iter().any(told), "{usage}");

    let own = town.tax.tacit(&["self-report", &code(0), "--json"]).done().json();
    let lines = own["lines"].as_array().expect("lines");
    let events = |word: &str| lines.iter().filter(|line| line["event"] == word).count();
    assert_eq!((events("released"), events("release_begun")), (2, 2));
    assert!(lines.iter().all(|line| line["receiver"] == "bank"));
    // The report names nobody: a pseudonym stands for the firm.
    assert!(!own.to_string().contains(&code(0)), "{own}");
    // It costs nothing: no question of the bank's is used up by it.
    let again = town.tax.tacit(&["self-report", &code(0), "--json"]).done().json();
    assert_eq!(again["lines"].as_array().map(Vec::len), Some(lines.len() + 1));

    let run = scored["run"].as_str().expect("a run");
    let trace = town.tax.tacit(&["audit", "trace", run, "--json"]).done().json();
    assert_eq!((&trace["holder"], &trace["receiver"]), (&json!("tax"), &json!("bank")));
    assert_eq!(trace["model"], MODEL);
    assert_eq!(trace["authorisation"], subjects::id_of(&code(1)));
    assert!(trace["source"].as_str().is_some_and(|source| source.starts_with("sha256:")));
}

#[test]
fn statements_and_counts_go_to_those_whom_they_concern_and_nobody_else_learns_whether_there_are_any()
 {
    use peer::attest_reply::Outcome;
    use peer::attest_request::About;

    let mut town = Town::built();
    town.start_parties();
    town.authorised(0);
    let over_another =
        json!({ "grantee": { "institution_id": "bank-b", "platform_id": "platform-b" } });
    town.node.submit(&[town.firm(1, &over_another).grants()]);
    let (runtime, sockets) = (runtime(), Sockets::default());
    let ask = |party: &Party, about: About| -> Outcome {
        let mut client = call(&runtime, party, &town.node, &sockets);
        let request = Request::new(peer::AttestRequest { about: Some(about) });
        let reply = runtime.block_on(client.attest(request)).expect("it answers");
        reply.into_inner().outcome.expect("it says something")
    };
    let statement = |party, at| ask(party, About::Authorisation(subjects::id_of(&code(at))));
    let tally = |party, lender: &str| {
        let (lender, nonce) = (lender.to_owned(), vec![7; 32].into());
        ask(party, About::Tally(peer::TallyRequest { lender, classes: vec![1], nonce }))
    };
    let refused = Outcome::Refusal(match statement(&town.bank, 2) {
        Outcome::Refusal(refusal) if refusal.code == "AUTH_UNREGISTERED" => refusal,
        other => panic!("firm 2 has granted nothing: {other:?}"),
    });
    // The holder, the lender and the platform of a letter are told; of another's only a holder is.
    for (party, at) in [(&town.tax, 0), (&town.bank, 0), (&town.platform, 0), (&town.tax, 1)] {
        assert!(matches!(statement(party, at), Outcome::Statement(_)), "{} {at}", party.name);
    }
    for party in [&town.bank, &town.platform] {
        assert_eq!(statement(party, 1), refused, "{}", party.name);
        assert_eq!(tally(party, "bank-b"), refused, "{}", party.name);
    }
    for party in [&town.tax, &town.bank] {
        assert!(matches!(tally(party, "bank"), Outcome::Tally(_)), "{}", party.name);
    }
    assert_eq!(tally(&town.platform, "bank"), refused);
}

#[test]
fn a_holder_takes_a_count_of_authorisations_under_the_registrys_signature_alone() {
    use peer::attest_reply::Outcome;

    let mut town = Town::built();
    let (runtime, forging, kept) =
        (runtime(), Arc::new(AtomicI32::new(0)), Arc::new(Mutex::new(None)));
    let (forges, keeps) = (Arc::clone(&forging), Arc::clone(&kept));
    town.node.start();
    for at in 0..3 {
        town.authorised(at);
    }
    // What carries the registry's answers to the tax bureau has the keys of their connection.
    Relay::between(&runtime, &town.tax, &town.node, move |passing| {
        if let Passing::Attested(peer::AttestReply { outcome: Some(Outcome::Tally(bytes)) }) =
            passing
        {
            match forges.load(Ordering::SeqCst) {
                1 => {
                    let sealed = Envelope::from_json(bytes).expect("an envelope");
                    let payload = sealed.unverified(consent::Tally::TYPE).expect("a count");
                    let text = String::from_utf8(payload.to_vec()).expect("JSON");
                    let more = text.replace("\"subjects\":3", "\"subjects\":40");
                    assert_ne!(more, text);
                    let key = envelope::SigningKey::from_seed(&[9; 32]);
                    let forged = Envelope::sign(consent::Tally::TYPE, more.into_bytes(), &key);
                    *bytes = forged.to_json().into();
                }
                // An answer of the registry's, to an earlier question.
                2 => *bytes = keeps.lock().expect("held briefly").clone().expect("an earlier one"),
                _ => *keeps.lock().expect("held briefly") = Some(bytes.clone()),
            }
        }
        Fate::Pass
    });
    town.tax.start();
    town.bank.start();
    let ask = |firms: u32| {
        let ours = town.file("ours.csv");
        lab::list(&ours, "id", &(0..firms).map(code).collect::<Vec<_>>());
        town.bank.psi("tax", "taxpayers", &ours, &["--kind", "uscc"])
    };
    assert_eq!(ask(3).done().json()["report"]["matches"], 3);
    assert!(ask(4).err.contains("AUTH_MISSING"));
    for forged in [1, 2] {
        forging.store(forged, Ordering::SeqCst);
        let said = ask(3);
        assert_eq!(said.status.code(), Some(1));
        assert!(said.err.contains("STATEMENT"), "{forged}: {}", said.err);
    }
}

#[test]
fn a_holder_whose_registry_is_away_decides_by_a_bundle_until_it_is_too_old() {
    let mut town = Town::built();
    town.tax.configure("[governance]\nstatement_max_age_s = 1\nbundle_max_age_s = 8\n");
    town.social.configure("[governance]\nstatement_max_age_s = 1\nbundle_max_age_s = 8\n");
    town.power.configure("[governance]\nstatement_max_age_s = 1\nbundle_max_age_s = 8\n");
    town.start();
    let (_, sealed) = town.authorised(0);
    let bundle = town.file("bundle.jsonl");
    let path = bundle.to_str().expect("a plain path");
    town.node.tacit(&["authorisation", "export", "--to", "bank", "--out", path]).done();
    let began = Instant::now();
    stop(&mut town.node);
    // Nobody can be asked, and nothing was taken in: refused.
    assert_eq!(refusal(&town.score(0, Some(&sealed), &[])), "AUTH_STALE");
    for holder in town.holders() {
        let taken = holder.tacit(&["authorisation", "import", path, "--json"]).done().json();
        assert_eq!((&taken["taken"], &taken["refused"]), (&json!(1), &json!(0)));
    }
    town.score(0, Some(&sealed), &[]).done();
    thread::sleep(Duration::from_secs(9).saturating_sub(began.elapsed()));
    assert_eq!(refusal(&town.score(0, Some(&sealed), &[])), "AUTH_STALE");
}
