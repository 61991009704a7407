use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use consent::{Authorisation, Capacity, ChangeKind, Entry, State, Trust};
use domain::{CheckMode, PartyId, Purpose, Subject, SubjectKind};
use envelope::{Envelope, PublicKey};
use tempfile::TempDir;
use time::macros::{date, datetime};
use time::{Duration, OffsetDateTime};

use crate::Error;
use crate::{
    BundleFile, BundleLines, Certification, Content, End, Grant, Hand, Narrowing, Outcome, Signed,
    What, certify, change, grant, keep_receipt, make_key, models, narrow, new_id, person,
    read_authorisation, read_envelopes, read_key, scope_line, show, write_new,
};

const FIRM: &str = "91320100PDY00001XR";
const OTHER: &str = "91320500PDY0001750";
const CERTIFIED: OffsetDateTime = datetime!(2026-03-01 09:00 +8);
const SHOWN: OffsetDateTime = datetime!(2026-03-02 09:13:10 +8);
const SIGNED: OffsetDateTime = datetime!(2026-03-02 09:13:40 +8);

/// A folder with an issuer and a certified firm.
struct World {
    folder: TempDir,
    issuer: PublicKey,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let issuer = make_key(&folder.path().join("issuer.key")).unwrap();
        let world = Self { folder, issuer };
        world.certified("firm", FIRM);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn certified(&self, name: &str, code: &str) {
        let key = make_key(&self.path(&format!("{name}.key"))).unwrap();
        let certification = Certification {
            subject: firm(code),
            key,
            issuer: party("licences"),
            capacity: Capacity::LegalRep,
            method: "electronic_business_licence".parse().unwrap(),
            level: 3,
            days: 365,
        };
        let issuer = read_key(&self.path("issuer.key")).unwrap();
        let certificate = certify(&certification, &issuer, CERTIFIED).unwrap();
        write_new(&self.path(&format!("{name}.cert")), &certificate).unwrap();
    }

    fn hand(&self, name: &str) -> Hand {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.cert"));
        Hand::open(&self.path(&key), &self.path(&certificate)).unwrap()
    }

    fn trust(&self) -> Trust {
        Trust::default().with_issuer(party("licences"), self.issuer)
    }

    fn issuers(&self) -> Vec<(PartyId, PublicKey)> {
        vec![(party("licences"), self.issuer)]
    }

    fn granted(&self) -> Signed {
        let hand = self.hand("firm");
        grant(wish(), &hand, SHOWN).unwrap().sign(&hand, SIGNED).unwrap()
    }

    fn narrowed(&self, old: &Authorisation, narrowing: Narrowing) -> Result<Signed, Error> {
        let hand = self.hand("firm");
        let later = SIGNED + Duration::HOUR;
        narrow(old.clone(), narrowing, &hand, later)?.sign(&hand, later + Duration::MINUTE)
    }
}

fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

fn firm(code: &str) -> Subject {
    Subject::parse(SubjectKind::Uscc, code, CheckMode::Strict).unwrap().value
}

fn wish() -> Grant {
    Grant {
        id: "AU-2026-000123".parse().unwrap(),
        subject: firm(FIRM),
        lender: party("bank"),
        platform: party("platform"),
        node: Some(party("node")),
        scope: vec![scope_line("1:score").unwrap(), scope_line("2.in_arrears_now:verify").unwrap()],
        models: models(false, &["basic@1".parse().unwrap()]).unwrap(),
        purpose: Purpose::PreLoan,
        application: Some("L-778".parse().unwrap()),
        from: date!(2026 - 03 - 02),
        days: 30,
        max_uses: 3,
        interval_s: 3600,
        persons: vec![person("AU-2026-000124:29,30").unwrap()],
        letter: None,
    }
}

