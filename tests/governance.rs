//! Every answer is covered or refused: the user stories of governance, with real processes.
//!
//! The numbers of the stories are those of POLICY.md §8.

#[path = "support/questions.rs"]
#[expect(dead_code, reason = "verifications and lists are for verify.rs and batch.rs")]
mod questions;
#[path = "support/relay.rs"]
#[expect(dead_code, reason = "rounds are for failures.rs")]
mod relay;
#[path = "support/subjects.rs"]
mod subjects;
#[expect(dead_code, reason = "results are for psi.rs and failures.rs")]
mod support;
#[path = "support/town.rs"]
#[expect(dead_code, reason = "verifications are for verify.rs")]
mod town;

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{fs, thread};

use domain::{Refusal, RunId};
use envelope::Envelope;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use relay::{Fate, Passing, Relay, Side, Sockets, call, rules};
use serde_json::{Value, json};
use support::{Party, Said, spawn, until};
use tokio::runtime::{Builder, Runtime};
use tonic::Request;
use town::{FIRMS, HOLDERS, MODEL, Town, clear_points, code};
use wire::peer::{self, frame, proposal, reply};

/// The code with which the one question of a command was refused.
fn refusal(said: &Said) -> String {
    assert_eq!(said.status.code(), Some(1), "{}{}", said.out, said.err);
    said.json()["trouble"]["code"].as_str().unwrap_or("-").to_owned()
}

/// The records of a party's log that are of this kind.
fn records(party: &Party, kind: &str) -> Vec<Value> {
    let size = party.tacit(&["audit", "verify", "--json"]).done().json()["records"].clone();
    let all = 0..size.as_u64().expect("a number of records");
    let record = |seq: u64| {
        let said = party.tacit(&["audit", "prove", &seq.to_string(), "--json"]).done();
        said.json()["record"]["event"].clone()
    };
    all.map(record).filter(|event| event.get(kind).is_some()).collect()
}

// S4, S5, S6: refused, each by its own code, by the holder itself

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
    subjects::envelopes(&file, &[change]);
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

// S3: the canary

#[test]
fn no_value_of_a_holder_leaves_it_in_any_encoding_and_a_planted_one_is_found() {
    let mut town = Town::built();
    // Fifty firms, each with an amount that stands nowhere else.
    let amount = |at: u32| 7_310_000_003 + 97_001_003 * u64::from(at);
    let rows: Vec<String> = (0..50).map(|at| format!("{},{},0,9", code(at), amount(at))).collect();
    fs::write(
        town.tax.dir.join("taxpayers.csv"),
        format!("uscc,vat,arrears,normal\n{}\n", rows.join("\n")),
    )
    .expect("the register");
    let runtime = runtime();
    // Whatever leaves the bureau goes to the platform, to the bank, or to the node.
    let heard = [&town.platform, &town.bank, &town.node]
        .map(|asker| Relay::between(&runtime, asker, &town.tax, |_| Fate::Pass));
    town.start();
    let signed: Vec<(u32, Envelope)> =
        (0..40).map(|at| (at, town.firm(at, &json!({})).grants())).collect();
    town.node.submit(&signed.iter().map(|(_, sealed)| sealed.clone()).collect::<Vec<_>>());
    let ours = town.file("customers.csv");
    support::list(&ours, "id", &(0..40).map(code).collect::<Vec<_>>());
    town.bank.psi("tax", "taxpayers", &ours, &["--kind", "uscc"]).done();
    for (at, sealed) in &signed[..10] {
        let scored = town.score(*at, Some(sealed), &[]).done().json();
        let run = scored["run"].as_str().expect("a run");
        let file = town.file("receipt.json");
        let file = file.to_str().expect("a plain path");
        town.bank.tacit(&["receipt", "fetch", run, "--out", file]).done();
    }
    // Errors are words too: a firm that has not signed, and one whose letter is another's.
    refusal(&town.score(45, None, &[]));
    refusal(&town.score(46, Some(&signed[0].1), &[]));

    let mut bytes: Vec<u8> = Vec::new();
    for heard in heard {
        bytes.extend_from_slice(&heard.lock().expect("nobody panicked").answered);
    }
    assert!(bytes.len() > 100_000, "only {} bytes were heard", bytes.len());
    #[expect(clippy::cast_possible_truncation, reason = "one of the ways to leak a number")]
    let forms = |amount: u64| {
        let real = amount as f64;
        let fixed = amount << 16;
        [
            amount.to_string().into_bytes(),
            amount.to_be_bytes()[3..].to_vec(),
            amount.to_le_bytes()[..5].to_vec(),
            real.to_be_bytes().to_vec(),
            real.to_le_bytes().to_vec(),
            (real as f32).to_be_bytes().to_vec(),
            (real as f32).to_le_bytes().to_vec(),
            fixed.to_be_bytes()[1..7].to_vec(),
            fixed.to_le_bytes()[1..7].to_vec(),
        ]
    };
    let holds = |bytes: &[u8], wanted: &[u8]| bytes.windows(wanted.len()).any(|at| at == wanted);
    let mut by_chance = 0;
    for at in 0..50 {
        for (form, wanted) in forms(amount(at)).iter().enumerate() {
            match holds(&bytes, wanted) {
                // Four bytes come up by chance, once in 2^32 places; fifty leaks would not.
                true if wanted.len() == 4 && by_chance < 2 => by_chance += 1,
                found => assert!(!found, "firm {at}, form {form}"),
            }
        }
    }
    // Codes of firms that have signed nothing and are nobody's customers.
    for at in 47..50 {
        assert!(!holds(&bytes, code(at).as_bytes()), "the code of firm {at}");
    }
    // The test of the test: any one of them, planted, is found.
    for wanted in forms(amount(7)) {
        let mut planted = bytes.clone();
        let middle = planted.len() / 2;
        planted.splice(middle..middle, wanted.iter().copied());
        assert!(holds(&planted, &wanted));
    }
}

