//! Verification as a service: a formula over several holders' records, answered yes, no or unknown to
//! the lender alone. With real processes.

mod claims;
mod hostile;
mod keys;

use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use envelope::Envelope;
use hostile::Hostile;
use lab::relay::{Fate, Passing, Relay, Side};
use lab::{Party, Said, until};
use serde_json::Value;
use wire::peer;

use crate::support::town::{self, FIRMS, Town, code};
use crate::support::{program, questions, records, runtime, spawn, stop};

/// What the firms of a table of answers are; the last is on no register.
const ASKED: [u32; 7] = [0, 5, 6, 11, 20, 39, FIRMS + 3];

/// A firm that the social insurance does not know.
const UNINSURED: [u32; 2] = [5, 6];

/// Kleene's logic by its definition: what every way to fill in the unknown agrees on.
type Clear = fn(u32) -> Option<bool>;

fn vat(at: u32) -> Option<u32> {
    (at < FIRMS).then_some(1_000 * at)
}

fn in_arrears(at: u32) -> Option<bool> {
    (at < FIRMS).then_some(at % 2 == 1)
}

fn normal_months(at: u32) -> Option<u32> {
    (at < FIRMS).then_some(at % 24)
}

fn insured(at: u32) -> Option<u32> {
    (at < FIRMS && !UNINSURED.contains(&at)).then_some(at)
}

fn usage(at: u32) -> Option<u32> {
    (at < FIRMS).then_some(10 * at)
}

fn all(parts: &[Option<bool>]) -> Option<bool> {
    match (parts.contains(&Some(false)), parts.contains(&None)) {
        (true, _) => Some(false),
        (false, true) => None,
        (false, false) => Some(true),
    }
}

fn any(parts: &[Option<bool>]) -> Option<bool> {
    let opposite: Vec<_> = parts.iter().map(|part| part.map(|part| !part)).collect();
    all(&opposite).map(|all| !all)
}

