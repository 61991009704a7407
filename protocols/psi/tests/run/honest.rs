//! The honest run equals the ideal functionality.

use proptest::prelude::{ProptestConfig, any};
use proptest::sample::select;
use proptest::{prop_assert_eq, prop_oneof, proptest};
use psi::{
    Error, Items, Lanes, Learned, Output, RECEIVER, ROUNDS, Receiver, SENDER, Terms, round_name,
};
use session::{Blame, Culprit, Fate, Network, Session, Turn};

use crate::fixed::Fixed;
use crate::{OUTPUTS, Run};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn an_honest_run_is_the_plain_intersection(
        output in prop_oneof![
            proptest::strategy::Just(Output::OneSided),
            proptest::strategy::Just(Output::TwoSided),
            proptest::strategy::Just(Output::Cardinality),
        ],
        mut receiver in proptest::collection::btree_set(0_u32..40, 0..24),
        sender in proptest::collection::btree_set(0_u32..40, 0..24),
        same in any::<bool>(),
        padding in [0_u64..9, 0_u64..9],
        seeds in any::<[[u8; 32]; 2]>(),
        lanes in [select(Lanes::available()), select(Lanes::available())],
    ) {
        if same {
            receiver.clone_from(&sender);
        }
        let [receiver, sender] = [receiver, sender].map(|set| -> Vec<_> {
            set.into_iter().rev().map(|item| format!("cn-id:{item}")).collect()
        });
        let (receiver_items, sender_items) =
            (receiver.len() as u64 + padding[0], sender.len() as u64 + padding[1]);
        let terms = Terms { receiver_items, sender_items, output, context: [3; 32] };
        let run = Run { terms, receiver, sender, seeds, lanes };
        prop_assert_eq!(run.honest().0, run.ideal());
    }
}

#[test]
fn sizes_zero_and_one_work_on_either_side() {
    for output in OUTPUTS {
        for (receiver, skip, sender) in [(0, 0, 0), (0, 0, 3), (3, 0, 0), (1, 0, 1), (1, 1, 1)] {
            for padding in [0, 2] {
                let run = Run::new(output, receiver, skip, sender).padded(padding, padding);
                assert_eq!(run.honest().0, run.ideal(), "{receiver} {skip} {sender} {padding}");
            }
        }
    }
}

#[test]
fn items_may_be_of_any_bytes_and_length() {
    let mut run = Run::new(Output::OneSided, 0, 0, 0).padded(4, 4);
    run.receiver = vec![String::new(), "\0".into(), "企业".into(), "x".repeat(1_000)];
    run.sender = vec!["x".repeat(1_000), "x".repeat(999), String::new(), "业企".into()];
    assert_eq!(run.honest().0[0], Learned::Items(vec![0, 3]));
}

#[test]
fn sets_of_several_chunks_meet_in_every_output() {
    for output in OUTPUTS {
        let run = Run::new(output, 4_100, 4_000, 8_192).padded(0, 3);
        assert_eq!(run.honest().0, run.ideal());
    }
}

#[test]
fn the_bytes_and_chunks_are_those_of_the_formula() {
    for output in OUTPUTS {
        for (receiver, sender) in [(0, 0), (1, 9), (17, 3), (4_097, 2)] {
            let run = Run::new(output, receiver, 1, sender).padded(1, 0);
            let (_, passed) = run.honest();
            for role in [RECEIVER, SENDER] {
                let bodies = || passed.iter().filter(|(from, _)| *from == role);
                let bytes = bodies().map(|(_, chunk)| chunk.body.len() as u64).sum::<u64>();
                assert_eq!(bytes, run.terms.bytes_from(role));
                assert_eq!(bodies().count() as u64, run.terms.chunks_from(role));
            }
        }
    }
}

#[test]
fn different_terms_end_the_run_before_any_masked_item_leaves_the_sender() {
    let run = Run::new(Output::OneSided, 3, 1, 3);
    let mut others = [run.terms; 2];
    others[0].context = [8; 32];
    others[1].output = Output::Cardinality;
    for terms in others {
        let mut network = Network::new();
        let learned = network.join(RECEIVER, run.receiver());
        network.join(SENDER, Run { terms, ..run.clone() }.sender());
        let failure = network.run(|from, _, chunk| {
            assert!(from == RECEIVER || chunk.round < 5, "the sender sent masked items");
            Fate::Deliver
        });
        let session::NetworkError::Refused { error, .. } = failure.unwrap_err() else {
            panic!("it stalled");
        };
        assert_eq!(error.downcast_ref::<Error>(), Some(&Error::Opening { from: RECEIVER }));
        assert_eq!(learned.take(), None);
    }
}

#[test]
fn our_own_mistakes_blame_us() {
    let terms =
        Terms { receiver_items: 1, sender_items: 1, output: Output::OneSided, context: [0; 32] };
    let new = |terms, items: &[&str]| {
        Receiver::new(terms, Items::new(items)?, &mut Fixed([0; 32])).map(|_| ())
    };
    let errors = [
        (new(terms, &["a", "b"]), Error::MoreThanAgreed { agreed: 1, found: 2 }),
        (new(terms, &["a", "b", "c", "b", "a"]), Error::SameItem { first: 1, second: 3 }),
        (
            new(Terms { sender_items: Terms::MAX_ITEMS + 1, ..terms }, &[]),
            Error::TermsTooLarge { largest: Terms::MAX_ITEMS + 1 },
        ),
    ];
    for (result, error) in errors {
        assert_eq!(error.blame(), Culprit::Us);
        assert_eq!(result, Err(error));
    }
}

#[test]
fn a_session_that_is_done_says_so() {
    let run = Run::new(Output::OneSided, 0, 0, 0);
    let (mut receiver, mut sender) = (run.receiver(), run.sender());
    loop {
        match receiver.advance().unwrap() {
            Turn::Send(_, chunk) => sender.receive(RECEIVER, chunk).unwrap(),
            Turn::Await => {
                while let Turn::Send(_, chunk) = sender.advance().unwrap() {
                    receiver.receive(SENDER, chunk).unwrap();
                }
            }
            Turn::Done(learned) => break assert_eq!(learned, Learned::Items(vec![])),
        }
    }
    assert_eq!(receiver.advance(), Err(Error::Ended));
}

#[test]
fn progress_counts_every_masking_once() {
    let run = Run::new(Output::OneSided, 5_000, 0, 3);
    let (mut receiver, mut sender) = (run.receiver(), run.sender());
    let mut last = receiver.progress();
    assert_eq!((last.masked, last.remasked, last.of), (0, 0, 5_003));
    'run: loop {
        loop {
            match receiver.advance().unwrap() {
                Turn::Send(_, chunk) => sender.receive(RECEIVER, chunk).unwrap(),
                Turn::Await => break,
                Turn::Done(_) => break 'run,
            }
            let now = receiver.progress();
            assert!(now.masked >= last.masked && now.remasked >= last.remasked);
            last = now;
        }
        while let Turn::Send(_, chunk) = sender.advance().unwrap() {
            receiver.receive(SENDER, chunk).unwrap();
        }
    }
    let last = receiver.progress();
    assert_eq!((last.masked, last.remasked, last.of), (5_000, 3, 5_003));
    assert_eq!(sender.progress().remasked, 5_000);
}

#[test]
fn every_round_has_a_name() {
    assert_eq!(round_name(1), "commitment");
    assert_eq!(round_name(9), ROUNDS[8]);
    assert_eq!(round_name(0), round_name(10));
}
