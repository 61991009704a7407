//! What the batch form encodes decodes to itself, and nothing else decodes; noise never panics.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]

mod common;

use std::sync::Arc;

use common::batch::{Scene, picks};
use common::{below, rng};
use proptest::prelude::*;
use rand_core::Rng;
use scoring::batch::{
    ANSWER_BYTES, Answer, CheckedKey, LENDER_KEY_BYTES, Lender, LenderKey, ListDigest,
    PUBLIC_KEY_BYTES, Platform, PublicKey, RunSeed, SUM_BYTES, Span, Sum, Table, Terms, key_check,
};
use scoring::{
    Encode, Error, Fingerprint, LENDER, MaskPublicKey, ModelDigest, PLATFORM, RunId, Scorecard,
    Shape, TableTerms, holder, issue,
};
use session::{Blame, Chunk, Culprit, MAX_CHUNK, Misplaced, Role, Session, Turn, Unexpected};

#[test]
fn batch_keys_survive_storage_and_broken_ones_are_refused() {
    let mut rng = rng(90);
    let key = LenderKey::generate(&mut rng);
    let bytes = key.to_secret_bytes();
    assert_eq!(bytes.len(), LENDER_KEY_BYTES);
    let again = LenderKey::from_secret_bytes(&bytes).unwrap();
    assert_eq!(again.to_secret_bytes(), bytes);
    let public = key.public().to_bytes();
    assert_eq!(public.len(), PUBLIC_KEY_BYTES);
    assert_eq!(PublicKey::from_bytes(&public).unwrap(), *key.public());

    let other = LenderKey::generate(&mut rng);
    let mut mixed = bytes.clone();
    mixed[1024..].copy_from_slice(&other.public().to_bytes());
    assert_eq!(LenderKey::from_secret_bytes(&mixed).err(), Some(Error::BrokenKey));
    // Two bits that stand for no ternary number; a residue that is not reduced.
    let mut wild = bytes.clone();
    wild[7] = 0b10;
    assert_eq!(LenderKey::from_secret_bytes(&wild).err(), Some(Error::BrokenKey));
    let mut wild = public;
    wild[32..37].fill(0xff);
    let error = PublicKey::from_bytes(&wild).unwrap_err();
    assert_eq!(error, Error::NotReduced { what: "lender's batch key", culprit: Culprit::Us });
}

