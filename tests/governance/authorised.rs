//! What is not authorised is refused, each by its own code, by the holder itself.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{fs, thread};

use lab::relay::{Fate, Passing, Relay};
use serde_json::{Value, json};
use wire::peer::{self, reply};

use super::hostile::Hostile;
use super::{records, refusal, runtime, sql, stop};
use crate::support::town::{self, FIRMS, HOLDERS, MODEL, Town, clear_points, code};
use crate::support::{questions, spawn, subjects};

#[test]
fn what_is_not_authorised_is_refused_each_by_its_own_code_and_nothing_is_released() {
    let town = Town::running();
    let registered = |at, terms: Value| {
        let sealed = town.firm(at, &terms).grants();
        town.node.submit(std::slice::from_ref(&sealed));
        sealed
    };
    let ago = |seconds: i64| {
        let at = time::OffsetDateTime::now_utc() + time::Duration::seconds(seconds);
        let at = at.replace_nanosecond(0).expect("0 is one");
        at.format(&time::format_description::well_known::Rfc3339).expect("a time")
    };
    let soon = ago(3);
    let expired = registered(0, json!({ "term": { "not_after": soon } }));
    let began = Instant::now();
    let (firm, revoked) = town.authorised(1);
    town.node.submit(&[firm.revokes(&revoked)]);
    let for_another = registered(2, json!({ "grantee": { "institution_id": "bank-b" } }));
    let one_class = registered(
        3,
        json!({ "scope": [
        { "class": 10, "fields": ["*"], "outputs": ["score"] } ] }),
    );
    let verify_only = registered(4, json!({ "scope": subjects::scope("verify"), "model_ids": [] }));
    let post_loan = registered(5, json!({ "purpose": "post_loan" }));
    let other_model = registered(6, json!({ "model_ids": ["other@1"] }));
    let not_yet = registered(7, json!({ "term": { "not_before": ago(86_400) } }));
    let unregistered = town.firm(8, &json!({})).grants();
    let forged = town.firm(9, &json!({})).forged();
    thread::sleep(Duration::from_secs(4).saturating_sub(began.elapsed()));

    let cases = [
        (10, None, "AUTH_MISSING"),
        (0, Some(&expired), "AUTH_EXPIRED"),
        (1, Some(&revoked), "AUTH_REVOKED"),
        (2, Some(&for_another), "AUTH_GRANTEE"),
        (3, Some(&one_class), "AUTH_SCOPE_CLASS"),
        (4, Some(&verify_only), "AUTH_SCOPE_OUTPUT"),
        (5, Some(&post_loan), "AUTH_PURPOSE"),
        (6, Some(&other_model), "AUTH_SCOPE_MODEL"),
        (7, Some(&not_yet), "AUTH_NOT_YET"),
        (8, Some(&unregistered), "AUTH_UNREGISTERED"),
        (9, Some(&forged), "AUTH_SIGNATURE"),
    ];
    for (at, shown, expected) in cases {
        assert_eq!(refusal(&town.score(at, shown, &[])), expected, "firm {at}");
    }
    // Another firm's authorisation is none: the bank's own command does not even send it.
    assert_eq!(refusal(&town.score(11, Some(&expired), &[])), "AUTH_MISSING");

    // Each is written down at whoever refused, and no share of any of them was made.
    let refused = records(&town.tax, "refused");
    let told: Vec<&str> =
        refused.iter().filter_map(|event| event["refused"]["refusal"].as_str()).collect();
    for (_, shown, expected) in cases {
        assert_eq!(told.contains(&expected), shown.is_some(), "{expected} in {told:?}");
    }
    assert_eq!(records(&town.platform, "refused").len(), 2, "what was not authorised at all");
    assert!(records(&town.tax, "release_begun").is_empty());
    assert!(town.tax.runs().iter().all(|run| run["protocol"] != "score"));
}

/// Done once, when its moment comes.
type Deed = Box<dyn FnOnce() + Send>;