// S2: a register is looked at before it is offered

#[test]
fn a_file_is_held_against_the_catalogue_and_its_content_is_the_same_in_every_encoding() {
    let root = tempfile::tempdir().expect("a folder");
    let check = |file: &str, text: &[u8]| {
        let path = root.path().join(file);
        fs::write(&path, text).expect("it can be written");
        let path = path.to_str().expect("a plain path");
        let words = ["data", "check", path, "--column", "统一社会信用代码", "--kind", "uscc"];
        spawn(root.path(), &[&words[..], &["--class", "1,2,3"]].concat()).end()
    };
    let text = format!(
        "统一社会信用代码,近一年增值税实际缴税金额(元),当前是否欠税\n{},1000.50,0\n{},,1\n",
        code(1),
        code(2)
    );
    let (gb18030, _, _) = encoding_rs::GB18030.encode(&text);
    let plain = check("plain.csv", text.as_bytes()).done().out;
    let marked = check("marked.csv", &[b"\xef\xbb\xbf", text.as_bytes()].concat()).done().out;
    let coded = check("coded.csv", &gb18030).done().out;
    let content = |out: &str| {
        let line = out.lines().find(|line| line.starts_with("content")).expect("a hash");
        line.split_whitespace().last().expect("a hash").to_owned()
    };
    assert!(content(&plain) == content(&marked) && content(&plain) == content(&coded));
    assert!(plain.contains("1.vat_paid_12m_cny") && plain.contains("50.0%"), "{plain}");
    assert!(plain.contains("2.in_arrears_now"), "{plain}");

    let bad = text.replace(&code(2), "91320100PDY00001XX");
    let refused = check("bad.csv", bad.as_bytes());
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.out.contains("line 3"), "{}{}", refused.out, refused.err);
    let words = text.replace("1000.50", "many");
    let unbound = check("words.csv", words.as_bytes());
    assert!(unbound.err.contains("BINDING"), "{}", unbound.err);
}

// S25, S26: exactly what was meant, narrowed and revoked

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
fn what_the_catalogue_gives_for_verification_only_is_no_feature_of_a_score() {
    // Class 29 is real estate of natural persons: answers with the person's own consent, no scores.
    let mut town = Town::built();
    town.tax.configure(
        "[[register]]\nname = 'taxpayers'\nfile = 'taxpayers.csv'\ncolumn = 'uscc'\nkind = 'uscc'\n\
         [register.fields]\nvat = '1.vat_paid_12m_cny'\narrears = '29.area_sqm'\n\
         normal = '1.consecutive_normal_tax_months'\n",
    );
    town.start_parties();
    let said = town.platform.tacit(&["model", "register", MODEL]);
    assert_eq!(said.status.code(), Some(1));
    // Refused with the article, when the model is laid before the holder and not firm by firm.
    assert!(said.err.contains("MODE_FORBIDS") && said.err.contains("第29类"), "{}", said.err);
}

