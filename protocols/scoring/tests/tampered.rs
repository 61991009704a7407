//! Every chunk of every round altered, cut, dropped, repeated, reordered or replaced: the run fails
//! and blames who sent it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]

mod common;

use bytes::Bytes;
use common::{Scene, rng};
use scoring::{
    Answer, Encode, Error, LENDER, MaskKey, ModelDigest, PLATFORM, Picks, Query, QueryId, RunId,
    Scorecard, Sum, TableTerms, Tally, Terms, holder, issue,
};
use session::tamper::{blamed, every_way, faithful};
use session::{Blame, Culprit, Fate, Network, NetworkError};
use sha2::{Digest, Sha256};

#[test]
fn every_tampered_chunk_of_a_score_is_refused_and_its_sender_blamed() {
    let mut rng = rng(10);
    let scene = Scene::new(3, 2, 3, &mut rng);
    let subject = scene.subject(&mut rng);
    let mut query = 0;
    every_way(&mut |tamper| {
        query += 1;
        scene.score(&scene.terms(query), &subject, &mut rng, tamper).map(|_| ())
    });
}

#[test]
fn every_tampered_chunk_of_an_issue_is_refused_and_its_sender_blamed() {
    let mut rng = rng(11);
    let scene = Scene::new(1, 1, 2, &mut rng);
    let public = scene.key.public();
    every_way(&mut |tamper| {
        let mut network = Network::new();
        network.join(LENDER, issue::KeySender::new(public));
        network.join(PLATFORM, issue::KeyReceiver::new(public.fingerprint()));
        network.run(tamper)
    });
    every_way(&mut |tamper| {
        let card = Scorecard::new(&[vec![1; 16], vec![2; 15]]).unwrap();
        let terms = TableTerms::new(public.fingerprint(), scene.model, card.shape().clone());
        let mut network = Network::new();
        let sender = issue::TableSender::new(&terms, public, card, &mut rng).unwrap();
        network.join(PLATFORM, sender);
        network.join(holder(0), issue::TableReceiver::new(terms));
        network.run(tamper)
    });
}

#[test]
fn answers_and_sums_of_another_query_run_or_holder_are_refused() {
    let mut rng = rng(12);
    let scene = Scene::new(3, 2, 3, &mut rng);
    let subject = scene.subject(&mut rng);
    let mut seen = Vec::new();
    scene
        .score(&scene.terms(1), &subject, &mut rng, |_, _, chunk| {
            seen.push(chunk.clone());
            Fate::Deliver
        })
        .unwrap();
    let other_run = scene.terms_with(RunId([2; 16]), scene.terms(1).query());
    for terms in [scene.terms(2), other_run] {
        for (target, sender) in [holder(0), holder(1), holder(2), PLATFORM].into_iter().enumerate()
        {
            let mut count = 0;
            let result = scene.score(&terms, &subject, &mut rng, |_, _, chunk| {
                if count == target {
                    *chunk = seen[target].clone();
                }
                count += 1;
                Fate::Deliver
            });
            assert_eq!(blamed(result), Some(Culprit::Peer(sender)));
        }
    }
    // One holder's answer in another's place, in the same query.
    let result = scene.score(&scene.terms(3), &subject, &mut rng, |from, _, chunk| {
        if from == holder(0) {
            seen[0] = chunk.clone();
        } else if from == holder(1) {
            *chunk = seen[0].clone();
        }
        Fate::Deliver
    });
    assert_eq!(blamed(result), Some(Culprit::Peer(holder(1))));
}

#[test]
fn who_disagrees_about_any_term_is_refused() {
    let mut rng = rng(13);
    let scene = Scene::new(2, 2, 3, &mut rng);
    let terms = scene.terms(1);
    let keys = terms.holders().to_vec();
    let model = ModelDigest([9; 32]);
    let make = |model, run, query, max, keys| {
        Terms::new(terms.lender_key(), model, run, query, max, keys).unwrap()
    };
    let (run, query, max) = (terms.run(), terms.query(), terms.max_points());
    let third = MaskKey::generate(&mut rng).public();
    let others = [
        make(model, run, query, max, keys.clone()),
        make(scene.model, RunId([3; 16]), query, max, keys.clone()),
        make(scene.model, run, QueryId([3; 16]), max, keys.clone()),
        make(scene.model, run, query, max - 1, keys.clone()),
        make(scene.model, run, query, max, [keys.clone(), vec![third]].concat()),
    ];
    let mut answer = |terms: &Terms| {
        scene.query(terms, 0, &[0, 0]).answer(&scene.tables[0], &scene.masks[0], &mut rng)
    };
    for other in &others {
        let error = match answer(other) {
            Ok(answer) => Answer::from_bytes(&answer.to_bytes(), &terms, holder(0)).unwrap_err(),
            Err(error) => {
                assert_eq!((&error, other.model()), (&Error::OtherModel, model));
                assert_eq!(error.blame(), Culprit::Us);
                continue;
            }
        };
        assert_eq!(error, Error::Unbound { what: "answer", culprit: Culprit::Peer(holder(0)) });
    }
}

