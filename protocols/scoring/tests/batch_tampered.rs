//! Every chunk of the batch form altered, cut, dropped, repeated, reordered or replaced: the session
//! fails and blames who sent it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]

mod common;

use std::sync::Arc;

use bytes::Bytes;
use common::batch::{Scene, picks, subjects};
use common::rng;
use scoring::batch::{
    ANSWER_BYTES, Answer, CheckedKey, Holder, Lender, ListDigest, Platform, ReadyTable, RunSeed,
    Span, Sum, Table, Tally, Terms, key_check,
};
use scoring::{
    Encode, Error, LENDER, MaskKey, ModelDigest, PLATFORM, RunId, Scorecard, TableTerms, holder,
    issue,
};
use session::tamper::{blamed, every_way, faithful};
use session::{Blame, Chunk, Culprit, Fate, Network};
use sha2::{Digest, Sha256};

#[test]
fn every_tampered_chunk_of_a_span_is_refused_and_its_sender_blamed() {
    let mut rng = rng(70);
    let scene = Scene::new(2, 1, 2, &mut rng);
    let terms = scene.terms(1, subjects(1, 5));
    let registers = scene.registers(&terms, &mut rng);
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
    let span = Span::new(0, 2).unwrap();
    every_way(&mut |tamper| scene.score(&run_seeds, &registers, span, tamper).map(|_| ()));
}

#[test]
fn every_tampered_chunk_of_a_key_check_or_a_batch_issue_is_refused_and_its_sender_blamed() {
    let mut rng = rng(71);
    let scene = Scene::new(1, 1, 2, &mut rng);
    let public = scene.key.public();
    every_way(&mut |tamper| {
        let mut network = Network::new();
        network.join(LENDER, key_check::Lender::new(Arc::clone(&scene.key)));
        network.join(holder(0), key_check::Holder::new(public.fingerprint(), &mut rng));
        network.run(tamper)
    });
    every_way(&mut |tamper| {
        let mut network = Network::new();
        network.join(LENDER, issue::KeySender::new(public));
        network.join(PLATFORM, issue::KeyReceiver::for_batch(public.fingerprint()));
        network.run(tamper)
    });
    let tried = CheckedKey::from_record(public.fingerprint());
    every_way(&mut |tamper| {
        let card = Scorecard::new(&[vec![1; 9], vec![2; 5]]).unwrap();
        let terms = TableTerms::new(public.fingerprint(), scene.model, card.shape().clone());
        let mut network = Network::new();
        let sender = issue::TableSender::new(&terms, public, card, &mut rng).unwrap();
        network.join(PLATFORM, sender);
        network.join(holder(0), issue::TableReceiver::for_batch(terms, tried).unwrap());
        network.run(tamper)
    });
}

#[test]
fn answers_and_sums_of_another_run_block_or_holder_are_refused() {
    let mut rng = rng(72);
    let scene = Scene::new(2, 1, 2, &mut rng);
    let terms = scene.terms(1, subjects(2, 0));
    let registers = scene.registers(&terms, &mut rng);
    let span = Span::new(0, 2).unwrap();
    let mut record = |terms: &Terms| {
        let run_seeds = scene.run_seeds(terms, &registers, &mut rng);
        let mut seen = Vec::new();
        scene
            .score(&run_seeds, &registers, span, |from, _, chunk| {
                seen.push((from, chunk.clone()));
                Fate::Deliver
            })
            .unwrap();
        (run_seeds, seen)
    };
    let (_, other_run) = record(&scene.terms(2, subjects(2, 0)));
    let (_, other_list) =
        record(&scene.terms_with(RunId([1; 16]), ListDigest([6; 32]), subjects(2, 0)));
    let (run_seeds, own) = record(&terms);
    let replayed = |target: usize, chunk: &Chunk| {
        let (mut count, mut sender) = (0, None);
        let result = scene.score(&run_seeds, &registers, span, |from, _, sent| {
            if count == target {
                sender = Some(Culprit::Peer(from));
                *sent = Chunk { last: sent.last, ..chunk.clone() };
            }
            count += 1;
            Fate::Deliver
        });
        assert_eq!(blamed(result), sender);
    };
    for target in 0..own.len() {
        replayed(target, &other_run[target].1);
        replayed(target, &other_list[target].1);
        // The same role's chunk for the other block, and another role's of the same round.
        for (number, (from, chunk)) in own.iter().enumerate() {
            if number != target && (*from == own[target].0 || chunk.round == own[target].1.round) {
                replayed(target, chunk);
            }
        }
    }
}

