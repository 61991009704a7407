//! What a register may offer by the catalogue and the rules, and that no value leaves a holder.

use std::fs;

use domain::Refusal;
use envelope::Envelope;
use lab::relay::{Fate, Relay};
use serde_json::{Value, json};

use super::{refusal, runtime};
use crate::support::town::{MODEL, Town, code};
use crate::support::{program, spawn};

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
    lab::list(&ours, "id", &(0..40).map(code).collect::<Vec<_>>());
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
    // The table itself is enumerated in `domain`; here it reaches a screen.
    let town = Town::running();
    let said = |lang: &str| {
        let ended = program()
            .command()
            .args(["--lang", lang, "--dir"])
            .arg(&town.bank.dir)
            .args(["score", &code(0), "--model", MODEL])
            .output();
        String::from_utf8(ended.expect("it runs").stderr).expect("it speaks UTF-8")
    };
    let refusal = Refusal::AuthMissing;
    assert!(said("en").contains(refusal.en()) && said("zh").contains(refusal.zh()));
}
