//! A later version permits nothing that the one before did not.

use std::collections::BTreeSet;

use consent::{
    Authorisation, Draft, Error, Fields, Limits, Models, Need, Scope, ScopeItem, SeparateConsent,
    SubjectSigner, Term, narrows,
};
use domain::{ClassId, Field, Output, Purpose};
use envelope::Envelope;
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_oneof, proptest};
use proptest::sample::{select, subsequence};
use time::{Duration, OffsetDateTime};

use crate::support::{
    Case, ENTERPRISE, ISSUER, NOW, SIGNED, certificate_of, draft, key, party, person, register,
    signed, trust,
};

const NARROWED: OffsetDateTime = SIGNED.saturating_add(Duration::DAY);

fn narrowed(record: &Authorisation, edit: impl FnOnce(&mut Draft)) -> Result<Envelope, Error> {
    let certificate = certificate_of(&draft(), ENTERPRISE).sign(&key(ISSUER)).unwrap();
    let signer = SubjectSigner { key: &key(ENTERPRISE), certificate: &certificate, at: NARROWED };
    record.narrow(&signer, edit)
}

fn first() -> Authorisation {
    Authorisation::unverified(&signed(&draft(), ENTERPRISE)).unwrap()
}

/// The second version names the hash of the first.
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
fn the_next_version_is_signed_later() {
    let first = first();
    let certificate = certificate_of(&draft(), ENTERPRISE).sign(&key(ISSUER)).unwrap();
    let at = SIGNED - Duration::SECOND;
    let signer = SubjectSigner { key: &key(ENTERPRISE), certificate: &certificate, at };
    assert!(matches!(first.narrow(&signer, |_| {}), Err(Error::OutOfOrder { .. })));
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

/// Some lines of a scope with fewer outputs and fields: what an enterprise takes away.
fn fewer(scope: &Scope, keep: u8) -> Scope {
    let bit = |place: usize| keep >> (place % 8) & 1 == 1;
    let items = scope.items().iter().enumerate().map(|(place, item)| {
        let outputs = item.outputs().iter().copied();
        let outputs: BTreeSet<_> = outputs.take(if bit(place) { 6 } else { 1 }).collect();
        let fields = match item.fields() {
            Fields::Only(fields) if bit(place + 1) => {
                Fields::Only(fields.iter().take(1).cloned().collect())
            }
            Fields::All if bit(place + 1) => {
                Fields::Only([Field::new(item.class(), NAMES[place % 3]).unwrap()].into())
            }
            all => all.clone(),
        };
        ScopeItem::new(item.class(), fields, outputs).unwrap()
    });
    let kept = scope.items().len().min(1 + usize::from(keep) % 4);
    Scope::new(items.take(kept).collect()).unwrap()
}

/// Takes some dimensions from another draft, whether they are smaller there or not.
fn mix(draft: &mut Draft, by: &Draft, taken: [bool; 5], keep: u8) {
    let [rogue, fewer_lines, models, term, limits] = taken;
    if rogue {
        draft.scope = by.scope.clone();
    } else if fewer_lines {
        draft.scope = fewer(&draft.scope, keep);
    }
    if models {
        draft.models = by.models.clone();
    }
    if term {
        draft.term = by.term;
    }
    if limits {
        draft.limits = by.limits;
    }
}

/// A request that this record covers, if its registry and the clock do not mind.
fn within(record: &Authorisation, pick: usize, hours: i64) -> Case {
    let item = &record.scope().items()[pick % record.scope().items().len()];
    let name = match item.fields() {
        Fields::All => NAMES[pick % 3].into(),
        Fields::Only(fields) => fields.iter().nth(pick % fields.len()).unwrap().name().to_owned(),
    };
    let model = match record.models() {
        Models::None | Models::Any => "other@1".parse().unwrap(),
        Models::Only(models) => models.iter().nth(pick % models.len()).unwrap().clone(),
    };
    let mut case = Case::without_person();
    case.ask(&[(&format!("{}.{name}", item.class()), Need::Subject)]);
    case.request.output = *item.outputs().iter().nth(pick % item.outputs().len()).unwrap();
    case.request.model = Some(model);
    let start = record.term().not_before().max(NARROWED) + Duration::HOUR;
    case.now = start + Duration::hours(hours);
    case.subject.usage.uses = record.limits().max_uses() - 1;
    case.subject.usage.last_use = Some(case.now - record.limits().min_interval());
    case
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Two authorisations drawn apart and mixed: where the second passes as a narrowing of the
    /// first, whatever request it covers is one that the first covers.
    #[test]
    fn what_the_narrowed_version_covers_the_first_one_covered(
        wide in drafts(),
        by in drafts(),
        rogue in select(vec![false, false, false, true]),
        taken in any::<[bool; 4]>(),
        keep in any::<u8>(),
        pick in 0usize..60,
        hours in 0i64..400,
    ) {
        let record = signed(&wide, ENTERPRISE);
        let first = Authorisation::unverified(&record).unwrap();
        let [lines, models, term, limits] = taken;
        let taken = [rogue, lines, models, term, limits];
        let Ok(next) = narrowed(&first, |draft| mix(draft, &by, taken, keep)) else {
            return Ok(());
        };
        let mut case = within(&Authorisation::unverified(&next).unwrap(), pick, hours);
        let original = register(&record);
        let mut line = original.clone();
        line.narrow(trust().verify(&next, NARROWED).unwrap(), NARROWED).unwrap();
        (case.subject.record, case.subject.entry) = (Some(next), Some(line));
        if case.decide().is_ok() {
            (case.subject.record, case.subject.entry) = (Some(record), Some(original));
            let covered = case.decide();
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
            .sign(&SubjectSigner {
                key: &key(ENTERPRISE),
                certificate: &certificate_of(&draft(), ENTERPRISE).sign(&key(ISSUER)).unwrap(),
                at: SIGNED,
            })
            .is_err()
    );
    let error = narrowed(&first(), |draft| draft.subject = person()).unwrap_err();
    assert!(matches!(error, Error::AnotherHolder { of: "subject", .. }), "{error}");
}
