//! A later version permits nothing that the one before did not.

use std::collections::BTreeSet;

use consent::{
    Authorisation, Draft, Entry, Error, Fields, Limits, Models, Need, Pen, Scope, ScopeItem,
    SeparateConsent, Term, narrows,
};
use domain::{ClassId, Field, Output, Purpose};
use envelope::Envelope;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_oneof, proptest};
use proptest::sample::{select, subsequence};
use time::{Duration, OffsetDateTime};

use crate::support::{
    Case, ENTERPRISE, ISSUER, NOW, SIGNED, Shown, certificate_of, draft, key, party, person,
    register, signed, trust,
};

const NARROWED: OffsetDateTime = SIGNED.saturating_add(Duration::DAY);

fn narrowed(record: &Authorisation, edit: impl FnOnce(&mut Draft)) -> Result<Envelope, Error> {
    let certificate = certificate_of(&draft(), ENTERPRISE).sign(&key(ISSUER)).unwrap();
    let pen = Pen { key: &key(ENTERPRISE), certificate: &certificate, at: NARROWED };
    record.narrow(&pen, edit)
}

fn first() -> Authorisation {
    Authorisation::unverified(&signed(&draft(), ENTERPRISE)).unwrap()
}

/// S26: the second version names the hash of the first.
#[test]
fn a_narrowing_makes_the_next_version_with_the_hash_of_the_one_before() {
    let first = first();
    let second = narrowed(&first, |draft| draft.separate_consents.clear()).unwrap();
    let verified = trust().verify(&second, NOW).unwrap();
    let second = verified.record();
    assert_eq!((second.version(), second.previous()), (2, Some(first.record_hash())));
    assert_ne!(second.record_hash(), first.record_hash());
    assert_eq!(narrows(&first, second), Ok(()));
    let third = Authorisation::unverified(&narrowed(second, |_| {}).unwrap()).unwrap();
    assert_eq!(third.version(), 3);
    // Neither a step too far nor a step back.
    assert!(matches!(narrows(&first, &third), Err(Error::OutOfOrder { .. })));
    assert!(matches!(narrows(second, &first), Err(Error::OutOfOrder { .. })));
    assert!(matches!(narrows(&first, &first), Err(Error::OutOfOrder { .. })));
}

#[test]
fn widening_any_one_dimension_is_refused_by_its_name() {
    let item = |class, outputs: &[Output]| {
        let class = ClassId::new(class).unwrap();
        ScopeItem::new(class, Fields::All, outputs.iter().copied().collect()).unwrap()
    };
    let first = first();
    let with = |edit: &dyn Fn(&mut Draft)| narrowed(&first, |draft| edit(draft)).unwrap_err();
    let scope = |extra: ScopeItem| {
        move |draft: &mut Draft| {
            let items = [draft.scope.items(), std::slice::from_ref(&extra)].concat();
            draft.scope = Scope::new(items).unwrap();
        }
    };
    let term = first.term();
    let second = Duration::SECOND;
    for (what, edit) in [
        ("the scope", &scope(item(11, &[Output::Score])) as &dyn Fn(&mut Draft)),
        ("the scope", &scope(item(1, &[Output::Verify]))),
        ("the scope", &scope(item(29, &[Output::Score]))),
        ("the models", &|d| d.models = Models::Any),
        ("the models", &|d| d.models = models(&["basic@1", "basic@2"])),
        ("the term", &|d| {
            d.term = Term::new(term.not_before(), term.not_after() + second).unwrap()
        }),
        ("the term", &|d| {
            d.term = Term::new(term.not_before() - second, term.not_after()).unwrap()
        }),
        ("the limits", &|d| d.limits = Limits::new(4, 3600).unwrap()),
        ("the limits", &|d| d.limits = Limits::new(3, 3599).unwrap()),
        ("the grantee", &|d| d.grantee.institution = party("bank-b")),
        ("the grantee", &|d| d.grantee.node = None),
        ("the purpose", &|d| d.purpose = Purpose::InLoan),
        ("the application", &|d| d.application_no = None),
        ("the separate consents", &|d| {
            let person = "AU-2026-000125".parse().unwrap();
            let classes = [ClassId::new(29).unwrap()].into();
            d.separate_consents.push(SeparateConsent::new(person, classes).unwrap());
        }),
    ] {
        assert_eq!(with(edit), Error::Widens(what));
    }
}

