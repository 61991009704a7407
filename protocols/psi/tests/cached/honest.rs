//! The honest run equals the ideal functionality.

use std::sync::Arc;

use proptest::prelude::{ProptestConfig, any};
use proptest::sample::select;
use proptest::{prop_assert_eq, proptest};
use psi::cached::{
    ASKER, Asker, HOLDER, Holder, List, Period, ROUNDS, Register, Terms, round_name,
};
use psi::{Error, Items, Lanes, POINTS_PER_CHUNK, TAGS_PER_CHUNK};
use session::{Blame, Culprit, Fate, Network, NetworkError};

use crate::fixed::Fixed;
use crate::{Run, tags};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn an_honest_run_is_the_plain_intersection(
        entries in proptest::collection::btree_set(0_u32..40, 0..24),
        items in proptest::collection::btree_set(0_u32..40, 0..24),
        padding in [0_u64..9, 0_u64..9],
        delivers in any::<bool>(),
        seeds in any::<[[u8; 32]; 2]>(),
        lanes in [select(Lanes::available()), select(Lanes::available())],
    ) {
        let spelled = |item| format!("cn-id:{item}");
        let period = Period {
            items: entries.len() as u64 + padding[0],
            queries: 100,
            context: [3; 32],
        };
        let queries = items.len() as u64 + padding[1];
        let run = Run {
            terms: Terms { period, delivers, queries, context: [4; 32] },
            entries: entries.into_iter().map(spelled).collect(),
            items: items.into_iter().rev().map(spelled).collect(),
            seeds,
            lanes,
        };
        let (answer, _) = run.honest();
        prop_assert_eq!(answer.found, run.ideal());
        let register = run.register();
        prop_assert_eq!(answer.list.as_bytes(), register.list().as_bytes());
    }
}

#[test]
fn sizes_zero_and_one_work_on_either_side() {
    for (entries, skip, items) in [(0, 0, 0), (0, 0, 3), (3, 0, 0), (1, 0, 1), (1, 1, 1)] {
        for padding in [0, 2] {
            let run = Run::new(entries, skip, items).padded(padding, padding);
            for run in [run.clone(), run.kept()] {
                assert_eq!(run.honest().0.found, run.ideal(), "{entries} {skip} {items} {padding}");
            }
        }
    }
}

#[test]
fn chunks_that_are_just_full_work() {
    let full = POINTS_PER_CHUNK as u64;
    for items in [full - 1, full, full + 1] {
        let run = Run::new(3, 1, items).kept();
        assert_eq!(run.honest().0.found, [0, 1], "{items}");
    }
    // Nearly all of the list is padding, which costs nothing.
    let full = TAGS_PER_CHUNK as u64;
    for items in [full - 1, full, full + 1] {
        let run = Run::new(3, 2, 2).padded(items - 3, 0);
        let (answer, passed) = run.honest();
        assert_eq!(answer.found, [0], "{items}");
        let chunks = passed.iter().filter(|(_, chunk)| chunk.round == 2).count();
        assert_eq!(chunks, if items > full { 2 } else { 1 });
    }
}

#[test]
fn a_list_serves_many_runs_and_may_be_kept_as_bytes() {
    let run = Run::new(20, 0, 5).padded(12, 0);
    let (answer, _) = run.honest();
    let kept = answer.list.as_bytes().clone();
    let list = Arc::new(List::from_bytes(run.terms.period, kept.clone()).unwrap());
    // The holder keeps its list as well, and the period's seed.
    let own = List::from_bytes(run.terms.period, kept).unwrap();
    let register = Arc::new(Register::kept(&run.seeds[1], own).unwrap());
    for (item, found) in [("uscc:19", vec![0]), ("uscc:20", vec![])] {
        let terms = Terms { delivers: false, queries: 1, ..run.terms };
        let mut network = Network::new();
        let items = Items::new([item]).unwrap();
        let asker = Asker::new(terms, Some(Arc::clone(&list)), items, &mut Fixed([9; 32])).unwrap();
        let answer = network.join(ASKER, asker);
        network.join(HOLDER, Holder::new(terms, Arc::clone(&register)).unwrap());
        network.run(|_, _, _| Fate::Deliver).unwrap();
        assert_eq!(answer.take().unwrap().found, found);
    }
}

#[test]
fn every_run_sends_the_bytes_and_chunks_that_its_terms_say() {
    let run = Run::new(9, 3, 5).padded(60, 4_100);
    for run in [run.clone(), run.kept()] {
        let (_, passed) = run.honest();
        for role in [ASKER, HOLDER] {
            let sent = || passed.iter().filter(|(from, _)| *from == role);
            let bytes: usize = sent().map(|(_, chunk)| chunk.body.len()).sum();
            assert_eq!(bytes as u64, run.terms.bytes_from(role));
            assert_eq!(sent().count() as u64, run.terms.chunks_from(role));
        }
    }
}

