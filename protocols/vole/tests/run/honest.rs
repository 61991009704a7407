//! The honest run equals the ideal functionality: random correlations, and nothing else.

use std::collections::BTreeSet;

use session::{Blame, Culprit, Session, Turn};
use vole::{Error, Machine, RECEIVER, Receiver, ReceiverShares, SENDER, SenderShares, Terms};

use crate::Run;

fn expect_correlated(run: &Run, receiver: &ReceiverShares, sender: &SenderShares) {
    let outputs = usize::try_from(run.terms.outputs).unwrap();
    assert_eq!((receiver.len(), sender.len()), (outputs, outputs));
    let mut sums = receiver.products().to_vec();
    Machine::detect().multiply_add(receiver.factors(), sender.reveal_secret(), &mut sums);
    assert!(sums == sender.sums(), "c = a D + b everywhere");
}

#[test]
fn every_output_is_a_correlation_for_any_number_of_them() {
    for outputs in [0, 1, 2, 1_000, 65_536, 65_537, 130_815, 130_816, 700_000] {
        let run = Run::new(outputs);
        let (receiver, sender, _) = run.honest();
        expect_correlated(&run, &receiver, &sender);
        let values: BTreeSet<_> =
            [receiver.factors(), receiver.products(), sender.sums()].concat().into_iter().collect();
        assert_eq!(values.len() as u64, 3 * outputs, "all are random, so all differ");
        assert!(!values.contains(&0) && !values.contains(&sender.reveal_secret()));
    }
}

#[test]
fn batches_start_from_those_of_the_second_generation_too() {
    let run = Run::new(65_536 + 65_279 * 130);
    assert_eq!(run.terms.batches(), 131);
    let (receiver, sender, _) = run.honest();
    expect_correlated(&run, &receiver, &sender);
}

#[test]
fn machines_agree_with_one_another_and_say_the_same() {
    let first = Run::new(70_000);
    let (receiver, sender, expected) = first.honest();
    for one in Machine::available() {
        for other in Machine::available() {
            let (ours, theirs, passed) = Run { machines: [one, other], ..first }.honest();
            assert!(passed == expected, "{} and {}", one.name(), other.name());
            assert!(ours.factors() == receiver.factors() && ours.products() == receiver.products());
            assert!(theirs.sums() == sender.sums());
        }
    }
}

#[test]
fn the_bytes_and_chunks_are_those_of_the_formula() {
    for outputs in [0, 1, 65_537, 200_000, 1_000_000] {
        let run = Run::new(outputs);
        let (.., passed) = run.honest();
        for role in [RECEIVER, SENDER] {
            let bodies = || passed.iter().filter(|(from, _)| *from == role);
            let bytes = bodies().map(|(_, chunk)| chunk.body.len() as u64).sum::<u64>();
            assert_eq!(bytes, run.terms.bytes_from(role));
            assert_eq!(bodies().count() as u64, run.terms.chunks_from(role));
        }
    }
    // SPEC §7 in figures: 21 batches.
    let terms = Terms { outputs: 1_370_976, context: [0; 32] };
    assert_eq!(
        (terms.batches(), terms.bytes_from(RECEIVER), terms.bytes_from(SENDER)),
        (21, 1_304_960, 1_642_528)
    );
}

#[test]
fn secrets_are_fresh_with_every_seed_and_context() {
    let run = Run::new(100);
    let mut seen = BTreeSet::new();
    for seed in 0..10 {
        let (receiver, sender, passed) = Run { seeds: [seed, seed + 50], ..run }.honest();
        assert!(seen.insert(sender.reveal_secret()));
        assert!(receiver.factors().iter().all(|factor| seen.insert(*factor)));
        for (_, chunk) in passed {
            for unit in chunk.body.as_chunks::<16>().0 {
                assert!(seen.insert(u128::from_le_bytes(*unit)), "round {}", chunk.round);
            }
        }
    }
}

#[test]
fn different_terms_end_the_run_before_the_trees() {
    let run = Run::new(100);
    let mut other = run;
    other.terms.context[0] ^= 1;
    let mut network = session::Network::new();
    let shares = network.join(RECEIVER, run.receiver());
    network.join(SENDER, other.sender());
    let failure = network.run(|_, _, chunk| {
        assert!(chunk.round < 5, "the sender sent trees");
        session::Fate::Deliver
    });
    let session::NetworkError::Refused { error, .. } = failure.unwrap_err() else {
        panic!("it stalled");
    };
    assert_eq!(error.downcast_ref::<Error>(), Some(&Error::Columns { from: RECEIVER }));
    assert!(shares.take().is_none());
}

#[test]
fn our_own_mistakes_blame_us() {
    let outputs = Terms::MAX_OUTPUTS + 1;
    let terms = Terms { outputs, context: [0; 32] };
    let mut rng = <chacha20::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(1);
    let error = Receiver::new(terms, Machine::detect(), &mut rng).err().unwrap();
    assert_eq!(error, Error::TermsTooLarge { outputs });
    assert_eq!(error.blame(), Culprit::Us);
}

#[test]
fn a_session_that_is_done_says_so() {
    let run = Run::new(1);
    let (mut receiver, mut sender) = (run.receiver(), run.sender());
    'run: loop {
        loop {
            match receiver.advance().unwrap() {
                Turn::Send(_, chunk) => sender.receive(RECEIVER, chunk).unwrap(),
                Turn::Await => break,
                Turn::Done(_) => break 'run,
            }
        }
        while let Turn::Send(_, chunk) = sender.advance().unwrap() {
            receiver.receive(SENDER, chunk).unwrap();
        }
    }
    assert_eq!(receiver.advance().err(), Some(Error::Ended));
    assert_eq!(sender.advance().err(), Some(Error::Ended));
}

#[test]
fn every_round_has_a_name() {
    let (.., passed) = Run::new(1).honest();
    assert!(passed.iter().all(|(_, chunk)| vole::ROUNDS.get(chunk.round as usize - 1).is_some()));
    assert_eq!(passed.last().unwrap().1.round as usize, vole::ROUNDS.len());
}