fn read(json: &[u8]) -> Envelope {
    Envelope::from_json(json).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_key_file_is_for_its_owner_only_and_is_never_overwritten() {
    let world = World::new();
    let path = world.path("firm.key");
    assert_eq!(mode(&path), 0o600);
    let before = fs::read(&path).unwrap();
    assert_eq!((before.len(), make_key(&path).unwrap_err().code), (65, "EXISTS"));
    assert_eq!(fs::read(&path).unwrap(), before);
    let key = read_key(&path).unwrap();
    assert_eq!(hex::encode(key.reveal_seed().as_slice()).as_bytes(), before.trim_ascii());
}

#[test]
fn what_is_no_key_is_refused_and_not_repeated() {
    let world = World::new();
    for bad in ["", "zz", &"0f".repeat(31), &"0f".repeat(33), &"secret".repeat(60)] {
        fs::write(world.path("bad.key"), bad).unwrap();
        let trouble = read_key(&world.path("bad.key")).unwrap_err();
        assert!(["KEY_FILE", "OVERSIZED"].contains(&trouble.code), "{bad}");
        assert!(!trouble.en.contains("secret"));
    }
}

#[test]
fn what_is_granted_is_what_every_holder_verifies() {
    let world = World::new();
    let signed = world.granted();
    let verified = world.trust().verify(&read(&signed.json), SIGNED).unwrap();
    let record = verified.record();
    assert_eq!(*record, signed.record);
    assert_eq!((record.registry().as_str(), record.version()), ("node", 1));
    assert_eq!(record.subject().reveal(), FIRM);
    assert_eq!(record.signed_at(), SIGNED);
    // 30 days, the first among them: the last instant of day 30, and not the first of day 31.
    let end = datetime!(2026-04-01 00:00 +8);
    assert!(record.term().contains(end - Duration::NANOSECOND) && !record.term().contains(end));
}

#[test]
fn the_letter_says_every_term_and_its_hash_is_signed() {
    let world = World::new();
    let hand = world.hand("firm");
    let prepared = grant(wish(), &hand, SHOWN).unwrap();
    let notice = prepared.notice().to_owned();
    for term in [
        "AU-2026-000123",
        FIRM,
        "bank",
        "platform",
        "node",
        "信息类 1，全部字段：评分",
        "信息类 2，字段 in_arrears_now：核验",
        "basic@1",
        "贷前",
        "L-778",
        "2026-03-02 00:00:00",
        "2026-04-01 00:00:00",
        "最多 3 次",
        "3600 秒",
        "AU-2026-000124（信息类 29、30）",
        "法定代表人",
    ] {
        assert!(notice.contains(term), "{term} is not in\n{notice}");
    }
    let signed = prepared.sign(&hand, SIGNED).unwrap();
    assert_eq!(signed.letter.as_ref(), Some(&notice));
    assert_eq!(signed.record.letter().hash, super::file::hash(notice.as_bytes()));
}

#[test]
fn a_letter_that_the_subject_brings_is_hashed_as_it_is() {
    let world = World::new();
    let hand = world.hand("firm");
    let wish = Grant { letter: Some(b"scanned".to_vec()), ..wish() };
    let signed = grant(wish, &hand, SHOWN).unwrap().sign(&hand, SIGNED).unwrap();
    assert!(signed.letter.is_none());
    assert_eq!(signed.record.letter().hash, super::file::hash(b"scanned"));
}

#[test]
fn a_narrower_version_follows_the_first_at_its_registry() {
    let world = World::new();
    let first = world.granted();
    let narrowing = Narrowing {
        scope: Some(vec![scope_line("2.in_arrears_now:verify").unwrap()]),
        models: Some(models(false, &[]).unwrap()),
        end: Some(End::Last(date!(2026 - 03 - 10))),
        max_uses: Some(2),
        interval_s: Some(7200),
        letter: None,
    };
    let second = world.narrowed(&first.record, narrowing).unwrap();
    assert_eq!(second.record.term().not_after(), datetime!(2026-03-11 00:00 +8));
    assert_ne!(second.letter, first.letter);
    let now = SIGNED + Duration::DAY;
    let verify = |signed: &Signed| world.trust().verify(&read(&signed.json), now).unwrap();
    let mut entry = Entry::register(verify(&first), &party("node"), now).unwrap();
    entry.narrow(verify(&second), now).unwrap();
    assert_eq!((entry.record().version(), entry.state_at(now)), (2, State::Active));
}

#[test]
fn whatever_grows_is_refused_with_its_name() {
    let world = World::new();
    let first = world.granted().record;
    let scope = |line: &str| Some(vec![scope_line(line).unwrap()]);
    let cases = [
        (Narrowing { scope: scope("3:verify"), ..Narrowing::default() }, "the scope", "授权范围"),
        (
            Narrowing { models: Some(models(true, &[]).unwrap()), ..Narrowing::default() },
            "the models",
            "模型",
        ),
        // Day 31 of 30.
        (Narrowing { end: Some(End::Days(31)), ..Narrowing::default() }, "the term", "期限"),
        (
            Narrowing { end: Some(End::Last(date!(2026 - 04 - 01))), ..Narrowing::default() },
            "the term",
            "期限",
        ),
        (Narrowing { max_uses: Some(4), ..Narrowing::default() }, "the limits", "使用次数"),
        (Narrowing { interval_s: Some(60), ..Narrowing::default() }, "the limits", "使用次数"),
    ];
    for (narrowing, en, zh) in cases {
        let trouble = world.narrowed(&first, narrowing).unwrap_err();
        assert_eq!(trouble.code, "WIDENS");
        assert!(trouble.en.contains(en) && trouble.zh.contains(zh), "{trouble}");
    }
    let same = Narrowing { end: Some(End::Days(30)), ..Narrowing::default() };
    assert!(world.narrowed(&first, same).is_ok());
}

#[test]
fn a_revocation_ends_and_a_suspension_rests_until_resumed() {
    let world = World::new();
    let first = world.granted();
    let now = SIGNED + Duration::DAY;
    let verified = world.trust().verify(&read(&first.json), now).unwrap();
    let mut entry = Entry::register(verified, &party("node"), now).unwrap();
    let steps = [
        (ChangeKind::Suspend, State::Suspended),
        (ChangeKind::Resume, State::Active),
        (ChangeKind::Revoke, State::Revoked),
    ];
    for ((kind, state), hours) in steps.into_iter().zip(1..) {
        let at = now + Duration::hours(hours);
        let json = change(&first.record, kind, &world.hand("firm"), at).unwrap();
        let verified = world.trust().verify_change(&read(&json), at).unwrap();
        entry.apply(&verified, at).unwrap();
        assert_eq!(entry.state_at(at), state);
    }
}

#[test]
fn nobody_signs_with_another_subjects_certificate_or_another_key() {
    let world = World::new();
    world.certified("other", OTHER);
    let first = world.granted().record;
    let other = world.hand("other");
    let refusals = [
        grant(wish(), &other, SHOWN).unwrap_err(),
        narrow(first.clone(), Narrowing::default(), &other, SHOWN).unwrap_err(),
        change(&first, ChangeKind::Revoke, &other, SIGNED).unwrap_err(),
        Hand::open(&world.path("firm.key"), &world.path("other.cert")).err().unwrap(),
    ];
    for trouble in refusals {
        assert_eq!(trouble.code, "ANOTHER_HOLDER");
        assert!(!trouble.en.contains("9132") && !trouble.zh.contains("9132"), "{trouble}");
    }
}

#[test]
fn a_certificate_ends_and_fits_the_kind_of_subject() {
    let world = World::new();
    let hand = world.hand("firm");
    let late = CERTIFIED + Duration::days(365);
    let first = world.granted().record;
    let trouble = change(&first, ChangeKind::Revoke, &hand, late).unwrap_err();
    assert_eq!(trouble.code, "CERTIFICATE_TIME");
    assert!(change(&first, ChangeKind::Revoke, &hand, late - Duration::SECOND).is_ok());
    let certification = Certification {
        subject: firm(FIRM),
        key: world.issuer,
        issuer: party("licences"),
        capacity: Capacity::Person,
        method: "real_name".parse().unwrap(),
        level: 1,
        days: 1,
    };
    let issuer = read_key(&world.path("issuer.key")).unwrap();
    assert_eq!(certify(&certification, &issuer, SIGNED).unwrap_err().code, "CONTRADICTION");
    let none = Certification { days: 0, capacity: Capacity::LegalRep, ..certification };
    assert_eq!(certify(&none, &issuer, SIGNED).unwrap_err().code, "USAGE");
}

#[test]
fn a_score_without_a_model_and_a_notice_after_the_signature_are_refused() {
    let world = World::new();
    let hand = world.hand("firm");
    let silent = Grant { models: models(false, &[]).unwrap(), ..wish() };
    let trouble = grant(silent, &hand, SHOWN).unwrap().sign(&hand, SIGNED).unwrap_err();
    assert!(trouble.code == "CONTRADICTION" && trouble.zh.contains("--model"), "{}", trouble.zh);
    let trouble = grant(wish(), &hand, SIGNED).unwrap().sign(&hand, SIGNED).unwrap_err();
    assert!(trouble.en.contains("notice"), "{trouble}");
}

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
    let json = change(&first, ChangeKind::Suspend, &world.hand("firm"), SIGNED).unwrap();
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
