//! Matches as a service: a lender's claims about a whole list, put to one holder, which sees none of
//! them. With real processes.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use envelope::Envelope;
use lab::relay::{Fate, Passing, Relay};
use lab::{Said, envelopes, list};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::task::block_in_place;

use crate::support::town::{FIRMS, Town, code};
use crate::support::{bank_and_tax, cancel_newest, spawn, subjects};

/// What the register of estates says of a firm.
fn estate(at: u32) -> (String, String) {
    (format!("Golden Ox {at} Co Ltd"), format!("320105{at:012}"))
}

/// A town whose power company also keeps a register of estates, open to the bank's claims.
fn built() -> Town {
    let town = Town::built();
    let rows = (0..FIRMS).map(|at| {
        let (owner, number) = estate(at);
        // Firm 5 has an estate without a number.
        let number = if at == 5 { String::new() } else { number };
        format!("{},{owner},{number}", code(at))
    });
    let rows: Vec<String> = rows.collect();
    let text = format!("uscc,owner,number\n{}\n", rows.join("\n"));
    fs::write(town.power.dir.join("estates.csv"), text).expect("the register");
    town.power.configure(
        "[[register]]\nname = 'estates'\nfile = 'estates.csv'\ncolumn = 'uscc'\nkind = 'uscc'\n\
         [register.fields]\nowner = '27.right_holder_name'\nnumber = '27.right_holder_id_no'\n\
         [[offer]]\nprotocol = 'match'\nregister = 'estates'\nplatform = 'platform'\nto = ['bank']\n",
    );
    town
}

/// Puts claims about these firms; `claim` is what the bank says that each has.
fn ask(
    town: &Town,
    firms: &[u32],
    claim: impl Fn(u32) -> (String, String),
    shown: &[Envelope],
    more: &[&str],
) -> Said {
    let rows = firms.iter().map(|at| {
        let (owner, number) = claim(*at);
        format!("{},{owner},{number}", code(*at))
    });
    let rows: Vec<String> = rows.collect();
    let file = town.file("list.csv");
    fs::write(&file, format!("uscc,holder,id\n{}\n", rows.join("\n"))).expect("the list");
    let letters = town.file("letters.jsonl");
    envelopes(&letters, shown);
    let plain = |path: &std::path::Path| path.to_str().expect("a plain path").to_owned();
    let (file, letters, result) = (plain(&file), plain(&letters), plain(&town.file("answers.csv")));
    let mut words = vec![
        "match",
        "--with",
        "power",
        "--their-register",
        "estates",
        "--file",
        &file,
        "--column",
        "uscc",
        "--result",
        &result,
        "--json",
    ];
    if !more.contains(&"--claim") {
        words.extend([
            "--claim",
            "holder=27.right_holder_name",
            "--claim",
            "id=27.right_holder_id_no",
        ]);
    }
    if !shown.is_empty() {
        words.extend(["--authorisation", &letters]);
    }
    words.extend(more);
    town.bank.tacit(&words)
}

/// Answers and reasons, row by row.
fn answers(town: &Town) -> Vec<String> {
    let text = fs::read_to_string(town.file("answers.csv")).expect("there is a result");
    let cells = |line: &str| line.split(',').skip(2).map(str::to_owned).collect::<Vec<_>>();
    text.lines().skip(1).map(|line| cells(line).concat()).collect()
}

/// True for even firms; spelt as people spell.
fn claim(at: u32) -> (String, String) {
    let (owner, number) = estate(if at.is_multiple_of(2) { at } else { at + 1 });
    (owner.to_uppercase().replace(' ', "  "), number)
}

