//! Messages dropped, cut, lengthened, moved or changed: what is noticed, and what is not.

use session::{Chunk, Fate, NetworkError};
use sha2::{Digest, Sha256};
use training::{LENDER, PLATFORM, Terms};

use crate::support::made::Made;
use crate::support::run::{Ends, Job, Trained, farthest};
use crate::support::tamper::{self, Change, LENGTHS, ORDERS, Place};

/// Messages between one that is tampered with and the next.
const STRIDE: usize = 61;

fn job() -> Job {
    let table = Made::from(51).table(450, &[0.8, -0.5], 0.1);
    Job::of(&table, Terms::new(450, vec![1, 1], [5; 32]))
}

/// Some messages of the run.
fn places() -> Vec<Place> {
    let mut places = Vec::new();
    let ends = job().run(3, |from, to, chunk| {
        places.push((from, to, chunk.round));
        Fate::Deliver
    });
    ends.unwrap().result.unwrap();
    tamper::every(STRIDE, places)
}

fn with(at: Place, change: impl FnMut(&mut Chunk) -> Fate) -> Ends {
    job().run(3, tamper::at(at, change)).unwrap()
}

/// Every change is blamed on whoever made it, and nobody has a model.
fn refused(changes: &[Change]) {
    for at in places() {
        for change in changes {
            let ends = with(at, change);
            tamper::blamed(&ends.result, at);
            assert!(ends.finished.iter().all(Option::is_none), "{at:?}");
        }
    }
}

#[test]
fn a_message_that_is_dropped_ends_the_run() {
    for at in places() {
        tamper::missed(&with(at, |_| Fate::Drop).result, at);
    }
}

#[test]
fn a_message_of_another_length_is_refused() {
    refused(&LENGTHS);
}

#[test]
fn messages_out_of_order_are_refused() {
    refused(&ORDERS);
}

/// A role that opens one coin to one role and another to the other, each with the commitment that
/// belongs to it, leaves them with two.
#[test]
fn roles_that_hold_two_coins_do_not_train() {
    let (sender, receiver) = (LENDER, PLATFORM);
    let commitment = |step: u32| {
        let bytes = [[sender.0].as_slice(), &step.to_be_bytes(), &[9; 32]].concat();
        Sha256::new_with_prefix(b"tacit/sharing/v1/coin").chain_update(bytes).finalize()
    };
    let ends = job().run(3, |from, to, chunk| {
        if (from, to) == (sender, receiver) {
            match chunk.round {
                2 => chunk.body = commitment(2).to_vec().into(),
                3 => chunk.body = vec![9; 32].into(),
                _ => {}
            }
        }
        Fate::Deliver
    });
    let ends = ends.unwrap();
    match ends.result {
        Err(NetworkError::Refused { role, error, .. }) => {
            assert_eq!(role, receiver);
            assert!(error.to_string().contains("the same terms or coin"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert!(ends.finished.iter().all(Option::is_none));
}

/// SPEC §6: roles follow the protocol. A role that sends another word than it should makes the
/// model wrong, or the run end without one; nobody knows who it was.
#[test]
fn a_word_that_is_changed_is_not_always_noticed() {
    let honest = job().honest(3).unwrap();
    let (mut ended, mut wrong, mut harmless) = (0, 0, 0);
    for at in places() {
        let flip = |chunk: &mut Chunk| {
            let mut body = chunk.body.to_vec();
            let last = body.len() - 1;
            body[last] ^= 0x40;
            chunk.body = body.into();
            Fate::Deliver
        };
        let ends = with(at, flip);
        match (ends.result, ends.finished) {
            (Err(_), _) => ended += 1,
            (Ok(()), [_, _, Some(lender)]) => {
                let off = farthest(&Trained::of(lender).weights, &honest.weights);
                if off > 1e-2 { wrong += 1 } else { harmless += 1 }
            }
            (Ok(()), _) => panic!("the lender has finished"),
        }
    }
    assert!(wrong > 0, "{ended} ended, {wrong} wrong, {harmless} harmless");
}

#[test]
fn noise_instead_of_any_message_never_panics() {
    let mut made = Made::from(52);
    for at in places() {
        let noise: Vec<u8> = (0..64).map(|_| (made.uniform() * 256.0) as u8).collect();
        let ends = with(at, |chunk| {
            let length = chunk.body.len();
            chunk.body = noise.iter().copied().cycle().take(length).collect::<Vec<_>>().into();
            Fate::Deliver
        });
        // It may end as an error, or with a wrong model: never with a panic.
        if let Err(NetworkError::Refused { error, .. }) = ends.result {
            assert!(!error.to_string().is_empty());
        }
    }
}
