//! The registry's line: what follows what, and what never reopens.

use consent::{
    Act, Actor, Change, ChangeKind, Document, Entry, Error, History, MAX_EVENTS, Ruling, State,
    SubjectSigner, SuspendReason, VoidReason,
};
use domain::SubjectKind;
use envelope::Envelope;
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use time::{Duration, OffsetDateTime};

use crate::support::{
    ENTERPRISE, ISSUER, NOW, REGISTERED, SIGNED, STRANGER, agent, certificate_of, change, draft,
    key, log, party, register, signed, signed_at, subject, trust,
};

fn entry() -> Entry {
    register(&signed(&draft(), ENTERPRISE))
}

/// The subject's change of the latest version, signed and delivered at `at`.
fn change_at(entry: &mut Entry, kind: ChangeKind, at: OffsetDateTime) -> Result<(), Error> {
    let change = change(entry.record(), kind, &draft(), ENTERPRISE, at);
    entry.apply(&trust().verify_change(&change, at)?, at)
}

fn narrow_at(entry: &mut Entry, at: OffsetDateTime) -> Result<(), Error> {
    let certificate = certificate_of(&draft(), ENTERPRISE).sign(&key(ISSUER))?;
    let signer = SubjectSigner { key: &key(ENTERPRISE), certificate: &certificate, at };
    let next = entry.record().narrow(&signer, |_| {})?;
    entry.narrow(trust().verify(&next, at)?, at)
}

fn minutes(n: i64) -> OffsetDateTime {
    NOW + Duration::minutes(n)
}

#[test]
fn a_registered_authorisation_is_active_until_its_term_ends() {
    let entry = entry();
    let end = entry.record().term().not_after();
    assert_eq!(entry.state_at(end - Duration::NANOSECOND), State::Active);
    assert_eq!(entry.state_at(end), State::Expired);
    let said = entry.statement(log(), end + Duration::DAY);
    assert_eq!((said.state, said.since), (State::Expired, end));
    let said = entry.statement(log(), NOW);
    assert_eq!((said.state, said.since, said.version), (State::Active, REGISTERED, 1));
}

#[test]
fn only_the_first_version_is_registered_in_time_and_at_its_own_registry() {
    let verified = || trust().verify(&signed(&draft(), ENTERPRISE), NOW).unwrap();
    let node = party("node-js");
    assert!(Entry::register(verified(), &node, NOW).is_ok());
    let elsewhere = Entry::register(verified(), &party("platform-js"), NOW);
    assert!(matches!(elsewhere, Err(Error::OutOfOrder { .. })));
    let late = Entry::register(verified(), &node, verified().record().term().not_after());
    assert!(matches!(late, Err(Error::Closed { state: State::Expired, .. })));
    // The key's certificate has ended: whoever has the key now writes an old date.
    let mut long = draft();
    let end = SIGNED + Duration::days(500);
    long.term = consent::Term::new(SIGNED, end).unwrap();
    let long = trust().verify(&signed(&long, ENTERPRISE), NOW).unwrap();
    let late = Entry::register(long, &node, SIGNED + Duration::days(366));
    assert_eq!(late, Err(Error::CertificateTime { document: Document::Authorisation }));
    let mut second = draft();
    (second.version, second.previous) = (2, Some(verified().record().record_hash()));
    let second = trust().verify(&signed(&second, ENTERPRISE), NOW).unwrap();
    assert!(matches!(Entry::register(second, &node, NOW), Err(Error::OutOfOrder { .. })));
}

#[test]
fn subject_and_registry_lift_only_their_own_suspension() {
    let mut entry = entry();
    change_at(&mut entry, ChangeKind::Suspend, minutes(1)).unwrap();
    entry.rule(Ruling::Suspend(SuspendReason::Objection), minutes(2)).unwrap();
    assert_eq!(entry.statement(log(), minutes(3)).since, minutes(1));
    change_at(&mut entry, ChangeKind::Resume, minutes(4)).unwrap();
    assert_eq!(entry.state_at(minutes(4)), State::Suspended);
    assert!(change_at(&mut entry, ChangeKind::Resume, minutes(5)).is_err());
    entry.rule(Ruling::Resume, minutes(6)).unwrap();
    assert_eq!(entry.state_at(minutes(6)), State::Active);
    assert!(entry.rule(Ruling::Resume, minutes(7)).is_err());
    change_at(&mut entry, ChangeKind::Suspend, minutes(8)).unwrap();
    assert!(entry.rule(Ruling::Resume, minutes(9)).is_err());
    assert_eq!(entry.state_at(minutes(9)), State::Suspended);
}

