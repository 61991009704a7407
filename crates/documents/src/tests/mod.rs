mod files;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use consent::{Authorisation, Capacity, ChangeKind, Entry, State, Trust};
use domain::{CheckMode, PartyId, Purpose, Subject, SubjectKind};
use envelope::{Envelope, PublicKey};
use tempfile::TempDir;
use time::macros::{date, datetime};
use time::{Duration, OffsetDateTime};

use crate::{
    Certification, End, Error, Grant, Narrowing, Signed, SubjectKey, certify, change, grant,
    make_key, models, narrow, person, read_key, scope_line, write_new,
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

    fn subject_key(&self, name: &str) -> SubjectKey {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.cert"));
        SubjectKey::open(&self.path(&key), &self.path(&certificate)).unwrap()
    }

    fn trust(&self) -> Trust {
        Trust::default().with_issuer(party("licences"), self.issuer)
    }

    fn issuers(&self) -> Vec<(PartyId, PublicKey)> {
        vec![(party("licences"), self.issuer)]
    }

    fn granted(&self) -> Signed {
        let subject_key = self.subject_key("firm");
        grant(wish(), &subject_key, SHOWN).unwrap().sign(&subject_key, SIGNED).unwrap()
    }

    fn narrowed(&self, old: &Authorisation, narrowing: Narrowing) -> Result<Signed, Error> {
        let subject_key = self.subject_key("firm");
        let later = SIGNED + Duration::HOUR;
        narrow(old.clone(), narrowing, &subject_key, later)?
            .sign(&subject_key, later + Duration::MINUTE)
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
    let subject_key = world.subject_key("firm");
    let prepared = grant(wish(), &subject_key, SHOWN).unwrap();
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
    let signed = prepared.sign(&subject_key, SIGNED).unwrap();
    assert_eq!(signed.letter.as_ref(), Some(&notice));
    assert_eq!(signed.record.letter().hash, super::file::hash(notice.as_bytes()));
}

#[test]
fn a_letter_that_the_subject_brings_is_hashed_as_it_is() {
    let world = World::new();
    let subject_key = world.subject_key("firm");
    let wish = Grant { letter: Some(b"scanned".to_vec()), ..wish() };
    let signed = grant(wish, &subject_key, SHOWN).unwrap().sign(&subject_key, SIGNED).unwrap();
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
        let json = change(&first.record, kind, &world.subject_key("firm"), at).unwrap();
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
    let other = world.subject_key("other");
    let refusals = [
        grant(wish(), &other, SHOWN).unwrap_err(),
        narrow(first.clone(), Narrowing::default(), &other, SHOWN).unwrap_err(),
        change(&first, ChangeKind::Revoke, &other, SIGNED).unwrap_err(),
        SubjectKey::open(&world.path("firm.key"), &world.path("other.cert")).err().unwrap(),
    ];
    for trouble in refusals {
        assert_eq!(trouble.code, "ANOTHER_HOLDER");
        assert!(!trouble.en.contains("9132") && !trouble.zh.contains("9132"), "{trouble}");
    }
}

#[test]
fn a_certificate_ends_and_fits_the_kind_of_subject() {
    let world = World::new();
    let subject_key = world.subject_key("firm");
    let late = CERTIFIED + Duration::days(365);
    let first = world.granted().record;
    let trouble = change(&first, ChangeKind::Revoke, &subject_key, late).unwrap_err();
    assert_eq!(trouble.code, "CERTIFICATE_TIME");
    assert!(change(&first, ChangeKind::Revoke, &subject_key, late - Duration::SECOND).is_ok());
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
    let subject_key = world.subject_key("firm");
    let silent = Grant { models: models(false, &[]).unwrap(), ..wish() };
    let trouble =
        grant(silent, &subject_key, SHOWN).unwrap().sign(&subject_key, SIGNED).unwrap_err();
    assert!(trouble.code == "CONTRADICTION" && trouble.zh.contains("--model"), "{}", trouble.zh);
    let trouble =
        grant(wish(), &subject_key, SIGNED).unwrap().sign(&subject_key, SIGNED).unwrap_err();
    assert!(trouble.en.contains("notice"), "{trouble}");
}
