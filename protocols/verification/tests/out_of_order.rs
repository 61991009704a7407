//! Sessions that are spoken to out of turn, or used after their end, refuse.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]

mod common;

use common::run::Shared;
use common::{Asked, Lender, Question, rng};
use session::{Blame, Chunk, Culprit, Misplaced, Role, Session, Turn, Unexpected};
use verification::{
    Answer, Comparison, Error, Formula, LENDER, PLATFORM, Query, holder, upload, verify,
};

fn question(lender: &Lender) -> Question {
    let asked = [
        (0, Asked::Plain(Answer::Yes)),
        (1, Asked::Sealed(Comparison::Equal, 9, Some(9))),
        (2, Asked::Plain(Answer::Unknown)),
    ];
    let atoms = Formula::any([Formula::Atom(0), Formula::Atom(1), Formula::Atom(2)]);
    lender.question(1, &asked, &atoms, &mut rng(30))
}

/// Everyone but `expected` is out of turn; so is everyone once the session is over.
fn refuses_others<S: Session<Error = Error>>(make: &dyn Fn() -> S, expected: Option<Role>) {
    for from in (0..10).map(Role).filter(|&role| Some(role) != expected) {
        let mut session = make();
        while let Turn::Send(..) = session.advance().unwrap() {}
        let mut session = make();
        let error = session.receive(from, Chunk::whole(1, "early")).unwrap_err();
        let reason = Misplaced::OutOfTurn { from };
        assert_eq!(error, Unexpected::Misplaced { from, reason }.into());
        assert_eq!(error.blame(), Culprit::Peer(from));
        assert_eq!(session.advance().err(), Some(Error::Over));
        assert_eq!(Error::Over.blame(), Culprit::Us);
    }
}

#[test]
fn sessions_refuse_whoever_is_out_of_turn() {
    let lender = Lender::new(&mut rng(31));
    let question = question(&lender);
    let fingerprint = lender.uploaded.fingerprint();
    refuses_others(&|| upload::KeyReceiver::new(fingerprint), Some(LENDER));
    refuses_others(&|| upload::KeySender::new(&lender.uploaded), None);
    let shared = Shared::new(lender);
    refuses_others(&|| shared.holder(question.query(0), false, &mut rng(32)), None);
    refuses_others(&|| shared.holder(question.query(1), true, &mut rng(33)), Some(PLATFORM));
    refuses_others(&|| shared.lender(&question), None);

    // The platform hears the lender and holders without sealed atoms first, nobody else.
    for from in [PLATFORM, holder(1), holder(3), Role(200)] {
        let mut platform = shared.platform(&question.terms, &mut rng(34));
        assert!(matches!(platform.advance(), Ok(Turn::Await)));
        let error = platform.receive(from, Chunk::whole(1, "who")).unwrap_err();
        let reason = Misplaced::OutOfTurn { from };
        assert_eq!(error, Unexpected::Misplaced { from, reason }.into());
        assert_eq!(platform.advance().err(), Some(Error::Over));
    }
}

fn said<S: Session<Error = Error>>(session: &mut S) -> Chunk {
    match session.advance().unwrap() {
        Turn::Send(_, chunk) => chunk,
        Turn::Await | Turn::Done(_) => panic!("it has something to say"),
    }
}

#[test]
fn atoms_may_come_in_any_order() {
    let mut rng = rng(35);
    let lender = Lender::new(&mut rng);
    let question = question(&lender);
    let shared = Shared::new(lender);
    let mut platform = shared.platform(&question.terms, &mut rng);
    let mut asking = shared.lender(&question);
    // A holder may answer before the thresholds come.
    let mut plain = |place| said(&mut shared.holder(question.query(place), false, &mut rng));
    platform.receive(holder(2), plain(2)).unwrap();
    platform.receive(LENDER, said(&mut asking)).unwrap();
    let relayed = said(&mut platform);
    platform.receive(holder(0), plain(0)).unwrap();
    let mut comparing = shared.holder(question.query(1), true, &mut rng);
    comparing.receive(PLATFORM, relayed).unwrap();
    platform.receive(holder(1), said(&mut comparing)).unwrap();
    asking.receive(PLATFORM, said(&mut platform)).unwrap();
    assert_eq!(platform.advance().unwrap(), Turn::Done(()));
    assert_eq!(asking.advance().unwrap(), Turn::Done(Answer::Yes));
}

#[test]
fn a_holder_waits_for_thresholds_exactly_when_it_has_some_to_compare_with() {
    let mut rng = rng(36);
    let lender = Lender::new(&mut rng);
    let question = question(&lender);
    let sealed: Query = question.query(1);
    assert_eq!(sealed.answer(lender.key.public(), &mut rng).err(), Some(Error::NeedsEvaluator));
    let shared = Shared::new(lender);
    let evaluator = std::sync::Arc::clone(&shared.evaluator);
    let plain = verify::Holder::comparing(question.query(0), evaluator, &mut rng);
    assert_eq!(plain.err(), Some(Error::NothingSealed));
}