#[test]
fn an_old_resumption_does_not_undo_a_newer_suspension() {
    let mut entry = entry();
    change_at(&mut entry, ChangeKind::Suspend, minutes(1)).unwrap();
    let old = change(entry.record(), ChangeKind::Resume, &draft(), ENTERPRISE, minutes(2));
    let old = trust().verify_change(&old, minutes(2)).unwrap();
    entry.apply(&old, minutes(2)).unwrap();
    change_at(&mut entry, ChangeKind::Suspend, minutes(3)).unwrap();
    let replayed = entry.apply(&old, minutes(4)).unwrap_err();
    assert!(matches!(replayed, Error::OutOfOrder { document: Document::Change, .. }));
    assert_eq!(entry.state_at(minutes(4)), State::Suspended);
}

#[test]
fn a_change_is_bound_to_its_subject_its_version_and_its_time() {
    let mut entry = entry();
    let before = entry.clone();
    let refused = |entry: &mut Entry, sealed: &Envelope| {
        let verified = trust().verify_change(sealed, NOW);
        verified.and_then(|change| entry.apply(&change, NOW)).unwrap_err()
    };
    // Another enterprise, with a good certificate of its own, and a stranger without.
    let mut other = draft();
    other.subject = subject(SubjectKind::Uscc, "91320100PDY00001XR");
    let theirs = signed(&other, STRANGER);
    let theirs = consent::Authorisation::unverified(&theirs).unwrap();
    let revoke = change(&theirs, ChangeKind::Revoke, &other, STRANGER, NOW);
    assert!(matches!(refused(&mut entry, &revoke), Error::OutOfOrder { .. }));
    let payload = revoke.unverified(Change::TYPE).unwrap().to_vec();
    let forged = Envelope::sign(Change::TYPE, payload, &key(ENTERPRISE));
    assert!(matches!(refused(&mut entry, &forged), Error::Envelope { .. }));
    // A stranger with a good certificate of its own that names this very record; and the
    // enterprise's own key under a wrong number, version or hash.
    let own = |entry: &Entry| change(entry.record(), ChangeKind::Revoke, &draft(), ENTERPRISE, NOW);
    let foreign: serde_json::Value =
        serde_json::from_slice(revoke.unverified(Change::TYPE).unwrap()).unwrap();
    let named = |member: &str, value: serde_json::Value, seed| {
        let own = own(&before);
        let payload = own.unverified(Change::TYPE).unwrap();
        let mut json: serde_json::Value = serde_json::from_slice(payload).unwrap();
        json[member] = value;
        Envelope::sign(Change::TYPE, serde_json::to_vec(&json).unwrap(), &key(seed))
    };
    let hash = domain::Digest::from_bytes([1; 32]);
    for bad in [
        named("signature", foreign["signature"].clone(), STRANGER),
        named("authorisation_id", "AU-1".into(), ENTERPRISE),
        named("version", 2.into(), ENTERPRISE),
        named("record_hash", hash.to_string().into(), ENTERPRISE),
    ] {
        let error = refused(&mut entry, &bad);
        assert!(matches!(error, Error::OutOfOrder { document: Document::Change, .. }), "{error}");
    }
    assert!(entry.clone().apply(&trust().verify_change(&own(&entry), NOW).unwrap(), NOW).is_ok());
    // A version that is not the latest.
    let old = change(entry.record(), ChangeKind::Suspend, &draft(), ENTERPRISE, NOW);
    assert_eq!(entry, before);
    narrow_at(&mut entry, NOW - Duration::MINUTE).unwrap();
    assert!(matches!(refused(&mut entry, &old), Error::OutOfOrder { .. }));
    // A time that has not come.
    let early = change(entry.record(), ChangeKind::Suspend, &draft(), ENTERPRISE, minutes(1));
    assert_eq!(refused(&mut entry, &early), Error::Future { document: Document::Change });
}

#[test]
fn a_resumption_comes_while_its_key_may_sign_and_a_revocation_at_any_time() {
    let entry = entry();
    let late = SIGNED + Duration::days(366);
    for (kind, good) in
        [(ChangeKind::Resume, false), (ChangeKind::Suspend, false), (ChangeKind::Revoke, true)]
    {
        let change = change(entry.record(), kind, &draft(), ENTERPRISE, NOW);
        assert!(trust().verify_change(&change, NOW).is_ok());
        assert_eq!(trust().verify_change(&change, late).is_ok(), good, "{kind:?}");
    }
}

