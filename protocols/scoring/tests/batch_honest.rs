//! An honest batch run equals the ideal functionality, block by block, and goes on after a crash.

mod common;

use std::sync::Arc;

use common::batch::{Scene, picks, subjects};
use common::rng;
use scoring::batch::{
    self, CheckedKey, Holder, Lender, LenderKey, MAX_SPAN, Platform, ReadyTable, RunSeed, Span,
    key_check,
};
use scoring::{
    Encode, LENDER, MaskKey, ModelDigest, PLATFORM, Points, Scorecard, TableTerms, holder, issue,
};
use session::tamper::faithful;
use session::{Chunk, Fate, Network, Session, Turn};

#[test]
fn blocks_from_one_to_seven_holders_equal_the_clear_sums() {
    let mut rng = rng(60);
    let mut scores = 0;
    for (holders, features, bins) in
        [(1, 64, 3), (2, 16, 8), (3, 5, 5), (4, 3, 7), (5, 2, 32), (6, 1, 2), (7, 3, 1)]
    {
        let scene = Scene::new(holders, features, bins, &mut rng);
        let terms = scene.terms(1, subjects(2, 77));
        let registers = scene.registers(&terms, &mut rng);
        let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
        let span = terms.spans_from(0).next().unwrap();
        let opened = scene.score(&run_seeds, &registers, span, faithful).unwrap();
        assert_eq!(opened.len(), 3);
        for (block, opened) in opened.into_iter().enumerate() {
            assert_eq!(opened.block as usize, block);
            assert_eq!(opened.points, scene.clear(&registers, block));
            scores += opened.points.len();
        }
    }
    assert_eq!(scores, 7 * (2 * 4096 + 77));
}

#[test]
fn a_block_gives_what_single_scores_of_its_subjects_give() {
    let mut rng = rng(61);
    let single = common::Scene::new(2, 3, 4, &mut rng);
    let key = Arc::new(LenderKey::generate(&mut rng));
    let scene = Scene::with(key, single.points.clone(), &mut rng);
    let terms = scene.terms(1, 40);
    let registers = scene.registers(&terms, &mut rng);
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
    let opened = scene.score(&run_seeds, &registers, Span::new(0, 1).unwrap(), faithful).unwrap();
    for (place, found) in opened[0].points.iter().enumerate() {
        let bins = |register: &common::batch::Register| {
            register[0].iter().map(|column| u16::from(column[place])).collect()
        };
        let subject: Vec<Vec<u16>> = registers.iter().map(bins).collect();
        let query = single.terms(place as u64);
        assert_eq!(single.score(&query, &subject, &mut rng, faithful).unwrap(), *found);
    }
}

#[test]
fn the_extreme_totals_and_the_shortest_lists_are_scored_right() {
    let mut rng = rng(62);
    let points = vec![vec![vec![0, 511]], vec![vec![0, 512]]];
    let scene = Scene::with(Arc::new(LenderKey::generate(&mut rng)), points, &mut rng);
    for (run, count) in [1, 2, 4095, 4096, 4097].into_iter().enumerate() {
        let terms = scene.terms(u8::try_from(run).unwrap(), count);
        // Alternately all and nothing.
        let block = |block| {
            let places = 0..terms.subjects_in(block);
            vec![places.map(|place| u8::from(place % 2 == 0)).collect::<Vec<u8>>()]
        };
        let registers = vec![(0..terms.blocks()).map(block).collect::<Vec<_>>(); 2];
        let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
        let span = Span::new(0, terms.blocks()).unwrap();
        let opened = scene.score(&run_seeds, &registers, span, faithful).unwrap();
        let points: Vec<Points> = opened.into_iter().flat_map(|opened| opened.points).collect();
        assert_eq!(points.len(), count as usize);
        for (place, points) in points.iter().enumerate() {
            assert_eq!(points.0, if place % 4096 % 2 == 0 { 1023 } else { 0 });
        }
    }
}