fn models(names: &[&str]) -> Models {
    names.iter().map(|name| String::from(*name)).collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn what_the_tool_would_refuse_the_registry_refuses_too() {
    // A version that is larger, signed all the same by the enterprise's own key.
    let first = first();
    let mut wide = draft();
    (wide.version, wide.previous) = (2, Some(first.record_hash()));
    wide.limits = Limits::new(4, 3600).unwrap();
    let wide = trust().verify(&signed(&wide, ENTERPRISE), NOW).unwrap();
    let mut entry = register(&signed(&draft(), ENTERPRISE));
    let before = entry.clone();
    assert_eq!(entry.narrow(wide, NOW), Err(Error::Widens("the limits")));
    assert_eq!(entry, before);
}

const CLASSES: [u16; 3] = [1, 2, 29];
const NAMES: [&str; 3] = ["a", "b", "area_m2"];

fn fields(class: u16) -> impl Strategy<Value = Fields> {
    let named = subsequence(NAMES.to_vec(), 1..=NAMES.len()).prop_map(move |names| {
        let class = ClassId::new(class).unwrap();
        Fields::Only(names.iter().map(|name| Field::new(class, name).unwrap()).collect())
    });
    prop_oneof![1 => Just(Fields::All), 3 => named]
}

fn scopes() -> impl Strategy<Value = Scope> {
    let outputs = subsequence(Output::ALL.to_vec(), 1..=3);
    let item = (select(CLASSES.to_vec()), outputs).prop_flat_map(|(class, outputs)| {
        let outputs: BTreeSet<_> = outputs.into_iter().collect();
        fields(class).prop_map(move |fields| {
            ScopeItem::new(ClassId::new(class).unwrap(), fields, outputs.clone()).unwrap()
        })
    });
    vec(item, 1..5).prop_map(|items| Scope::new(items).unwrap())
}

fn any_models() -> impl Strategy<Value = Models> {
    let named =
        subsequence(vec!["basic@1", "basic@2", "other@1"], 1..=3).prop_map(|names| models(&names));
    prop_oneof![Just(Models::Any), named]
}

/// A draft near the example, of any scope, models, term and limits.
fn drafts() -> impl Strategy<Value = Draft> {
    (scopes(), any_models(), 0i64..6, 20i64..40, 1u32..4, 0u32..3).prop_map(
        |(scope, models, start, end, uses, hours)| {
            let day = |n| SIGNED + Duration::days(n);
            Draft {
                scope,
                models,
                term: Term::new(day(start), day(end)).unwrap(),
                limits: Limits::new(uses, hours * 3600).unwrap(),
                ..draft()
            }
        },
    )
}

/// What the enterprise may leave of a draft: by the other's terms where they are smaller.
fn cut(draft: &mut Draft, by: &Draft, whole_scope: bool) {
    let (a, b) = (draft.term, by.term);
    let start = a.not_before().max(b.not_before());
    draft.term = Term::new(start, a.not_after().min(b.not_after())).unwrap();
    let uses = draft.limits.max_uses().min(by.limits.max_uses());
    let apart = draft.limits.min_interval().max(by.limits.min_interval());
    let apart = u32::try_from(apart.whole_seconds()).unwrap();
    draft.limits = Limits::new(uses, apart).unwrap();
    draft.models = by.models.clone();
    draft.scope = if whole_scope { draft.scope.clone() } else { by.scope.clone() };
}

proptest! {
    /// Two authorisations drawn apart: where the second passes as a narrowing of the first,
    /// whatever request it covers is one that the first covers.
    #[test]
    fn what_the_narrowed_version_covers_the_first_one_covered(
        wide in drafts(),
        by in drafts(),
        whole_scope in any::<bool>(),
        asked in vec((select(CLASSES.to_vec()), select(NAMES.to_vec())), 1..4),
        output in select(Output::ALL.to_vec()),
        model in select(vec!["basic@1", "basic@2", "other@1"]),
        hours in 0i64..1000,
        uses in 0u32..4,
        idle in 0i64..4,
    ) {
        let record = signed(&wide, ENTERPRISE);
        let first = Authorisation::unverified(&record).unwrap();
        let Ok(next) = narrowed(&first, |draft| cut(draft, &by, whole_scope)) else {
            return Ok(());
        };
        let mut case = Case::without_person();
        let asked: Vec<_> =
            asked.iter().map(|(class, name)| format!("{class}.{name}")).collect();
        let asked: Vec<_> = asked.iter().map(|name| (name.as_str(), Need::Subject)).collect();
        case.ask(&asked);
        case.request.output = output;
        case.request.model = Some(model.parse().unwrap());
        case.now = NARROWED + Duration::hours(1 + hours);
        let mut decided = |record: Envelope, entry: Entry| {
            case.subject = Shown { entry: Some(entry), ..Shown::of(signed(&draft(), ENTERPRISE)) };
            case.subject.record = Some(record);
            case.subject.usage.uses = uses;
            case.subject.usage.last_use = Some(case.now - Duration::hours(idle));
            case.decide()
        };
        let original = register(&record);
        let mut line = original.clone();
        line.narrow(trust().verify(&next, NARROWED).unwrap(), NARROWED).unwrap();
        if decided(next, line).is_ok() {
            let covered = decided(record, original);
            prop_assert!(covered.is_ok(), "{covered:?}");
        }
    }
}

#[test]
fn narrowing_the_subject_is_refused() {
    let mut other = draft();
    (other.subject, other.version) = (person(), 1);
    assert!(
        other
            .sign(&Pen {
                key: &key(ENTERPRISE),
                certificate: &certificate_of(&draft(), ENTERPRISE).sign(&key(ISSUER)).unwrap(),
                at: SIGNED,
            })
            .is_err()
    );
    let error = narrowed(&first(), |draft| draft.subject = person()).unwrap_err();
    assert!(matches!(error, Error::AnotherHolder { of: "subject", .. }), "{error}");
}
