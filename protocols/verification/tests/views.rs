//! What each party sees does not depend on what the holders know.

mod common;

use common::run::Shared;
use common::{Asked, Lender, rng};
use session::{Fate, Role};
use verification::{Answer, Comparison, Formula};

/// From whom to whom a chunk went, its round, whether it was the last, and its length.
type Seen = (Role, Role, u32, bool, usize);

#[test]
fn lengths_order_and_number_of_messages_are_the_same_for_every_answer() {
    let mut rng = rng(50);
    let lender = Lender::new(&mut rng);
    let parts = (0..4).map(Formula::Atom);
    let formula = Formula::AtLeast(2, parts.collect());
    let mut questions = Vec::new();
    for (answer, value) in
        [(Answer::Yes, Some(0)), (Answer::No, Some(u64::MAX)), (Answer::Unknown, None)]
    {
        let asked = [
            (0, Asked::Plain(answer)),
            (0, Asked::Plain(!answer)),
            (1, Asked::Sealed(Comparison::Less, 77, value)),
            (2, Asked::Plain(answer)),
        ];
        questions.push(lender.question(1, &asked, &formula, &mut rng));
    }
    let shared = Shared::new(lender);
    let views: Vec<Vec<Seen>> = questions
        .iter()
        .map(|question| {
            let mut view = Vec::new();
            shared
                .ask(question, &mut rng, |from, to, chunk| {
                    view.push((from, to, chunk.round, chunk.last, chunk.body.len()));
                    Fate::Deliver
                })
                .unwrap();
            view
        })
        .collect();
    assert_eq!(views[0].len(), 6);
    assert!(views.iter().all(|view| *view == views[0]));
}

#[test]
fn the_same_answers_never_give_the_same_ciphertexts() {
    let mut rng = rng(51);
    let lender = Lender::new(&mut rng);
    let asked =
        [(0, Asked::Plain(Answer::No)), (0, Asked::Sealed(Comparison::Greater, 1, Some(1)))];
    let formula = Formula::any([Formula::Atom(0), Formula::Atom(1)]);
    let question = lender.question(1, &asked, &formula, &mut rng);
    let shared = Shared::new(lender);
    let mut bodies = Vec::new();
    for _ in 0..2 {
        shared
            .ask(&question, &mut rng, |from, _, chunk| {
                bodies.push((from, chunk.body.clone()));
                Fate::Deliver
            })
            .unwrap();
    }
    let (first, second) = bodies.split_at(4);
    for ((from, body), (_, again)) in first.iter().zip(second).skip(2) {
        // Some words may agree by chance: of 16 bits, one in 65536.
        let same = body.chunks(2).zip(again.chunks(2)).filter(|(a, b)| a == b).count();
        assert!(same < 20, "{from}: {same} words agree");
    }
}
