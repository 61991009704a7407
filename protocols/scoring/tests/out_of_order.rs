//! Sessions that are spoken to out of turn, or used after their end, refuse.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]

mod common;

use std::sync::Arc;

use common::{Scene, rng};
use scoring::{Error, LENDER, PLATFORM, Scorecard, TableTerms, holder, issue, score};
use session::{Blame, Chunk, Culprit, Misplaced, Role, Session, Turn, Unexpected};

/// Everyone but `expected` is out of turn; so is everyone once the session is over.
fn refuses_others<S: Session<Error = Error>>(make: &dyn Fn() -> S, expected: Option<Role>) {
    for from in (0..10).map(Role).filter(|&role| Some(role) != expected) {
        let mut session = make();
        let error = session.receive(from, Chunk::whole(1, "early")).unwrap_err();
        let reason = Misplaced::OutOfTurn { from };
        assert_eq!(error, Unexpected::Misplaced { from, reason }.into());
        assert_eq!(error.blame(), Culprit::Peer(from));
        assert_eq!(session.advance().err(), Some(Error::Over));
    }
    let mut session = make();
    while let Turn::Send(..) = session.advance().unwrap() {}
    if expected.is_none() {
        assert_eq!(session.advance().err(), Some(Error::Over));
        assert_eq!(Error::Over.blame(), Culprit::Us);
    }
}

#[test]
fn sessions_refuse_whoever_is_out_of_turn() {
    let scene = Scene::new(2, 1, 2, &mut rng(30));
    let terms = scene.terms(1);
    let public = scene.key.public();
    let card = || Scorecard::new(&scene.points[0]).unwrap();
    let table = TableTerms::new(public.fingerprint(), scene.model, card().shape().clone());

    refuses_others(&|| issue::KeySender::new(public), None);
    refuses_others(&|| issue::KeyReceiver::new(public.fingerprint()), Some(LENDER));
    refuses_others(
        &|| issue::TableSender::new(&table, public, card(), &mut rng(31)).unwrap(),
        None,
    );
    refuses_others(&|| issue::TableReceiver::new(table.clone()), Some(PLATFORM));
    refuses_others(
        &|| {
            let query = scene.query(&terms, 0, &[0]);
            score::Holder::new(query, &scene.tables[0], &scene.masks[0], &mut rng(32)).unwrap()
        },
        None,
    );
    refuses_others(
        &|| score::Lender::new(terms.clone(), Arc::clone(&scene.key)).unwrap(),
        Some(PLATFORM),
    );

    let mut platform = score::Platform::new(terms);
    assert!(matches!(platform.advance(), Ok(Turn::Await)));
    let error = platform.receive(holder(2), Chunk::whole(1, "who")).unwrap_err();
    assert_eq!(error.blame(), Culprit::Peer(holder(2)));
    // After an error the session is over.
    assert_eq!(platform.advance().err(), Some(Error::Over));
}

#[test]
fn answers_may_come_in_any_order() {
    let mut rng = rng(33);
    let scene = Scene::new(3, 2, 2, &mut rng);
    let terms = scene.terms(1);
    let subject = scene.subject(&mut rng);
    let mut platform = score::Platform::new(terms.clone());
    for j in [2, 0, 1] {
        assert!(matches!(platform.advance(), Ok(Turn::Await)));
        let query = scene.query(&terms, j, &subject[j]);
        let session = score::Holder::new(query, &scene.tables[j], &scene.masks[j], &mut rng);
        let Turn::Send(PLATFORM, chunk) = session.unwrap().advance().unwrap() else {
            panic!("a holder speaks first");
        };
        platform.receive(holder(j), chunk).unwrap();
    }
    let Turn::Send(LENDER, chunk) = platform.advance().unwrap() else {
        panic!("the sum is complete");
    };
    assert_eq!(platform.advance().unwrap(), Turn::Done(()));
    let mut lender = score::Lender::new(terms, Arc::clone(&scene.key)).unwrap();
    lender.receive(PLATFORM, chunk).unwrap();
    assert_eq!(lender.advance().unwrap(), Turn::Done(scene.clear(&subject)));
}
