//! Attempts that are broken off, and what the next one does with what they have left.

use std::collections::BTreeSet;

use bytes::Bytes;
use psi::buckets::{Error, Receiver, Sender, Terms};
use psi::vole::Machine;
use psi::{RECEIVER, SENDER};
use rand_core::SeedableRng;
use session::{Blame, Chunk, Culprit, Fate, Network, NetworkError};

use crate::{KINDS, Run, Side};

/// All rounds whose content is drawn or masked anew in every attempt.
fn is_fresh(chunk: &Chunk) -> bool {
    chunk.body.len() >= 16
}

#[test]
fn a_run_that_is_broken_off_anywhere_goes_on_and_uses_nothing_drawn_again() {
    for kind in KINDS {
        let whole = Run::new(kind, [200, 80, 150], 4);
        let mut chunks = 0;
        whole
            .attempt([1, 2], |_, _| {
                chunks += 1;
                Fate::Deliver
            })
            .unwrap();
        // At every seventh chunk the line breaks, for good in that attempt.
        for end in (1..chunks).step_by(7) {
            let run = Run::new(kind, [200, 80, 150], 4);
            let mut said: BTreeSet<Bytes> = BTreeSet::new();
            let mut passed = 0;
            let broken = run.attempt([1, 2], |_, chunk| {
                passed += 1;
                if passed > end {
                    return Fate::Drop;
                }
                if is_fresh(chunk) {
                    assert!(said.insert(chunk.body.clone()), "round {} again", chunk.round);
                }
                Fate::Deliver
            });
            assert!(matches!(broken, Err(NetworkError::Stalled)));
            let finished = run.finished();
            assert!(finished.len() < 4);
            let mut begun = BTreeSet::new();
            run.attempt([3, 4], |_, chunk| {
                begun.insert(chunk.round / 32);
                if is_fresh(chunk) {
                    assert!(said.insert(chunk.body.clone()), "round {} again", chunk.round);
                }
                Fate::Deliver
            })
            .unwrap();
            assert_eq!(begun.len(), 4 - finished.len(), "finished buckets are not run again");
            assert_eq!(run.found(), run.ideal(), "{kind:?}, broken off after {end}");
        }
    }
}

#[test]
fn another_number_of_buckets_or_another_partition_ends_the_run_before_any_item_leaves() {
    let run = Run::new(KINDS[0], [50, 10, 50], 4);
    let others = [Terms { buckets: 5, ..run.terms }, Terms { partition: [8; 32], ..run.terms }];
    for other in others {
        let side = |terms, items: &Vec<String>| Side {
            terms,
            items: items.clone(),
            kept: Default::default(),
        };
        let rng = |seed| chacha20::ChaCha20Rng::seed_from_u64(seed);
        let machine = Machine::detect();
        let (ours, theirs) = (side(run.terms, &run.receiver), side(other, &run.sender));
        let mut network = Network::new();
        network.join(RECEIVER, Receiver::new(run.terms, &[], ours, machine, rng(1)).unwrap());
        network.join(SENDER, Sender::new(other, &[], theirs, machine, rng(2)).unwrap());
        let failure = network.run(|from, _, chunk| {
            let last = if from == RECEIVER { 11 } else { 4 };
            assert!(chunk.round % 32 < last, "round {}", chunk.round);
            Fate::Deliver
        });
        let NetworkError::Refused { error, culprit, .. } = failure.unwrap_err() else {
            panic!("it stalled");
        };
        assert_eq!(culprit, Culprit::Peer(RECEIVER));
        let error = *error.downcast::<Error>().unwrap();
        let opening = psi::Error::Opening { from: RECEIVER };
        assert!(matches!(&error, Error::Bucket { bucket: 0, error } if *error == opening));
    }
}

#[test]
fn chunks_of_other_buckets_and_altered_ones_are_refused() {
    let run = || Run::new(KINDS[2], [60, 10, 50], 5);
    let mut rounds = Vec::new();
    run()
        .attempt([1, 2], |from, chunk| {
            rounds.push((from, chunk.round));
            Fate::Deliver
        })
        .unwrap();
    let refused = |place: usize, change: &dyn Fn(&mut Chunk)| {
        let mut passed = 0;
        let run = run();
        let end = run.attempt([1, 2], |_, chunk| {
            if passed == place {
                change(chunk);
            }
            passed += 1;
            Fate::Deliver
        });
        let Err(NetworkError::Refused { culprit, error, .. }) = end else { panic!("{end:?}") };
        let (from, _) = rounds[place];
        let error = *error.downcast::<Error>().unwrap();
        assert_eq!(culprit, Culprit::Peer(from), "{error}");
        assert_eq!(error.blame(), Culprit::Peer(from));
        let [ours, theirs] = run.found();
        let ideal = run.ideal();
        assert!(ours.is_subset(&ideal[0]) && theirs.is_subset(&ideal[1]), "a wrong output");
    };
    for place in (0..rounds.len()).step_by(11) {
        refused(place, &|chunk| chunk.round += 32 * 3);
        refused(place, &|chunk| chunk.round = u32::MAX);
        refused(place, &|chunk| chunk.last = false);
        refused(place, &|chunk| {
            let mut body = chunk.body.to_vec();
            body.pop();
            chunk.body = body.into();
        });
    }
}
