//! The honest run equals the ideal functionality.

use chacha20::ChaCha20Rng;
use proptest::prelude::{ProptestConfig, any};
use proptest::{prop_assert_eq, proptest};
use psi::vole::{Machine, ROUNDS, Receiver, Security, Terms, round_name};
use psi::{Error, Items, Learned, Output, RECEIVER, SENDER};
use rand_core::SeedableRng;
use session::{Blame, Culprit, Fate, Network, Session, Turn};

use crate::{KINDS, Run};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn an_honest_run_is_the_plain_intersection(
        kind in 0_usize..4,
        mut receiver in proptest::collection::btree_set(0_u32..40, 0..24),
        sender in proptest::collection::btree_set(0_u32..40, 0..24),
        same in any::<bool>(),
        padding in [0_u64..9, 0_u64..9],
        seeds in any::<[u64; 2]>(),
    ) {
        if same {
            receiver.clone_from(&sender);
        }
        let (output, security) = KINDS[kind];
        let mut run = Run::new(output, security, 0, 0, 0);
        [run.receiver, run.sender] = [receiver, sender].map(|set| -> Vec<_> {
            set.into_iter().rev().map(|item| format!("cn-id:{item}")).collect()
        });
        run.terms.receiver_items = run.receiver.len() as u64 + padding[0];
        run.terms.sender_items = run.sender.len() as u64 + padding[1];
        run.seeds = seeds;
        prop_assert_eq!(run.honest().0, run.ideal());
    }
}

#[test]
fn sizes_that_are_odd_lopsided_empty_or_next_to_a_power_of_two_work() {
    for (receiver, skip, sender) in [
        (0, 0, 0),
        (0, 0, 3),
        (3, 0, 0),
        (1, 0, 1),
        (1, 1, 1),
        (1_023, 500, 1_025),
        (32_767, 20_000, 32_769),
        (32_769, 1, 4_096),
        (1, 5, 1_000),
        (10_000, 9_999, 1),
        (5, 0, 70_000),
        (70_000, 3, 5),
    ] {
        for (output, security) in [KINDS[0], KINDS[3]] {
            let run = Run::new(output, security, receiver, skip, sender);
            assert_eq!(run.honest().0, run.ideal(), "{receiver} {skip} {sender}");
        }
    }
}

#[test]
fn sets_of_several_bins_and_chunks_meet() {
    for (output, security) in KINDS {
        let run = Run::new(output, security, 150_000, 75_000, 140_000).padded(100, 3);
        assert_eq!(run.honest().0, run.ideal());
    }
}

#[test]
fn near_duplicates_do_not_match() {
    let mut run = Run::new(Output::OneSided, Security::SemiHonest, 0, 0, 0);
    run.receiver = (0..2_000).map(|i| format!("uscc:{i:018}")).collect();
    run.sender = (0..2_000).map(|i| format!("uscc:{i:018} ")).collect();
    run.sender.push(format!("uscc:{:018}", 7));
    let run = run.padded(2_000, 2_001);
    assert_eq!(run.honest().0[0], Learned::Items(vec![7]));
}

#[test]
fn items_may_be_of_any_bytes_and_length() {
    let mut run = Run::new(Output::OneSided, Security::Checked, 0, 0, 0).padded(4, 4);
    run.receiver = vec![String::new(), "\0".into(), "企业".into(), "x".repeat(1_000)];
    run.sender = vec!["x".repeat(1_000), "x".repeat(999), String::new(), "业企".into()];
    assert_eq!(run.honest().0[0], Learned::Items(vec![0, 3]));
}

#[test]
fn machines_agree_with_one_another_and_say_the_same() {
    for (output, security) in [KINDS[0], KINDS[3]] {
        let run = Run::new(output, security, 3_000, 1_000, 2_500).padded(5, 5);
        let expected = run.honest();
        assert_eq!(expected.0, run.ideal());
        for one in Machine::available() {
            for other in Machine::available() {
                let found = Run { machines: [one, other], ..run.clone() }.honest();
                assert!(found == expected, "{} and {}", one.name(), other.name());
            }
        }
    }
}

