//! What a lender claims is known to the holder that compares it, and to nobody else.

use std::fs;

use lab::Party;
use lab::relay::{Fate, Relay};
use prost::Message;
use serde_json::{Value, json};
use wire::peer;

use super::hostile::Hostile;
use super::{records, running, runtime, signed, stop, told};
use crate::support::town::{FIRMS, Town, code};
use crate::support::{spawn, subjects};

#[test]
fn nothing_of_a_record_and_nothing_that_was_claimed_is_in_what_holders_send_or_keep() {
    let mut town = Town::built();
    let amount = |at: u32| 7_310_000_003 + 97_001_003 * u64::from(at);
    let rows: Vec<String> = (0..50).map(|at| format!("{},{},0,9", code(at), amount(at))).collect();
    let text = format!("uscc,vat,arrears,normal\n{}\n", rows.join("\n"));
    fs::write(town.tax.dir.join("taxpayers.csv"), text).expect("the register");
    // Who owns the house of each firm, at a holder that has two registers.
    let owner = |at: u32| (format!("Owner Number {at:03}"), format!("32010219700101{at:04}"));
    let rows: Vec<String> = (0..FIRMS)
        .map(|at| {
            let (name, number) = owner(at);
            format!("{},{name},{number}", code(at))
        })
        .collect();
    let text = format!("uscc,owner,number\n{}\n", rows.join("\n"));
    fs::write(town.power.dir.join("estates.csv"), text).expect("the register");
    town.power.configure(
        "[[register]]\nname = 'metered'\nfile = 'metered.csv'\ncolumn = 'uscc'\nkind = 'uscc'\n\
         [register.fields]\nowing = '14.in_arrears_now'\n\
         [[register]]\nname = 'estates'\nfile = 'estates.csv'\ncolumn = 'uscc'\nkind = 'uscc'\n\
         [register.fields]\nowner = '27.right_holder_name'\nnumber = '27.right_holder_id_no'\n\
         [[offer]]\nprotocol = 'verify'\nregister = 'metered'\nplatform = 'platform'\nto = ['bank']\n\
         [[offer]]\nprotocol = 'verify'\nregister = 'estates'\nplatform = 'platform'\nto = ['bank']\n",
    );
    let runtime = runtime();
    let mut heard = Vec::new();
    for holder in [&town.tax, &town.power] {
        for asker in [&town.platform, &town.bank, &town.node] {
            heard.push(Relay::between(&runtime, asker, holder, |_| Fate::Pass));
        }
    }
    // All that the platform gets from the lender as well.
    heard.push(Relay::between(&runtime, &town.bank, &town.platform, |_| Fate::Pass));
    town.start_parties();
    let firms: Vec<u32> = (0..8).collect();
    let shown = signed(&town, &firms);
    let mut runs = Vec::new();
    for at in &firms {
        // Half of the claims are true; spaces and case are no difference.
        let (name, number) = owner(if at % 2 == 0 { *at } else { at + 1 });
        let formula = format!(
            "1.vat_paid_12m_cny >= 100000000 and match(27.right_holder_name = \"{}\", \
             27.right_holder_id_no = \"{number}\") or 14.in_arrears_now and 2.in_arrears_now",
            name.to_uppercase(),
        );
        let said = town.verify(&formula, &[*at], &shown, &[]);
        assert_eq!(told(&said), if at % 2 == 0 { "yes" } else { "no" }, "{at}: {}", said.err);
        runs.push(said.json()["run"].as_str().expect("a run").to_owned());
    }
    // A declared amount, near what the record says.
    let declared = amount(8) + 1_000_003;
    let formula = format!("1.vat_paid_12m_cny within 5 % of {declared}");
    let said = town.verify(&formula, &[8], &signed(&town, &[8]), &[]);
    assert_eq!(told(&said), "yes", "{}", said.err);
    let sealed = ["--sealed", &amount(7).to_string()];
    let said = town.verify("1.vat_paid_12m_cny within 5 % of sealed", &[7], &shown, &sealed);
    // It was asked in clear before: the sealed question would be a second one.
    assert_eq!(told(&said), "QUERY_BUDGET", "{}", said.err);

    // What came and what left, what is in the logs and run records, and what is in the database.
    let mut bytes: Vec<u8> = Vec::new();
    for heard in heard {
        let heard = heard.lock().expect("nobody panicked");
        bytes.extend_from_slice(&heard.answered);
        bytes.extend(heard.asked.concat());
    }
    assert!(bytes.len() > 100_000, "only {} bytes were heard", bytes.len());
    for holder in [&town.tax, &town.power, &town.platform] {
        let kept: Vec<Value> = records(holder, "released");
        bytes.extend(json!(kept).to_string().into_bytes());
        bytes.extend(json!(holder.runs()).to_string().into_bytes());
        for file in ["party.db", "party.db-wal"] {
            bytes.extend(fs::read(holder.dir.join(file)).unwrap_or_default());
        }
    }
    let found = |bytes: &[u8], wanted: &[u8]| bytes.windows(wanted.len()).any(|at| at == wanted);
    let holds = |wanted: &[u8]| found(&bytes, wanted);
    let forms = |at: u32, amount: u64| {
        let (name, number) = owner(at);
        [
            name.clone().into_bytes(),
            name.to_uppercase().into_bytes(),
            name.to_lowercase().replace(' ', "").into_bytes(),
            number.into_bytes(),
            amount.to_string().into_bytes(),
            amount.to_be_bytes()[3..].to_vec(),
            amount.to_le_bytes()[..5].to_vec(),
            (amount as f64).to_be_bytes().to_vec(),
            (amount * 10_000).to_be_bytes()[1..].to_vec(),
        ]
    };
    for (at, amount) in firms.iter().map(|at| (*at, amount(*at))).chain([(8, declared)]) {
        for wanted in forms(at, amount) {
            assert!(!holds(&wanted), "firm {at}: {wanted:?}");
        }
    }
    assert!(holds(b"right_holder_name = claimed"), "the canary sees what is there");
    // The same search finds a claim that leaks: here as formulas carried it before there were boxes.
    let leak = peer::VerifyTerms {
        formula: format!("match(27.right_holder_name = \"{}\")", owner(3).0),
        ..Default::default()
    };
    let planted = [bytes.clone(), leak.encode_to_vec()].concat();
    assert!(forms(3, amount(3)).iter().any(|wanted| found(&planted, wanted)));

    // Receipts of both holders verify offline.
    let file = town.file("receipt.json");
    let file = file.to_str().expect("a plain path");
    town.bank.tacit(&["receipt", "fetch", &runs[0], "--out", file]).done();
    let text = fs::read_to_string(file).expect("it was written");
    assert!(text.contains("tax") && text.contains("power"));
    // The lender could open an atom: a proof names what left by its hash alone.
    let receipt: Value = serde_json::from_str(&text).expect("JSON");
    let proofs = receipt["proofs"].as_array().expect("proofs");
    assert_eq!(proofs.len(), 2);
    for proof in proofs {
        let proof = proof.as_str().expect("a proof is a text");
        let proof: Value = serde_json::from_str(proof).expect("JSON");
        assert!(proof["answer"]["hash"].is_string(), "{}", proof["answer"]);
    }
    let peers = town.root.path().join("cards");
    fs::create_dir(&peers).expect("a folder");
    for party in [&town.tax, &town.power, &town.platform, &town.bank, &town.node] {
        fs::copy(party.card(), peers.join(format!("{}.party", party.name))).expect("its file");
    }
    let issuer = format!("{}={}", subjects::Issuer::NAME, town.issuer.public());
    let peers = peers.to_str().expect("a plain path");
    let verify = ["receipt", "verify", file, "--peers", peers, "--issuer", &issuer];
    spawn(town.root.path(), &verify).end().done();
    // The holder and the firm are told of it.
    let usage = town.tax.tacit(&["usage", "--json"]).done().json();
    assert_eq!(usage["released"], json!(firms.len() + 1), "{usage}");
    let line = &usage["lines"][0];
    assert_eq!((&line["output"], &line["lender"]), (&json!("verify"), &json!("bank")), "{usage}");
    let own = town.power.tacit(&["self-report", &code(0), "--json"]).done().json();
    let lines = own["lines"].as_array().expect("lines");
    assert!(lines.iter().any(|line| line["event"] == "released" && line["output"] == "verify"));
    let found = town.tax.tacit(&["audit", "reconcile", "--json"]).done().json();
    assert_eq!(found["findings"], json!([]), "{found}");
    let trace = town.tax.tacit(&["audit", "trace", &runs[0], "--json"]).done().json();
    assert_eq!(
        (&trace["legal_basis"], &trace["output"]),
        (&json!("verification"), &json!("verify"))
    );
}