#[test]
fn who_disagrees_about_any_term_is_refused() {
    let mut rng = rng(73);
    let scene = Scene::new(2, 2, 3, &mut rng);
    let agreed = scene.terms(1, 10);
    let registers = scene.registers(&agreed, &mut rng);
    let (key, run, list) = (agreed.lender_key(), agreed.run(), agreed.list());
    let keys = agreed.holders().to_vec();
    let third = MaskKey::generate(&mut rng).public();
    let more = [keys.clone(), vec![third]].concat();
    let max = agreed.max_points();
    let make = Terms::new;
    let others = [
        make(key, scene.model, RunId([9; 16]), (list, 10), max, keys.clone()),
        make(key, scene.model, run, (ListDigest([9; 32]), 10), max, keys.clone()),
        make(key, scene.model, run, (list, 10), max - 1, keys.clone()),
        make(key, scene.model, run, (list, 10), max, more),
    ];
    let span = Span::new(0, 1).unwrap();
    for other in others.map(Result::unwrap) {
        let run_seed = &scene.run_seeds(&other, &registers, &mut rng)[0];
        let mut session = scene.holder(0, run_seed, span, &registers[0]);
        let session::Turn::Send(_, chunk) = session::Session::advance(&mut session).unwrap() else {
            panic!("a holder speaks first");
        };
        let error = Answer::from_bytes(&chunk.body, &agreed, 0, holder(0)).unwrap_err();
        let expected = Error::Unbound { what: "answer", culprit: Culprit::Peer(holder(0)) };
        assert_eq!(error, expected);
    }
    // A list of another length needs other picks, and another model another table.
    let shape = scene.tables[0].terms().shape();
    let longer = scene.terms(1, 11);
    let blocks = registers[0].iter().map(|block| picks(block));
    let error = RunSeed::new(longer, holder(0), shape, blocks, &mut rng).err();
    assert_eq!(error, Some(Error::OtherShape { what: "block of picks" }));
}

#[test]
fn a_holder_needs_its_own_table_mask_key_run_seed_and_bins() {
    let mut rng = rng(74);
    let scene = Scene::new(2, 2, 3, &mut rng);
    let stranger = Scene::new(2, 2, 3, &mut rng);
    let terms = scene.terms(1, subjects(1, 9));
    let registers = scene.registers(&terms, &mut rng);
    let run_seed = &scene.run_seeds(&terms, &registers, &mut rng)[0];
    let span = Span::new(0, 2).unwrap();
    let refused = |table: &Arc<ReadyTable>, mask: &MaskKey, span| {
        let empty = std::iter::empty();
        let error = Holder::new(Arc::clone(run_seed), Arc::clone(table), mask, span, empty);
        error.err().unwrap()
    };
    let (table, mask) = (&scene.tables[0], &scene.masks[0]);
    let error = refused(&stranger.tables[0], mask, span);
    assert!(matches!(error, Error::OtherKey { culprit: Culprit::Us, .. }));
    let error = refused(table, &scene.masks[1], span);
    assert_eq!(error, Error::OtherMaskKey { holder: holder(0) });
    let beyond = Span::new(1, 3).unwrap();
    assert_eq!(refused(table, mask, beyond), Error::Span { from: 1, to: 3 });
    let card = Scorecard::new(&scene.points[0]).unwrap();
    let fingerprint = scene.key.public().fingerprint();
    let other = TableTerms::new(fingerprint, ModelDigest([8; 32]), card.shape().clone());
    let other = Table::encrypt(&other, scene.key.public(), card, &mut rng).unwrap();
    assert_eq!(refused(&Arc::new(ReadyTable::new(&other)), mask, span), Error::OtherModel);

    // Bins that are not those committed: one bin of one subject, in the second block.
    let mut changed = registers[0].clone();
    changed[1][0][3] = (changed[1][0][3] + 1) % 3;
    let mut session = scene.holder(0, run_seed, span, &changed);
    let error = session::Session::advance(&mut session).unwrap_err();
    assert_eq!(error, Error::OtherPicks { block: 1 });
    assert_eq!(error.blame(), Culprit::Us);
    assert_eq!(session::Session::advance(&mut session).unwrap_err(), Error::Over);
    // Bins out of range, and blocks that are missing.
    let mut wild = registers[0].clone();
    wild[0][1][0] = 3;
    let mut session = scene.holder(0, run_seed, span, &wild);
    let error = session::Session::advance(&mut session).unwrap_err();
    assert_eq!(error, Error::OtherShape { what: "block of picks" });
    let few = registers[0][..1].iter().map(|block| picks(block));
    let mut session =
        Holder::new(Arc::clone(run_seed), Arc::clone(table), mask, span, few).unwrap();
    let error = session::Session::advance(&mut session).unwrap_err();
    assert_eq!(error, Error::OtherShape { what: "number of blocks of picks" });

    // A lender with another key, and roles over spans beyond the list.
    let error = Lender::new(terms.clone(), span, Arc::clone(&stranger.key)).err().unwrap();
    assert!(matches!(error, Error::OtherKey { culprit: Culprit::Us, .. }));
    let error = Lender::new(terms.clone(), beyond, Arc::clone(&scene.key)).err();
    assert_eq!(error, Some(Error::Span { from: 1, to: 3 }));
    assert_eq!(Platform::new(terms, beyond).err(), Some(Error::Span { from: 1, to: 3 }));
}

