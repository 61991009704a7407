//! The one decision: every refusal by one altered thing, and what must not be told apart.

use std::collections::BTreeSet;

use consent::{
    ChangeKind, Evidence, Need, Presented, Ruling, State, Statement, SubjectSigner, Trust, Usage,
    VoidReason, decide,
};
use domain::{Output, Purpose, Refusal, SubjectKind};
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
use time::Duration;
use time::macros::datetime;

use crate::support::{
    Case, ENTERPRISE, MAX_AGE, NOW, REGISTRY, SIGNED, SKEW, STRANGER, certificate_of,
    change_subject, draft, enterprise, key, limits, log, narrow_subject, party, person, register,
    signed, subject, trust,
};

/// Alters one thing of a covered case so that this refusal follows; `None` for refusals that the
/// decision does not give.
fn alteration(refusal: Refusal) -> Option<fn(&mut Case)> {
    let alteration: fn(&mut Case) = match refusal {
        Refusal::AuthMissing => |case| case.subject.record = None,
        Refusal::AuthNotYet => |case| case.now = datetime!(2026-03-02 23:59:59 +8),
        Refusal::AuthExpired => |case| case.now = datetime!(2026-04-02 00:00 +8),
        Refusal::AuthRevoked => |case| change_subject(case, ChangeKind::Revoke),
        Refusal::AuthSuspended => |case| change_subject(case, ChangeKind::Suspend),
        Refusal::AuthVoid => |case| {
            let at = case.now - Duration::minutes(4);
            case.subject.entry().rule(Ruling::Void(VoidReason::NoPower), at).unwrap();
        },
        Refusal::AuthSuperseded => |case| drop(narrow_subject(case)),
        Refusal::AuthExhausted => |case| case.subject.usage.uses = 3,
        Refusal::AuthInterval => |case| {
            case.subject.usage = Usage { uses: 1, last_use: Some(case.now - Duration::minutes(59)) }
        },
        Refusal::AuthGrantee => |case| case.request.lender = party("bank-b"),
        Refusal::AuthScopeClass => |case| case.ask(&[("11.a", Need::Subject)]),
        Refusal::AuthScopeOutput => |case| case.request.output = Output::Verify,
        Refusal::AuthScopeModel => |case| case.request.model = Some("basic@2".parse().unwrap()),
        Refusal::AuthPurpose => |case| case.request.purpose = Some(Purpose::InLoan),
        Refusal::AuthSignature => |case| {
            let stranger = certificate_of(&draft(), STRANGER).sign(&key(STRANGER)).unwrap();
            let signer = SubjectSigner { key: &key(STRANGER), certificate: &stranger, at: SIGNED };
            case.subject.record = Some(draft().sign(&signer).unwrap());
        },
        Refusal::AuthUnregistered => |case| case.subject.entry = None,
        Refusal::AuthStale => |case| case.subject.age = MAX_AGE + Duration::SECOND,
        Refusal::ConsentPerson => |case| case.persons.clear(),
        // Of the lender's question, not of the subject's word: `SignedQuestion::verify`.
        Refusal::QuestionSignature
        | Refusal::QuestionAltered
        | Refusal::QuestionStale
        | Refusal::QuestionReplayed
        | Refusal::ModeForbids
        | Refusal::NotPublic
        | Refusal::MemberState
        | Refusal::QueryBudget
        | Refusal::IntersectionBudget
        | Refusal::CohortTooSmall
        | Refusal::IdInvalid
        | Refusal::ProfileDenies
        | Refusal::RulesDiffer => return None,
    };
    Some(alteration)
}

#[test]
fn each_refusal_is_reached_by_altering_one_thing_of_a_covered_case() {
    assert!(Case::covered().decide().is_ok());
    let mut reached = BTreeSet::new();
    for refusal in Refusal::ALL {
        if let Some(alter) = alteration(*refusal) {
            let mut case = Case::covered();
            alter(&mut case);
            assert_eq!(case.decide().unwrap_err(), *refusal, "{}", refusal.code());
            reached.insert(refusal.code());
        }
    }
    let ours = Refusal::ALL.iter().map(|refusal| refusal.code());
    let ours: BTreeSet<_> =
        ours.filter(|code| code.starts_with("AUTH_") || *code == "CONSENT_PERSON").collect();
    assert_eq!(reached, ours);
}

