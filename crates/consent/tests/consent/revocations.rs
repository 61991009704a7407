//! A key that its issuer has revoked takes everything with it that it has signed, and nothing else.

use consent::{ChangeKind, Error, KeyRevocations, MAX_REVOKED, Trust};
use domain::Refusal;
use envelope::{Envelope, PublicKey};
use proptest::prelude::{any, prop, proptest};
use time::{Duration, OffsetDateTime};

use crate::support::{
    Case, ENTERPRISE, ISSUER, NOW, PERSON, REGISTERED, SIGNED, STRANGER, Shown, change, draft, key,
    party, person_draft, signed, trust,
};

fn list(before: Option<&KeyRevocations>, seeds: &[u8], at: OffsetDateTime) -> KeyRevocations {
    let keys: Vec<PublicKey> = seeds.iter().map(|seed| key(*seed).public()).collect();
    KeyRevocations::after(before, party("ebl"), &keys, at).unwrap()
}

fn without(trust: Trust, list: &KeyRevocations) -> Trust {
    let sealed = list.sign(&key(ISSUER)).unwrap();
    let verified = KeyRevocations::open(&sealed, &trust).unwrap();
    trust.with_revocations(verified)
}

#[test]
fn what_a_revoked_key_has_signed_counts_no_more_and_another_key_signs_again() {
    let mut case = Case::without_person();
    let covered = case.decide().unwrap();
    let verified = trust().verify(case.subject.record.as_ref().unwrap(), NOW).unwrap();
    case.trust = without(trust(), &list(None, &[ENTERPRISE], NOW));
    // Whatever it says of its time, and whether its chain was walked before or not.
    assert_eq!(case.decide(), Err(Refusal::AuthSignature));
    assert!(matches!(verified.still_trusted(&case.trust, NOW), Err(Error::KeyRevoked { .. })));
    let backdated = crate::support::signed_at(&draft(), ENTERPRISE, SIGNED + Duration::SECOND);
    assert!(matches!(case.trust.verify(&backdated, NOW), Err(Error::KeyRevoked { .. })));
    // Nor does it change anything any more, to revoke included: the next key does.
    let record = verified.record();
    let by = |seed| change(record, ChangeKind::Revoke, &draft(), seed, NOW);
    assert!(matches!(
        case.trust.verify_change(&by(ENTERPRISE), NOW),
        Err(Error::KeyRevoked { .. })
    ));
    assert!(case.trust.verify_change(&by(STRANGER), NOW).is_ok());
    // One certificate is lost, and no issuer.
    case.subject = Shown::of(signed(&draft(), STRANGER));
    assert_eq!(case.decide().unwrap().request(), covered.request());
}

#[test]
fn a_persons_revoked_key_is_refused_as_the_persons_consent() {
    let mut case = Case::covered();
    case.trust = without(trust(), &list(None, &[PERSON], NOW));
    assert_eq!(case.decide(), Err(Refusal::ConsentPerson));
    case.persons = vec![Shown::of(signed(&person_draft(), STRANGER))];
    assert!(case.decide().is_ok());
}

#[test]
fn a_list_reaches_the_certificates_of_its_own_issuer_alone() {
    let other = party("other");
    let trust = trust().with_issuer(other.clone(), key(STRANGER).public());
    let keys = [key(ENTERPRISE).public()];
    let foreign = KeyRevocations::after(None, other, &keys, NOW).unwrap();
    let sealed = foreign.sign(&key(STRANGER)).unwrap();
    let verified = KeyRevocations::open(&sealed, &trust).unwrap();
    let record = signed(&draft(), ENTERPRISE);
    assert!(trust.with_revocations(verified).verify(&record, NOW).is_ok());
}

#[test]
fn a_list_counts_only_by_its_issuers_key_and_is_not_put_back_by_an_older_one() {
    let first = list(None, &[ENTERPRISE], REGISTERED);
    let forged = first.sign(&key(STRANGER)).unwrap();
    assert!(matches!(KeyRevocations::open(&forged, &trust()), Err(Error::Envelope { .. })));
    let unknown = KeyRevocations::after(None, party("nobody"), &[], NOW).unwrap();
    let unknown = unknown.sign(&key(ISSUER)).unwrap();
    assert!(matches!(KeyRevocations::open(&unknown, &trust()), Err(Error::Untrusted { .. })));

    let second = list(Some(&first), &[PERSON], NOW);
    assert_eq!((second.number(), second.len()), (2, 2));
    let none = list(None, &[], NOW);
    let trust = without(without(trust(), &second), &none);
    assert_eq!(trust.revocations(&party("ebl")), Some(&second));
    assert!(trust.verify(&signed(&draft(), ENTERPRISE), NOW).is_err());
}

#[test]
fn a_list_follows_one_of_its_own_issuer_that_is_not_newer() {
    let first = list(None, &[ENTERPRISE], NOW);
    let after = |issuer: &str, at| KeyRevocations::after(Some(&first), party(issuer), &[], at);
    assert!(matches!(after("other", NOW), Err(Error::Rule { .. })));
    assert!(matches!(after("ebl", NOW - Duration::SECOND), Err(Error::Rule { .. })));
    assert_eq!(after("ebl", NOW).unwrap().len(), 1);
}

#[test]
fn the_longest_list_is_signed_and_read_and_a_longer_one_is_refused() {
    let keys: Vec<PublicKey> = (0..=MAX_REVOKED)
        .map(|at| {
            let mut seed = [0; 32];
            seed[..8].copy_from_slice(&at.to_be_bytes());
            envelope::SigningKey::from_seed(&seed).public()
        })
        .collect();
    let whole = KeyRevocations::after(None, party("ebl"), &keys[1..], NOW).unwrap();
    let json = whole.sign(&key(ISSUER)).unwrap().to_json();
    let read = KeyRevocations::envelope(&json).unwrap();
    assert_eq!(KeyRevocations::unverified(&read).unwrap(), whole);
    assert!(keys[1..].iter().all(|key| whole.revokes(key)) && !whole.revokes(&keys[0]));
    let longer = KeyRevocations::after(None, party("ebl"), &keys, NOW);
    assert!(matches!(longer, Err(Error::Rule { .. })));
}

#[test]
fn keys_out_of_order_or_twice_are_refused() {
    let mut keys = [key(1).public(), key(2).public()];
    keys.sort_by_key(|key| std::cmp::Reverse(*key.as_bytes()));
    for keys in [keys, [keys[0], keys[0]]] {
        let keys: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
        let payload = format!(
            r#"{{"issuer":"ebl","number":1,"issued_at":"2026-03-05T02:00:00Z","keys":[{}]}}"#,
            keys.join(",")
        );
        let sealed = Envelope::sign(KeyRevocations::TYPE, payload.into_bytes(), &key(ISSUER));
        assert!(matches!(KeyRevocations::open(&sealed, &trust()), Err(Error::Rule { .. })));
    }
}

proptest! {
    #[test]
    fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..300)) {
        let sealed = Envelope::sign(KeyRevocations::TYPE, noise.clone(), &key(ISSUER));
        let _ = KeyRevocations::open(&sealed, &trust());
        let _ = KeyRevocations::envelope(&noise);
    }
}