#[test]
fn a_revocation_between_the_question_and_its_release_is_seen_at_the_release() {
    let mut town = Town::built();
    let runtime = runtime();
    let armed: Arc<Mutex<Option<Deed>>> = Arc::default();
    let revoke = Arc::clone(&armed);
    Relay::between(&runtime, &town.platform, &town.tax, move |passing| {
        if let Passing::Reply = passing
            && let Some(revoke) = revoke.lock().expect("one at a time").take()
        {
            // The holder has decided, and not yet answered.
            tokio::task::block_in_place(revoke);
        }
        Fate::Pass
    });
    town.start();
    let (firm, sealed) = town.authorised(0);
    let change = firm.revokes(&sealed);
    let (dir, file) = (town.node.dir.clone(), town.file("revoke.json"));
    lab::envelopes(&file, &[change]);
    *armed.lock().expect("one at a time") = Some(Box::new(move || {
        let file = file.to_str().expect("a plain path");
        spawn(&dir, &["authorisation", "submit", file]).end().done();
    }));
    let said = town.score(0, Some(&sealed), &[]);
    assert_eq!(refusal(&said), "AUTH_REVOKED");
    assert!(records(&town.tax, "released").is_empty());
}

#[test]
fn a_hostile_platform_gets_nothing_out_of_a_holder() {
    let town = Town::running();
    let (firm, first) = town.authorised(0);
    let smaller = firm.narrows(&first, |draft| {
        draft.limits = consent::Limits::new(1, 0).expect("a limit");
    });
    town.node.submit(std::slice::from_ref(&smaller));
    let (_, other_firm) = town.authorised(1);
    let unregistered = town.firm(2, &json!({})).grants();
    let forged = town.firm(3, &json!({})).forged();
    let for_another = town.firm(4, &json!({ "grantee": { "institution_id": "bank-b" } })).grants();
    town.node.submit(std::slice::from_ref(&for_another));

    let runtime = runtime();
    let hostile = Hostile::platform(&runtime, &town);
    let cases = [
        (0, None, "AUTH_MISSING"),
        // The platform keeps the larger version and says that it is the newest.
        (0, Some(&first), "AUTH_SUPERSEDED"),
        (0, Some(&other_firm), "AUTH_MISSING"),
        (2, Some(&unregistered), "AUTH_UNREGISTERED"),
        (3, Some(&forged), "AUTH_SIGNATURE"),
        (4, Some(&for_another), "AUTH_GRANTEE"),
    ];
    for (at, shown, expected) in cases {
        let refusal = hostile.asks(at, shown);
        assert_eq!(refusal.code, expected, "firm {at}");
    }
    // One byte of a good authorisation, changed in flight.
    let mut bytes = smaller.to_json();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    assert_eq!(hostile.shows(0, bytes).code, "AUTH_SIGNATURE");
    assert!(records(&town.tax, "release_begun").is_empty());
}

