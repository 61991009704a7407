//! Random chunks at every session and random bytes at every decoder: an error or a success, never
//! a panic.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]

mod common;

use std::sync::Arc;

use common::{Scene, below, rng};
use rand_core::Rng;
use scoring::{
    ANSWER_BYTES, Answer, LENDER, LENDER_KEY_BYTES, LenderKey, MaskKey, PLATFORM, PUBLIC_KEY_BYTES,
    PublicKey, SUM_BYTES, Shape, Sum, Table, TableTerms, holder, issue, score,
};
use session::{Chunk, MAX_CHUNK, Role, Session};

/// A length that some message could have, or one near it, or any.
fn length(rng: &mut impl Rng) -> usize {
    let known = [0, 32, 34, 65_536 + 32, PUBLIC_KEY_BYTES, PUBLIC_KEY_BYTES + 32, ANSWER_BYTES];
    match below(8, rng) {
        0 => below(70_000, rng),
        1 => MAX_CHUNK + below(2, rng),
        2 => known[below(known.len(), rng)].saturating_sub(1),
        _ => known[below(known.len(), rng)],
    }
}

fn bytes(rng: &mut impl Rng) -> Vec<u8> {
    let mut bytes = vec![0; length(rng)];
    // Most of a long body may stay zero: what is parsed lies in front.
    let filled = bytes.len().min(4096);
    rng.fill_bytes(&mut bytes[..filled]);
    bytes
}

#[test]
fn ten_thousand_noisy_runs_end_without_a_panic() {
    let mut rng = rng(40);
    let scene = Scene::new(2, 1, 2, &mut rng);
    let terms = scene.terms(1);
    let fingerprint = scene.key.public().fingerprint();
    let shape = Shape::new(vec![1]).unwrap();
    let table = TableTerms::new(fingerprint, scene.model, shape);
    for run in 0..10_000 {
        match run % 4 {
            0 => hear(score::Platform::new(terms.clone()), &mut rng),
            1 => hear(score::Lender::new(terms.clone(), Arc::clone(&scene.key)).unwrap(), &mut rng),
            2 => hear(issue::KeyReceiver::new(fingerprint), &mut rng),
            _ => hear(issue::TableReceiver::new(table.clone()), &mut rng),
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
        let round = u32::try_from(below(3, rng)).unwrap();
        let chunk = Chunk { round, last: below(4, rng) != 0, body: bytes(rng).into() };
        if session.receive(from, chunk).is_err() {
            return;
        }
    }
}

#[test]
fn random_bytes_are_refused_by_every_decoder() {
    let mut rng = rng(41);
    let scene = Scene::new(2, 1, 2, &mut rng);
    let terms = scene.terms(1);
    for _ in 0..2_000 {
        let bytes = bytes(&mut rng);
        assert!(Answer::from_bytes(&bytes, &terms, holder(0)).is_err());
        assert!(Sum::from_bytes(&bytes, &terms).is_err());
        assert!(Table::from_bytes(&bytes).is_err());
        assert!(LenderKey::from_secret_bytes(&bytes).is_err());
        assert_eq!(PublicKey::from_bytes(&bytes).is_ok(), bytes.len() == PUBLIC_KEY_BYTES);
        assert_eq!(MaskKey::from_secret_bytes(&bytes).is_ok(), bytes.len() == 32);
    }
    assert!(LenderKey::from_secret_bytes(&[1; LENDER_KEY_BYTES]).is_err());
    assert!(Sum::from_bytes(&[0; SUM_BYTES], &terms).is_err());
}