#[test]
fn a_column_that_is_bound_to_no_field_of_the_catalogue_stops_the_start_and_is_named() {
    let town = Town::built();
    town.tax.configure(
        "[[register]]\nname = 'taxpayers'\nfile = 'taxpayers.csv'\ncolumn = 'uscc'\nkind = 'uscc'\n\
         [register.fields]\nvat = '1.vat_paid_last_year'\n",
    );
    let refused = spawn(&town.tax.dir, &["party", "run"]).end();
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.err.contains("1.vat_paid_last_year"), "{}", refused.err);
}

// S7, S27, S32: what was done with whose data

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
    assert!(
        !usage.to_string().contains(&scored["points"].to_string()[..]) || scored["points"] == 3
    );

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

// Who is told of authorisations, and who says how many there are

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
        support::list(&ours, "id", &(0..firms).map(code).collect::<Vec<_>>());
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

// S14: enough was asked

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

// S18: the proof afterwards

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

// S9, S31: members

#[test]
fn a_member_that_is_suspended_loses_its_live_run_and_gets_no_new_one() {
    let root = tempfile::tempdir().expect("a folder");
    let codes: Vec<String> = (0..60_000).map(code).collect();
    let (mut bank, mut tax) = support::bank_and_tax(root.path(), "opaque", &codes);
    tax.start();
    bank.start();
    let ours = root.path().join("many.csv");
    support::list(&ours, "id", &codes);
    let psi = ["psi", "--with", "tax", "--their-register", "taxpayers", "--column", "id"];
    let ours = ["--kind", "opaque", "--file", ours.to_str().expect("a plain path")];
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
        support::bank_and_tax(root.path(), "opaque", &(0..10).map(code).collect::<Vec<_>>());
    tax.start_alone();
    bank.start();
    let ours = root.path().join("few.csv");
    support::list(&ours, "id", &[code(1)]);
    let asked = |register: &str| bank.psi("tax", register, &ours, &["--kind", "opaque"]).err;
    let [there, not_there] = ["taxpayers", "nothing"].map(asked);
    assert!(there.contains("MEMBER_STATE"), "{there}");
    assert_eq!(there, not_there);
}

// S33, S34: tampering with the log

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

// A crash between decision, release and record

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

// Offline: a bundle counts, until it is too old

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

// S35, and the rules of both sides

#[test]
fn the_catalogue_report_has_the_figures_of_the_annex() {
    let mut town = Town::built();
    town.tax.start();
    let report = town.tax.tacit(&["catalogue", "report", "--json"]).done().json();
    assert_eq!((&report["classes"], &report["fields"]), (&json!(37), &json!(362)));
    let count = |group: &str, word: &str| report[group][word].as_u64().unwrap_or(0);
    let modes = [
        "centralised_collection",
        "interface_with_authorisation",
        "interface_without_authorisation",
        "verification_with_authorisation",
        "split",
    ];
    assert_eq!(modes.map(|mode| count("by_mode", mode)), [23, 6, 3, 4, 1], "{report}");
    let dues = report["by_due"].as_object().expect("dues");
    let mut dues: Vec<u64> = dues.values().filter_map(Value::as_u64).collect();
    dues.sort_unstable();
    assert_eq!(dues, [1, 7, 14, 15]);
    let of_tax = &report["registers"][0];
    assert_eq!(of_tax["classes"], json!([1, 2]));
}

#[test]
fn parties_that_decide_by_different_rules_do_not_work_together() {
    let mut town = Town::built();
    town.social.configure("[governance]\nprofile = 'jiangsu'\n");
    town.start_parties();
    town.countersigned();
    let said = town.publish();
    assert!(said.err.contains("RULES_DIFFER"), "{}", said.err);
}

#[test]
fn every_refusal_is_told_in_both_languages() {
    // S19: the table itself is enumerated in `domain`; here it reaches a screen.
    let town = Town::running();
    let said = |lang: &str| {
        let ended = std::process::Command::new(env!("CARGO_BIN_EXE_tacit"))
            .args(["--lang", lang, "--dir"])
            .arg(&town.bank.dir)
            .args(["score", &code(0), "--model", MODEL])
            .output();
        String::from_utf8(ended.expect("it runs").stderr).expect("it speaks UTF-8")
    };
    let refusal = Refusal::AuthMissing;
    assert!(said("en").contains(refusal.en()) && said("zh").contains(refusal.zh()));
}

