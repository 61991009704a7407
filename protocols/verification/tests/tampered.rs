//! Every chunk of every round altered, cut, dropped, repeated, reordered or replaced: the run fails
//! and blames who sent it.

mod common;

use common::run::Shared;
use common::{Asked, Lender, rng};
use session::tamper::{blamed, every_way, every_way_at};
use session::{Culprit, Fate, Network};
use verification::{Answer, Comparison, Formula, LENDER, PLATFORM, holder, upload};

/// One sealed atom at the first holder, a plain one at the second.
const ASKED: [(usize, Asked); 2] =
    [(0, Asked::Sealed(Comparison::Less, 9, Some(7))), (1, Asked::Plain(Answer::Yes))];

fn both() -> Formula {
    Formula::all([Formula::Atom(0), Formula::Atom(1)])
}

#[test]
fn every_tampered_chunk_of_a_question_is_refused_and_its_sender_blamed() {
    let mut rng = rng(10);
    let lender = Lender::new(&mut rng);
    let question = lender.question(1, &ASKED, &both(), &mut rng);
    let shared = Shared::new(lender);
    every_way(&mut |tamper| shared.ask(&question, &mut rng, tamper).map(|_| ()));
}

#[test]
fn every_tampered_chunk_of_an_upload_is_refused_and_the_lender_blamed() {
    let lender = Lender::new(&mut rng(11));
    let fingerprint = lender.uploaded.fingerprint();
    every_way_at([0, 1, upload::KEY_CHUNKS - 1], &mut |tamper| {
        let mut network = Network::new();
        network.join(LENDER, upload::KeySender::new(&lender.uploaded));
        network.join(PLATFORM, upload::KeyReceiver::new(fingerprint));
        network.run(tamper)
    });
}

#[test]
fn chunks_of_another_query_or_holder_are_refused_and_their_sender_blamed() {
    let mut rng = rng(12);
    let lender = Lender::new(&mut rng);
    let plain = [(0, Asked::Plain(Answer::Yes)), (1, Asked::Plain(Answer::Yes))];
    let questions = [1, 2].map(|query| lender.question(query, &plain, &both(), &mut rng));
    let shared = Shared::new(lender);
    let mut seen = Vec::new();
    let first = shared.ask(&questions[0], &mut rng, |_, _, chunk| {
        seen.push(chunk.clone());
        Fate::Deliver
    });
    assert_eq!(first.expect("an honest run"), Answer::Yes);
    // The first query's chunks, replayed in the second.
    for (target, sender) in [holder(0), holder(1), PLATFORM].into_iter().enumerate() {
        let mut count = 0;
        let result = shared.ask(&questions[1], &mut rng, |_, _, chunk| {
            if count == target {
                *chunk = seen[target].clone();
            }
            count += 1;
            Fate::Deliver
        });
        assert_eq!(blamed(result), Some(Culprit::Peer(sender)));
    }
    // One holder's atoms in another's place, in the same query.
    let result = shared.ask(&questions[0], &mut rng, |from, _, chunk| {
        if from == holder(1) {
            *chunk = seen[0].clone();
        }
        Fate::Deliver
    });
    assert_eq!(blamed(result), Some(Culprit::Peer(holder(1))));
}
