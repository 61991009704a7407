//! The second look before a release: what changed since the first.

use consent::{ChangeKind, Covered, Entry, Ruling, VoidReason};
use domain::Refusal;
use time::Duration;

use crate::support::{
    Case, ENTERPRISE, MAX_AGE, NOW, REGISTRY, change, change_subject, draft, key, log,
    narrow_subject, trust,
};

fn revalidate(case: &Case, after: Duration) -> Result<Covered, Refusal> {
    let covered = Case::covered().decide().unwrap();
    let words = case.words(NOW + after);
    covered.revalidate(&words.iter().collect::<Vec<_>>(), &case.rules(), NOW + after)
}

/// Revoked between the first check and the release.
#[test]
fn what_was_revoked_in_between_is_not_released() {
    let mut case = Case::covered();
    case.now += Duration::minutes(5);
    let renewed = revalidate(&case, Duration::minutes(5)).unwrap();
    assert!(renewed.expires_at() > Case::covered().decide().unwrap().expires_at());
    assert_eq!(renewed.request(), &case.request);
    change_subject(&mut case, ChangeKind::Revoke);
    assert_eq!(revalidate(&case, Duration::minutes(5)).unwrap_err(), Refusal::AuthRevoked);
    // A person's as well, without telling what became of it.
    let mut case = Case::covered();
    let ruling = Ruling::Void(VoidReason::SubjectGone);
    case.persons[0].entry().rule(ruling, NOW + Duration::MINUTE).unwrap();
    assert_eq!(revalidate(&case, Duration::minutes(5)).unwrap_err(), Refusal::ConsentPerson);
    // Narrowed in between: what was decided was decided by another version.
    let mut case = Case::covered();
    drop(narrow_subject(&mut case));
    assert_eq!(revalidate(&case, Duration::minutes(5)).unwrap_err(), Refusal::AuthSuperseded);
}

#[test]
fn the_second_look_takes_the_latest_word_and_none_from_before_the_first() {
    let case = Case::without_person();
    let covered = case.decide().unwrap();
    let rules = case.rules();
    let word = |entry: &Entry, at| entry.statement(log(), at).sign(&key(REGISTRY)).unwrap();
    let entry = case.subject.entry.as_ref().unwrap();
    let mut revoked = entry.clone();
    let seen = NOW - Duration::seconds(10);
    let change = change(entry.record(), ChangeKind::Revoke, &draft(), ENTERPRISE, seen);
    revoked.apply(&trust().verify_change(&change, NOW).unwrap(), seen).unwrap();
    let (active, later) = (word(entry, NOW), word(&revoked, NOW + Duration::SECOND));
    let now = NOW + Duration::seconds(2);
    assert!(covered.revalidate(&[&active], &rules, now).is_ok());
    for words in [[&active, &later], [&later, &active]] {
        assert_eq!(covered.revalidate(&words, &rules, now).unwrap_err(), Refusal::AuthRevoked);
    }
    // Of two words of one instant, the one that permits less.
    let same = word(&revoked, NOW);
    for words in [[&active, &same], [&same, &active]] {
        assert_eq!(covered.revalidate(&words, &rules, now).unwrap_err(), Refusal::AuthRevoked);
    }
    let older = word(entry, seen - Duration::SECOND);
    assert_eq!(covered.revalidate(&[&older], &rules, now).unwrap_err(), Refusal::AuthStale);
    assert_eq!(covered.revalidate(&[], &rules, now).unwrap_err(), Refusal::AuthUnregistered);
    let late = NOW + MAX_AGE + Duration::SECOND;
    assert_eq!(covered.revalidate(&[&active], &rules, late).unwrap_err(), Refusal::AuthStale);
}
