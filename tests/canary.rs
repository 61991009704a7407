//! No raw value leaves a holder. Fifty firms have an amount of their own at each of three holders;
//! every byte that leaves a holder in alignments, scores, verifications, receipts, refusals and deposits
//! is captured in clear, and searched for each amount in every form that a number may take on.
//!
//! What chance gives. Ciphertexts are random bytes, and a form of k bytes comes up in them once in 256^k
//! places. A run captures some 3.6 million bytes and looks for 150 amounts. The shortest of the long
//! forms, a varint of a hundredfold, has seven bytes: 3.6e6 · 150 · 2^-56 = 2^-27 hits are expected of
//! it, and fewer of each of the others. The test adds this up over all long forms for the bytes that it
//! has captured, and stops unless the sum is below 2^-20. Then one hit fails it.
//!
//! Forms of four to six bytes (32-bit integers, `f32`, a varint of the amount itself) cannot be held to
//! that: 3.6e6 · 150 · 2^-32 = 0.13 hits are expected of each of four bytes. They fail the test when
//! there are so many that chance gives as many with a probability below 2^-23 a form, which are a
//! handful; a leak in the course of a protocol would show forty firms or more. A single one in such a
//! form would pass. 16 bits are not looked for: two bytes are everywhere.

mod training;

use std::collections::BTreeSet;
use std::fs;

use envelope::Envelope;
use lab::relay::{Fate, Heard, Relay};
use lab::{Party, Said, list};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::support::canary::{Canaries, Wanted, beyond_chance, forms_of, forms_of_text};
use crate::support::town::{HOLDERS, MODEL, Town, code};
use crate::support::{runtime, subjects};

/// Firms on every register.
const FIRMS: u32 = 50;
/// Those before have authorised the bank. Of those from here on some have authorised another bank, the rest
/// nobody.
const STRANGERS: u32 = 40;
const AUTHORISED_ANOTHER: std::ops::Range<u32> = STRANGERS..STRANGERS + 4;

/// What may happen by chance, of all forms that fail the test at one hit.
const LIMIT: f64 = 1.0 / (1 << 20) as f64;

/// Of twelve digits, the most that a formula takes: below 2^44, so that 2^20 times the amount fits into
/// 64 bits. No two are alike in their first 24 bits, which is what `f32` keeps.
fn amount(holder: &str, at: u32) -> u64 {
    let place = HOLDERS.iter().position(|name| *name == holder).expect("a holder");
    let number = u64::from(at) + u64::from(FIRMS) * place as u64;
    310_310_000_003 + 3_101_003_017 * number
}

#[test]
fn no_amount_leaves_a_holder_in_any_form_and_a_planted_one_is_found_in_each() {
    let runtime = runtime();
    let mut town = Town::built();
    registers(&town);
    let lines = lines(&runtime, &town);
    town.start();
    everything(&town);

    let canaries = canaries();
    let leaving = HOLDERS.map(|holder| leaving(&lines, holder));
    let captured: usize = leaving.iter().map(Vec::len).sum();
    for (holder, bytes) in HOLDERS.iter().zip(&leaving) {
        // The capture has what is known to leave: whose answer a record or a request is about.
        let id = subjects::id_of(&code(0));
        assert!(holds(bytes, id.as_bytes()), "{holder} has asked about {id}");
        assert!(bytes.len() > 500_000, "{holder} sent {} bytes", bytes.len());
    }
    let long_by_chance = canaries.by_chance(captured, |wanted| !wanted.is_short());
    assert!(long_by_chance < LIMIT, "{captured} bytes are too many: {long_by_chance} by chance");

    let found: Vec<&Wanted> = leaving.iter().flat_map(|bytes| canaries.found(bytes)).collect();
    let (short, long): (Vec<_>, Vec<_>) = found.into_iter().partition(|wanted| wanted.is_short());
    assert!(long.is_empty(), "it leaves: {long:?}");
    let short_forms = canaries.wanted().iter().filter(|wanted| wanted.is_short());
    let short_forms: BTreeSet<&str> = short_forms.map(|wanted| wanted.form.as_str()).collect();
    for form in &short_forms {
        let counts = |wanted: &Wanted| wanted.form == *form && wanted.is_short();
        let expected = canaries.by_chance(captured, counts);
        let hits = short.iter().filter(|wanted| counts(wanted)).count();
        let leak = beyond_chance(expected, LIMIT / 8.0);
        eprintln!(
            "{form}: {hits} found, {expected:.1e} expected by chance, {leak} would be a leak"
        );
        assert!(leak < STRANGERS as usize / 2, "a leak would not show");
        assert!(hits < leak, "{form}: {short:?}");
    }
    assert_eq!(short_forms.len(), 5);
    let long_forms = canaries.wanted().iter().filter(|wanted| !wanted.is_short()).count();
    eprintln!(
        "{captured} bytes left the holders; of {long_forms} long forms none was found, \
         {long_by_chance:.1e} expected by chance"
    );

    planted(&canaries, &leaving[0]);

    // The capture sees a leak too: an operator writes an amount into the reason for a refusal, which
    // travels to the platform.
    let reason = format!("firm 7 paid {}.00 only", amount("tax", 7));
    town.tax.tacit(&["model", "refuse", MODEL, "--reason", &reason]).done();
    let found = canaries.found(&self::leaving(&lines, "tax"));
    let leaked = found.iter().filter(|wanted| !wanted.is_short());
    let leaked: Vec<_> = leaked.map(|wanted| (&*wanted.whose, &*wanted.form)).collect();
    assert_eq!(leaked, [("tax 7", "digits")]);
}

