//! An honest run gives what the formula says in clear.

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
fn nested_gates_join_and_wide_ones_become_trees() {
    let atoms = |range: std::ops::Range<usize>| range.map(Formula::Atom).collect::<Vec<_>>();
    let shape = |formula: &Formula, atoms| {
        let circuit = Circuit::compile(formula, atoms).unwrap();
        (circuit.gates(), circuit.depth())
    };
    let nested = Formula::all([Formula::all(atoms(0..3)), !Formula::any(atoms(3..6))]);
    assert_eq!(shape(&nested, 6), (1, 1));
    assert_eq!(shape(&!Formula::Atom(0), 1), (0, 0));
    assert_eq!(shape(&Formula::all([Formula::Atom(0), Formula::Atom(0)]), 1), (0, 0));
    assert_eq!(shape(&Formula::any(atoms(0..16)), 16), (1, 1));
    assert_eq!(shape(&Formula::any(atoms(0..17)), 17), (2, 2));
    assert_eq!(shape(&Formula::all(atoms(0..256)), 256), (17, 2));
    let mixed = Formula::all([Formula::Atom(0), Formula::any(atoms(1..3))]);
    assert_eq!(shape(&mixed, 3), (2, 2));
}

#[test]
fn a_gate_of_sixteen_is_right_on_both_sides_of_every_edge() {
    let mut rng = rng(4);
    let lender = Lender::new(&mut rng);
    let mut query = 0;
    for least in [1, 8, 16] {
        let formula = Formula::AtLeast(least, (0..16).map(Formula::Atom).collect());
        for yes in [0, least - 1, least, 16] {
            for other in [Answer::No, Answer::Unknown] {
                let answer = |i: usize| if i < yes { Answer::Yes } else { other };
                let asked: Vec<_> = (0..16).map(|i| (i % 3, Asked::Plain(answer(i)))).collect();
                query += 1;
                let question = lender.question(query, &asked, &formula, &mut rng);
                let expected = kleene(&formula, &question.clear());
                assert_eq!(lender.ask(&question, &mut rng), expected, "{yes} of {least}, {other}");
            }
        }
    }
}

#[test]
fn mixed_questions_of_plain_and_sealed_atoms_say_what_kleene_says() {
    let mut rng = rng(5);
    let lender = Lender::new(&mut rng);
    for query in 0..12 {
        let atoms = 2 + below(3, &mut rng);
        let formula = formula(&(0..atoms).collect::<Vec<_>>(), &mut rng);
        let asked: Vec<_> = (0..atoms)
            .map(|i| {
                let comparison = Comparison::ALL[below(5, &mut rng)];
                let value = Some(below(4, &mut rng) as u64).filter(|value| *value > 0);
                match i % 2 {
                    0 => (i % 2, Asked::Sealed(comparison, 2, value)),
                    _ => (i % 2, Asked::Plain(any_answer(&mut rng))),
                }
            })
            .collect();
        let question = lender.question(query, &asked, &formula, &mut rng);
        let expected = kleene(&formula, &question.clear());
        assert_eq!(lender.ask(&question, &mut rng), expected, "{formula:?} of {asked:?}");
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
