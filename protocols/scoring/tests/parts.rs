//! Tables of points that nobody sees: added up of parts, they score as tables of a scorecard do.

mod common;

use std::sync::Arc;

use common::parts::{parts_of, shape, shares, table_of_parts};
use common::{Scene, batch, rng};
use scoring::batch::{CheckedKey, ReadyTable};
use scoring::{
    Encode, Error, LenderKey, ModelDigest, PLATFORM, PartTerms, ScorecardShare, Table, TablePart,
    TableTerms, holder, issue,
};
use session::tamper::{every_way, faithful};
use session::{Culprit, Network, NetworkError};

#[test]
fn single_scores_of_tables_added_up_of_parts_equal_the_clear_sums() {
    let mut rng = rng(91);
    for (parts, holders, features, bins) in
        [(2, 1, 4, 3), (3, 3, 5, 4), (3, 7, 2, 3), (3, 1, 64, 2)]
    {
        let mut scene = Scene::new(holders, features, bins, &mut rng);
        let tables = scene.points.iter().map(|points| {
            table_of_parts(scene.key.public(), scene.model, points, parts, &mut rng).extract()
        });
        scene.tables = tables.collect();
        for query in 0..20 {
            let subject = scene.subject(&mut rng);
            let found = scene.score(&scene.terms(query), &subject, &mut rng, faithful).unwrap();
            assert_eq!(found, scene.clear(&subject), "{parts} parts, {holders} holders");
        }
    }
}

#[test]
fn blocks_of_tables_added_up_of_parts_equal_the_clear_sums() {
    let mut rng = rng(92);
    for (parts, holders, features, bins) in
        [(2, 1, 4, 3), (3, 3, 5, 4), (3, 7, 2, 3), (3, 1, 64, 2)]
    {
        let mut scene = batch::Scene::new(holders, features, bins, &mut rng);
        let tables = scene.points.iter().map(|points| {
            let table = table_of_parts(scene.key.public(), scene.model, points, parts, &mut rng);
            Arc::new(ReadyTable::new(&table))
        });
        scene.tables = tables.collect();
        let terms = scene.terms(1, batch::subjects(1, 33));
        let registers = scene.registers(&terms, &mut rng);
        let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
        let span = terms.spans_from(0).next().unwrap();
        let opened = scene.score(&run_seeds, &registers, span, faithful).unwrap();
        for (block, opened) in opened.into_iter().enumerate() {
            assert_eq!(opened.points, scene.clear(&registers, block), "{parts} parts");
        }
    }
}

#[test]
fn parts_are_issued_by_their_makers_and_added_up_in_any_order() {
    let mut rng = rng(93);
    let mut scene = Scene::new(1, 3, 6, &mut rng);
    let (points, key) = (scene.points[0].clone(), scene.key.public().clone());
    let whole = TableTerms::new(key.fingerprint(), scene.model, shape(&points));
    let mut parts = Vec::new();
    for (place, share) in shares(&points, 3, &mut rng).into_iter().enumerate() {
        let terms = PartTerms::new(whole.clone(), place, 3).unwrap();
        let share = ScorecardShare::new(shape(&points), share.into()).unwrap();
        let mut network = Network::new();
        let sender = issue::TableSender::of_part(&terms, &key, share, &mut rng).unwrap();
        network.join(PLATFORM, sender);
        let part = network.join(holder(0), issue::PartReceiver::new(terms.clone()));
        network.run(faithful).unwrap();
        let part = part.take().unwrap();
        assert_eq!(part.terms(), &terms);
        parts.push(part);
    }
    parts.rotate_left(1);
    // A holder keeps each until it has all.
    let read = parts.iter().map(|part| TablePart::from_bytes(&part.to_bytes()).unwrap());
    let parts: Vec<TablePart> = read.collect();
    let table = Table::of_parts(parts).unwrap();
    assert_eq!(table.terms(), &whole);
    // It is stored and read again as any table.
    let read = Table::from_bytes(&table.to_bytes()).unwrap();
    assert_eq!(read.digest(), table.digest());
    scene.tables = vec![read.extract()];
    let subject = scene.subject(&mut rng);
    let found = scene.score(&scene.terms(1), &subject, &mut rng, faithful).unwrap();
    assert_eq!(found, scene.clear(&subject));
}

#[test]
fn parts_of_a_batch_table_are_taken_under_a_key_that_was_tried_alone() {
    let mut rng = rng(94);
    let key = scoring::batch::LenderKey::generate(&mut rng);
    let points = vec![vec![1, 2], vec![3, 4, 5]];
    let whole = TableTerms::new(key.public().fingerprint(), ModelDigest([1; 32]), shape(&points));
    let terms = PartTerms::new(whole, 0, 2).unwrap();
    let other = scoring::batch::LenderKey::generate(&mut rng).public().fingerprint();
    let untried = issue::PartReceiver::for_batch(terms.clone(), CheckedKey::from_record(other));
    assert!(matches!(untried.err(), Some(Error::OtherKey { .. })));
    let tried = CheckedKey::from_record(key.public().fingerprint());
    let share = shares(&points, 2, &mut rng).swap_remove(0);
    let share = ScorecardShare::new(shape(&points), share.into()).unwrap();
    let mut network = Network::new();
    let sender = issue::TableSender::of_part(&terms, key.public(), share, &mut rng).unwrap();
    network.join(PLATFORM, sender);
    let receiver = issue::PartReceiver::for_batch(terms, tried).unwrap();
    let part = network.join(holder(0), receiver);
    network.run(faithful).unwrap();
    assert!(Table::of_parts(vec![part.take().unwrap()]).is_err(), "one is missing");
}