/// The test of the test: what is planted into the stream that was captured is found, in every form.
fn planted(canaries: &Canaries, captured: &[u8]) {
    let [before, behind] = [&captured[..captured.len() / 2], &captured[captured.len() / 2..]];
    let mut tried = 0;
    for holder in HOLDERS {
        let whose = format!("{holder} {}", 7);
        for leak in canaries.wanted().iter().filter(|wanted| wanted.whose == whose) {
            let stream = [before, &leak.bytes, behind].concat();
            let found = canaries.found(&stream);
            assert!(
                found.iter().any(|wanted| wanted.whose == leak.whose && wanted.form == leak.form),
                "{leak:?} is not found"
            );
            tried += 1;
        }
    }
    assert_eq!(tried, 3 * forms_of(amount("tax", 7)).len());
    let code = canaries.wanted().iter().find(|wanted| wanted.whose == format!("code {STRANGERS}"));
    let code = code.expect("codes of strangers are canaries");
    assert!(!canaries.found(&[before, &code.bytes, behind].concat()).is_empty());
    // What a person would write, or a program print.
    let amount = amount("power", 3);
    for text in [
        format!("{amount}.00"),
        format!("{amount}00"),
        format!("CNY {amount:.2} paid"),
        json!({ "vat": amount }).to_string(),
        format!("{:e}", f64_of(amount)),
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE, format!("{{{amount}}}")),
    ] {
        assert!(!canaries.found(text.as_bytes()).is_empty(), "{text}");
    }
    assert!(canaries.found(b"no more than words, and 310310000004").is_empty());
}

/// All that the bank can ask, of all firms that let it, and of some that do not.
fn everything(town: &Town) {
    let scope: Vec<_> = [1, 2, 10, 14]
        .map(|class| json!({ "class": class, "fields": ["*"], "outputs": ["score", "verify"] }))
        .into();
    let terms = json!({ "scope": scope });
    let signed: Vec<Envelope> = (0..STRANGERS).map(|at| town.firm(at, &terms).grants()).collect();
    town.node.submit(&signed);
    let mut elsewhere = terms;
    elsewhere["grantee"] = json!({ "node_id": "node", "institution_id": "bank-b" });
    let elsewhere: Vec<Envelope> =
        AUTHORISED_ANOTHER.map(|at| town.firm(at, &elsewhere).grants()).collect();
    town.node.submit(&elsewhere);

    // Alignments; the bank's list has a stranger too.
    let ours = town.file("customers.csv");
    list(&ours, "id", &(1..=STRANGERS).map(code).collect::<Vec<_>>());
    for (holder, register) in HOLDERS.into_iter().zip(["taxpayers", "insured", "metered"]) {
        for output in ["one-sided", "cardinality"] {
            let more = ["--kind", "uscc", "--output", output];
            town.bank.psi(holder, register, &ours, &more).done();
        }
    }

    // Scores, and the receipts of some.
    for (at, sealed) in (0..).zip(&signed) {
        let scored = town.score(at, Some(sealed), &[]).done().json();
        if at < 5 {
            let run = scored["run"].as_str().expect("a run");
            let file = town.file("receipt.json");
            let file = file.to_str().expect("a plain path");
            town.bank.tacit(&["receipt", "fetch", run, "--out", file]).done();
        }
    }

    // Verifications over all three holders, some of them with numbers that are sealed.
    let firms: Vec<u32> = (0..STRANGERS - 6).collect();
    let formula = "1.vat_paid_12m_cny >= 100000000 and 10.contribution_base_cny >= 100000000 \
                   and 14.avg_monthly_usage_3m >= 500";
    let said = town.verify(formula, &firms, &signed, &[]).done();
    assert!(said.lines().iter().all(|line| line["answer"] == "yes"), "{}", said.out);
    for at in STRANGERS - 6..STRANGERS {
        // The bank happens to have the very amounts, and seals them.
        let formula = "1.vat_paid_12m_cny >= sealed and 10.contribution_base_cny <= sealed \
                       and not 14.avg_monthly_usage_3m > sealed";
        let numbers = HOLDERS.map(|holder| amount(holder, at).to_string());
        let sealed: Vec<&str> =
            numbers.iter().flat_map(|number| ["--sealed", number.as_str()]).collect();
        let said = town.verify(formula, &[at], &signed, &sealed).done();
        assert_eq!(said.json()["answer"], "yes", "{}", said.out);
    }

    // Refusals, by the bank's own command and by the holders themselves.
    refused(&town.score(STRANGERS + 5, None, &[]), "AUTH_MISSING");
    refused(&town.verify(formula, &[STRANGERS + 6], &[], &[]), "AUTH_MISSING");
    for (at, sealed) in AUTHORISED_ANOTHER.zip(&elsewhere) {
        refused(&town.score(at, Some(sealed), &[]), "AUTH_GRANTEE");
        let sealed = std::slice::from_ref(sealed);
        refused(&town.verify("2.in_arrears_now", &[at], sealed, &[]), "AUTH_GRANTEE");
        // The holder itself has said so, and by its own log it has released nothing.
        let own = town.tax.tacit(&["self-report", &code(at), "--json"]).done().json();
        let events = own["lines"].as_array().expect("lines");
        let of = |word: &str| events.iter().filter(|line| line["event"] == word).count();
        assert_eq!((of("refused"), of("released")), (2, 0), "{own}");
    }
    for holder in town.holders() {
        holder.tacit(&["audit", "deposit"]).done();
    }
}