#[test]
fn each_row_is_answered_only_where_its_firm_has_agreed_and_no_claim_or_value_travels() {
    let mut town = built();
    let runtime = Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let heard = Relay::between(&runtime, &town.bank, &town.power, |_| Fate::Pass);
    town.start_parties();
    let absent = FIRMS + 3;
    let letter = |at: u32| town.verifiable(at);
    let mut shown: Vec<Envelope> = [0, 1, 2, 3, 5, absent].map(|at| letter(at).1).into();
    let (firm, revoked) = letter(8);
    town.node.submit(&[firm.revokes(&revoked)]);
    shown.push(revoked);
    shown.push(town.firm(10, &json!({})).forged());

    let firms = [0, 1, 2, 3, 5, absent, 6, absent + 1, 8, 10, 12];
    let claimed = |at: u32| if at == 12 { (String::new(), "1".into()) } else { claim(at) };
    let run = ask(&town, &firms, claimed, &shown, &[]).done().json();
    assert_eq!(
        answers(&town),
        [
            "yes",
            "no",
            "yes",
            "no",
            // No number stands in the register, and no row: the two look alike.
            "unknown",
            "unknown",
            // Without a letter: the same for a firm that is on no register.
            "AUTH_MISSING",
            "AUTH_MISSING",
            "AUTH_REVOKED",
            "AUTH_SIGNATURE",
            "NOTHING_CLAIMED",
        ]
    );
    let report = &run["report"];
    let counts = ["yes", "no", "unknown", "refused", "unclaimed"].map(|word| report[word].clone());
    assert_eq!(counts, [2, 2, 2, 4, 1].map(|count| json!(count)), "{report}");

    // Nothing of a claim or of the register went over the line, in either direction.
    {
        let heard = heard.lock().expect("nobody panicked");
        let bytes = [heard.asked.concat(), heard.answered.clone()].concat();
        let holds = |wanted: &[u8]| bytes.windows(wanted.len()).any(|at| at == wanted);
        assert!(holds(code(2).as_bytes()) && holds(b"right_holder_name"), "the canary sees");
        for at in 0..12 {
            let ((owner, number), (typed, _)) = (estate(at), claim(at));
            let plain = owner.to_lowercase().replace(' ', "");
            for wanted in [&owner, &typed, &plain, &number] {
                assert!(!holds(wanted.as_bytes()), "firm {at}: {wanted}");
            }
        }
    }

    // One release a row, each with a receipt of its own, which the lender countersigns.
    let id = run["id"].as_str().expect("a number");
    let file = town.file("receipt.json");
    let file = file.to_str().expect("a plain path");
    town.bank.tacit(&["receipt", "fetch", id, "--row", "6", "--out", file]).done();
    let peers = town.file("cards");
    fs::create_dir(&peers).expect("a folder");
    for party in [&town.power, &town.platform, &town.bank, &town.node] {
        fs::copy(party.card(), peers.join(format!("{}.party", party.name))).expect("its file");
    }
    let issuer = format!("{}={}", subjects::Issuer::NAME, town.issuer.public());
    let peers = peers.to_str().expect("a plain path");
    let verify = ["receipt", "verify", file, "--peers", peers, "--issuer", &issuer];
    spawn(town.root.path(), &verify).end().done();
    let text = fs::read_to_string(file).expect("it was written").replace("verify", "score");
    fs::write(file, text).expect("it can be changed");
    let said = spawn(town.root.path(), &verify).end();
    assert!(said.err.contains("RECEIPT_INVALID"), "{}", said.err);
    // A refused row has none, and a match is no single answer.
    for more in [&["--row", "7"][..], &[]] {
        let mut words = vec!["receipt", "fetch", id, "--out", file];
        words.extend(more);
        assert!(!town.bank.tacit(&words).status.success(), "{more:?}");
    }

    // The holder's log and the firm's own view.
    let usage = town.power.tacit(&["usage", "--json"]).done().json();
    assert_eq!(usage["released"], json!(6), "{usage}");
    let own = town.power.tacit(&["self-report", &code(0), "--json"]).done().json();
    let lines = own["lines"].as_array().expect("lines");
    assert!(lines.iter().any(|line| line["event"] == "released" && line["output"] == "verify"));
    let refused = town.power.tacit(&["self-report", &code(6), "--json"]).done().json();
    let lines = refused["lines"].as_array().expect("lines");
    assert!(lines.iter().any(|line| line["refusal"] == "AUTH_MISSING"), "{refused}");
    let found = town.power.tacit(&["audit", "reconcile", "--json"]).done().json();
    assert_eq!(found["findings"], json!([]), "{found}");
}

#[test]
fn guesses_are_counted_and_end() {
    let mut town = built();
    town.start_parties();
    let shown = [town.verifiable(0).1, town.verifiable(2).1];
    for _ in 0..10 {
        ask(&town, &[0, 2], claim, &shown, &[]).done();
        assert_eq!(answers(&town), ["yes", "yes"]);
    }
    // Another run makes no difference, nor does a formula's match, which counts with them.
    ask(&town, &[0, 2], claim, &shown, &[]).done();
    assert_eq!(answers(&town), ["QUERY_BUDGET", "QUERY_BUDGET"]);
}