#[test]
fn a_narrowing_that_comes_after_its_own_end_ends_the_authorisation() {
    let mut entry = entry();
    let certificate = certificate_of(&draft(), ENTERPRISE).sign(&key(ISSUER)).unwrap();
    let signer = SubjectSigner { key: &key(ENTERPRISE), certificate: &certificate, at: NOW };
    let term = entry.record().term();
    let end = minutes(10);
    let short = |draft: &mut consent::Draft| {
        draft.term = consent::Term::new(term.not_before(), end).unwrap();
    };
    let next = entry.record().narrow(&signer, short).unwrap();
    entry.narrow(trust().verify(&next, minutes(20)).unwrap(), minutes(20)).unwrap();
    let said = entry.statement(log(), minutes(20));
    assert_eq!((said.state, said.version, said.since), (State::Expired, 2, end));
    assert!(matches!(entry.rule(Ruling::Exhaust, minutes(21)), Err(Error::Closed { .. })));
}

/// Revoking is as easy as granting.
#[test]
fn a_revocation_is_good_with_another_key_another_signer_and_any_clock() {
    let mut by_agent = draft();
    by_agent.signer = agent();
    let mut entry = entry();
    let fast = minutes(60);
    let revoke = change(entry.record(), ChangeKind::Revoke, &by_agent, STRANGER, fast);
    // It crosses with a narrowing: the version that it names is no longer the latest.
    narrow_at(&mut entry, minutes(0)).unwrap();
    entry.apply(&trust().verify_change(&revoke, minutes(1)).unwrap(), minutes(1)).unwrap();
    assert_eq!(entry.state_at(minutes(1)), State::Revoked);
    let said = entry.statement(log(), minutes(2));
    assert_eq!((said.state, said.version, said.since), (State::Revoked, 2, minutes(1)));
}

#[test]
fn a_suspension_stays_when_the_authorisation_is_narrowed() {
    let mut entry = entry();
    let first = entry.record().record_hash();
    entry.rule(Ruling::Suspend(SuspendReason::SecurityEvent), minutes(1)).unwrap();
    narrow_at(&mut entry, minutes(2)).unwrap();
    assert_eq!((entry.state_at(minutes(2)), entry.record().version()), (State::Suspended, 2));
    assert_eq!(entry.history().state_of(&first, minutes(2)), Some(State::Superseded));
    let latest = entry.record().record_hash();
    assert_eq!(entry.history().state_of(&latest, minutes(2)), Some(State::Suspended));
    let other = domain::Digest::from_bytes([1; 32]);
    assert_eq!(entry.history().state_of(&other, minutes(2)), None);
}

#[test]
fn time_does_not_go_back() {
    let mut entry = entry();
    entry.rule(Ruling::Suspend(SuspendReason::PartySuspended), minutes(2)).unwrap();
    assert!(matches!(entry.rule(Ruling::Resume, minutes(1)), Err(Error::OutOfOrder { .. })));
}

#[test]
fn a_subject_that_suspends_a_thousand_times_can_still_revoke() {
    let mut entry = entry();
    let mut at = NOW;
    let refused = loop {
        at += Duration::SECOND;
        let kind = if entry.state_at(at) == State::Active {
            ChangeKind::Suspend
        } else {
            ChangeKind::Resume
        };
        if let Err(error) = change_at(&mut entry, kind, at) {
            break error;
        }
    };
    assert!(matches!(refused, Error::OutOfOrder { .. }));
    assert_eq!(entry.history().events().len(), MAX_EVENTS);
    entry.rule(Ruling::Suspend(SuspendReason::Objection), at).unwrap();
    change_at(&mut entry, ChangeKind::Revoke, at).unwrap();
    let json = entry.history().to_json().unwrap();
    assert_eq!(History::from_json(&json).unwrap().state_at(at), State::Revoked);
}

fn long_history() -> Entry {
    let mut entry = entry();
    change_at(&mut entry, ChangeKind::Suspend, minutes(1)).unwrap();
    change_at(&mut entry, ChangeKind::Resume, minutes(2)).unwrap();
    narrow_at(&mut entry, minutes(3)).unwrap();
    entry.rule(Ruling::Suspend(SuspendReason::Objection), minutes(4)).unwrap();
    entry.rule(Ruling::Resume, minutes(5)).unwrap();
    entry.rule(Ruling::Void(VoidReason::LetterMismatch), minutes(6)).unwrap();
    entry
}