#[test]
fn a_platform_that_asks_in_a_lenders_name_is_refused_by_the_holder_and_it_is_written_down() {
    let town = Town::running();
    let (_, shown) = town.authorised(0);
    let (_, other) = town.authorised(1);
    let runtime = runtime();
    let hostile = Hostile::platform(&runtime, &town);
    let terms = || hostile.terms(0, shown.to_json());
    let question = |run| questions::of_score(&terms(), run, MODEL, &HOLDERS);
    let carrying = |terms: peer::ScoreTerms, question: Vec<u8>| peer::ScoreTerms {
        question: question.into(),
        ..terms
    };
    let code_of = |reply: peer::Reply| match reply.outcome {
        Some(reply::Outcome::Refusal(refusal)) => refusal.code,
        Some(reply::Outcome::Agreement(_)) => "agreed".into(),
        None => "nothing".into(),
    };
    let asks = |run, terms| code_of(hostile.proposes(run, terms));
    let by_bank = |run| questions::signed(&town.bank, question(run), 0);

    // What nobody has signed, what is no question, and what somebody else has signed.
    assert_eq!(asks(hostile.run(), terms()), "QUESTION_SIGNATURE");
    assert_eq!(asks(hostile.run(), carrying(terms(), b"{}".to_vec())), "QUESTION_SIGNATURE");
    for signer in [&town.platform, &town.social] {
        let run = hostile.run();
        let forged = questions::signed(signer, question(run), 0);
        assert_eq!(asks(run, carrying(terms(), forged)), "QUESTION_SIGNATURE", "{}", signer.name);
    }
    // What the bank has signed, with something altered on the way.
    let run = hostile.run();
    let altered = [
        peer::ScoreTerms { subject: code(1), authorisation: other.to_json().into(), ..terms() },
        peer::ScoreTerms { authorisation: other.to_json().into(), ..terms() },
        peer::ScoreTerms { fresh: true, ..terms() },
        peer::ScoreTerms { salt: vec![8; 32].into(), ..terms() },
    ];
    for altered in altered {
        assert_eq!(asks(run, carrying(altered, by_bank(run))), "QUESTION_ALTERED");
    }
    let other_purpose = hostile.proposes_for(run, carrying(terms(), by_bank(run)), "post_loan");
    assert_eq!(code_of(other_purpose), "QUESTION_ALTERED");
    let another_run = hostile.run();
    assert_eq!(asks(another_run, carrying(terms(), by_bank(run))), "QUESTION_ALTERED");
    // Asked of others, through another model, of another lender's or over another platform.
    let edits: [fn(&mut consent::Question); 4] = [
        |q| q.holders = vec!["tax".parse().expect("a name")],
        |q| q.asks = consent::Asks::Verify { formula: domain::Digest::from_bytes([1; 32]) },
        |q| q.lender = "bank-b".parse().expect("a name"),
        |q| q.platform = "node".parse().expect("a name"),
    ];
    for edit in edits {
        let mut asked = question(run);
        edit(&mut asked);
        let signed = questions::signed(&town.bank, asked, 0);
        assert_eq!(asks(run, carrying(terms(), signed)), "QUESTION_ALTERED");
    }
    // Kept back, or dated ahead.
    for after in [-120, 60] {
        let signed = questions::signed(&town.bank, question(run), after);
        assert_eq!(asks(run, carrying(terms(), signed)), "QUESTION_STALE", "{after}");
    }
    // Nothing of all this has touched the register, and the log tells of each.
    let refused = records(&town.tax, "refused");
    let told: Vec<&str> =
        refused.iter().filter_map(|event| event["refused"]["refusal"].as_str()).collect();
    let times = |code: &str| told.iter().filter(|told| **told == code).count();
    assert_eq!(times("QUESTION_SIGNATURE"), 4, "{told:?}");
    assert_eq!(times("QUESTION_ALTERED"), 10, "{told:?}");
    assert_eq!(times("QUESTION_STALE"), 2, "{told:?}");
    assert!(records(&town.tax, "release_begun").is_empty());
    assert!(town.tax.runs().iter().all(|run| run["protocol"] != "score"));

    // The bank's own question is answered once, and not again.
    let signed = by_bank(run);
    assert_eq!(asks(run, carrying(terms(), signed.clone())), "agreed");
    assert_eq!(asks(run, carrying(terms(), signed)), "QUESTION_REPLAYED");
    let asked_again = by_bank(run);
    assert_eq!(asks(run, carrying(terms(), asked_again)), "QUESTION_REPLAYED");
    let replayed = records(&town.tax, "refused")
        .into_iter()
        .filter(|event| event["refused"]["refusal"] == "QUESTION_REPLAYED");
    assert_eq!(replayed.count(), 2);
}

