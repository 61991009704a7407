//! Files of documents: shown, read one or many, bundled, proven.

use std::fs;

use consent::ChangeKind;
use domain::PartyId;
use envelope::{Envelope, PublicKey};
use time::macros::datetime;

use super::{SIGNED, World, mode, party};
use crate::{
    BundleFile, BundleLines, Content, Outcome, What, change, keep_receipt, make_key, new_id,
    person, read_authorisation, read_envelopes, read_key, scope_line, show, write_new,
};

#[test]
fn a_shown_document_says_what_was_verified_and_what_was_not() {
    let world = World::new();
    let path = world.path("a.json");
    write_new(&path, &world.granted().json).unwrap();
    let outcomes = |issuers: &[(PartyId, PublicKey)]| {
        let shown = show(&path, issuers, SIGNED).unwrap();
        assert!(matches!(shown.content, Content::Authorisation(_)));
        assert_eq!(shown.payload["authorisation_id"], "AU-2026-000123");
        shown.checks.into_iter().map(|check| (check.what, check.outcome)).collect::<Vec<_>>()
    };
    let open = |what| (what, Outcome::Open);
    let holds = |what| (what, Outcome::Holds);
    let own = [holds(What::Signature), holds(What::Issuer), holds(What::Letter), open(What::State)];
    assert_eq!(outcomes(&world.issuers()), own);
    let none = [holds(What::Signature), open(What::Issuer), holds(What::Letter), open(What::State)];
    assert_eq!(outcomes(&[]), none);
    let stranger = make_key(&world.path("stranger.key")).unwrap();
    let wrong = outcomes(&[(party("licences"), stranger)]);
    assert!(matches!(&wrong[1], (What::Issuer, Outcome::Fails(_))), "{wrong:?}");
}

#[test]
fn a_document_that_was_altered_does_not_show_as_signed() {
    let world = World::new();
    let json = String::from_utf8(world.granted().json).unwrap();
    let mut envelope: serde_json::Value = serde_json::from_str(&json).unwrap();
    let signature = envelope["signatures"][0]["sig"].as_str().unwrap();
    let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
    envelope["signatures"][0]["sig"] = format!("{flipped}{}", &signature[1..]).into();
    let path = world.path("altered.json");
    fs::write(&path, envelope.to_string()).unwrap();
    let shown = show(&path, &world.issuers(), SIGNED).unwrap();
    assert!(matches!(shown.checks[0].outcome, Outcome::Fails(_)));
    assert!(matches!(shown.checks[1].outcome, Outcome::Fails(_)));
}

#[test]
fn changes_and_certificates_are_shown_too_and_nothing_else_is() {
    let world = World::new();
    let first = world.granted().record;
    let json = change(&first, ChangeKind::Suspend, &world.subject_key("firm"), SIGNED).unwrap();
    write_new(&world.path("c.json"), &json).unwrap();
    let shown = show(&world.path("c.json"), &world.issuers(), SIGNED).unwrap();
    let Content::Change(change) = shown.content else { panic!("a change") };
    assert_eq!((change.kind, change.record_hash), (ChangeKind::Suspend, first.record_hash()));
    assert!(shown.checks[..2].iter().all(|check| check.outcome == Outcome::Holds));
    let shown = show(&world.path("firm.cert"), &world.issuers(), SIGNED).unwrap();
    assert!(matches!(shown.content, Content::Certificate(_)));
    assert_eq!(shown.checks[0].outcome, Outcome::Holds);
    let key = read_key(&world.path("firm.key")).unwrap();
    let alien = Envelope::sign("text/plain", b"x".to_vec(), &key).to_json();
    write_new(&world.path("x.json"), &alien).unwrap();
    assert_eq!(show(&world.path("x.json"), &[], SIGNED).unwrap_err().code, "DOCUMENT");
}

