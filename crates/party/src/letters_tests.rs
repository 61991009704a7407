use documents::{Grant, Models, Sample, Signed, grant, person, scope_line};
use domain::{CheckMode, PartyId, Purpose, Subject, SubjectKind};
use time::OffsetDateTime;
use time::macros::{date, datetime};

use crate::runs::letters::Letters;

const FIRM: &str = "91320100PDY00001XR";
const OTHER: &str = "91320500PDY0001750";
const CERTIFIED: OffsetDateTime = datetime!(2026-03-01 09:00 +8);
const SHOWN: OffsetDateTime = datetime!(2026-03-02 09:13:10 +8);
const SIGNED: OffsetDateTime = datetime!(2026-03-02 09:13:40 +8);

fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

fn firm(code: &str) -> Subject {
    Subject::parse(SubjectKind::Uscc, code, CheckMode::Strict).unwrap().value
}

/// What a firm grants under this number, leaning on these persons.
fn granted(code: &str, id: &str, persons: &[&str]) -> Signed {
    let subject_key =
        Sample::new(party("licences")).unwrap().subject_key(&firm(code), CERTIFIED).unwrap();
    let wish = Grant {
        id: id.parse().unwrap(),
        subject: firm(code),
        lender: party("bank"),
        platform: party("platform"),
        node: Some(party("node")),
        scope: vec![scope_line("2.in_arrears_now:verify").unwrap()],
        models: Models::None,
        purpose: Purpose::PreLoan,
        application: None,
        from: date!(2026 - 03 - 02),
        days: 30,
        max_uses: 3,
        interval_s: 3600,
        persons: persons.iter().map(|id| person(id).unwrap()).collect(),
        letter: None,
    };
    grant(wish, &subject_key, SHOWN).unwrap().sign(&subject_key, SIGNED).unwrap()
}

#[test]
fn a_lender_shows_with_an_authorisation_those_that_it_leans_on_and_no_others() {
    let own = granted(FIRM, "AU-2026-000123", &["AU-2026-000124:29,30"]).json;
    let others = |id: &str| granted(OTHER, id, &[]).json;
    let leant_on = others("AU-2026-000124");
    let envelopes = vec![leant_on.clone().into(), own.clone().into()];
    let letters = Letters::new(Purpose::PreLoan, envelopes).unwrap();
    assert_eq!(letters.of(&firm(FIRM)), Some(own.as_slice()));
    assert_eq!(letters.of_persons(&firm(FIRM)), std::slice::from_ref(&leant_on));
    assert_eq!(letters.of(&firm(OTHER)), Some(leant_on.as_slice()));
    assert!(letters.of_persons(&firm(OTHER)).is_empty());
    // One that is not there is not shown; another is not shown for it.
    let envelopes = vec![others("AU-2026-000125").into(), own.into()];
    let letters = Letters::new(Purpose::PreLoan, envelopes).unwrap();
    assert!(letters.of_persons(&firm(FIRM)).is_empty());
}
