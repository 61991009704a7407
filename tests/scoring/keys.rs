//! Parties renew their keys one after another.

use std::fs;
use std::process::Command;

use lab::{Party, until};

use crate::support::town::{Town, clear_points};

/// Prepares new keys, has everybody pin them, and starts everybody again to know of them.
fn prepared(town: &mut Town, who: usize, keys: &[&str]) {
    let all = everybody(town);
    let name = all[who].name.clone();
    all[who].tacit(&[&["keys", "renew"], keys].concat()).done();
    let file = all[who].dir.join(format!("{name}.next.party"));
    let file = file.to_str().expect("a plain path").to_owned();
    for (at, party) in all.into_iter().enumerate().filter(|(at, _)| *at != who) {
        let said = party.tacit(&["peer", "add", &file]).done();
        assert!(said.err.contains("will switch to"), "{at}: {}", said.err);
        party.process = None;
        party.start();
    }
}

/// Switches a party to the keys that it has prepared, and waits until these know of it.
fn switched(town: &mut Town, who: usize, known_to: &[usize]) {
    let all = everybody(town);
    assert!(all[who].tacit(&["keys", "switch"]).err.contains("RUNNING"));
    all[who].process = None;
    all[who].tacit(&["keys", "switch"]).done();
    all[who].start();
    for at in known_to {
        let next = all[*at].dir.join("peers/next").join(format!("{}.party", all[who].name));
        until("a peer learns of new keys", || (!next.exists()).then_some(()));
    }
}

fn everybody(town: &mut Town) -> [&mut Party; 6] {
    let Town { bank, platform, tax, social, power, node, .. } = town;
    [bank, platform, tax, social, power, node]
}

const BANK: usize = 0;
const PLATFORM: usize = 1;
const TAX: usize = 2;

#[test]
fn keys_are_renewed_one_party_after_the_other_while_scores_go_on() {
    let mut town = Town::running();
    let (_, sealed) = town.authorised(3);
    let scored = |town: &Town, at: u32, sealed| {
        let said = town.score(at, Some(sealed), &[]).done().json();
        assert_eq!(said["points"].as_u64(), Some(clear_points(at)));
        said["run"].as_str().expect("a number").to_owned()
    };
    let run = scored(&town, 3, &sealed);

    // A platform's signing key: what it had countersigned before is served on.
    prepared(&mut town, PLATFORM, &["--signing"]);
    let (_, other) = town.authorised(4);
    scored(&town, 4, &other);
    let certificate = |town: &Town, name: &str| {
        let card = fs::read_to_string(town.tax.dir.join("peers").join(format!("{name}.party")));
        card.expect("it is pinned")
    };
    let before = certificate(&town, "platform");
    switched(&mut town, PLATFORM, &[BANK, TAX, 3, 4]);
    assert_ne!(certificate(&town, "platform"), before);
    let (_, another) = town.authorised(5);
    scored(&town, 5, &another);
    // A receipt that it countersigned under the former key is fetched, and holds with the folder.
    // A reader has the bank's own file too: it signed the question.
    let (file, peers) = (town.file("receipt.json"), town.file("reader"));
    let own = town.bank.dir.join("peers");
    let done = Command::new("cp").arg("-r").args([&own, &peers]).status();
    assert!(done.is_ok_and(|status| status.success()));
    fs::copy(town.bank.card(), peers.join("bank.party")).expect("init made it");
    let [file, peers] = [&file, &peers].map(|path| path.to_str().expect("a plain path"));
    town.bank.tacit(&["receipt", "fetch", &run, "--out", file]).done();
    let trusted = town.issuer.trusted();
    let issuer: toml::Table = trusted.parse().expect("TOML");
    let issuer = &issuer["governance"]["issuer"][0];
    let issuer = format!("{}={}", issuer["name"], issuer["key"]).replace('"', "");
    town.bank.tacit(&["receipt", "verify", file, "--peers", peers, "--issuer", &issuer]).done();

    // A holder's masks: the other holders learn of the new key from itself, and the sum comes out.
    prepared(&mut town, TAX, &["--mask"]);
    switched(&mut town, TAX, &[BANK, PLATFORM, 3, 4]);
    let (_, next) = town.authorised(6);
    scored(&town, 6, &next);

    // A lender's keys: models are published to it again.
    prepared(&mut town, BANK, &["--scoring"]);
    switched(&mut town, BANK, &[PLATFORM, TAX, 3, 4]);
    town.publish().done();
    let (_, last) = town.authorised(7);
    scored(&town, 7, &last);

    // The secrets of before are gone, and a second switch has nothing to do.
    let left: Vec<_> = fs::read_dir(town.tax.dir.join("identity/1")).expect("a folder").collect();
    assert_eq!(left.len(), 2, "the certificate and the public file: {left:?}");
    town.tax.process = None;
    assert!(town.tax.tacit(&["keys", "switch"]).err.contains("NO_RENEWAL"));
}

#[test]
fn a_file_that_the_pinned_key_does_not_speak_for_is_no_successor() {
    let town = Town::built();
    town.tax.tacit(&["keys", "renew", "--mask"]).done();
    let file = fs::read_to_string(town.tax.dir.join("tax.next.party")).expect("it is prepared");
    let added = |name: &str, text: &str| {
        let path = town.file(name);
        fs::write(&path, text).expect("it can be written");
        town.bank.tacit(&["peer", "add", path.to_str().expect("a plain path")])
    };
    let table: toml::Table = file.parse().expect("TOML");
    let line = |key: &str| file.lines().find(|line| line.starts_with(key)).expect("it is there");
    // Another's key, a duty more, no word of the former key at all.
    let social = fs::read_to_string(town.social.card()).expect("init made it");
    let theirs = social.lines().find(|line| line.starts_with("mask_key")).expect("it is there");
    let forged = [
        file.replace(line("mask_key"), theirs),
        file.replace("\"holder\"", "\"holder\", \"platform\""),
        file.replace(line("succession"), ""),
    ];
    for (at, text) in forged.iter().enumerate() {
        assert_ne!(*text, file, "{at}");
        let said = added(&format!("{at}.party"), text);
        assert!(said.err.contains("ALREADY_PINNED"), "{at}: {}{}", said.out, said.err);
    }
    assert!(!town.bank.dir.join("peers/next").exists());
    added("tax.party", &file).done();
    assert!(town.bank.dir.join("peers/next/tax.party").exists() && !table.is_empty());
    // Given up, it is prepared again; two at once are refused.
    assert!(town.tax.tacit(&["keys", "renew"]).err.contains("RENEWAL_PENDING"));
    town.tax.tacit(&["keys", "abandon"]).done();
    town.tax.tacit(&["keys", "renew"]).done();
}
