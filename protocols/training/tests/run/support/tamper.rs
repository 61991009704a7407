//! One message of a run tampered with, and what must come of it.

use session::{Chunk, Culprit, Fate, NetworkError, Role};

/// A message: from, to, round.
pub(crate) type Place = (Role, Role, u32);

/// What is done to a message.
pub(crate) type Change = fn(&mut Chunk) -> Fate;

/// It is longer, it is shorter.
pub(crate) const LENGTHS: [Change; 2] = [
    |chunk| {
        chunk.body = [&chunk.body[..], &[0; 8]].concat().into();
        Fate::Deliver
    },
    |chunk| {
        chunk.body = chunk.body.slice(..chunk.body.len() - 1);
        Fate::Deliver
    },
];

/// It is moved, comes twice, does not end.
pub(crate) const ORDERS: [Change; 3] = [
    |chunk| {
        chunk.round += 1;
        Fate::Deliver
    },
    |chunk| Fate::Replace(vec![chunk.clone(), chunk.clone()]),
    |chunk| {
        chunk.last = false;
        Fate::Deliver
    },
];

/// Changes the message at one place.
pub(crate) fn at(
    place: Place,
    mut change: impl FnMut(&mut Chunk) -> Fate,
) -> impl FnMut(Role, Role, &mut Chunk) -> Fate {
    move |from, to, chunk| match (from, to, chunk.round) == place {
        true => change(chunk),
        false => Fate::Deliver,
    }
}

/// One message in `stride`, from all roles and all parts of a run.
pub(crate) fn every(stride: usize, mut places: Vec<Place>) -> Vec<Place> {
    places.sort_by_key(|(_, _, round)| *round);
    let some: Vec<Place> = places.into_iter().step_by(stride).collect();
    assert!(some.len() > 20, "{}", some.len());
    some
}

/// Whoever waits for a message that was dropped goes without, or blames its sender.
pub(crate) fn missed(result: &Result<(), NetworkError>, at: Place) {
    match result {
        Err(NetworkError::Stalled) => {}
        Err(NetworkError::Refused { culprit, .. }) => assert_eq!(*culprit, Culprit::Peer(at.0)),
        Ok(()) => panic!("{at:?} was not missed"),
    }
}

/// Whoever sent the message is blamed by whoever got it.
pub(crate) fn blamed(result: &Result<(), NetworkError>, at: Place) {
    match result {
        Err(NetworkError::Refused { role, culprit: Culprit::Peer(culprit), .. }) => {
            assert_eq!((*culprit, *role), (at.0, at.1), "{at:?}");
        }
        other => panic!("{at:?}: {other:?}"),
    }
}