/// A platform that asks holders whatever it likes, with its own certificate.
struct Hostile<'a> {
    runtime: &'a Runtime,
    town: &'a Town,
    digest: Vec<u8>,
    rules: peer::Rules,
}

impl<'a> Hostile<'a> {
    fn platform(runtime: &'a Runtime, town: &'a Town) -> Self {
        let models = town.tax.tacit(&["model", "list", "--json"]).done().lines();
        let published = models.iter().find_map(|model| model["digest"].as_str());
        let digest = published.expect("a digest");
        let digest = (0..32)
            .map(|at| u8::from_str_radix(&digest[2 * at..2 * at + 2], 16).expect("hexadecimal"))
            .collect();
        let rules = rules().into();
        Self { runtime, town, digest, rules }
    }

    fn asks(&self, at: u32, shown: Option<&Envelope>) -> peer::Refusal {
        self.shows(at, shown.map(Envelope::to_json).unwrap_or_default())
    }

    fn shows(&self, at: u32, authorisation: Vec<u8>) -> peer::Refusal {
        match self.answer(at, authorisation).outcome {
            Some(reply::Outcome::Refusal(refusal)) => refusal,
            other => panic!("it agreed: {other:?}"),
        }
    }

    /// With a question that the bank has signed: platform and lender are hostile together.
    fn answer(&self, at: u32, authorisation: Vec<u8>) -> peer::Reply {
        let (run, mut terms) = (self.run(), self.terms(at, authorisation));
        let question = questions::of_score(&terms, run, MODEL, &HOLDERS);
        terms.question = questions::signed(&self.town.bank, question, 0).into();
        self.proposes(run, terms)
    }

    /// A number that no run has had.
    fn run(&self) -> RunId {
        use std::sync::atomic::AtomicU8;
        static NEXT: AtomicU8 = AtomicU8::new(1);
        RunId::from_bytes([NEXT.fetch_add(1, Ordering::SeqCst); 16])
    }

    /// A question about a firm that nobody has signed.
    fn terms(&self, at: u32, authorisation: Vec<u8>) -> peer::ScoreTerms {
        peer::ScoreTerms {
            digest: self.digest.clone().into(),
            lender: "bank".into(),
            kind: "uscc".into(),
            subject: code(at),
            authorisation: authorisation.into(),
            persons: Vec::new(),
            fresh: false,
            question: Vec::new().into(),
            salt: vec![7; 32].into(),
        }
    }

    fn proposes(&self, run: RunId, terms: peer::ScoreTerms) -> peer::Reply {
        self.proposes_for(run, terms, "pre_loan")
    }

    fn proposes_for(&self, run: RunId, terms: peer::ScoreTerms, purpose: &str) -> peer::Reply {
        let rules = peer::Rules { purpose: purpose.into(), ..self.rules.clone() };
        let proposal = peer::Proposal {
            version: wire::VERSION,
            from: "platform".into(),
            to: "tax".into(),
            run: run.to_bytes().to_vec().into(),
            rules: Some(rules),
            terms: Some(proposal::Terms::Score(terms)),
        };
        let sockets = Sockets::default();
        let mut client = call(self.runtime, &self.town.platform, &self.town.tax, &sockets);
        let reply = self.runtime.block_on(client.propose(Request::new(proposal)));
        reply.expect("it answers").into_inner()
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime")
}

/// Stops a party as its operator does.
fn stop(party: &mut Party) {
    let asking = spawn(&party.dir, &["party", "stop"]);
    let mut process = party.process.take().expect("it runs");
    let status = until("the party stops", || process.child.try_wait().expect("it is our child"));
    assert!(status.success(), "it ended with {status}");
    asking.end().done();
}

/// Does something to a store behind its party's back.
fn sql(runtime: &Runtime, path: &std::path::Path, statement: &str) {
    use sqlx::Connection;
    runtime.block_on(async {
        let url = format!("sqlite://{}", path.display());
        let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("a store");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned()))
            .execute(&mut connection)
            .await
            .expect("SQL");
        connection.close().await.expect("it closes");
    });
}