#[test]
fn a_history_is_read_back_with_its_times_actors_reasons_and_hashes() {
    let entry = long_history();
    let json = entry.history().to_json().unwrap();
    let read = History::from_json(&json).unwrap();
    assert_eq!(&read, entry.history());
    let actors: Vec<_> = read.events().iter().map(consent::Event::actor).collect();
    use Actor::{Registry, Subject};
    assert_eq!(actors, [Subject, Subject, Subject, Subject, Registry, Registry, Registry]);
    let last = read.events().last().unwrap();
    assert_eq!((last.at(), last.hash()), (minutes(6), read.head()));
    assert_eq!(last.act(), &Act::Voided { reason: VoidReason::LetterMismatch });
    assert_eq!(read.state_at(minutes(7)), State::Void);
    let text = String::from_utf8(json).unwrap();
    assert!(!text.contains("PDY") && !text.contains("示例"));
    // A registry that starts again goes on from there.
    let record = trust().verify(&signed(&draft(), ENTERPRISE), NOW).unwrap();
    assert!(Entry::restore(record, read).is_err());
    let fresh = register(&signed(&draft(), ENTERPRISE));
    let record = trust().verify(&signed(&draft(), ENTERPRISE), NOW).unwrap();
    assert_eq!(Entry::restore(record, fresh.history().clone()), Ok(fresh));
}

#[test]
fn a_history_with_an_event_changed_left_out_or_moved_is_refused() {
    let json = long_history().history().to_json().unwrap();
    let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let read = |value: &serde_json::Value| History::from_json(&serde_json::to_vec(value).unwrap());
    assert!(read(&value).is_ok());
    let count = value["events"].as_array().unwrap().len();
    for place in 0..count {
        let mut moved = value.clone();
        moved["events"][place]["at"] = "2026-03-05T10:03:01+08:00".into();
        assert!(read(&moved).is_err(), "{place}");
        let mut rehashed = value.clone();
        rehashed["events"][place]["hash"] = format!("sha256:{}", "00".repeat(32)).into();
        assert!(matches!(read(&rehashed), Err(Error::Rule { .. })), "{place}");
        if place + 1 < count {
            let mut left_out = value.clone();
            left_out["events"].as_array_mut().unwrap().remove(place);
            assert!(read(&left_out).is_err(), "{place}");
            let mut swapped = value.clone();
            swapped["events"].as_array_mut().unwrap().swap(place, place + 1);
            assert!(read(&swapped).is_err(), "{place}");
        }
    }
    for (pointer, other) in [
        ("/authorisation_id", "AU-1"),
        ("/registry", "node-b"),
        ("/events/6/what/reason", "no_power"),
        ("/events/6/what/act", "exhausted"),
    ] {
        let mut changed = value.clone();
        *changed.pointer_mut(pointer).unwrap() = other.into();
        assert!(read(&changed).is_err(), "{pointer}");
    }
    let mut empty = value;
    empty["events"] = serde_json::json!([]);
    assert!(matches!(read(&empty), Err(Error::Rule { .. })));
    let long = vec![b' '; consent::MAX_HISTORY + 1];
    assert!(matches!(History::from_json(&long), Err(Error::Oversized { .. })));
}

proptest! {
    /// Whatever is asked for, in whatever order: a terminal state is the last one, the history
    /// always reads back, and a step that is refused changes nothing.
    #[test]
    fn no_terminal_state_ever_reopens(
        steps in vec((0u8..8, 0i64..3 * 24 * 60, any::<bool>()), 1..24),
    ) {
        let mut entry = register(&signed_at(&draft(), ENTERPRISE, SIGNED));
        let mut at = REGISTERED;
        let mut ended = None;
        for (step, later, back) in steps {
            at += Duration::minutes(if back { -1 } else { later });
            let state = entry.state_at(at);
            let before = entry.clone();
            let taken = match step {
                0 => change_at(&mut entry, ChangeKind::Revoke, at),
                1 => change_at(&mut entry, ChangeKind::Suspend, at),
                2 => change_at(&mut entry, ChangeKind::Resume, at),
                3 => narrow_at(&mut entry, at),
                4 => entry.rule(Ruling::Suspend(SuspendReason::Objection), at),
                5 => entry.rule(Ruling::Resume, at),
                6 => entry.rule(Ruling::Void(VoidReason::NoPower), at),
                _ => entry.rule(Ruling::Exhaust, at),
            };
            if taken.is_err() {
                prop_assert_eq!(&entry, &before);
            } else {
                prop_assert!(!state.is_terminal(), "{state} went on");
            }
            let end = entry.record().term().not_after();
            let closed = entry.state_at(end - Duration::NANOSECOND);
            if let Some(was) = ended {
                prop_assert_eq!(closed, was);
            } else if closed.is_terminal() {
                ended = Some(closed);
            }
            let json = entry.history().to_json().unwrap();
            prop_assert_eq!(&History::from_json(&json).unwrap(), entry.history());
        }
    }
}
