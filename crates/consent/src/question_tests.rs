use domain::{CheckMode, Digest, Purpose, Refusal, RunId, Subject, SubjectKind};
use envelope::{Envelope, SigningKey};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::{Asks, Question, SignedQuestion, SubjectSalt};
use crate::{Document, Error};

const NOW: OffsetDateTime = datetime!(2026-03-10 10:00 +8);
const SKEW: Duration = Duration::seconds(5);

fn firm(code: &str) -> Subject {
    Subject::parse(SubjectKind::Uscc, code, CheckMode::Report).unwrap().value
}

fn salt(byte: u8) -> SubjectSalt {
    SubjectSalt::from_bytes([byte; 32])
}

fn question() -> Question {
    Question {
        lender: "bank".parse().unwrap(),
        platform: "platform".parse().unwrap(),
        holders: vec!["tax".parse().unwrap(), "social".parse().unwrap()],
        run: RunId::from_bytes([1; 16]),
        purpose: Purpose::PreLoan,
        asks: Asks::Score {
            model: "m@1".parse().unwrap(),
            publication: Digest::from_bytes([2; 32]),
        },
        subject: salt(3).commit(&firm("91320100PDY00001XR")),
        terms: Digest::from_bytes([4; 32]),
    }
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn verified(envelope: &Envelope, brought: &Question, now: OffsetDateTime) -> Result<(), Refusal> {
    SignedQuestion::verify(envelope, &key(1).public(), brought, (now, SKEW)).map(drop)
}

#[test]
fn a_question_is_taken_from_the_lender_that_signed_it_and_under_no_other_key() {
    let sealed = question().sign(&key(1), NOW).unwrap();
    let read = Envelope::from_json(&sealed.to_json()).unwrap();
    assert_eq!(verified(&read, &question(), NOW), Ok(()));
    let signed = SignedQuestion::open(&read, &key(1).public()).unwrap();
    assert_eq!(signed, SignedQuestion { question: question(), asked_at: NOW });
    assert_eq!(SignedQuestion::id(&read).unwrap(), SignedQuestion::id(&sealed).unwrap());
    let forged = question().sign(&key(2), NOW).unwrap();
    assert_eq!(verified(&forged, &question(), NOW), Err(Refusal::QuestionSignature));
    // What is signed as something else is no question.
    let payload = read.unverified(SignedQuestion::TYPE).unwrap().to_vec();
    let other = Envelope::sign("application/vnd.tacit.other.v1+json", payload, &key(1));
    assert_eq!(verified(&other, &question(), NOW), Err(Refusal::QuestionSignature));
    assert!(SignedQuestion::id(&other).is_err());
}

#[test]
fn whatever_a_platform_alters_is_found() {
    let sealed = question().sign(&key(1), NOW).unwrap();
    let honest = question();
    let publication = Digest::from_bytes([9; 32]);
    let model = |id: &str| id.parse().unwrap();
    let altered = [
        Question { lender: "bank-b".parse().unwrap(), ..honest.clone() },
        Question { platform: "platform-b".parse().unwrap(), ..honest.clone() },
        Question { holders: vec!["tax".parse().unwrap()], ..honest.clone() },
        Question { holders: honest.holders.iter().rev().cloned().collect(), ..honest.clone() },
        Question { run: RunId::from_bytes([2; 16]), ..honest.clone() },
        Question { purpose: Purpose::PostLoan, ..honest.clone() },
        Question { asks: Asks::Score { model: model("m@1"), publication }, ..honest.clone() },
        Question { asks: Asks::List { model: model("m@1"), publication }, ..honest.clone() },
        Question { asks: Asks::Verify { formula: publication }, ..honest.clone() },
        Question { subject: salt(3).commit(&firm("91320500PDY0001750")), ..honest.clone() },
        Question { subject: salt(4).commit(&firm("91320100PDY00001XR")), ..honest.clone() },
        Question { terms: publication, ..honest },
    ];
    for brought in altered {
        assert_eq!(verified(&sealed, &brought, NOW), Err(Refusal::QuestionAltered), "{brought:?}");
    }
}

#[test]
fn a_question_is_answered_for_a_minute_and_not_before_it_was_asked() {
    let sealed = question().sign(&key(1), NOW).unwrap();
    let after = |seconds: i64| verified(&sealed, &question(), NOW + Duration::seconds(seconds));
    for fresh in [-5, 0, 60, 65] {
        assert_eq!(after(fresh), Ok(()), "{fresh}");
    }
    for stale in [-6, 66, 86_400] {
        assert_eq!(after(stale), Err(Refusal::QuestionStale), "{stale}");
    }
}

#[test]
fn a_question_whose_parties_are_not_distinct_is_neither_signed_nor_read() {
    let twice = ["tax", "tax"].map(|name| name.parse().unwrap()).to_vec();
    let bad = [
        Question { holders: Vec::new(), ..question() },
        Question { holders: twice, ..question() },
        Question { lender: "tax".parse().unwrap(), ..question() },
        Question { platform: "social".parse().unwrap(), ..question() },
    ];
    for bad in bad {
        let document = Document::Question;
        let refused = bad.clone().sign(&key(1), NOW).unwrap_err();
        assert!(matches!(refused, Error::Rule { document: of, .. } if of == document));
        let signed = SignedQuestion { question: bad, asked_at: NOW };
        let payload = serde_json::to_vec(&signed).unwrap();
        let forged = Envelope::sign(SignedQuestion::TYPE, payload, &key(1));
        assert!(matches!(SignedQuestion::open(&forged, &key(1).public()), Err(Error::Rule { .. })));
    }
}

#[test]
fn a_question_tells_nobody_about_whom_it_is_without_the_salt() {
    let sealed = question().sign(&key(1), NOW).unwrap();
    let payload = sealed.unverified(SignedQuestion::TYPE).unwrap();
    assert!(!payload.windows(5).any(|window| b"91320".as_slice() == window));
    assert!(!format!("{:?}", salt(3)).contains('3'));
    let firm = firm("91320100PDY00001XR");
    assert_ne!(salt(3).commit(&firm), salt(4).commit(&firm));
}
