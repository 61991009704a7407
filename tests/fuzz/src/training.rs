//! The steps of a training and the words about its job, as anybody may write them.

use prost::Message;
use wire::{JobMessage, Kept, TrainTerms, peer};

use crate::script::{Script, mutated};

/// A step as an honest lender sends it.
pub fn honest_step() -> peer::TrainTerms {
    peer::TrainTerms {
        job: vec![1; 32].into(),
        training: vec![2; 16].into(),
        step: Some(peer::train_terms::Step::Upload(peer::UploadStep {
            place: Some(3),
            bins: true,
        })),
    }
}

/// A word about a job as an honest party sends it.
pub fn honest_word() -> peer::JobRequest {
    let refused = peer::JobRefused { job: vec![3; 32].into(), reason: "too many columns".into() };
    peer::JobRequest { about: Some(peer::job_request::About::Refused(refused)) }
}

/// How far an honest party says that it is.
pub fn honest_state() -> peer::Agreement {
    Kept { passes: vec![3, 4], gathered: true, binned: true }.agreement().into()
}

/// Reads what the script makes of honest messages, and the script itself, as every message of a
/// training.
///
/// # Panics
///
/// When what was understood breaks a bound, or says something else when it is said again.
pub fn read(bytes: &[u8]) {
    let mut script = Script(bytes);
    let honest = match script.byte() % 3 {
        0 => honest_step().encode_to_vec(),
        1 => honest_word().encode_to_vec(),
        _ => honest_state().encode_to_vec(),
    };
    let altered = mutated(&honest, &mut script);
    for bytes in [altered.as_slice(), bytes] {
        if let Ok(message) = peer::TrainTerms::decode(bytes)
            && let Ok(terms) = TrainTerms::try_from(message)
        {
            let again = peer::TrainTerms::from(terms.clone());
            assert_eq!(TrainTerms::try_from(again), Ok(terms));
        }
        if let Ok(message) = peer::JobRequest::decode(bytes)
            && let Ok(word) = JobMessage::try_from(message)
        {
            if let JobMessage::Refused { reason, .. } = &word {
                assert!(reason.len() <= wire::MAX_REASON);
            }
            let again = peer::JobRequest::from(word.clone());
            assert_eq!(JobMessage::try_from(again), Ok(word));
        }
        if let Ok(agreement) = peer::Agreement::decode(bytes)
            && let Ok(added) = agreement.try_into()
            && let Ok(kept) = Kept::of(&added)
        {
            assert!(kept.passes.len() <= 4);
            assert_eq!(Kept::of(&kept.agreement()), Ok(kept));
        }
    }
}