#[test]
fn run_seeds_survive_storage_and_fit_no_other_run_or_role() {
    let mut rng = rng(91);
    let scene = Scene::new(2, 2, 3, &mut rng);
    let terms = scene.terms(1, 5000);
    let registers = scene.registers(&terms, &mut rng);
    let run_seed = &scene.run_seeds(&terms, &registers, &mut rng)[0];
    let bytes = run_seed.to_secret_bytes();
    assert_eq!(bytes.len(), 65 + 32 * 2);
    let again = RunSeed::from_secret_bytes(&bytes, terms.clone(), holder(0)).unwrap();
    assert_eq!(again.to_secret_bytes(), bytes);
    assert_eq!(again.terms(), &terms);

    let read = |bytes: &[u8], terms, role| RunSeed::from_secret_bytes(bytes, terms, role).err();
    assert_eq!(read(&bytes, scene.terms(2, 5000), holder(0)), Some(Error::OtherPledge));
    assert_eq!(read(&bytes, terms.clone(), holder(1)), Some(Error::OtherPledge));
    assert_eq!(read(&bytes, terms.clone(), LENDER), Some(Error::NoHolder { found: LENDER }));
    assert!(matches!(read(&bytes[1..], terms.clone(), holder(0)), Some(Error::Length { .. })));
    assert!(matches!(read(&bytes, scene.terms(1, 1), holder(0)), Some(Error::Length { .. })));

    // A run seed reads exactly the list's blocks.
    let shape = scene.tables[0].terms().shape();
    let mut make = |blocks: &[Vec<Vec<u8>>]| {
        let blocks = blocks.iter().map(|block| picks(block));
        RunSeed::new(terms.clone(), holder(0), shape, blocks, &mut rng).err()
    };
    let wrong = Some(Error::OtherShape { what: "number of blocks of picks" });
    let register = &registers[0];
    assert_eq!(make(register), None);
    assert_eq!(make(&register[..1]), wrong);
    assert_eq!(make(&[register.clone(), register[1..].to_vec()].concat()), wrong);
    assert_eq!(make(&[]), wrong);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn batch_tables_survive_storage_and_damage_shows(
        bins in prop::collection::vec(1usize..3, 1..3),
        seed: u8,
        at: prop::sample::Index,
        cut: prop::sample::Index,
    ) {
        let mut rng = rng(seed);
        let key = LenderKey::generate(&mut rng);
        let points: Vec<Vec<u16>> = bins.iter().map(|&bins| vec![1; bins]).collect();
        let card = Scorecard::new(&points).unwrap();
        let terms = TableTerms::new(
            key.public().fingerprint(), ModelDigest([seed; 32]), card.shape().clone(),
        );
        let table = Table::encrypt(&terms, key.public(), card, &mut rng).unwrap();
        let bytes = table.to_bytes();
        let again = Table::from_batch_bytes(&bytes).unwrap();
        prop_assert_eq!(again.terms(), table.terms());
        prop_assert_eq!(again.digest(), table.digest());
        prop_assert_eq!(again.to_bytes(), bytes.clone());
        let mut damaged = bytes.clone();
        damaged[at.index(bytes.len())] ^= 1;
        prop_assert!(Table::from_batch_bytes(&damaged).is_err());
        prop_assert!(Table::from_batch_bytes(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn answers_to_blocks_decode_only_as_they_were_sent(at: prop::sample::Index, bit in 0..8u8) {
        let mut rng = rng(92);
        let scene = Scene::new(2, 1, 2, &mut rng);
        let terms = scene.terms(1, 10);
        let registers = scene.registers(&terms, &mut rng);
        let run_seed = &scene.run_seeds(&terms, &registers, &mut rng)[1];
        let mut session = scene.holder(1, run_seed, Span::new(0, 1).unwrap(), &registers[1]);
        let Ok(Turn::Send(_, chunk)) = session.advance() else { panic!("an answer") };
        let bytes = chunk.body.to_vec();
        let again = Answer::from_bytes(&bytes, &terms, 0, holder(1)).unwrap();
        prop_assert_eq!(again.to_bytes(), bytes.clone());
        prop_assert!(Answer::from_bytes(&bytes, &terms, 0, holder(0)).is_err());
        prop_assert!(Answer::from_bytes(&bytes, &terms, 1, holder(1)).is_err());
        let mut damaged = bytes.clone();
        damaged[at.index(bytes.len())] ^= 1 << bit;
        prop_assert!(Answer::from_bytes(&damaged, &terms, 0, holder(1)).is_err());
    }

    #[test]
    fn every_batch_term_changes_the_digest(max in 0..=1023u16, subjects in 1u32.., run: [u8; 16]) {
        let keys: Vec<MaskPublicKey> = (0..7).map(|j| MaskPublicKey([j; 32])).collect();
        let make = |key: u8, model: u8, run, list: u8, subjects, max, keys: &[MaskPublicKey]| {
            let (key, model) = (Fingerprint([key; 32]), ModelDigest([model; 32]));
            let list = (ListDigest([list; 32]), subjects);
            Terms::new(key, model, RunId(run), list, max, keys.to_vec()).unwrap().digest()
        };
        let mut other = run;
        other[0] ^= 1;
        let digests = [
            make(1, 1, run, 1, subjects, max, &keys[..3]),
            make(2, 1, run, 1, subjects, max, &keys[..3]),
            make(1, 2, run, 1, subjects, max, &keys[..3]),
            make(1, 1, other, 1, subjects, max, &keys[..3]),
            make(1, 1, run, 2, subjects, max, &keys[..3]),
            make(1, 1, run, 1, (subjects ^ 1).max(2), max, &keys[..3]),
            make(1, 1, run, 1, subjects, max ^ 1, &keys[..3]),
            make(1, 1, run, 1, subjects, max, &keys[..2]),
            make(1, 1, run, 1, subjects, max, &keys[1..4]),
        ];
        let distinct: std::collections::HashSet<_> = digests.iter().collect();
        prop_assert_eq!(distinct.len(), if subjects == 2 { 9 } else { digests.len() });
    }
}

#[test]
fn batch_terms_keep_their_limits() {
    let keys: Vec<MaskPublicKey> = (0..8).map(|j| MaskPublicKey([j; 32])).collect();
    let make = |subjects, max, keys: &[MaskPublicKey]| {
        let (key, model) = (Fingerprint([0; 32]), ModelDigest([0; 32]));
        let list = (ListDigest([0; 32]), subjects);
        Terms::new(key, model, RunId([0; 16]), list, max, keys.to_vec()).err()
    };
    assert_eq!(make(1, 1023, &keys[..7]), None);
    assert_eq!(make(0, 1023, &keys[..7]), Some(Error::EmptyList));
    assert_eq!(make(1, 1024, &keys[..7]), Some(Error::TooManyPoints { found: 1024 }));
    assert_eq!(make(1, 9, &keys), Some(Error::Holders { found: 8 }));
    assert_eq!(make(1, 9, &[]), Some(Error::Holders { found: 0 }));
    let twice = [keys[0], keys[1], keys[0]];
    let same = Error::SameMaskKey { first: holder(0), second: holder(2) };
    assert_eq!(make(1, 9, &twice), Some(same));
}

/// A length that some message could have, or one near it, or any.
fn bytes(rng: &mut impl Rng) -> Vec<u8> {
    let known = [0, 32, 81_920, 81_920 + 32, PUBLIC_KEY_BYTES, PUBLIC_KEY_BYTES + 32, ANSWER_BYTES];
    let length = match below(8, rng) {
        0 => below(90_000, rng),
        1 => MAX_CHUNK + below(2, rng),
        2 => known[below(known.len(), rng)].saturating_sub(1),
        _ => known[below(known.len(), rng)],
    };
    let mut bytes = vec![0; length];
    // Most of a long body may stay zero: what is parsed lies in front.
    let filled = length.min(4096);
    rng.fill_bytes(&mut bytes[..filled]);
    bytes
}

/// Plays up to four random chunks to a session, mostly from roles that it listens to.
fn hear(mut session: impl Session, rng: &mut impl Rng) {
    for _ in 0..4 {
        if session.advance().is_err() {
            return;
        }
        let from = [LENDER, PLATFORM, holder(0), holder(1), Role(200)][below(5, rng)];
        let round = u32::try_from(below(4, rng)).unwrap();
        let chunk = Chunk { round, last: below(4, rng) != 0, body: bytes(rng).into() };
        if session.receive(from, chunk).is_err() {
            return;
        }
    }
}

#[test]
fn five_thousand_noisy_batch_sessions_end_without_a_panic() {
    let mut rng = rng(93);
    let scene = Scene::new(2, 1, 2, &mut rng);
    let terms = scene.terms(1, 5000);
    let registers = scene.registers(&terms, &mut rng);
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
    let fingerprint = scene.key.public().fingerprint();
    let table = TableTerms::new(fingerprint, scene.model, Shape::new(vec![1]).unwrap());
    let tried = CheckedKey::from_record(fingerprint);
    let span = Span::new(0, 2).unwrap();
    for session in 0..5_000 {
        match session % 100 {
            0 => hear(scene.holder(0, &run_seeds[0], span, &registers[0]), &mut rng),
            1..10 => hear(key_check::Lender::new(Arc::clone(&scene.key)), &mut rng),
            10..20 => hear(key_check::Holder::new(fingerprint, &mut rng), &mut rng),
            20..40 => hear(issue::KeyReceiver::for_batch(fingerprint), &mut rng),
            40..60 => {
                let receiver = issue::TableReceiver::for_batch(table.clone(), tried).unwrap();
                hear(receiver, &mut rng);
            }
            60..80 => hear(Platform::new(terms.clone(), span).unwrap(), &mut rng),
            _ => {
                let key = Arc::clone(&scene.key);
                hear(Lender::new(terms.clone(), span, key).unwrap(), &mut rng);
            }
        }
    }
}

#[test]
fn random_bytes_are_refused_by_every_batch_decoder() {
    let mut rng = rng(94);
    let scene = Scene::new(2, 1, 2, &mut rng);
    let terms = scene.terms(1, 5000);
    for _ in 0..500 {
        let bytes = bytes(&mut rng);
        assert!(Answer::from_bytes(&bytes, &terms, 0, holder(0)).is_err());
        assert!(Sum::from_bytes(&bytes, &terms, 0).is_err());
        assert!(Table::from_batch_bytes(&bytes).is_err());
        assert!(LenderKey::from_secret_bytes(&bytes).is_err());
        assert!(PublicKey::from_bytes(&bytes).is_err(), "4096 random bytes are never all reduced");
        assert!(RunSeed::from_secret_bytes(&bytes, terms.clone(), holder(0)).is_err());
    }
    assert!(Sum::from_bytes(&[0; SUM_BYTES], &terms, 0).is_err());
    assert!(LenderKey::from_secret_bytes(&[1; LENDER_KEY_BYTES]).is_err());
}

#[test]
fn batch_sessions_refuse_whoever_is_out_of_turn() {
    let mut rng = rng(95);
    let scene = Scene::new(2, 1, 2, &mut rng);
    let terms = scene.terms(1, 10);
    let registers = scene.registers(&terms, &mut rng);
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
    let span = Span::new(0, 1).unwrap();
    let fingerprint = scene.key.public().fingerprint();
    refuses(&|| scene.holder(0, &run_seeds[0], span, &registers[0]), &[]);
    refuses(&|| Platform::new(terms.clone(), span).unwrap(), &[holder(0), holder(1)]);
    let lender = || Lender::new(terms.clone(), span, Arc::clone(&scene.key)).unwrap();
    refuses(&lender, &[PLATFORM]);
    refuses(&|| key_check::Lender::new(Arc::clone(&scene.key)), &[]);
    refuses(&|| key_check::Holder::new(fingerprint, &mut common::rng(96)), &[LENDER]);
    // A lender that has sent its key hears the holder, and nobody else.
    let sent = || {
        let mut session = key_check::Lender::new(Arc::clone(&scene.key));
        assert!(matches!(session.advance().unwrap(), Turn::Send(..)));
        session
    };
    refuses(&sent, &[holder(0)]);
}

/// Everyone but the `expected` is out of turn, and after that the session is over.
fn refuses<S: Session<Error = Error>>(make: &dyn Fn() -> S, expected: &[Role]) {
    for from in (0..10).map(Role).filter(|role| !expected.contains(role)) {
        let mut session = make();
        let error = session.receive(from, Chunk::whole(1, "early")).unwrap_err();
        let reason = Misplaced::OutOfTurn { from };
        assert_eq!(error, Unexpected::Misplaced { from, reason }.into());
        assert_eq!(error.blame(), Culprit::Peer(from));
        assert_eq!(session.advance().err(), Some(Error::Over));
    }
}