/// The word of an answer.
fn word(answer: Option<bool>) -> &'static str {
    match answer {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

/// Formulas over three holders, and what they say in clear.
const FORMULAS: [(&str, Clear); 5] = [
    ("2.in_arrears_now", in_arrears),
    ("1.vat_paid_12m_cny >= 10,000 and not 2.in_arrears_now and insured_count >= 10", |at| {
        all(&[
            vat(at).map(|vat| vat >= 10_000),
            in_arrears(at).map(|so| !so),
            insured(at).map(|count| count >= 10),
        ])
    }),
    ("2.in_arrears_now or 10.insured_count >= 10", |at| {
        any(&[in_arrears(at), insured(at).map(|count| count >= 10)])
    }),
    (
        "at least 2 of (1.consecutive_normal_tax_months >= 6, 10.insured_count >= 20, \
         not 14.avg_monthly_usage_3m < 100)",
        |at| {
            let parts = [
                normal_months(at).map(|months| months >= 6),
                insured(at).map(|count| count >= 20),
                usage(at).map(|usage| usage >= 100),
            ];
            let pairs = [[0, 1], [0, 2], [1, 2]].map(|pair| all(&pair.map(|part| parts[part])));
            any(&pairs)
        },
    ),
    ("not (1.vat_paid_12m_cny between 10000 and 50000) or 14.avg_monthly_usage_3m >= 500", |at| {
        any(&[
            vat(at).map(|vat| !(10_000..=50_000).contains(&vat)),
            usage(at).map(|usage| usage >= 500),
        ])
    }),
];

/// The one question's answer, or the code with which it was refused.
fn told(said: &Said) -> String {
    outcome(&said.json())
}

fn outcome(reply: &Value) -> String {
    let answer = reply["answer"].as_str().or_else(|| reply["trouble"]["code"].as_str());
    answer.unwrap_or("-").to_owned()
}

/// A town without models, in which everybody runs.
fn running() -> Town {
    let mut town = Town::built();
    // The social insurance has never heard of two firms.
    let rows = town::rows("social");
    let known = |row: &&str| !UNINSURED.iter().any(|at| row.starts_with(&code(*at)));
    let rows: Vec<&str> = rows.lines().filter(known).collect();
    fs::write(town.social.dir.join("insured.csv"), rows.join("\n")).expect("its own file");
    town.start_parties();
    town
}

fn signed(town: &Town, firms: &[u32]) -> Vec<Envelope> {
    firms.iter().map(|at| town.verifiable(*at).1).collect()
}

#[test]
fn answers_over_three_holders_are_those_of_the_clear_formula() {
    let town = running();
    let shown = signed(&town, &ASKED);
    for (formula, clear) in FORMULAS {
        let said = town.verify(formula, &ASKED, &shown, &[]).done();
        let answers: Vec<String> = said.lines().iter().map(outcome).collect();
        assert_eq!(answers, ASKED.map(|at| word(clear(at))), "{formula}");
    }
    // People see the answer in their language, the run and the time.
    let said = program()
        .command()
        .args(["--lang", "zh", "--dir"])
        .arg(&town.bank.dir)
        .args(["verify", &code(0), "--that", "2.in_arrears_now", "--authorisation"])
        .arg(town.file("shown-to-verify.jsonl"))
        .output()
        .expect("it runs");
    let said = String::from_utf8(said.stdout).expect("it speaks UTF-8");
    assert!(said.contains('否') && said.contains("ms"), "{said}");

    // Nobody's record of it has the answer, and the key was handed over once.
    let all_runs =
        |party: &Party| party.tacit(&["runs", "--limit", "1000", "--json"]).done().lines();
    for party in [&town.bank, &town.platform, &town.tax] {
        let runs = all_runs(party);
        let verify = runs.iter().filter(|run| run["protocol"] == "verify");
        for run in verify.clone() {
            let kept = format!("{}{}", run["report"], run["terms"]);
            let tells = ["yes", "unknown", "\"no\""].iter().any(|word| kept.contains(word));
            assert!(run["state"] == "done" && !tells, "{run}");
        }
        assert!(verify.count() >= ASKED.len(), "{}", party.name);
    }
    let keys = |party: &Party| {
        all_runs(party).iter().filter(|run| run["protocol"] == "evaluation-key").count()
    };
    assert_eq!([keys(&town.bank), keys(&town.platform), keys(&town.tax)], [1, 1, 0]);
}

#[test]
fn a_sealed_number_is_compared_at_its_edges_and_shown_to_no_holder() {
    let town = running();
    let firms = [10, 11, 12, 13, FIRMS + 1];
    let shown = signed(&town, &firms);
    // One question a firm: a sealed number is the only question about its field in the period.
    for (at, comparison, number, answer) in [
        (10, ">=", "10000", "yes"),
        (11, ">", "11000", "no"),
        (12, "<=", "11,999.9999", "no"),
        (13, "<", "13000.0001", "yes"),
        (FIRMS + 1, ">=", "0", "unknown"),
    ] {
        let formula = format!("1.vat_paid_12m_cny {comparison} sealed");
        let said = town.verify(&formula, &[at], &shown, &["--sealed", number]);
        assert_eq!(told(&said), answer, "firm {at}: {}", said.err);
        // The same again is free, another number is a search.
        let again = town.verify(&formula, &[at], &shown, &["--sealed", number]);
        assert_eq!(told(&again), answer, "firm {at}: {}", again.err);
        let other = town.verify(&formula, &[at], &shown, &["--sealed", "20000"]);
        assert_eq!(told(&other), "QUERY_BUDGET", "firm {at}");
    }
    // Over two holders, and a declared number within its tolerance: 210 within 5 % of 200.
    let shown = signed(&town, &[21, 22]);
    let formula = "10.insured_count >= sealed and 14.avg_monthly_usage_3m within 5 % of sealed";
    for (at, answer) in [(21, "yes"), (22, "no")] {
        let said = town.verify(formula, &[at], &shown, &["--sealed", "21", "--sealed", "200"]);
        assert_eq!(told(&said), answer, "{}", said.err);
    }
    // Holders that compare have the key too; the platform's log says no number.
    for holder in town.holders() {
        let run = holder.runs().into_iter().find(|run| run["protocol"] == "evaluation-key");
        assert_eq!(run.expect("it was handed over")["state"], "done", "{}", holder.name);
        let terms: Vec<String> = holder.runs().iter().map(|run| run["terms"].to_string()).collect();
        let numbers = ["10000", "11000", "11999", "13000", "200"];
        assert!(numbers.iter().all(|number| !terms.concat().contains(number)));
    }
    // Out of sight of whoever lists the machine's processes.
    let file = town.file("numbers");
    fs::write(&file, "21\n200\n").expect("a folder of the test");
    let file = format!("@{}", file.display());
    assert_eq!(told(&town.verify(formula, &[21], &shown, &["--sealed", &file])), "yes");
    let letters = town.file("shown-to-verify.jsonl");
    let letters = letters.to_str().expect("a plain path");
    let words = ["verify", &code(21), "--that", formula, "--json", "--authorisation", letters];
    let mut asking = spawn(&town.bank.dir, &[&words[..], &["--sealed", "-"]].concat());
    let mut input = asking.child.stdin.take().expect("it is piped");
    input.write_all(b"21\n200\n").expect("it reads");
    drop(input);
    assert_eq!(told(&asking.end()), "yes");
    let few = town.verify(formula, &[21], &shown, &["--sealed", "21"]);
    assert!(few.err.contains("USAGE") && few.err.contains("2 times"), "{}", few.err);
}

#[test]
fn what_is_wrong_with_a_formula_is_told_under_its_characters_before_anybody_is_asked() {
    let town = running();
    for (formula, carets, why) in [
        ("1.vat_paid_12m_cny >= 499_999", "                      ^^^^^^^", "100000 and 500000"),
        ("1.vat_paid_12m_cny >", "", "expected"),
        ("1.vat_paid >= 5", "^^^^^^^^^^", "lists no such field"),
        ("not 2.in_arrears_now >= 5", "    ^^^^^^^^^^^^^^^^^^^^", "is not asked"),
        ("1.vat_paid_12m_cny", "^^^^^^^^^^^^^^^^^^", "is not asked"),
    ] {
        let said = town.verify(formula, &[0], &[], &[]);
        assert_eq!(said.status.code(), Some(2), "{formula}: {}{}", said.out, said.err);
        assert!(said.err.contains(&format!("{formula}\n{carets}")), "{formula}: {}", said.err);
        assert!(said.err.contains(why), "{formula}: {}", said.err);
    }
    assert!(town.bank.runs().is_empty() && town.platform.runs().is_empty());
    // What the rules forbid is told with the article, before anybody is asked too.
    let said = town.verify("2.in_arrears_now", &[0], &[], &["--kind", "opaque"]);
    assert_eq!(said.status.code(), Some(2), "{}", said.err);
    // A class that nobody answers, and a field that its holder does not have.
    let shown = signed(&town, &[0]);
    let refused = town.verify("4.tax_credit_grade >= \"B\"", &[0], &shown, &[]);
    assert!(refused.out.contains("NO_ROUTE") || refused.out.contains("class 4"), "{}", refused.out);
    let refused = town.verify("1.vat_payable_12m_cny >= 10000", &[0], &shown, &[]);
    assert!(refused.out.contains("FIELD_NOT_HELD"), "{}", refused.out);
}

#[test]
fn what_is_not_authorised_is_refused_and_a_firm_on_no_register_is_refused_in_the_same_bytes() {
    let town = running();
    const FORMULA: &str = "2.in_arrears_now and 10.insured_count >= 10";
    let [known, unknown] = [0, FIRMS + 5].map(|at| town.verify(FORMULA, &[at], &[], &[]).json());
    assert_eq!(known["trouble"]["code"], "AUTH_MISSING");
    assert_eq!(known["trouble"], unknown["trouble"]);
    // Granted for scores alone.
    let (_, for_scores) = town.authorised(1);
    let said = town.verify(FORMULA, &[1], &[for_scores], &[]);
    assert_eq!(told(&said), "AUTH_SCOPE_OUTPUT", "{}", said.err);
    let refused = records(&town.tax, "refused");
    assert!(refused.iter().any(|event| event["refused"]["refusal"] == "AUTH_SCOPE_OUTPUT"));
    assert!(records(&town.tax, "release_begun").is_empty());
    // What is shown to a holder's face by a platform that asks whatever it likes.
    let (runtime, shown) = (runtime(), signed(&town, &[2]));
    let hostile = Hostile::new(&runtime, &town);
    let answer = |at| prost::Message::encode_to_vec(&hostile.asks(at, None, |_| {}));
    assert_eq!(answer(0), answer(FIRMS + 5));
    assert_eq!(hostile.refusal(2, None, |_| {}), "AUTH_MISSING");
    // Under another key than the pinned one somebody else would read the answer.
    let ask = |change: fn(&mut peer::VerifyTerms)| hostile.refusal(2, Some(&shown[0]), change);
    assert_eq!(ask(|terms| terms.lender_key = vec![7; 32].into()), "LENDER_KEY");
    assert_eq!(ask(|terms| terms.public_key = vec![7; 16_432].into()), "LENDER_KEY");
    assert_eq!(ask(|terms| terms.public_key = Vec::new().into()), "LENDER_KEY");
    assert_eq!(ask(|terms| terms.lender = "node".into()), "NOT_OFFERED");
    assert_eq!(ask(|terms| terms.kind = "opaque".into()), "NOT_OFFERED");
    assert_eq!(ask(|terms| terms.formula = "2.in_arrears_now and".into()), "FORMULA");
    assert_eq!(ask(|terms| terms.formula = "1.vat_paid_12m_cny >= 3".into()), "FORMULA");
    assert_eq!(ask(|terms| terms.formula = "x".repeat(5_000)), "UNREADABLE");
    assert_eq!(ask(|terms| terms.routing = None), "UNREADABLE");
    assert_eq!(ask(|terms| terms.thresholds = vec![vec![0; 32].into()]), "UNREADABLE");
    assert_eq!(ask(|terms| terms.subject = "1".into()), "ID_INVALID");
    let routed = |terms: &mut peer::VerifyTerms| {
        terms.routing.get_or_insert_default().places = vec![0, 0].into()
    };
    assert_eq!(hostile.refusal(2, Some(&shown[0]), routed), "UNREADABLE");
    assert_eq!(hostile.refusal(2, Some(&shown[0]), |_| {}), "agreed");
}

#[test]
fn a_platform_that_asks_a_formula_in_a_lenders_name_is_refused_and_it_is_written_down() {
    let town = running();
    let (runtime, shown) = (runtime(), signed(&town, &[2, 3]));
    let hostile = Hostile::new(&runtime, &town);
    let asks = |run, terms: peer::VerifyTerms, question: Vec<u8>| {
        let terms = peer::VerifyTerms { question: question.into(), ..terms };
        hostile::refusal_of(&hostile.proposes(run, terms))
    };
    let (run, terms) = hostile.terms(2, Some(&shown[0]), |_| {});
    let holders = ["tax".to_owned()];
    let question = questions::of_verify(&terms, run, &holders);
    let by_bank = questions::signed(&town.bank, question.clone(), 0);
    let by_platform = questions::signed(&town.platform, question.clone(), 0);
    assert_eq!(asks(run, terms.clone(), Vec::new()), "QUESTION_SIGNATURE");
    assert_eq!(asks(run, terms.clone(), by_platform), "QUESTION_SIGNATURE");
    let altered: [fn(&mut peer::VerifyTerms); 4] = [
        |terms| terms.formula = "not 2.in_arrears_now".into(),
        |terms| terms.subject = code(3),
        |terms| terms.authorisation = Vec::new().into(),
        |terms| terms.salt = vec![8; 32].into(),
    ];
    for alter in altered {
        let mut terms = terms.clone();
        alter(&mut terms);
        assert_eq!(asks(run, terms, by_bank.clone()), "QUESTION_ALTERED");
    }
    let elsewhere = consent::Question {
        holders: vec!["tax".parse().expect("a name"), "social".parse().expect("a name")],
        ..question.clone()
    };
    let elsewhere = questions::signed(&town.bank, elsewhere, 0);
    assert_eq!(asks(run, terms.clone(), elsewhere), "QUESTION_ALTERED");
    let late = questions::signed(&town.bank, question, -120);
    assert_eq!(asks(run, terms.clone(), late), "QUESTION_STALE");
    let refused = records(&town.tax, "refused");
    assert_eq!(refused.len(), 8, "{refused:?}");
    assert!(records(&town.tax, "release_begun").is_empty());
    assert_eq!(asks(run, terms.clone(), by_bank.clone()), "agreed");
    assert_eq!(asks(run, terms, by_bank), "QUESTION_REPLAYED");
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
    town.start_parties();
    let (firm, sealed) = town.verifiable(0);
    let (dir, file) = (town.node.dir.clone(), town.file("revoke.json"));
    lab::envelopes(&file, &[firm.revokes(&sealed)]);
    *armed.lock().expect("one at a time") = Some(Box::new(move || {
        let file = file.to_str().expect("a plain path");
        spawn(&dir, &["authorisation", "submit", file]).end().done();
    }));
    let said = town.verify("2.in_arrears_now", &[0], &[sealed], &[]);
    assert_eq!(told(&said), "AUTH_REVOKED", "{}", said.err);
    assert!(records(&town.tax, "released").is_empty());
}

#[test]
fn the_sixth_threshold_of_a_field_is_refused_and_stays_refused_over_a_restart() {
    let mut town = running();
    let shown = signed(&town, &[20, 21]);
    let ask = |town: &Town, at: u32, threshold: &str| {
        let formula = format!("1.vat_paid_12m_cny >= {threshold}");
        told(&town.verify(&formula, &[at], &shown, &[]))
    };
    for (threshold, answer) in [
        ("10000", "yes"),
        ("50000", "no"),
        ("100000", "no"),
        ("500000", "no"),
        ("1000000", "no"),
        ("3000000", "QUERY_BUDGET"),
        // A repetition tells nothing new.
        ("50000", "no"),
    ] {
        assert_eq!(ask(&town, 20, threshold), answer, "{threshold}");
    }
    stop(&mut town.tax);
    town.tax.start();
    assert_eq!(ask(&town, 20, "3000000"), "QUERY_BUDGET");
    // Another field of the same firm, the same field of another firm.
    let months = "1.consecutive_normal_tax_months >= 6";
    assert_eq!(told(&town.verify(months, &[20], &shown, &[])), "yes");
    assert_eq!(ask(&town, 21, "3000000"), "no");
    // It is written down, like any refusal, and says no threshold.
    let refused = records(&town.tax, "refused");
    assert_eq!(refused.len(), 2);
    assert_eq!(refused[0]["refused"]["refusal"], "QUERY_BUDGET");
    assert!(!refused[0].to_string().contains("3000000"));
}

#[test]
fn of_two_questions_at_once_that_would_both_fit_alone_one_passes() {
    let mut town = Town::built();
    let runtime = runtime();
    let (armed, decided) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU8::new(0)));
    let (is_armed, count) = (Arc::clone(&armed), Arc::clone(&decided));
    Relay::between(&runtime, &town.platform, &town.tax, move |passing| {
        if let Passing::Reply = passing
            && is_armed.load(Ordering::SeqCst)
        {
            // The holder has decided on both before either is answered.
            count.fetch_add(1, Ordering::SeqCst);
            tokio::task::block_in_place(|| {
                until("both are decided", || (count.load(Ordering::SeqCst) >= 2).then_some(()));
            });
        }
        Fate::Pass
    });
    town.start_parties();
    let shown = signed(&town, &[20]);
    let formula = |threshold: &str| format!("1.vat_paid_12m_cny >= {threshold}");
    for threshold in ["10000", "50000", "100000", "500000"] {
        let said = town.verify(&formula(threshold), &[20], &shown, &[]);
        assert!(["yes", "no"].contains(&told(&said).as_str()), "{threshold}: {}", said.out);
    }
    let file = town.file("shown-to-verify.jsonl");
    let file = file.to_str().expect("a plain path");
    let ask = |threshold: &str| {
        let (code, formula) = (code(20), formula(threshold));
        spawn(
            &town.bank.dir,
            &["verify", &code, "--that", &formula, "--json", "--authorisation", file],
        )
    };
    armed.store(true, Ordering::SeqCst);
    let both = ["1000000", "3000000"].map(ask).map(|asking| told(&asking.end()));
    armed.store(false, Ordering::SeqCst);
    assert_eq!(decided.load(Ordering::SeqCst), 2);
    let mut sorted = both.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["QUERY_BUDGET", "no"], "{both:?}");
    assert_eq!(records(&town.tax, "released").len(), 5);
    // The one that passed is a repetition now, the other stays refused.
    for (threshold, answer) in ["1000000", "3000000"].iter().zip(&both) {
        assert_eq!(told(&town.verify(&formula(threshold), &[20], &shown, &[])), *answer);
    }
}

