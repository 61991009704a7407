//! An honest run equals the ideal functionality.

mod common;

use common::{Scene, rng};
use scoring::{
    Answer, Encode, LENDER, LenderKey, ModelDigest, PLATFORM, PublicKey, Scorecard, Sum, Table,
    TableTerms, Tally, holder, issue, score,
};
use session::Network;
use session::tamper::faithful;

#[test]
fn over_a_thousand_scores_from_one_to_seven_holders_equal_the_clear_sums() {
    let mut rng = rng(1);
    let mut scores = 0;
    for (holders, features, bins) in
        [(1, 64, 8), (2, 32, 8), (3, 16, 5), (4, 9, 7), (5, 6, 8), (6, 3, 3), (7, 64, 2)]
    {
        let scene = Scene::new(holders, features, bins, &mut rng);
        for query in 0..150 {
            let terms = scene.terms(query);
            let subject = scene.subject(&mut rng);
            let mut tally = Tally::new(terms.clone());
            for (j, picks) in subject.iter().enumerate() {
                let query = scene.query(&terms, j, picks);
                let answer = query.answer(&scene.tables[j], &scene.masks[j], &mut rng).unwrap();
                let bytes = answer.to_bytes();
                assert_eq!(bytes.len(), scoring::ANSWER_BYTES);
                tally.add(Answer::from_bytes(&bytes, &terms, holder(j)).unwrap()).unwrap();
            }
            let bytes = tally.finish().unwrap().to_bytes();
            assert_eq!(bytes.len(), scoring::SUM_BYTES);
            let sum = Sum::from_bytes(&bytes, &terms).unwrap();
            assert_eq!(scene.key.decrypt(sum, &terms).unwrap(), scene.clear(&subject));
            scores += 1;
        }
    }
    assert_eq!(scores, 1050);
}

#[test]
fn sessions_give_the_clear_sum_for_every_number_of_holders() {
    let mut rng = rng(2);
    for holders in 1..=7 {
        let scene = Scene::new(holders, 3, 4, &mut rng);
        let subject = scene.subject(&mut rng);
        let points = scene.score(&scene.terms(9), &subject, &mut rng, faithful).unwrap();
        assert_eq!(points, scene.clear(&subject));
    }
}

#[test]
fn the_extreme_totals_are_scored_right() {
    let mut rng = rng(3);
    let mut scene = Scene::new(2, 1, 2, &mut rng);
    scene.points = vec![vec![vec![0, 511]], vec![vec![0, 512]]];
    scene.max = 1023;
    for (table, points) in scene.tables.iter_mut().zip(&scene.points) {
        let card = Scorecard::new(points).unwrap();
        let key = scene.key.public();
        *table = Table::encrypt(table.terms(), key, card, &mut rng).unwrap().extract();
    }
    for (query, bin) in [0u16, 1].into_iter().cycle().take(60).enumerate() {
        let subject = vec![vec![bin]; 2];
        let terms = scene.terms(query as u64);
        let points = scene.score(&terms, &subject, &mut rng, faithful).unwrap();
        assert_eq!(points.0, 1023 * bin);
    }
}

#[test]
fn keys_and_tables_pass_from_lender_to_platform_to_holder() {
    let mut rng = rng(4);
    let key = LenderKey::generate(&mut rng);
    let fingerprint = key.public().fingerprint();

    let mut network = Network::new();
    network.join(LENDER, issue::KeySender::new(key.public()));
    let received = network.join(PLATFORM, issue::KeyReceiver::new(fingerprint));
    network.run(faithful).unwrap();
    let received: PublicKey = received.take().unwrap();
    assert_eq!(received, *key.public());

    // 15, 16 and 30 entries: a chunk that is just full, one entry more, two full chunks.
    for bins in [15, 16, 30] {
        let points = vec![vec![3; bins]];
        let card = Scorecard::new(&points).unwrap();
        let terms = TableTerms::new(fingerprint, ModelDigest([2; 32]), card.shape().clone());
        let mut network = Network::new();
        let sender = issue::TableSender::new(&terms, &received, card, &mut common::rng(5)).unwrap();
        let digest = network.join(PLATFORM, sender);
        let table = network.join(holder(0), issue::TableReceiver::new(terms.clone()));
        network.run(faithful).unwrap();
        let (digest, table) = (digest.take().unwrap(), table.take().unwrap());
        assert_eq!(table.digest(), digest);
        assert_eq!(table.terms(), &terms);

        // The one-shot function makes the same table from the same seed.
        let card = Scorecard::new(&points).unwrap();
        let same = Table::encrypt(&terms, &received, card, &mut common::rng(5)).unwrap();
        assert_eq!(same.to_bytes(), table.to_bytes());
    }
}

#[test]
fn rounds_have_names() {
    let unknown = "no round of this protocol";
    assert_eq!([0, 1, 2, 3].map(issue::round_name), [unknown, "key", "table", unknown]);
    assert_eq!([0, 1, 2, 3].map(score::round_name), [unknown, "answer", "sum", unknown]);
}
