//! What concerns a natural person.

use consent::{Need, Ruling, SuspendReason};
use domain::{Purpose, Refusal, SubjectKind};
use time::Duration;

use crate::support::{
    Case, MAX_AGE, NOW, PERSON, STRANGER, Shown, draft, enterprise, other_person, party, person,
    person_draft, signed, subject,
};

/// A person is not covered by a firm's letter.
#[test]
fn a_person_consents_itself_or_not_at_all() {
    let alone = |alter: fn(&mut Case)| {
        let mut case = Case::covered();
        alter(&mut case);
        case.decide().map(|_| ())
    };
    let refused = Err(Refusal::ConsentPerson);
    assert_eq!(alone(|c| c.persons.clear()), refused);
    // Nobody is named, or an enterprise as the person, or the enterprise itself, or one too many.
    assert_eq!(alone(|c| c.request.persons.clear()), refused);
    assert_eq!(alone(|c| c.request.persons = vec![enterprise()]), refused);
    assert_eq!(alone(|c| c.request.persons.push(other_person())), refused);
    assert_eq!(alone(|c| c.request.persons = vec![person(); 17]), refused);
    // Whatever is wrong with the person's own authorisation.
    assert_eq!(alone(|c| c.persons[0].registry = STRANGER), refused);
    assert_eq!(alone(|c| c.persons[0].age = MAX_AGE + Duration::SECOND), refused);
    assert_eq!(alone(|c| c.persons[0].usage.uses = 3), refused);
    assert_eq!(
        alone(|c| {
            let ruling = Ruling::Suspend(SuspendReason::Objection);
            c.persons[0].entry().rule(ruling, NOW - Duration::HOUR).unwrap();
        }),
        refused
    );
    // An enterprise in the person's place, with a letter of its own and all else in order.
    assert_eq!(
        alone(|c| {
            let mut theirs = draft();
            theirs.id = person_draft().id;
            theirs.subject = subject(SubjectKind::Uscc, "91320100PDY00001XR");
            c.request.persons = vec![theirs.subject.clone()];
            c.persons = vec![Shown::of(signed(&theirs, STRANGER))];
        }),
        refused
    );
    let crowd = |n: usize| {
        let mut case = Case::covered();
        case.persons = (0..n).map(|_| Shown::of(signed(&person_draft(), PERSON))).collect();
        case.decide().map(|_| ())
    };
    assert_eq!((crowd(16), crowd(17)), (Ok(()), refused));
    let with = |alter: fn(&mut consent::Draft)| {
        let mut draft = person_draft();
        alter(&mut draft);
        let mut case = Case::covered();
        case.persons = vec![Shown::of(signed(&draft, PERSON))];
        case.decide().map(|_| ())
    };
    assert_eq!(with(|_| {}), Ok(()));
    assert_eq!(with(|d| d.grantee.institution = party("bank-b")), refused);
    assert_eq!(with(|d| d.purpose = Purpose::PostLoan), refused);
    assert_eq!(with(|d| d.models = ["other@1".to_owned()].to_vec().try_into().unwrap()), refused);
    assert_eq!(with(|d| d.subject = other_person()), refused);
    // The enterprise's record leans on another number: not on whoever's consent is at hand.
    assert_eq!(with(|d| d.id = "AU-2026-000125".parse().unwrap()), refused);
}

#[test]
fn a_person_who_is_the_subject_needs_no_second_letter() {
    let mut case = Case::covered();
    case.request.subject = person();
    case.request.persons = Vec::new();
    case.subject = Shown::of(signed(&person_draft(), PERSON));
    case.persons = Vec::new();
    case.ask(&[("29.area_m2", Need::SubjectAndPerson)]);
    assert!(case.decide().is_ok());
    case.request.persons = vec![person()];
    assert!(case.decide().is_ok());
    // But nobody else's rows come with it.
    case.request.persons = vec![other_person()];
    assert_eq!(case.decide().unwrap_err(), Refusal::ConsentPerson);
}