#[test]
fn a_holder_that_is_down_or_late_fails_the_question_and_says_which() {
    let mut town = Town::built();
    let runtime = runtime();
    for party in [&town.platform, &town.bank] {
        party.configure("[limits]\nidle_s = 4\nconnect_s = 2\n");
    }
    let late = Arc::new(Mutex::new(false));
    let is_late = Arc::clone(&late);
    Relay::between(&runtime, &town.platform, &town.social, move |passing| {
        if let Passing::Frame(Side::Answerer, _) = passing
            && *is_late.lock().expect("one at a time")
        {
            tokio::task::block_in_place(|| std::thread::sleep(Duration::from_secs(8)));
        }
        Fate::Pass
    });
    town.start_parties();
    let shown = signed(&town, &[20]);
    const FORMULA: &str = "2.in_arrears_now or 10.insured_count >= 10";
    assert_eq!(told(&town.verify(FORMULA, &[20], &shown, &[])), "yes");
    *late.lock().expect("one at a time") = true;
    let began = Instant::now();
    let said = town.verify(FORMULA, &[20], &shown, &[]);
    assert_eq!(said.status.code(), Some(1), "{}", said.out);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    *late.lock().expect("one at a time") = false;
    town.tax.process = None;
    let said = town.verify(FORMULA, &[20], &shown, &[]);
    assert_eq!(said.status.code(), Some(1), "{}", said.out);
    assert!(said.out.contains("tax"), "it says who: {}", said.out);
    town.tax.start();
    let answer = until("the holder is back", || {
        let answer = told(&town.verify(FORMULA, &[20], &shown, &[]));
        (answer == "yes").then_some(answer)
    });
    assert_eq!(answer, "yes");
}