/// Who owns each firm's house, at a party that answers about it.
fn with_estates(party: &Party) {
    let rows: Vec<String> = (0..FIRMS).map(|at| format!("{},Owner {at},{at}", code(at))).collect();
    let text = format!("uscc,owner,number\n{}\n", rows.join("\n"));
    fs::write(party.dir.join("estates.csv"), text).expect("the register");
    party.configure(
        "[[register]]\nname = 'estates'\nfile = 'estates.csv'\ncolumn = 'uscc'\nkind = 'uscc'\n\
         [register.fields]\nowner = '27.right_holder_name'\nnumber = '27.right_holder_id_no'\n\
         [[offer]]\nprotocol = 'verify'\nregister = 'estates'\nplatform = 'platform'\nto = ['bank']\n",
    );
}

const OWNED: &str = "match(27.right_holder_name = \"OWNER 5\", 27.right_holder_id_no = \"5\")";

fn routed(town: &Town, holder: &str) {
    town.platform.configure(&format!(
        "[[route]]\nclasses = [1, 2]\nholder = 'tax'\n[[route]]\nclasses = [27]\nholder = '{holder}'\n"
    ));
}

#[test]
fn a_claim_goes_to_a_pinned_holder_and_after_it_where_the_platform_asks_another() {
    let mut town = Town::built();
    // One after the other answers about houses.
    with_estates(&town.power);
    with_estates(&town.social);
    routed(&town, "power");
    town.start_parties();
    let shown = signed(&town, &[5]);
    let ask = |town: &Town| told(&town.verify(OWNED, &[5], &shown, &[]));
    assert_eq!(ask(&town), "yes");
    stop(&mut town.platform);
    routed(&town, "social");
    town.platform.start();
    // Signed for whom the lender knows, asked of nobody, and then for whom the platform asks now.
    assert_eq!(ask(&town), "yes");
    let asked: Vec<Value> = town.bank.runs();
    assert!(asked.iter().any(|run| run["trouble"]["code"] == "OTHER_HOLDERS"), "{asked:?}");

    // Neither the platform itself nor a party that is no holder is told a claim.
    for stranger in ["platform", "node"] {
        stop(&mut town.platform);
        routed(&town, stranger);
        town.platform.start();
        stop(&mut town.bank);
        town.bank.start();
        let before = town.platform.runs().len();
        assert_eq!(ask(&town), "HOLDER_UNKNOWN", "{stranger}");
        assert_eq!(town.platform.runs().len(), before);
    }
    // Nor is one that is not pinned.
    stop(&mut town.platform);
    routed(&town, "social");
    town.platform.start();
    stop(&mut town.bank);
    fs::remove_file(town.bank.dir.join("peers/social.party")).expect("it was pinned");
    town.bank.start();
    let said = town.verify(OWNED, &[5], &shown, &[]);
    assert_eq!(told(&said), "HOLDER_UNKNOWN", "{}", said.err);
    assert!(said.out.contains("social") && said.out.contains("tacit peer add"), "{}", said.out);
}