#[test]
fn a_firm_that_is_on_no_register_is_refused_in_the_same_bytes_as_one_without_authorisation() {
    let town = Town::running();
    let runtime = runtime();
    let hostile = Hostile::platform(&runtime, &town);
    let (known, unknown) = (hostile.answer(0, Vec::new()), hostile.answer(FIRMS + 5, Vec::new()));
    assert_eq!(prost::Message::encode_to_vec(&known), prost::Message::encode_to_vec(&unknown));
    // The bank's own command shows the same for both, too.
    let [known, unknown] = [0, FIRMS + 5].map(|at| town.score(at, None, &[]).json());
    assert_eq!(known["trouble"], unknown["trouble"]);
    // With an authorisation, a firm on no register is one about which nothing is known.
    let (_, sealed) = town.authorised(FIRMS + 5);
    let scored = town.score(FIRMS + 5, Some(&sealed), &[]).done().json();
    assert_eq!(scored["points"].as_u64(), Some(clear_points(FIRMS + 5)));
}

#[test]
fn the_question_beyond_the_budget_is_refused() {
    let town = Town::running();
    let (_, sealed) = town.authorised(0);
    // A register that is not what it was is asked anew; what is on file is handed over again.
    let changed = |times: u32| {
        let more: String =
            (0..times).map(|at| format!("{},1,0,1\n", code(FIRMS + 9 + at))).collect();
        fs::write(town.tax.dir.join("taxpayers.csv"), town::rows("tax") + &more)
            .expect("it is ours");
    };
    for times in 0..6 {
        changed(times);
        town.score(0, Some(&sealed), &[]).done();
        town.score(0, Some(&sealed), &[]).done();
    }
    changed(6);
    assert_eq!(refusal(&town.score(0, Some(&sealed), &[])), "QUERY_BUDGET");
    let (_, other) = town.authorised(1);
    town.score(1, Some(&other), &[]).done();
}

#[test]
fn a_question_that_is_asked_anew_leaves_no_agreed_run_waiting_at_any_holder() {
    let town = Town::running();
    let (_, sealed) = town.authorised(0);
    town.score(0, Some(&sealed), &[]).done();
    // One holder's register has changed: it has no earlier answer where the others have theirs.
    let more = format!("{},1,0,1\n", code(FIRMS + 9));
    fs::write(town.tax.dir.join("taxpayers.csv"), town::rows("tax") + &more).expect("it is ours");
    let asked = town.score(0, Some(&sealed), &[]).done().json();
    assert_eq!(asked["points"], clear_points(0), "{asked}");
    for holder in town.holders() {
        let scores: Vec<Value> =
            holder.runs().into_iter().filter(|run| run["protocol"] == "score").collect();
        assert_eq!(scores.len(), 3, "{}: {scores:?}", holder.name);
        let given_up = |run: &&Value| run["trouble"]["code"] == "GIVEN_UP";
        assert_eq!(scores.iter().filter(given_up).count(), 1, "{}: {scores:?}", holder.name);
        assert!(scores.iter().all(|run| run["state"] != "agreed"), "{}: {scores:?}", holder.name);
    }
}

#[test]
fn a_platform_that_alters_points_once_they_are_countersigned_brings_no_holder_another_table() {
    let mut town = Town::running();
    let runtime = runtime();
    let (_, sealed) = town.authorised(3);
    // Behind its holders' backs: the registration stays what it was, and so does every table's seed.
    stop(&mut town.platform);
    let [before, after] = [10, 90].map(|points| format!("points = {points}\\n"));
    let path = town.platform.dir.join("party.db");
    let altered =
        format!("UPDATE registrations SET document = replace(document, '{before}', '{after}')");
    sql(&runtime, &path, &altered);
    town.platform.start();
    let said = town.publish();
    assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
    let refused = |run: &&Value| run["trouble"]["code"] == "TABLE_EXCHANGED";
    for (holder, times) in town.holders().into_iter().zip([1, 0, 0]) {
        let runs = holder.runs();
        assert_eq!(runs.iter().filter(refused).count(), times, "{}: {runs:?}", holder.name);
    }
    // What was countersigned goes on.
    let scored = town.score(3, Some(&sealed), &[]).done().json();
    assert_eq!(scored["points"], clear_points(3), "{scored}");
}
