//! Random chunks at every session, random bytes at every decoder, and random content behind right
//! digests: an error or a success, never a panic.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]

mod common;

use common::run::Shared;
use common::{Asked, Lender, below, rng};
use rand_core::Rng;
use session::{Chunk, MAX_CHUNK, Role, Session};
use sha2::{Digest, Sha256};
use verification::{
    Answer, Atoms, COMBINED_BYTES, Combined, Comparison, EVALUATION_KEY_BYTES, Encode, Evaluation,
    EvaluationKey, Formula, HolderId, LENDER, LENDER_KEY_BYTES, LenderKey, PLATFORM,
    PUBLIC_KEY_BYTES, PublicKey, QueryId, QuestionDigest, RunId, SEALED_THRESHOLD_BYTES,
    SealedThreshold, Terms, ThresholdDigest, holder, upload,
};

/// A length that some message could have, or one near it, or any.
fn length(rng: &mut impl Rng) -> usize {
    let known =
        [0, 32, SEALED_THRESHOLD_BYTES, PUBLIC_KEY_BYTES, COMBINED_BYTES, LENDER_KEY_BYTES, 8232];
    match below(8, rng) {
        0 => below(70_000, rng),
        1 => MAX_CHUNK + below(2, rng),
        2 => known[below(known.len(), rng)].saturating_sub(1),
        _ => known[below(known.len(), rng)],
    }
}

fn bytes(rng: &mut impl Rng) -> Vec<u8> {
    let mut bytes = vec![0; length(rng)];
    let filled = bytes.len().min(4096);
    rng.fill_bytes(&mut bytes[..filled]);
    bytes
}

const ASKED: [(usize, Asked); 2] =
    [(0, Asked::Sealed(Comparison::Less, 9, Some(7))), (1, Asked::Plain(Answer::Yes))];

fn both() -> Formula {
    Formula::all([Formula::Atom(0), Formula::Atom(1)])
}

#[test]
fn ten_thousand_noisy_runs_end_without_a_panic() {
    let mut rng = rng(40);
    let lender = Lender::new(&mut rng);
    let question = lender.question(1, &ASKED, &both(), &mut rng);
    let fingerprint = lender.uploaded.fingerprint();
    let shared = Shared::new(lender);
    let mut own = common::rng(43);
    for run in 0..10_000 {
        match run % 4 {
            0 => hear(shared.platform(&question.terms, &mut own), &mut rng),
            1 => hear(shared.lender(&question), &mut rng),
            2 => hear(upload::KeyReceiver::new(fingerprint), &mut rng),
            _ => hear(shared.holder(question.query(0), true, &mut own), &mut rng),
        }
    }
}

/// Plays up to four random chunks to a session, mostly from roles that it listens to.
fn hear(mut session: impl Session, rng: &mut impl Rng) {
    for _ in 0..4 {
        if session.advance().is_err() {
            return;
        }
        let from = [LENDER, PLATFORM, holder(0), holder(1), Role(200)][below(5, rng)];
        let round = u32::try_from(below(5, rng)).unwrap();
        let chunk = Chunk { round, last: below(4, rng) != 0, body: bytes(rng).into() };
        if session.receive(from, chunk).is_err() {
            return;
        }
    }
}

#[test]
fn random_bytes_are_refused_by_every_decoder() {
    let mut rng = rng(41);
    let lender = Lender::new(&mut rng);
    let terms = lender.question(1, &ASKED, &both(), &mut rng).terms;
    for _ in 0..2_000 {
        let bytes = bytes(&mut rng);
        assert!(Atoms::from_bytes(&bytes, &terms, holder(0)).is_err());
        assert!(Atoms::from_bytes(&bytes, &terms, holder(1)).is_err());
        assert!(Combined::from_bytes(&bytes, &terms).is_err());
        assert!(EvaluationKey::from_bytes(&bytes).is_err());
        assert!(LenderKey::from_secret_bytes(&bytes).is_err());
        let digest = ThresholdDigest([1; 32]);
        assert!(SealedThreshold::from_bytes(&bytes, digest, LENDER).is_err());
        assert_eq!(PublicKey::from_bytes(&bytes).is_ok(), bytes.len() == PUBLIC_KEY_BYTES);
    }
    assert!(LenderKey::from_secret_bytes(&[1; LENDER_KEY_BYTES]).is_err());
    assert!(EvaluationKey::from_bytes(&vec![0; EVALUATION_KEY_BYTES]).is_err());
}

/// The digest that this protocol puts before a content.
fn bound(purpose: &str, parts: &[&[u8]]) -> Vec<u8> {
    let domain = format!("{}/{purpose}", verification::DOMAIN);
    let mut hash = Sha256::new();
    hash.update([u8::try_from(domain.len()).unwrap()]);
    hash.update(domain);
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().to_vec()
}

#[test]
fn random_keys_and_atoms_behind_right_digests_compute_nonsense_and_do_not_panic() {
    let mut rng = rng(42);
    let mut content = vec![0; EVALUATION_KEY_BYTES - PUBLIC_KEY_BYTES];
    rng.fill_bytes(&mut content);
    let mut public = vec![0; PUBLIC_KEY_BYTES - 32];
    rng.fill_bytes(&mut public);
    let named = bound("evaluation-key", &[&content]);
    let key = EvaluationKey::from_bytes(&[public, named, content].concat()).unwrap();
    let evaluator = key.expand();
    let terms = Terms::new(
        key.fingerprint(),
        QuestionDigest([0; 32]),
        RunId([0; 16]),
        QueryId([0; 16]),
        vec![HolderId([0; 32])],
        vec![
            verification::Atom::Plain { holder: 0 },
            verification::Atom::Sealed {
                holder: 0,
                comparison: Comparison::Equal,
                threshold: ThresholdDigest([0; 32]),
            },
        ],
        &both(),
    )
    .unwrap();
    let mut content = vec![0; Atoms::length(&terms, 0) - 32];
    rng.fill_bytes(&mut content);
    let digest = bound("atoms", &[&terms.digest(), &[0], &content]);
    let atoms = Atoms::from_bytes(&[digest, content].concat(), &terms, holder(0)).unwrap();
    let mut evaluation = Evaluation::new(terms.clone());
    evaluation.take(&atoms).unwrap();
    let combined = evaluation.combine(&evaluator, &mut rng).unwrap().to_bytes();
    let (mine, _) = LenderKey::generate(&mut rng);
    let combined = Combined::from_bytes(&combined, &terms).unwrap();
    assert!(mine.decrypt(&combined, &terms).is_err(), "the terms name another key");
}