#[test]
fn a_claim_that_does_not_fit_is_refused_by_name_before_anything_is_decided() {
    let (town, runtime) = (running(), runtime());
    let shown = signed(&town, &[2]);
    let hostile = Hostile::new(&runtime, &town);
    let ask = |claims: &[usize], boxes: &[usize]| {
        let of = |lengths: &[usize]| lengths.iter().map(|at| vec![9; *at].into()).collect();
        hostile.asks(2, Some(&shown[0]), |terms| {
            terms.formula = "1.vat_paid_12m_cny within 5 % of claimed".into();
            (terms.claims, terms.boxes) = (of(claims), of(boxes));
        })
    };
    let code = |claims: &[usize], boxes: &[usize]| super::hostile::refusal_of(&ask(claims, boxes));
    assert_eq!(code(&[], &[]), "UNREADABLE");
    assert_eq!(code(&[32], &[]), "UNREADABLE");
    assert_eq!(code(&[32, 32], &[304]), "UNREADABLE");
    assert_eq!(code(&[32], &[303]), "UNREADABLE");
    assert_eq!(code(&[32], &[1 << 20]), "UNREADABLE");
    assert_eq!(code(&[31], &[304]), "UNREADABLE");
    let refused = ask(&[32], &[304]);
    assert_eq!(super::hostile::refusal_of(&refused), "CLAIM");
    let said = format!("{refused:?}");
    assert!(said.contains("1.vat_paid_12m_cny") && said.contains("does not open"), "{said}");
    // In clear it is not taken either.
    let clear = hostile.refusal(2, Some(&shown[0]), |terms| {
        terms.formula = "1.vat_paid_12m_cny within 5 % of 480000".into();
    });
    assert_eq!(clear, "FORMULA");
    assert!(records(&town.tax, "released").is_empty());
    // Nor is it typed as parties write it.
    let said = town.verify("1.vat_paid_12m_cny within 5 % of claimed", &[2], &shown, &[]);
    assert_eq!(said.status.code(), Some(2), "{}", said.err);
    assert!(said.err.contains("write the text or number itself"), "{}", said.err);
}
