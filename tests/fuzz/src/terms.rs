//! The terms of a verification, as anybody may write them.

use prost::Message;
use wire::{CLAIM_BOX, EvaluationTerms, VerifyTerms, peer, routes};

use crate::script::{Script, mutated};

/// Terms as an honest platform sends them to a holder.
pub fn honest() -> peer::VerifyTerms {
    peer::VerifyTerms {
        formula: "1.vat_paid_12m_cny within 5 % of claimed and 10.insured_count >= sealed".into(),
        lender: "bank".into(),
        kind: "uscc".into(),
        subject: "91320100PDY00001XR".into(),
        authorisation: b"{}".to_vec().into(),
        persons: vec![b"{}".to_vec().into()],
        lender_key: vec![1; 32].into(),
        thresholds: vec![vec![2; 32].into()],
        routing: Some(peer::Routing {
            holders: vec!["tax".into(), "social".into()],
            places: vec![0, 1].into(),
        }),
        public_key: vec![3; 100].into(),
        claims: vec![vec![4; 32].into()],
        boxes: vec![vec![5; CLAIM_BOX].into()],
        question: b"{}".to_vec().into(),
        salt: vec![6; 32].into(),
    }
}

/// Reads what the script makes of honest terms, and the script itself, as every message that carries
/// terms of a verification.
///
/// # Panics
///
/// When what was understood breaks a bound, or says something else when it is said again.
pub fn read(bytes: &[u8]) {
    let mut script = Script(bytes);
    let altered = mutated(&honest().encode_to_vec(), &mut script);
    for bytes in [altered.as_slice(), bytes] {
        if let Ok(message) = peer::VerifyTerms::decode(bytes)
            && let Ok(terms) = VerifyTerms::try_from(message)
        {
            assert!(terms.formula.len() <= 4096 && terms.thresholds.len() <= 64);
            assert!(terms.claims.len() <= 64 && terms.boxes.len() <= terms.claims.len());
            if let Some(routing) = &terms.routing {
                assert!(routing.places.iter().all(|at| usize::from(*at) < routing.holders.len()));
            }
            let again = peer::VerifyTerms::from(terms.clone());
            assert!(VerifyTerms::try_from(again) == Ok(terms));
        }
        if let Ok(message) = peer::EvaluationTerms::decode(bytes)
            && let Ok(terms) = EvaluationTerms::try_from(message)
        {
            let again = peer::EvaluationTerms::from(terms.clone());
            assert_eq!(EvaluationTerms::try_from(again), Ok(terms));
        }
        if let Ok(agreement) = peer::Agreement::decode(bytes)
            && let Ok(added) = agreement.try_into()
            && let Ok(found) = routes(&added)
        {
            let mut classes: Vec<_> = found.iter().flat_map(|route| &route.classes).collect();
            let all = classes.len();
            classes.sort();
            classes.dedup();
            assert_eq!(classes.len(), all, "a class has one holder");
        }
    }
}
