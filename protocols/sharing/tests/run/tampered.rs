//! Each message dropped, cut, lengthened, moved or changed: what is noticed, and what is not.

use std::collections::BTreeSet;

use session::{Chunk, Culprit, Fate, MAX_CHUNK, NetworkError, Role};

use crate::program::everything;
use crate::world::tampered;

const ROWS: usize = 400;

type Place = (Role, Role, u32);

/// Every message of the program.
fn places() -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    run(|from, to, chunk| {
        places.insert((from, to, chunk.round));
        Fate::Deliver
    })
    .unwrap();
    assert!(places.len() > 200, "{} messages", places.len());
    places
}

type Found = [(Vec<i64>, Option<Vec<i64>>); 3];

fn run(tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate) -> Result<Found, NetworkError> {
    tampered(3, |mut engine| async move { everything(&mut engine, ROWS).await }, tamper)
}

/// Changes one message, and hands back how the run ended.
fn with(at: Place, mut change: impl FnMut(&mut Chunk) -> Fate) -> Result<Found, NetworkError> {
    run(move |from, to, chunk| match (from, to, chunk.round) == at {
        true => change(chunk),
        false => Fate::Deliver,
    })
}

/// Whoever sent a message is blamed for it, by whoever got it.
fn blamed(result: Result<Found, NetworkError>, (from, to, round): Place) {
    match result {
        Err(NetworkError::Refused { role, culprit: Culprit::Peer(blamed), .. }) => {
            assert_eq!((blamed, role), (from, to), "round {round}");
        }
        Err(other) => panic!("round {round} from {from} to {to}: {other}"),
        Ok(_) => panic!("round {round} from {from} to {to}: not noticed"),
    }
}

#[test]
fn a_message_that_is_dropped_is_missed() {
    for at in places() {
        let failure = with(at, |_| Fate::Drop).err();
        // The one who waits for it takes the sender's next for it, or nothing comes any more.
        let noticed = match failure {
            Some(NetworkError::Stalled) => true,
            Some(NetworkError::Refused { culprit, .. }) => culprit == Culprit::Peer(at.0),
            None => false,
        };
        assert!(noticed, "{at:?}");
    }
}

#[test]
fn a_message_of_another_length_is_refused() {
    for at in places() {
        let lengthened = with(at, |chunk| {
            chunk.body = [&chunk.body[..], &[0; 8]].concat().into();
            Fate::Deliver
        });
        blamed(lengthened, at);
        let cut = with(at, |chunk| {
            chunk.body = chunk.body.slice(..chunk.body.len() - 1);
            Fate::Deliver
        });
        blamed(cut, at);
    }
}

#[test]
fn a_chunk_that_is_too_long_for_any_is_refused() {
    for at in places().into_iter().step_by(37) {
        let oversized = with(at, |chunk| {
            chunk.body = vec![0; MAX_CHUNK + 1].into();
            Fate::Deliver
        });
        blamed(oversized, at);
    }
}

#[test]
fn a_message_of_another_round_or_that_does_not_end_is_refused() {
    for at in places() {
        let moved = with(at, |chunk| {
            chunk.round += 1;
            Fate::Deliver
        });
        blamed(moved, at);
        let open = with(at, |chunk| {
            chunk.last = false;
            Fate::Deliver
        });
        blamed(open, at);
    }
}

#[test]
fn a_message_that_comes_twice_is_refused() {
    for at in places() {
        let twice = with(at, |chunk| Fate::Replace(vec![chunk.clone(), chunk.clone()]));
        blamed(twice, at);
    }
}

#[test]
fn messages_that_change_places_are_refused() {
    for at in places() {
        match with(at, |_| Fate::Delay) {
            // The sender's last message to that role has no next one to change places with.
            Err(NetworkError::Stalled) => {}
            other => blamed(other, at),
        }
    }
}

#[test]
fn a_coin_that_is_opened_otherwise_than_committed_to_is_refused() {
    let rounds: BTreeSet<u32> = places().into_iter().map(|(_, _, round)| round).collect();
    // The coin is followed by four openings.
    let opening = rounds.into_iter().rev().nth(4).unwrap();
    for from in [Role(0), Role(1), Role(2)] {
        let to = Role((from.0 + 1) % 3);
        blamed(with((from, to, opening), flipped), (from, to, opening));
    }
}

#[test]
fn a_public_key_of_small_order_is_refused() {
    let at = (Role(1), Role(2), 1);
    let refused = with(at, |chunk| {
        chunk.body = vec![0; 32].into();
        Fate::Deliver
    });
    blamed(refused, at);
}

/// SPEC §6: roles follow the protocol. One that sends another word than it should makes the result
/// wrong, and nobody notices.
#[test]
fn a_bit_that_is_flipped_is_not_noticed() {
    let honest = run(|_, _, _| Fate::Deliver).unwrap();
    let rounds: BTreeSet<u32> = places().into_iter().map(|(_, _, round)| round).collect();
    let commitment = rounds.into_iter().rev().nth(5).unwrap();
    let (mut wrong, mut unnoticed) = (0, 0);
    for at in places() {
        // A public key and the coin's two rounds are what is checked.
        if at.2 == 1 || at.2 == commitment || at.2 == commitment + 1 {
            continue;
        }
        let found = with(at, flipped).unwrap();
        unnoticed += 1;
        wrong += usize::from(found != honest);
    }
    assert!(unnoticed > 200 && wrong > unnoticed / 4, "{wrong} of {unnoticed} runs went wrong");
}

fn flipped(chunk: &mut Chunk) -> Fate {
    let mut body = chunk.body.to_vec();
    body[0] ^= 0x10;
    chunk.body = body.into();
    Fate::Deliver
}