#[test]
fn of_two_altered_things_the_earlier_in_the_table_is_told() {
    use Refusal::{
        AuthExhausted, AuthGrantee, AuthInterval, AuthMissing, AuthPurpose, AuthScopeClass,
        AuthScopeModel, AuthScopeOutput, AuthSignature, AuthStale, AuthSuperseded, AuthSuspended,
        AuthUnregistered, ConsentPerson,
    };
    // The order of the crate's header; expiry and exhaustion stand in it twice.
    let order = [
        AuthMissing,
        AuthSignature,
        AuthGrantee,
        AuthUnregistered,
        AuthSuperseded,
        AuthStale,
        AuthSuspended,
        AuthPurpose,
        AuthScopeClass,
        AuthScopeOutput,
        AuthScopeModel,
        ConsentPerson,
        AuthExhausted,
        AuthInterval,
    ];
    for (place, first) in order.iter().enumerate() {
        for second in &order[place + 1..] {
            // These two take away what the other alters.
            if *first == AuthUnregistered && matches!(second, AuthSuperseded | AuthSuspended) {
                continue;
            }
            // Without a field about a person no person is asked for.
            if *first == AuthScopeClass && *second == ConsentPerson {
                continue;
            }
            // Uses and the interval are one structure: the later alteration would undo the first.
            if *first == AuthExhausted {
                continue;
            }
            let mut case = Case::covered();
            alteration(*second).unwrap()(&mut case);
            alteration(*first).unwrap()(&mut case);
            assert_eq!(case.decide().unwrap_err(), *first, "{} {}", first.code(), second.code());
        }
    }
}

#[test]
fn the_decision_carries_its_proof_and_the_time_it_is_good_for() {
    let case = Case::covered();
    let covered = case.decide().unwrap();
    assert_eq!(covered.request(), &case.request);
    let proof = covered.authorisation().unwrap();
    let record = case.subject.entry.as_ref().unwrap().record();
    assert_eq!(
        (proof.id().as_str(), proof.version(), proof.record_hash(), proof.subject()),
        ("AU-2026-000123", 1, record.record_hash(), &enterprise())
    );
    let opened = Statement::open(&case.subject.statement(NOW).unwrap(), &trust()).unwrap();
    assert_eq!((proof.statement(), proof.statement_hash()), (opened.statement(), opened.hash()));
    assert_eq!(covered.expires_at(), Some(NOW - Duration::seconds(10) + MAX_AGE));
    let [consented] = covered.persons() else { panic!("one person is named") };
    assert_eq!((consented.id().as_str(), consented.subject()), ("AU-2026-000124", &person()));
    // The end of the term comes first when it is nearer.
    let mut late = Case::covered();
    late.now = datetime!(2026-04-01 23:59:50 +8);
    assert_eq!(late.decide().unwrap().expires_at(), Some(datetime!(2026-04-02 00:00 +8)));
}

/// What was granted for 30 days is refused on day 31, to another bank, class or output.
#[test]
fn a_grant_of_thirty_days_ends_with_the_thirtieth() {
    for (day, covered) in [(1, true), (30, true), (31, false)] {
        let mut case = Case::without_person();
        case.now = datetime!(2026-03-02 12:00 +8) + Duration::days(day);
        assert_eq!(case.decide().map(|_| ()), covered.then_some(()).ok_or(Refusal::AuthExpired));
    }
    // Also by a registry whose clock still says that it is active.
    let mut case = Case::without_person();
    case.now = datetime!(2026-04-02 00:00 +8);
    let entry = case.subject.entry();
    let word = entry.statement(log(), case.now - Duration::SECOND);
    assert_eq!(word.state, State::Active);
    let word = word.sign(&key(REGISTRY)).unwrap();
    let evidence = Evidence {
        authorisation: case.subject.record.as_ref().map(Presented::Sealed),
        statement: Some(&word),
        persons: &[],
    };
    let decided = decide(&case.request, &evidence, &Usage::default(), &case.rules(), case.now);
    assert_eq!(decided.unwrap_err(), Refusal::AuthExpired);
}