#[test]
fn every_tampered_chunk_of_a_part_is_refused_and_its_maker_blamed() {
    let mut rng = rng(95);
    let key = LenderKey::generate(&mut rng);
    let points = vec![vec![1; 16], vec![2; 15]];
    let whole = TableTerms::new(key.public().fingerprint(), ModelDigest([1; 32]), shape(&points));
    let terms = PartTerms::new(whole, 1, 3).unwrap();
    every_way(&mut |tamper| {
        let share = ScorecardShare::new(shape(&points), vec![7; 31].into()).unwrap();
        let mut network = Network::new();
        let sender = issue::TableSender::of_part(&terms, key.public(), share, &mut rng).unwrap();
        network.join(PLATFORM, sender);
        network.join(holder(0), issue::PartReceiver::new(terms.clone()));
        network.run(tamper)
    });
}

#[test]
fn a_part_is_taken_for_no_other_part_and_for_no_table() {
    let mut rng = rng(96);
    let key = LenderKey::generate(&mut rng);
    let points = vec![vec![1, 2, 3]];
    let whole = TableTerms::new(key.public().fingerprint(), ModelDigest([1; 32]), shape(&points));
    let terms = PartTerms::new(whole.clone(), 1, 3).unwrap();
    let mut sent = |into: Result<PartTerms, TableTerms>| {
        let share = ScorecardShare::new(shape(&points), vec![7; 3].into()).unwrap();
        let mut network = Network::new();
        let sender = issue::TableSender::of_part(&terms, key.public(), share, &mut rng).unwrap();
        network.join(PLATFORM, sender);
        match into {
            Ok(part) => drop(network.join(holder(0), issue::PartReceiver::new(part))),
            Err(table) => drop(network.join(holder(0), issue::TableReceiver::new(table))),
        }
        network.run(faithful)
    };
    let others = [(0, 3), (1, 2)].map(|(place, parts)| PartTerms::new(whole.clone(), place, parts));
    for into in others.into_iter().map(Result::unwrap).map(Ok).chain([Err(whole.clone())]) {
        match sent(into) {
            Err(NetworkError::Refused { role, culprit: Culprit::Peer(PLATFORM), .. }) => {
                assert_eq!(role, holder(0));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(sent(Ok(terms.clone())).is_ok());
}

#[test]
fn parts_that_are_missing_double_or_of_another_table_make_none() {
    let mut rng = rng(97);
    let key = LenderKey::generate(&mut rng);
    let points = vec![vec![1, 2], vec![3, 4, 5]];
    let mut made = |model: u8, parts| {
        parts_of(key.public(), ModelDigest([model; 32]), &points, parts, &mut rng)
    };
    let mut missing = made(1, 3);
    missing.pop();
    let mut double = made(1, 3);
    double[0] = made(1, 3).swap_remove(1);
    let mut other = made(1, 3);
    other[2] = made(2, 3).swap_remove(2);
    let mut mixed = made(1, 3);
    mixed[0] = made(1, 2).swap_remove(0);
    let mut more = made(1, 2);
    more.push(made(1, 3).swap_remove(2));
    for parts in [Vec::new(), missing, double, other, mixed, more] {
        assert_eq!(Table::of_parts(parts).err(), Some(Error::Parts));
    }
    let whole = TableTerms::new(key.public().fingerprint(), ModelDigest([1; 32]), shape(&points));
    for (place, parts) in [(0, 0), (0, 1), (2, 2), (3, 3), (0, 4)] {
        assert_eq!(PartTerms::new(whole.clone(), place, parts).err(), Some(Error::Parts));
    }
}

#[test]
fn a_stored_part_that_was_altered_or_says_to_be_another_is_refused() {
    let mut rng = rng(98);
    let points = vec![vec![1, 2]];
    let key = scoring::batch::LenderKey::generate(&mut rng);
    let parts = parts_of(key.public(), ModelDigest([1; 32]), &points, 3, &mut rng);
    let bytes = parts[1].to_bytes();
    let read = TablePart::from_batch_bytes;
    assert_eq!(read(&bytes).unwrap().terms(), parts[1].terms());
    for place in [0, 1, 2, 40, 300, bytes.len() - 1] {
        let mut altered = bytes.clone();
        altered[place] ^= 1;
        assert!(read(&altered).is_err(), "{place}");
    }
    for cut in [0, 1, 2, 33, bytes.len() - 1] {
        assert!(read(&bytes[..cut]).is_err(), "{cut}");
    }
    assert!(TablePart::from_bytes(&bytes).is_err(), "it is of the other form");
    // What follows the place is a table under another digest, and none by itself.
    assert!(Table::from_batch_bytes(&bytes[2..]).is_err());
}

#[test]
fn what_is_no_share_of_points_is_refused() {
    let shape = shape(&[vec![1, 2], vec![3, 4, 5]]);
    for words in [vec![], vec![0; 4], vec![0; 6], vec![0, 0, 1024, 0, 0]] {
        let share = ScorecardShare::new(shape.clone(), words.into());
        assert_eq!(share.err(), Some(Error::NoShare));
    }
    let error = Error::NoShare.to_string();
    assert!(error.contains("below 1024"), "{error}");
    assert!(ScorecardShare::new(shape, vec![1023; 5].into()).is_ok());
}