#[test]
fn a_batch_table_under_a_key_that_was_not_tried_is_never_taken() {
    let mut rng = rng(75);
    let (scene, other) = (Scene::new(1, 1, 2, &mut rng), Scene::new(1, 1, 2, &mut rng));
    let terms = scene.tables[0].terms().clone();
    let tried = CheckedKey::from_record(other.key.public().fingerprint());
    let error = issue::TableReceiver::for_batch(terms, tried).err().unwrap();
    assert!(matches!(error, Error::OtherKey { culprit: Culprit::Us, .. }));
}

#[test]
fn a_missing_or_repeated_answer_is_named() {
    let mut rng = rng(76);
    let scene = Scene::new(3, 1, 2, &mut rng);
    let (terms, answers) = answers(&scene, &mut rng);
    let read = |j: usize| Answer::from_bytes(&answers[j], &terms, 0, holder(j)).unwrap();
    let mut tally = Tally::new(&terms, 0);
    tally.add(&read(0)).unwrap();
    tally.add(&read(2)).unwrap();
    assert_eq!(tally.add(&read(2)).unwrap_err(), Error::Twice { from: holder(2) });
    let error = tally.finish().unwrap_err();
    assert_eq!(error, Error::Missing { of: holder(1) });
    assert_eq!(error.blame(), Culprit::Peer(holder(1)));
}

/// Every holder's answer to block 0 of a short list.
fn answers(scene: &Scene, rng: &mut chacha20::ChaCha20Rng) -> (Terms, Vec<Bytes>) {
    let terms = scene.terms(1, 100);
    let registers = scene.registers(&terms, rng);
    let run_seeds = scene.run_seeds(&terms, &registers, rng);
    let mut answers = Vec::new();
    let span = Span::new(0, 1).unwrap();
    scene
        .score(&run_seeds, &registers, span, |from, _, chunk| {
            if from != PLATFORM {
                answers.push(chunk.body.clone());
            }
            faithful(from, LENDER, chunk)
        })
        .unwrap();
    (terms, answers)
}

/// A sender that alters bytes on purpose, and makes the digest anew (SPEC §4.4).
fn forge(body: &[u8], domain: &str, bound: &[u8], alter: impl FnOnce(&mut [u8])) -> Bytes {
    let mut content = body[32..].to_vec();
    alter(&mut content);
    let domain = [&[u8::try_from(domain.len()).unwrap()], domain.as_bytes()].concat();
    let digest = Sha256::new().chain_update(domain).chain_update(bound).chain_update(&content);
    [&digest.finalize()[..], &content].concat().into()
}