#[test]
fn every_other_grantee_subject_registry_or_clock_is_refused() {
    let refused = |alter: fn(&mut Case)| {
        let mut case = Case::covered();
        alter(&mut case);
        case.decide().unwrap_err()
    };
    assert_eq!(refused(|c| c.request.platform = party("platform-b")), Refusal::AuthGrantee);
    assert_eq!(
        refused(|c| c.request.subject = subject(SubjectKind::Uscc, "91320100PDY00001XR")),
        Refusal::AuthMissing
    );
    // The same digits as another kind of identifier are another subject.
    assert_eq!(
        refused(|c| c.request.subject = subject(SubjectKind::Opaque, "91320500PDY0001750")),
        Refusal::AuthMissing
    );
    assert_eq!(refused(|c| c.subject.registry = STRANGER), Refusal::AuthUnregistered);
    assert_eq!(refused(|c| c.subject.age = -SKEW - Duration::SECOND), Refusal::AuthStale);
    assert_eq!(
        refused(
            |c| c.trust = Trust::default().with_registry(party("node-js"), key(REGISTRY).public())
        ),
        Refusal::AuthSignature
    );
    // Signed later than now: a date that has not come proves no consent.
    assert_eq!(
        refused(|c| {
            (c.subject.entry, c.persons) = (None, Vec::new());
            c.now = SIGNED - SKEW - Duration::SECOND;
        }),
        Refusal::AuthSignature
    );
    assert_eq!(refused(|c| c.request.fields = [].into()), Refusal::AuthScopeClass);
    assert_eq!(refused(|c| c.request.purpose = None), Refusal::AuthPurpose);
    assert_eq!(refused(|c| c.request.model = None), Refusal::AuthScopeModel);
}

#[test]
fn a_trusted_registry_that_the_record_does_not_name_says_nothing_about_it() {
    // The platform hides a revocation at the node behind a registry of its own.
    let mut case = Case::covered();
    case.trust = trust().with_registry(party("platform-js"), key(STRANGER).public());
    let mut word = case.subject.entry().statement(log(), NOW);
    word.registry = party("platform-js");
    let word = word.sign(&key(STRANGER)).unwrap();
    assert!(Statement::open(&word, &case.trust).is_ok());
    let evidence = Evidence {
        authorisation: case.subject.record.as_ref().map(Presented::Sealed),
        statement: Some(&word),
        persons: &[],
    };
    let decided = decide(&case.request, &evidence, &Usage::default(), &case.rules(), NOW);
    assert_eq!(decided.unwrap_err(), Refusal::AuthUnregistered);
}

#[test]
fn a_statement_about_another_record_is_no_statement() {
    // Another number.
    let mut case = Case::covered();
    let mut other = draft();
    other.id = "AU-2026-000999".parse().unwrap();
    case.subject.entry = Some(register(&signed(&other, ENTERPRISE)));
    assert_eq!(case.decide().unwrap_err(), Refusal::AuthUnregistered);
    // The same number and version, other bytes.
    let mut other = draft();
    other.limits = limits(2);
    case.subject.entry = Some(register(&signed(&other, ENTERPRISE)));
    assert_eq!(case.decide().unwrap_err(), Refusal::AuthUnregistered);
    // A version that the registry has not heard of.
    let mut case = Case::covered();
    let before = register(case.subject.record.as_ref().unwrap());
    case.subject.record = Some(narrow_subject(&mut case));
    assert!(case.decide().is_ok());
    case.subject.entry = Some(before);
    assert_eq!(case.decide().unwrap_err(), Refusal::AuthUnregistered);
    // A registry that puts the hash of one version beside the number of another.
    let mut case = Case::covered();
    case.subject.record = Some(narrow_subject(&mut case));
    let mut mixed = case.subject.entry().statement(log(), NOW);
    mixed.version = 1;
    let mixed = mixed.sign(&key(REGISTRY)).unwrap();
    let evidence = Evidence {
        authorisation: case.subject.record.as_ref().map(Presented::Sealed),
        statement: Some(&mixed),
        persons: &[],
    };
    let decided = decide(&case.request, &evidence, &Usage::default(), &case.rules(), NOW);
    assert_eq!(decided.unwrap_err(), Refusal::AuthUnregistered);
}

#[test]
fn what_needs_no_authorisation_asks_for_none() {
    let mut case = Case::covered();
    (case.subject.record, case.subject.entry) = (None, None);
    case.ask(&[("5.is_srdi", Need::Nothing)]);
    case.request.purpose = None;
    let covered = case.decide().unwrap();
    assert!(covered.authorisation().is_none() && covered.expires_at().is_none());
    assert!(covered.revalidate(&[], &case.rules(), NOW + Duration::DAY).is_ok());
    case.ask(&[("5.is_srdi", Need::Nothing), ("7.judgment", Need::Purpose)]);
    assert_eq!(case.decide().unwrap_err(), Refusal::AuthPurpose);
    case.request.purpose = Some(Purpose::PostLoan);
    assert!(case.decide().is_ok());
    case.ask(&[("7.judgment", Need::Purpose), ("1.vat", Need::Subject)]);
    assert_eq!(case.decide().unwrap_err(), Refusal::AuthMissing);
}