fn refused(said: &Said, code: &str) {
    assert_eq!(said.json()["trouble"]["code"], code, "{}{}", said.out, said.err);
}

/// The amounts of all firms at all holders, and the codes of those that have not authorised the bank.
fn canaries() -> Canaries {
    let mut wanted = Vec::new();
    let mut add = |whose: String, forms: Vec<(String, Vec<u8>)>| {
        let forms = forms.into_iter();
        wanted.extend(forms.map(|(form, bytes)| Wanted { whose: whose.clone(), form, bytes }));
    };
    for at in 0..FIRMS {
        for holder in HOLDERS {
            add(format!("{holder} {at}"), forms_of(amount(holder, at)));
        }
        if at >= STRANGERS {
            add(format!("code {at}"), forms_of_text(&code(at)));
        }
    }
    Canaries::new(wanted)
}

/// Puts the amounts into the registers, one column of each.
fn registers(town: &Town) {
    let [tax, social, power] = town.holders();
    let write = |party: &Party, file: &str, columns: &str, rest: [&str; 2]| {
        let row = |at| {
            let [before, behind] = rest;
            format!("{}{before},{}{behind}", code(at), amount(&party.name, at))
        };
        let rows: Vec<String> = (0..FIRMS).map(row).collect();
        let text = format!("{columns}\n{}\n", rows.join("\n"));
        fs::write(party.dir.join(file), text).expect("its own register");
    };
    write(tax, "taxpayers.csv", "uscc,vat,arrears,normal", ["", ",0,9"]);
    write(social, "insured.csv", "uscc,insured,months,base", [",30,12", ""]);
    write(power, "metered.csv", "uscc,usage3,usage6,owing", ["", ",270,0"]);
}

/// A line between two parties, and what is said on it.
struct Line {
    asker: String,
    answerer: String,
    heard: Heard,
}

/// Listens on every line that a holder has, in both directions.
fn lines(runtime: &Runtime, town: &Town) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut listen = |asker: &Party, answerer: &Party| {
        let heard = Relay::between(runtime, asker, answerer, |_| Fate::Pass);
        lines.push(Line { asker: asker.name.clone(), answerer: answerer.name.clone(), heard });
    };
    for holder in town.holders() {
        for other in [&town.bank, &town.platform, &town.node] {
            listen(other, holder);
            listen(holder, other);
        }
        for other in town.holders().iter().filter(|other| other.name != holder.name) {
            listen(holder, other);
        }
    }
    lines
}

/// Every byte that left this holder: what it asked, and what it answered.
fn leaving(lines: &[Line], holder: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Line { asker, answerer, heard } in lines {
        let heard = heard.lock().expect("nobody panicked");
        if asker == holder {
            bytes.extend(heard.asked.concat());
            bytes.extend_from_slice(&heard.requests);
        }
        if answerer == holder {
            bytes.extend_from_slice(&heard.answered);
        }
    }
    bytes
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|at| at == wanted)
}

#[expect(clippy::cast_precision_loss, reason = "it is below 2^53")]
fn f64_of(number: u64) -> f64 {
    number as f64
}