#[test]
fn tags_are_as_long_as_a_period_of_two_to_the_minus_forty_asks() {
    let length = |items, queries| Period { items, queries, context: [0; 32] }.tag_length();
    assert_eq!([length(0, 0), length(1, 1), length(2, 1)], [5, 5, 6]);
    assert_eq!(length(1 << 20, 1 << 12), 9);
    assert_eq!(length((1 << 20) + 1, 1 << 12), 10);
    assert_eq!(length(1 << 32, 1 << 32), 13);
}

#[test]
fn terms_that_differ_are_refused_before_anything_is_sent() {
    let run = Run::new(4, 1, 2);
    let mut others = vec![run.clone(); 4];
    others[0].terms.context = [9; 32];
    others[1].terms.queries += 1;
    others[2].terms.delivers = false;
    others[3].terms.period.context = [9; 32];
    for other in others {
        let mut network = Network::new();
        let answer = network.join(ASKER, other.asker());
        network.join(HOLDER, run.holder());
        let Err(NetworkError::Refused { role, culprit, error }) =
            network.run(|_, _, _| Fate::Deliver)
        else {
            panic!("they agreed");
        };
        assert_eq!((role, culprit), (HOLDER, Culprit::Peer(ASKER)));
        assert_eq!(*error.downcast::<Error>().unwrap(), Error::Agreement { from: ASKER });
        assert!(answer.take().is_none());
    }
}

#[test]
fn another_list_of_the_same_period_is_refused() {
    // The asker keeps a list that another seed gave, or that was altered where it was kept.
    let run = Run::new(4, 1, 2).kept();
    let other = Run { seeds: [run.seeds[0], [3; 32]], ..run.clone() };
    let mut network = Network::new();
    network.join(ASKER, other.asker());
    network.join(HOLDER, run.holder());
    let Err(NetworkError::Refused { error, .. }) = network.run(|_, _, _| Fate::Deliver) else {
        panic!("they agreed");
    };
    assert_eq!(*error.downcast::<Error>().unwrap(), Error::Agreement { from: ASKER });
}

#[test]
fn what_no_run_can_have_is_refused_and_nobody_else_blamed() {
    let run = Run::new(4, 1, 2);
    let Terms { period, .. } = run.terms;
    let items = || Items::new(&run.items).unwrap();
    let asker = |terms, list| Asker::new(terms, list, items(), &mut Fixed([1; 32])).err().unwrap();
    let list = || Some(Arc::new(run.register().list().clone()));

    let few = Terms { queries: 1, ..run.terms };
    assert_eq!(asker(few, None), Error::MoreThanAgreed { agreed: 1, found: 2 });
    let many = Terms { queries: period.queries + 1, ..run.terms };
    let too_many = Error::MoreThanPeriod { agreed: period.queries, found: period.queries + 1 };
    assert_eq!(asker(many, None), too_many);
    assert_eq!(Holder::new(many, run.register()).err().unwrap(), too_many);
    assert_eq!(asker(run.terms, list()), Error::ListNotAgreed);
    let kept = Terms { delivers: false, ..run.terms };
    assert_eq!(asker(kept, None), Error::ListNotAgreed);
    let next = Terms { period: Period { context: [9; 32], ..period }, ..kept };
    assert_eq!(asker(next, list()), Error::ListNotAgreed);
    assert_eq!(Holder::new(next, run.register()).err().unwrap(), Error::ListNotAgreed);
    let large = Period { items: Period::MAX_ITEMS + 1, ..period };
    let too_large = Error::TermsTooLarge { largest: Period::MAX_ITEMS + 1 };
    assert_eq!(asker(Terms { period: large, ..run.terms }, None), too_large);
    let entries = Items::new(&run.entries).unwrap();
    let small = Period { items: 3, ..period };
    let refused = Register::new(small, &[0; 32], &entries).err().unwrap();
    assert_eq!(refused, Error::MoreThanAgreed { agreed: 3, found: 4 });
    assert_eq!(refused.blame(), Culprit::Us);

    let bytes = run.register().list().as_bytes().to_vec();
    let damaged = |bytes: Vec<u8>| List::from_bytes(period, bytes).err().unwrap();
    assert_eq!(damaged(bytes[1..].to_vec()), Error::List);
    assert_eq!(damaged(bytes.iter().rev().copied().collect()), Error::List);
    assert_eq!(Error::List.blame(), Culprit::Us);
    assert!(List::from_bytes(period, bytes).is_ok());
}

#[test]
fn tags_that_meet_by_chance_do_not_disturb() {
    // Two equal tags stand beside one another: a list may have them, however rarely it does.
    let period = Period { items: 3, queries: 1, context: [0; 32] };
    let length = period.tag_length();
    let list = List::from_bytes(period, vec![5; 3 * length]).unwrap();
    assert_eq!(tags(&list), vec![vec![5; length]; 3]);
}

#[test]
fn rounds_have_names() {
    assert_eq!(round_name(2), ROUNDS[1]);
    assert_eq!(round_name(6), "no round of this protocol");
}