#[test]
fn keys_are_tried_and_tables_issued_before_the_first_block() {
    let mut rng = rng(63);
    let key = Arc::new(LenderKey::generate(&mut rng));
    let fingerprint = key.public().fingerprint();

    let mut network = Network::new();
    network.join(LENDER, issue::KeySender::new(key.public()));
    let received = network.join(PLATFORM, issue::KeyReceiver::for_batch(fingerprint));
    network.run(faithful).unwrap();
    let received: batch::PublicKey = received.take().unwrap();
    assert_eq!(received, *key.public());

    let mut network = Network::new();
    network.join(LENDER, key_check::Lender::new(Arc::clone(&key)));
    let tried = network.join(holder(0), key_check::Holder::new(fingerprint, &mut rng));
    network.run(faithful).unwrap();
    let tried: CheckedKey = tried.take().unwrap();
    assert_eq!(tried.fingerprint(), fingerprint);

    // 12, 13 and 24 entries: a chunk that is just full, one entry more, two full chunks.
    for bins in [12, 13, 24] {
        let card = || Scorecard::new(&[(0..bins).collect()]).unwrap();
        let terms = TableTerms::new(fingerprint, ModelDigest([2; 32]), card().shape().clone());
        let mut network = Network::new();
        let sender =
            issue::TableSender::new(&terms, &received, card(), &mut common::rng(64)).unwrap();
        let digest = network.join(PLATFORM, sender);
        let receiver = issue::TableReceiver::for_batch(terms.clone(), tried).unwrap();
        let table = network.join(holder(0), receiver);
        network.run(faithful).unwrap();
        let (digest, table) = (digest.take().unwrap(), table.take().unwrap());
        assert_eq!(table.digest(), digest);
        let same = batch::Table::encrypt(&terms, &received, card(), &mut common::rng(64)).unwrap();
        assert_eq!(same.to_bytes(), table.to_bytes());

        let mask = MaskKey::generate(&mut rng);
        let run = scoring::RunId([u8::try_from(bins).unwrap(); 16]);
        let list = (batch::ListDigest([1; 32]), 3);
        let terms =
            batch::Terms::new(fingerprint, terms.model(), run, list, 100, vec![mask.public()]);
        let terms = terms.unwrap();
        let register = [vec![vec![0, 5, u8::try_from(bins).unwrap() - 1]]];
        let blocks = || register.iter().map(|block| picks(block));
        let shape = table.terms().shape();
        let run_seed = RunSeed::new(terms.clone(), holder(0), shape, blocks(), &mut rng).unwrap();
        let (run_seed, ready) = (Arc::new(run_seed), Arc::new(ReadyTable::new(&table)));
        let span = Span::new(0, 1).unwrap();
        let mut network = Network::new();
        network.join(holder(0), Holder::new(run_seed, ready, &mask, span, blocks()).unwrap());
        network.join(PLATFORM, Platform::new(terms.clone(), span).unwrap());
        let outcome = network.join(LENDER, Lender::new(terms, span, Arc::clone(&key)).unwrap());
        network.run(faithful).unwrap();
        let points = outcome.take().unwrap().remove(0).points;
        assert_eq!(points, [0, 5, bins - 1].map(Points));
    }
}

#[test]
fn a_run_that_was_cut_goes_on_at_the_first_block_not_stored_with_the_same_bytes() {
    let mut rng = rng(65);
    let scene = Scene::new(3, 2, 3, &mut rng);
    let terms = scene.terms(1, subjects(4, 100));
    let registers = scene.registers(&terms, &mut rng);
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
    let whole = Span::new(0, terms.blocks()).unwrap();

    // The platform dies once it has sent two sums; all holders had sent everything by then.
    let mut first = Vec::new();
    let mut sums = 0;
    let cut = scene.score(&run_seeds, &registers, whole, |from, _, chunk| {
        if from == PLATFORM {
            sums += 1;
            if sums > 2 {
                return Fate::Drop;
            }
        } else {
            first.push((from, chunk.body.clone()));
        }
        Fate::Deliver
    });
    assert!(cut.is_err());
    assert_eq!(first.len(), 3 * 5);

    // Everybody starts again from what was stored: run seeds, and the number of opened blocks.
    let stored: Vec<_> = run_seeds.iter().map(|run_seed| run_seed.to_secret_bytes()).collect();
    let restored: Vec<Arc<RunSeed>> = stored
        .iter()
        .enumerate()
        .map(|(j, bytes)| RunSeed::from_secret_bytes(bytes, terms.clone(), holder(j)).unwrap())
        .map(Arc::new)
        .collect();
    let rest = terms.spans_from(2).next().unwrap();
    assert_eq!((rest.from(), rest.to()), (2, 5));
    let opened = scene
        .score(&restored, &registers, rest, |from, _, chunk| {
            if from != PLATFORM {
                let place = first.iter().position(|sent| *sent == (from, chunk.body.clone()));
                assert!(place.is_some(), "a block has one answer, however often it is asked for");
            }
            Fate::Deliver
        })
        .unwrap();
    for (opened, block) in opened.iter().zip(2..) {
        assert_eq!(opened.block as usize, block);
        assert_eq!(opened.points, scene.clear(&registers, block));
    }
    assert_eq!(opened.len(), 3);
}