#[test]
fn uses_and_intervals_count_to_the_second() {
    let decided = |uses: u32, ago: Duration| {
        let mut case = Case::without_person();
        case.subject.usage = Usage { uses, last_use: Some(NOW - ago) };
        case.decide().map(|_| ())
    };
    assert_eq!(decided(2, Duration::HOUR), Ok(()));
    assert_eq!(decided(3, Duration::HOUR), Err(Refusal::AuthExhausted));
    assert_eq!(decided(2, Duration::HOUR - Duration::SECOND), Err(Refusal::AuthInterval));
    // A last use that lies ahead of this clock is not long ago.
    assert_eq!(decided(2, -Duration::DAY), Err(Refusal::AuthInterval));
    let mut case = Case::without_person();
    case.subject.entry().rule(Ruling::Exhaust, NOW - Duration::MINUTE).unwrap();
    assert_eq!(case.decide().unwrap_err(), Refusal::AuthExhausted);
}

#[test]
fn an_authorisation_verified_before_is_good_only_under_the_same_trust() {
    let case = Case::without_person();
    let verified = trust().verify(case.subject.record.as_ref().unwrap(), NOW).unwrap();
    let word = case.subject.statement(NOW).unwrap();
    let evidence = Evidence {
        authorisation: Some(Presented::Verified(&verified)),
        statement: Some(&word),
        persons: &[],
    };
    let decided = |trust: &Trust| {
        let rules = consent::Rules { trust, ..case.rules() };
        decide(&case.request, &evidence, &Usage::default(), &rules, NOW).map(|_| ())
    };
    assert_eq!(decided(&case.trust), Ok(()));
    let struck = Trust::default().with_registry(party("node-js"), key(REGISTRY).public());
    assert_eq!(decided(&struck), Err(Refusal::AuthSignature));
    let rolled = struck.with_issuer(party("ebl"), key(STRANGER).public());
    assert_eq!(decided(&rolled), Err(Refusal::AuthSignature));
}

#[test]
fn a_subject_without_authorisation_is_refused_the_same_whoever_it_is() {
    let mut case = Case::covered();
    case.subject.record = None;
    let nobody = case.decide();
    case.request.subject = subject(SubjectKind::Uscc, "91320100PDY00001XR");
    assert_eq!(nobody, case.decide());
}

#[test]
fn nothing_that_is_printed_shows_an_identifier_or_a_name() {
    let case = Case::covered();
    let covered = case.decide().unwrap();
    let verified = trust().verify(case.subject.record.as_ref().unwrap(), NOW).unwrap();
    let presented = Presented::Verified(&verified);
    let shown = format!(
        "{covered:?} {verified:?} {presented:?} {:?} {:?}",
        case.request, case.subject.entry
    );
    for secret in ["PDY", "3201001885", "示例"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    // Nor as a list of bytes: the embedded certificate spells the identifier.
    let bytes: Vec<_> = b"PDY000".iter().map(u8::to_string).collect();
    assert!(!shown.contains(&bytes.join(", ")));
}

proptest! {
    #[test]
    fn a_younger_statement_never_covers_less(age in 0i64..120, younger in 0i64..120) {
        let decided = |seconds| {
            let mut case = Case::without_person();
            case.subject.age = Duration::seconds(seconds);
            case.decide().map(|_| ())
        };
        let (old, young) = (age.max(younger), age.min(younger));
        if decided(old).is_ok() {
            prop_assert_eq!(decided(young), Ok(()));
        }
        prop_assert_eq!(decided(old).is_ok(), old <= 60);
    }

    #[test]
    fn a_decision_never_outlives_the_term_or_the_word(age in -5i64..=60, minutes in 0i64..45_000) {
        let mut case = Case::without_person();
        case.subject.age = Duration::seconds(age);
        case.now = datetime!(2026-03-03 00:00 +8) + Duration::minutes(minutes);
        if let Ok(covered) = case.decide() {
            let expires = covered.expires_at().unwrap();
            prop_assert!(case.now <= expires && expires <= case.now + MAX_AGE);
            prop_assert!(expires <= datetime!(2026-04-02 00:00 +8));
        } else {
            prop_assert!(case.now >= datetime!(2026-04-02 00:00 +8));
        }
    }
}
