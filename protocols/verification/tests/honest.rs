//! An honest run gives what the formula says in clear.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]

mod common;

use common::{Asked, Lender, any_answer, below, formula, kleene, rng};
use rand_core::Rng;
use verification::{Answer, Circuit, Comparison, Formula};

#[test]
fn ten_thousand_circuits_say_what_kleene_says() {
    let mut rng = rng(1);
    for _ in 0..10_000 {
        let atoms = 1 + below(40, &mut rng);
        let all: Vec<_> = (0..atoms).collect();
        let formula = formula(&all, &mut rng);
        let answers: Vec<_> = (0..atoms).map(|_| any_answer(&mut rng)).collect();
        let expected = kleene(&formula, &answers);
        let circuit = Circuit::compile(&formula, atoms).unwrap();
        assert_eq!(circuit.answer(&answers).unwrap(), expected, "{formula:?} of {answers:?}");
        assert_eq!(formula.answer(&answers).unwrap(), expected, "{formula:?} of {answers:?}");
    }
}

#[test]
fn two_hundred_encrypted_runs_say_what_kleene_says() {
    let mut rng = rng(2);
    let lender = Lender::new(&mut rng);
    for query in 0..200 {
        let atoms = 1 + below(6, &mut rng);
        let all: Vec<_> = (0..atoms).collect();
        let formula = formula(&all, &mut rng);
        let holders = 1 + below(atoms, &mut rng);
        let asked: Vec<_> =
            all.iter().map(|i| (i % holders, Asked::Plain(any_answer(&mut rng)))).collect();
        let question = lender.question(query, &asked, &formula, &mut rng);
        let expected = kleene(&formula, &question.clear());
        assert_eq!(lender.ask(&question, &mut rng), expected, "{formula:?} of {asked:?}");
    }
}

#[test]
fn sealed_comparisons_are_right_at_the_edges_and_between() {
    let mut rng = rng(3);
    let lender = Lender::new(&mut rng);
    let mut pairs = vec![(0, 0), (u64::MAX, u64::MAX), (0, u64::MAX), (u64::MAX, 0), (255, 256)];
    for _ in 0..5 {
        let threshold = rng.next_u64() >> below(64, &mut rng);
        pairs.extend([
            (threshold, threshold),
            (threshold.saturating_sub(1), threshold),
            (threshold.saturating_add(1), threshold),
            (rng.next_u64(), threshold),
        ]);
    }
    for (query, (value, threshold)) in (0..).zip(pairs) {
        let comparison = Comparison::ALL[below(5, &mut rng)];
        let asked = Asked::Sealed(comparison, threshold, Some(value));
        let question = lender.question(query, &[(0, asked)], &Formula::Atom(0), &mut rng);
        assert_eq!(lender.ask(&question, &mut rng), asked.clear(), "{asked:?}");
    }
    let asked = [(0, Asked::Sealed(Comparison::Less, 5, None))];
    let question = lender.question(999, &asked, &!Formula::Atom(0), &mut rng);
    assert_eq!(lender.ask(&question, &mut rng), Answer::Unknown);
}