#[test]
fn the_lender_hands_out_each_block_as_it_comes() {
    let mut rng = rng(66);
    let scene = Scene::new(1, 1, 4, &mut rng);
    let terms = scene.terms(1, subjects(3, 0));
    let registers = scene.registers(&terms, &mut rng);
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
    let span = Span::new(0, 3).unwrap();
    let mut sender = scene.holder(0, &run_seeds[0], span, &registers[0]);
    let mut platform = Platform::new(terms.clone(), span).unwrap();
    let mut lender = Lender::new(terms, span, Arc::clone(&scene.key)).unwrap();
    for block in 0..3 {
        let Turn::Send(PLATFORM, chunk) = sender.advance().unwrap() else { panic!("an answer") };
        platform.receive(holder(0), chunk).unwrap();
        let Turn::Send(LENDER, chunk) = platform.advance().unwrap() else { panic!("a sum") };
        assert_eq!(chunk.last, block == 2);
        lender.receive(PLATFORM, chunk).unwrap();
        let opened = lender.take_opened();
        assert_eq!(opened.len(), 1);
        assert_eq!(opened[0].points, scene.clear(&registers, block));
    }
    assert_eq!(lender.advance().unwrap(), Turn::Done(Vec::new()));
    assert_eq!(platform.advance().unwrap(), Turn::Done(()));
}

#[test]
fn the_platform_takes_holders_of_any_speed_and_sends_a_block_once_it_is_complete() {
    let mut rng = rng(67);
    let scene = Scene::new(2, 1, 2, &mut rng);
    let terms = scene.terms(1, subjects(4, 0));
    let registers = scene.registers(&terms, &mut rng);
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
    let span = Span::new(0, 4).unwrap();
    let chunks = |j: usize| {
        let mut session = scene.holder(j, &run_seeds[j], span, &registers[j]);
        let mut chunks: Vec<Chunk> = Vec::new();
        while let Turn::Send(_, chunk) = session.advance().unwrap() {
            chunks.push(chunk);
        }
        chunks
    };
    let (fast, slow) = (chunks(0), chunks(1));
    let mut platform = Platform::new(terms, span).unwrap();
    for chunk in fast {
        platform.receive(holder(0), chunk).unwrap();
        assert_eq!(platform.advance().unwrap(), Turn::Await);
    }
    for chunk in slow {
        platform.receive(holder(1), chunk).unwrap();
        assert!(matches!(platform.advance().unwrap(), Turn::Send(LENDER, _)));
    }
    assert_eq!(platform.advance().unwrap(), Turn::Done(()));
}

#[test]
fn spans_cover_the_list_without_gap_or_overlap() {
    let scene = Scene::new(1, 1, 1, &mut rng(68));
    for (subjects, blocks) in [(1, 1), (4096, 1), (4097, 2), (1_500_000, 367), (u32::MAX, 1 << 20)]
    {
        let terms = scene.terms(1, subjects);
        assert_eq!(terms.blocks(), blocks);
        for start in [0, blocks / 2, blocks - 1, blocks] {
            let mut next = start;
            for span in terms.spans_from(start) {
                assert_eq!(span.from(), next);
                assert!(span.to() - span.from() <= MAX_SPAN);
                assert_eq!(Span::new(span.from(), span.to()).unwrap(), span);
                next = span.to();
            }
            assert_eq!(next, blocks);
        }
        let all: usize = (0..blocks).map(|block| terms.subjects_in(block)).sum();
        assert_eq!((all, terms.subjects_in(blocks)), (subjects as usize, 0));
    }
    assert!(Span::new(3, 3).is_err() && Span::new(4, 3).is_err() && Span::new(0, 65).is_err());
}

#[test]
fn rounds_have_names() {
    let unknown = "no round of this protocol";
    assert_eq!([0, 1, 2, 3].map(batch::round_name), [unknown, "answers", "sums", unknown]);
    let names = [unknown, "key", "challenge", "reply", unknown];
    assert_eq!([0, 1, 2, 3, 4].map(key_check::round_name), names);
}