#[test]
fn an_answer_needs_its_own_table_key_and_picks() {
    let mut rng = rng(14);
    let scene = Scene::new(2, 2, 3, &mut rng);
    let stranger = Scene::new(2, 2, 3, &mut rng);
    let terms = scene.terms(1);
    let mut refused = |picks: &[u16], table, mask_key| {
        let query = Query::new(terms.clone(), holder(0), Picks::new(picks.to_vec())).unwrap();
        query.answer(table, mask_key, &mut rng).unwrap_err()
    };
    let (table, mask_key) = (&scene.tables[0], &scene.masks[0]);
    let error = refused(&[0, 0], &stranger.tables[0], mask_key);
    assert!(matches!(error, Error::OtherKey { culprit: Culprit::Us, .. }));
    for picks in [&[0][..], &[0, 0, 0], &[0, 3], &[]] {
        assert_eq!(refused(picks, table, mask_key), Error::OtherShape { what: "picks" });
    }
    let error = refused(&[0, 0], table, &scene.masks[1]);
    assert_eq!(error, Error::OtherMaskKey { holder: holder(0) });
    for role in [LENDER, PLATFORM, holder(2)] {
        let error = Query::new(scene.terms(1), role, Picks::new(vec![0, 0])).err();
        assert_eq!(error, Some(Error::NoHolder { found: role }));
    }
    let error = stranger.key.decrypt(sum(&scene, &terms), &terms).unwrap_err();
    assert!(matches!(error, Error::OtherKey { culprit: Culprit::Us, .. }));
}

/// An honest sum of picks 0.
fn sum(scene: &Scene, terms: &Terms) -> Sum {
    let mut tally = Tally::new(terms.clone());
    for (j, features) in scene.points.iter().enumerate() {
        let query = scene.query(terms, j, &vec![0; features.len()]);
        tally.add(query.answer(&scene.tables[j], &scene.masks[j], &mut rng(15)).unwrap()).unwrap();
    }
    tally.finish().unwrap()
}

#[test]
fn a_missing_or_repeated_answer_is_named() {
    let mut rng = rng(16);
    let scene = Scene::new(3, 1, 2, &mut rng);
    let terms = scene.terms(1);
    let mut tally = Tally::new(terms.clone());
    for j in [0, 2] {
        let query = scene.query(&terms, j, &[0]);
        tally.add(query.answer(&scene.tables[j], &scene.masks[j], &mut rng).unwrap()).unwrap();
    }
    let again = scene.query(&terms, 2, &[0]);
    let again = again.answer(&scene.tables[2], &scene.masks[2], &mut rng).unwrap();
    assert_eq!(tally.add(again).unwrap_err(), Error::Twice { from: holder(2) });
    let error = tally.finish().unwrap_err();
    assert_eq!(error, Error::Missing { of: holder(1) });
    assert_eq!(error.blame(), Culprit::Peer(holder(1)));
}

/// A sender that alters words on purpose, and makes the digest anew (SPEC §4.4).
fn forge(body: &[u8], domain: &str, bound: &[u8], alter: impl FnOnce(&mut [u32])) -> Bytes {
    let mut words: Vec<u32> = body[32..]
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes(word.try_into().unwrap()))
        .collect();
    alter(&mut words);
    let content: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let domain = [&[u8::try_from(domain.len()).unwrap()], domain.as_bytes()].concat();
    let digest = Sha256::new().chain_update(domain).chain_update(bound).chain_update(&content);
    [&digest.finalize()[..], &content].concat().into()
}

/// A score in which holder 0 forges its words.
fn forged(scene: &Scene, query: u64, alter: impl Fn(&mut [u32])) -> Result<u16, NetworkError> {
    let terms = scene.terms(query);
    let subject = vec![vec![0]; scene.masks.len()];
    let points = scene.score(&terms, &subject, &mut rng(17), |from, _, chunk| {
        if from == holder(0) {
            let bound = [&terms.digest()[..], &[0]].concat();
            chunk.body = forge(&chunk.body, "tacit/scoring/v1/answer", &bound, &alter);
        }
        Fate::Deliver
    });
    points.map(|points| points.0)
}