/// Adds to the body word at `place`.
fn shift(content: &mut [u8], place: usize, by: u16) {
    let word = &mut content[4096 * 3 + 2 * place..][..2];
    let shifted = u16::from_le_bytes([word[0], word[1]]).wrapping_add(by);
    word.copy_from_slice(&shifted.to_le_bytes());
}

#[test]
fn a_platform_that_leaves_a_holder_out_or_fills_empty_places_is_refused_by_the_lender() {
    let mut rng = rng(77);
    let scene = Scene::new(3, 1, 2, &mut rng);
    let (terms, answers) = answers(&scene, &mut rng);
    let bound = [&terms.digest()[..], &0u32.to_le_bytes()].concat();
    let partial = forge(&answers[0], "tacit/scoring/v1/batch-sum", &bound, |_| {});
    let sum = Sum::from_bytes(&partial, &terms, 0).unwrap();
    let error = scene.key.decrypt(sum, &terms).unwrap_err();
    assert_eq!(error, Error::MasksRemain { culprit: Culprit::Peer(PLATFORM) });

    let mut tally = Tally::new(&terms, 0);
    for (j, answer) in answers.iter().enumerate() {
        tally.add(&Answer::from_bytes(answer, &terms, 0, holder(j)).unwrap()).unwrap();
    }
    let honest = tally.finish().unwrap().to_bytes();
    assert_eq!(honest.len(), ANSWER_BYTES);
    let opened = |place: usize, by: u16| {
        let forged = forge(&honest, "tacit/scoring/v1/batch-sum", &bound, |content| {
            shift(content, place, by);
        });
        scene.key.decrypt(Sum::from_bytes(&forged, &terms, 0).unwrap(), &terms)
    };
    let points = opened(0, 0).unwrap();
    // One point is 2^6 of a body word. Behind the last subject it is found at once; before it, SPEC
    // §6 says that it is not.
    assert_eq!(opened(100, 1 << 6).unwrap_err(), Error::NobodyThere);
    assert_eq!(opened(99, 0).unwrap(), points);
    match opened(5, 1 << 6) {
        Ok(shifted) => assert_eq!(shifted[5].0, points[5].0 + 1),
        Err(error) => assert_eq!(error, Error::AboveMaximum { max: terms.max_points() }),
    }
    assert_eq!(Error::NobodyThere.blame(), Culprit::Peer(PLATFORM));
}

#[test]
fn an_altered_check_word_shows_at_the_platform_which_cannot_name_the_holder() {
    let mut rng = rng(78);
    let scene = Scene::new(2, 1, 2, &mut rng);
    let terms = scene.terms(1, 100);
    let registers = scene.registers(&terms, &mut rng);
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
    let bound = [&terms.digest()[..], &[0], &0u32.to_le_bytes()].concat();
    let result = scene.score(&run_seeds, &registers, Span::new(0, 1).unwrap(), |from, _, chunk| {
        if from == holder(0) {
            let domain = "tacit/scoring/v1/batch-answer";
            chunk.body = forge(&chunk.body, domain, &bound, |content| {
                *content.last_mut().unwrap() ^= 1;
            });
        }
        Fate::Deliver
    });
    assert_eq!(blamed(result), Some(Culprit::Us));
}

#[test]
fn truncated_tables_keys_and_run_seeds_are_refused() {
    let mut rng = rng(79);
    let scene = Scene::new(1, 1, 2, &mut rng);
    let card = Scorecard::new(&scene.points[0]).unwrap();
    let terms = scene.tables[0].terms();
    let bytes = Table::encrypt(terms, scene.key.public(), card, &mut rng).unwrap().to_bytes();
    for length in [0, 33, 38, 40_000, bytes.len() - 1] {
        assert!(Table::from_batch_bytes(&bytes[..length]).is_err());
    }
    assert_eq!(Table::from_batch_bytes(&bytes).unwrap().to_bytes(), bytes);
    // A single table is no batch table, and the other way round.
    assert!(scoring::Table::from_bytes(&bytes).is_err());
}