#[test]
fn both_roads_find_the_same() {
    let run = Run::new(Output::TwoSided, Security::SemiHonest, 300, 100, 250);
    let terms = psi::Terms {
        receiver_items: 300,
        sender_items: 250,
        output: Output::TwoSided,
        context: [7; 32],
    };
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let [ours, theirs] = [&run.receiver, &run.sender].map(|items| Items::new(items).unwrap());
    let mut network = Network::new();
    let receiver = network.join(RECEIVER, psi::Receiver::new(terms, ours, &mut rng).unwrap());
    let sender = network.join(SENDER, psi::Sender::new(terms, theirs, &mut rng).unwrap());
    network.run(|_, _, _| Fate::Deliver).unwrap();
    assert_eq!(run.honest().0, [receiver.take().unwrap(), sender.take().unwrap()]);
}

#[test]
fn the_bytes_and_chunks_are_those_of_the_formula() {
    for (output, security) in KINDS {
        for (receiver, sender) in [(0, 0), (1, 9), (17, 3), (100_000, 70_000)] {
            let run = Run::new(output, security, receiver, 1, sender).padded(1, 0);
            let (_, passed) = run.honest();
            for role in [RECEIVER, SENDER] {
                let bodies = || passed.iter().filter(|(from, _)| *from == role);
                let bytes = bodies().map(|(_, chunk)| chunk.body.len() as u64).sum::<u64>();
                assert_eq!(bytes, run.terms.bytes_from(role));
                assert_eq!(bodies().count() as u64, run.terms.chunks_from(role));
            }
        }
    }
    // SPEC §V7 in figures.
    let Run { terms, .. } = Run::new(Output::OneSided, Security::SemiHonest, 0, 0, 0);
    let terms = Terms { receiver_items: 1 << 20, sender_items: 1 << 20, ..terms };
    assert_eq!((terms.bytes_from(RECEIVER), terms.bytes_from(SENDER)), (23_240_688, 12_128_352));
}

#[test]
fn different_terms_end_the_run_before_the_base_ots() {
    let run = Run::new(Output::OneSided, Security::SemiHonest, 3, 1, 3);
    let mut others = [run.terms; 2];
    others[0].context[0] ^= 1;
    others[1].output = Output::TwoSided;
    for terms in others {
        let mut network = Network::new();
        let learned = network.join(RECEIVER, run.receiver());
        network.join(SENDER, Run { terms, ..run.clone() }.sender());
        let failure = network.run(|from, _, chunk| {
            assert!(from == RECEIVER || chunk.round < 5, "the sender went on");
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
    let Run { terms, .. } = Run::new(Output::OneSided, Security::SemiHonest, 1, 0, 1);
    let new = |terms, items: &[&str]| {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let items = Items::new(items).unwrap();
        Receiver::new(terms, items, Machine::detect(), &mut rng).map(|_| ())
    };
    let errors = [
        (new(terms, &["a", "b"]), Error::MoreThanAgreed { agreed: 1, found: 2 }),
        (new(Terms { output: Output::Cardinality, ..terms }, &[]), Error::NoCardinality),
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
fn a_session_takes_the_peer_a_round_ahead_and_says_when_it_is_done() {
    for (output, security) in KINDS {
        let run = Run::new(output, security, 20, 0, 30);
        let (mut receiver, mut sender) = (run.receiver(), run.sender());
        let mut learned = [None, None];
        // What one says is heard at once, before who said it looks at anything else.
        while learned.iter().any(Option::is_none) {
            match receiver.advance() {
                Ok(Turn::Send(_, chunk)) => sender.receive(RECEIVER, chunk).unwrap(),
                Ok(Turn::Done(output)) => learned[0] = Some(output),
                Ok(Turn::Await) | Err(Error::Ended) => {}
                Err(error) => panic!("{error}"),
            }
            match sender.advance() {
                Ok(Turn::Send(_, chunk)) => receiver.receive(SENDER, chunk).unwrap(),
                Ok(Turn::Done(output)) => learned[1] = Some(output),
                Ok(Turn::Await) | Err(Error::Ended) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(learned.map(Option::unwrap), run.ideal());
        assert_eq!(receiver.advance(), Err(Error::Ended));
        assert_eq!(sender.advance(), Err(Error::Ended));
    }
}

#[test]
fn every_round_has_a_name() {
    assert_eq!(round_name(1), "commitment");
    assert_eq!(round_name(4), "base OT: point");
    assert_eq!(round_name(17), ROUNDS[16]);
    assert_eq!(round_name(0), round_name(18));
}