#[test]
fn a_list_that_the_operator_ends_is_asked_about_no_further() {
    let mut town = built();
    let runtime = Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let proposed = Arc::new(AtomicU32::new(0));
    let (counted, dir) = (Arc::clone(&proposed), town.bank.dir.clone());
    let ended = Mutex::new(false);
    Relay::between(&runtime, &town.bank, &town.power, move |passing| {
        if matches!(passing, Passing::Proposal) {
            counted.fetch_add(1, Ordering::SeqCst);
            // Two stretches are under way at once: neither passes before the run is ended.
            block_in_place(|| {
                let mut ended = ended.lock().expect("nobody panicked");
                if !std::mem::replace(&mut *ended, true) {
                    cancel_newest(&dir);
                }
            });
        }
        Fate::Pass
    });
    town.start_parties();
    // Five stretches. Without letters every row is refused, so no exchange begins.
    let firms: Vec<u32> = (0..4 * 4096 + 1).collect();
    let said = ask(&town, &firms, claim, &[], &[]);
    assert!(said.err.contains("CANCELLED: "), "{}", said.err);
    assert_eq!(proposed.load(Ordering::SeqCst), 2, "nothing more of it leaves");
    assert_eq!(town.bank.ended_run()["trouble"]["code"], "CANCELLED");
}

#[test]
fn what_may_not_be_claimed_about_is_refused_before_any_firm_is_looked_at() {
    let mut town = built();
    town.start_parties();
    let shown = [town.verifiable(0).1];
    let refused = |more: &[&str]| {
        let said = ask(&town, &[0], claim, &shown, more);
        assert_eq!(said.status.code(), Some(1), "{more:?}: {}", said.err);
        said.err
    };
    // One field alone would be guessed alone; fields of two classes are no tuple.
    let alone = refused(&["--claim", "holder=27.right_holder_name"]);
    assert!(alone.contains("FORMULA"), "{alone}");
    let classes = &["--claim", "holder=27.right_holder_name", "--claim", "id=14.in_arrears_now"];
    assert!(refused(classes).contains("FORMULA"));
    let unbound =
        &["--claim", "holder=27.right_holder_name", "--claim", "id=27.real_estate_certificate_no"];
    assert!(refused(unbound).contains("FIELD_NOT_HELD"));
    // A register that is offered for something else is not there.
    let other = &["--their-register", "metered"];
    let file = town.file("list.csv");
    let words = [
        &["match", "--with", "power", "--file", file.to_str().expect("plain"), "--column", "uscc"],
        &other[..],
        &["--claim", "holder=27.right_holder_name", "--claim", "id=27.right_holder_id_no"],
    ]
    .concat();
    let said = town.bank.tacit(&words);
    assert!(said.err.contains("NOT_OFFERED"), "{}", said.err);
    let usage = town.power.tacit(&["usage", "--json"]).done().json();
    assert_eq!(usage["released"], json!(0), "{usage}");
}

#[test]
fn a_list_of_research_data_needs_no_letters_and_crosses_the_stretches() {
    let root = tempfile::tempdir().expect("a folder");
    let ids: Vec<String> = (0..10_000).map(|at| format!("sample-{at}")).collect();
    let (mut bank, mut tax) = bank_and_tax(root.path(), "opaque", &ids);
    let register: Vec<String> =
        ids.iter().enumerate().map(|(at, id)| format!("{id},{}", at % 7)).collect();
    fs::write(tax.dir.join("samples.csv"), format!("id,kind\n{}\n", register.join("\n")))
        .expect("the register");
    tax.configure(
        "[[register]]\nname = 'samples'\nfile = 'samples.csv'\ncolumn = 'id'\nkind = 'opaque'\n\
         [[offer]]\nprotocol = 'match'\nregister = 'samples'\nto = ['bank']\n",
    );
    tax.start();
    bank.start();
    let mut rows: Vec<String> =
        ids.iter().enumerate().map(|(at, id)| format!("{id},{}", at % 5)).collect();
    rows.push("nobody,1".into());
    let file = root.path().join("list.csv");
    list(&file, "id,claimed", &rows);
    let result = root.path().join("answers.csv");
    let words = [
        "match",
        "--with",
        "tax",
        "--their-register",
        "samples",
        "--kind",
        "opaque",
        "--column",
        "id",
        "--claim",
        "claimed=kind",
        "--json",
        "--file",
        file.to_str().expect("plain"),
        "--result",
        result.to_str().expect("plain"),
    ];
    bank.tacit(&words).done();
    let text = fs::read_to_string(&result).expect("there is a result");
    let expected = (0..10_000).map(|at| if at % 7 == at % 5 { "yes" } else { "no" });
    let expected: Vec<&str> = expected.chain(["unknown"]).collect();
    let found: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').nth(2)).collect();
    assert_eq!(found, expected);
    // Both have written down what ran, and neither whom it was about.
    let runs: Vec<Value> = tax.runs();
    let stretches = runs.iter().filter(|run| run["protocol"] == "match").count();
    assert_eq!(stretches, 3, "4,096 subjects at a time");
    assert!(!json!(runs).to_string().contains("sample-"));
}