#[test]
fn a_file_holds_one_document_or_many_one_a_line() {
    let world = World::new();
    let json = String::from_utf8(world.granted().json).unwrap();
    let path = world.path("many.jsonl");
    fs::write(&path, format!("\u{feff}{json}\r\n\n{json}\n")).unwrap();
    assert_eq!(read_envelopes(&path, 1 << 20).unwrap(), vec![json.clone().into_bytes(); 2]);
    assert_eq!(read_authorisation(&path).unwrap_err().code, "DOCUMENT");
    assert_eq!(read_envelopes(&path, json.len()).unwrap_err().code, "OVERSIZED");
    let spread: serde_json::Value = serde_json::from_str(&json).unwrap();
    fs::write(&path, serde_json::to_string_pretty(&spread).unwrap()).unwrap();
    assert_eq!(read_envelopes(&path, 1 << 20).unwrap().len(), 1);
    fs::write(&path, format!("{json}\n{{}}\n")).unwrap();
    assert!(read_envelopes(&path, 1 << 20).unwrap_err().en.contains("line 2"));
    fs::write(&path, "\n").unwrap();
    assert!(read_envelopes(&path, 1 << 20).unwrap_err().en.contains("line 1"));
}

#[test]
fn scopes_and_persons_are_read_in_one_form_only() {
    for good in ["1:score", "37:score,verify", "2.in_arrears_now:verify", "8:self"] {
        assert!(scope_line(good).is_ok(), "{good}");
    }
    for bad in ["", "1", "1:", "0:score", "1:raw", "1:score,", "1.:score", "1.*:score", "01:score"]
    {
        let trouble = scope_line(bad).unwrap_err();
        assert!(trouble.code == "USAGE" && trouble.zh.contains("授权范围"), "{bad}");
    }
    assert!(person("AU-1:29").is_ok());
    for bad in ["AU-1", "AU-1:", ":29", "AU 1:29", "AU-1:0"] {
        assert!(person(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_new_number_is_the_day_and_chance() {
    // 16:30 UTC is the next day in Shanghai.
    let at = datetime!(2026-03-01 16:30 UTC);
    let (one, other) = (new_id(at).unwrap(), new_id(at).unwrap());
    assert!(one.as_str().starts_with("AU-20260302-") && one.as_str().len() == 28, "{one}");
    assert_ne!(one, other);
}

#[test]
fn a_bundle_is_kept_whole_and_read_line_by_line() {
    let world = World::new();
    let path = world.path("states.jsonl");
    let head =
        br#"{"bundle":"tacit.authorisation-states.v1","collected_at":"2026-03-02T08:00:00Z"}"#;
    let statement = world.granted().json;
    let mut file = BundleFile::begin(&path).unwrap();
    for line in [head.as_slice(), &statement, b"{}"] {
        file.push(line).unwrap();
    }
    assert!(!path.exists());
    assert_eq!(file.finish().unwrap(), 2);
    assert_eq!(mode(&path), 0o600);
    let lines = BundleLines::open(&path).unwrap();
    assert_eq!((lines.statements(), lines.collected_at()), (2, datetime!(2026-03-02 08:00 UTC)));
    let lines: Vec<_> = lines.map(Result::unwrap).collect();
    assert_eq!(lines, [head.to_vec(), statement, b"{}".to_vec()]);
}

#[test]
fn a_bundle_that_never_became_whole_leaves_the_older_one() {
    let world = World::new();
    let path = world.path("states.jsonl");
    fs::write(&path, "older").unwrap();
    let mut file = BundleFile::begin(&path).unwrap();
    assert_eq!(file.push(b"two\nlines").unwrap_err().code, "BUNDLE");
    assert_eq!(file.push(&vec![b'x'; envelope::MAX_ENVELOPE + 1]).unwrap_err().code, "BUNDLE");
    assert_eq!(file.finish().unwrap_err().code, "BUNDLE");
    assert_eq!(fs::read(&path).unwrap(), b"older");
    assert!(!world.path("states.jsonl.part").exists());
    assert!(BundleLines::open(&path).is_err());
}

#[test]
fn a_receipt_without_a_proof_is_not_kept() {
    let world = World::new();
    let path = world.path("receipt.json");
    assert_eq!(keep_receipt(r#"{"proofs":[{},{}]}"#, &path).unwrap(), 2);
    assert_eq!(keep_receipt(r#"{"proofs":[]}"#, &path).unwrap_err().code, "NO_PROOF");
    assert_eq!(keep_receipt("{}", &path).unwrap_err().code, "DOCUMENT");
    assert_eq!(fs::read(&path).unwrap(), br#"{"proofs":[{},{}]}"#);
}
