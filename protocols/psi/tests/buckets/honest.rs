//! A run in buckets equals the plain intersection, and costs what the formula says.

use psi::buckets::{Error, Receiver, Terms};
use psi::vole::{self, Machine, Security};
use psi::{Output, RECEIVER, SENDER};
use session::{Fate, Role};

use crate::{KINDS, Run, Side};
use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;

#[test]
fn any_number_of_buckets_finds_the_plain_intersection() {
    for kind in KINDS {
        for (sizes, buckets) in [
            ([0, 0, 0], 3),
            ([1, 0, 0], 1),
            ([0, 0, 7], 2),
            ([300, 100, 500], 1),
            ([300, 100, 500], 2),
            ([300, 100, 500], 16),
            ([2_000, 1_999, 30], 7),
        ] {
            let run = Run::new(kind, sizes, buckets);
            run.attempt([1, 2], |_, _| Fate::Deliver).unwrap();
            assert_eq!(run.found(), run.ideal(), "{kind:?} {sizes:?} {buckets}");
            assert_eq!(run.finished(), (0..buckets).collect::<Vec<_>>());
        }
    }
}

#[test]
fn the_bytes_are_those_of_the_formula_and_every_bucket_looks_alike() {
    for kind in KINDS {
        let run = Run::new(kind, [400, 100, 300], 5);
        let mut passed: Vec<(Role, u32, usize)> = Vec::new();
        let tamper = |from, chunk: &mut session::Chunk| {
            passed.push((from, chunk.round, chunk.body.len()));
            Fate::Deliver
        };
        run.attempt([1, 2], tamper).unwrap();
        for role in [RECEIVER, SENDER] {
            let bodies = passed.iter().filter(|(from, ..)| *from == role);
            let bytes = bodies.map(|(.., length)| *length as u64).sum::<u64>();
            assert_eq!(bytes, run.terms.bytes_from(role, 5));
            let of = |bucket: u32| {
                let mine = passed
                    .iter()
                    .filter(move |(from, round, _)| *from == role && round / 32 == bucket);
                mine.map(|(_, round, length)| (round % 32, *length)).collect::<Vec<_>>()
            };
            for bucket in 1..5 {
                assert_eq!(of(bucket), of(0));
            }
        }
    }
}

#[test]
fn a_register_of_180_million_is_planned_and_a_small_one_runs_in_as_many_buckets() {
    let kind = (Output::OneSided, Security::SemiHonest);
    let mut large = Run::new(kind, [0, 0, 0], 256).terms;
    (large.whole.receiver_items, large.whole.sender_items) = (180_000_000, 180_000_000);
    let most = large.most_of(RECEIVER);
    let mean = 180_000_000 / 256;
    // 7.8 standard deviations.
    assert_eq!((mean, most), (703_125, 709_650));
    let run = Run::new(kind, [3_000, 1_000, 2_500], 256);
    run.attempt([1, 2], |_, _| Fate::Deliver).unwrap();
    assert_eq!(run.found(), run.ideal());
}

#[test]
fn the_bound_of_a_bucket_is_met_and_what_exceeds_it_ends_the_run() {
    let run = Run::new(KINDS[0], [20_000, 0, 1], 10);
    let of = |bucket| {
        let mine =
            run.receiver.iter().filter(move |item| run.terms.bucket_of(item.as_bytes()) == bucket);
        mine.count() as u64
    };
    let counts: Vec<u64> = (0..10).map(of).collect();
    assert_eq!(counts.iter().sum::<u64>(), 20_000);
    assert!(counts.iter().all(|count| *count <= run.terms.most_of(RECEIVER)), "{counts:?}");
    // Half as many are agreed on: no bucket has room for what it has.
    let mut terms = run.terms;
    terms.whole.receiver_items = 10_000;
    let side = Side { terms, items: run.receiver.clone(), kept: Default::default() };
    let rng = ChaCha20Rng::seed_from_u64(1);
    let mut receiver = Receiver::new(terms, &[], side, Machine::detect(), rng).unwrap();
    let error = session::Session::advance(&mut receiver).unwrap_err();
    assert!(matches!(error, Error::Overflow { bucket: 0, .. }), "{error}");
}

#[test]
fn terms_that_no_run_has_are_refused() {
    let run = Run::new(KINDS[0], [5, 0, 5], 4);
    let new = |terms: Terms, finished: &[u32]| {
        let side = Side { terms, items: run.receiver.clone(), kept: Default::default() };
        let rng = ChaCha20Rng::seed_from_u64(1);
        Receiver::new(terms, finished, side, Machine::detect(), rng).map(|_| ()).unwrap_err()
    };
    for buckets in [0, Terms::MAX_BUCKETS + 1] {
        let error = new(Terms { buckets, ..run.terms }, &[]);
        assert!(matches!(error, Error::Count { .. }), "{error}");
    }
    assert!(matches!(new(run.terms, &[4]), Error::NoBucket { bucket: 4 }));
    let whole = vole::Terms { output: Output::Cardinality, ..run.terms.whole };
    let counted = new(Terms { whole, ..run.terms }, &[]);
    assert!(matches!(counted, Error::Bucket { error: psi::Error::NoCardinality, .. }));
}