#[test]
fn a_malicious_holder_can_shift_the_score_and_only_the_bounds_limit_it() {
    // SPEC §6: what follows is not defended, and this test keeps the SPEC honest about it.
    let mut scene = Scene::new(1, 1, 2, &mut rng(18));
    scene.max = 1000;
    let honest = forged(&scene, 1, |_| {}).unwrap();
    assert_eq!(honest, scene.points[0][0][0]);
    // One point is 2^22 of the body's 2^32.
    let shifted = forged(&scene, 2, |words| words[4096] = words[4096].wrapping_add(3 << 22));
    assert!(matches!(shifted, Ok(points) if points == honest + 3) || honest + 3 > 1000);
    // Half a point lies beyond the noise of one honest holder.
    let half = forged(&scene, 3, |words| words[4096] = words[4096].wrapping_add(1 << 21));
    assert_eq!(blamed(half), Some(Culprit::Peer(PLATFORM)));
    // Beyond the model's maximum.
    let above = forged(&scene, 4, |words| {
        words[4096] = words[4096].wrapping_add((1010 - u32::from(honest)) << 22);
    });
    assert_eq!(blamed(above), Some(Culprit::Peer(PLATFORM)));
}

#[test]
fn an_altered_check_word_shows_at_the_platform_which_cannot_name_the_holder() {
    let scene = Scene::new(3, 1, 2, &mut rng(19));
    let result = forged(&scene, 1, |words| words[4100] ^= 1);
    assert_eq!(blamed(result), Some(Culprit::Us));
}

#[test]
fn a_platform_that_leaves_a_holder_out_is_refused_by_the_lender() {
    let scene = Scene::new(3, 1, 2, &mut rng(20));
    let terms = scene.terms(1);
    let mut answers = Vec::new();
    for j in 0..2 {
        let query = scene.query(&terms, j, &[0]);
        let answer = query.answer(&scene.tables[j], &scene.masks[j], &mut rng(21)).unwrap();
        answers.push(answer.to_bytes());
    }
    let partial = forge(&answers[0], "tacit/scoring/v1/sum", &terms.digest(), |words| {
        let other = answers[1][32..].chunks_exact(4);
        for (word, other) in words.iter_mut().zip(other) {
            *word = word.wrapping_add(u32::from_le_bytes(other.try_into().unwrap()));
        }
    });
    let error = scene.key.decrypt(Sum::from_bytes(&partial, &terms).unwrap(), &terms).unwrap_err();
    assert_eq!(error, Error::MasksRemain { culprit: Culprit::Peer(PLATFORM) });
}

#[test]
fn without_check_words_a_uniform_phase_passes_as_often_as_the_spec_says() {
    // SPEC §2.5: a share of noise_bound / 2^21 times (max + 1) / 1024 of uniform phases.
    let mut scene = Scene::new(2, 1, 2, &mut rng(22));
    scene.max = 600;
    let terms = scene.terms(1);
    let honest = sum(&scene, &terms).to_bytes();
    let passed = (0u32..2000)
        .filter(|i| {
            let bytes = forge(&honest, "tacit/scoring/v1/sum", &terms.digest(), |words| {
                words[4096] = words[4096].wrapping_add(i.wrapping_mul(0x9e37_79b9));
            });
            scene.key.decrypt(Sum::from_bytes(&bytes, &terms).unwrap(), &terms).is_ok()
        })
        .count();
    let expected = 2000.0 * 0.375 * 601.0 / 1024.0;
    let found = f64::from(u32::try_from(passed).unwrap());
    assert!((found - expected).abs() < 60.0, "{found} of 2000, expected {expected:.0}");
}

#[test]
fn no_answer_repeats_across_queries() {
    let mut rng = rng(23);
    let scene = Scene::new(2, 2, 2, &mut rng);
    let mut seen = std::collections::HashSet::new();
    for query in 0..100 {
        scene
            .score(&scene.terms(query), &vec![vec![0, 0]; 2], &mut rng, |from, _, chunk| {
                if from != PLATFORM {
                    for words in chunk.body[32..].chunks_exact(64) {
                        assert!(seen.insert(words.to_vec()), "sixteen words came twice");
                    }
                }
                faithful(from, LENDER, chunk)
            })
            .unwrap();
    }
}
