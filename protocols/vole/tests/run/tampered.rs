//! Each round tampered with, and out of order.

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use session::{Blame, Chunk, Culprit, Fate, NetworkError, Role, Session};
use vole::{Error, RECEIVER, SENDER};

use crate::{End, Run};

/// Runs it with chunk `place` of the honest run met by `fate`.
fn with(run: &Run, place: usize, mut fate: impl FnMut(&mut Chunk) -> Fate) -> End {
    let mut passed = 0;
    run.tampered(|_, chunk| {
        passed += 1;
        if passed - 1 == place { fate(chunk) } else { Fate::Deliver }
    })
}

/// Expects that the run was refused, the refused side's peer blamed, and that it got nothing.
fn expect_refused(end: End, what: &str) -> Error {
    let Err(NetworkError::Refused { role, culprit, error }) = end.result else {
        panic!("{what}: {:?}", end.result);
    };
    let (peer, got) = if role == RECEIVER {
        (SENDER, end.receiver.is_some())
    } else {
        (RECEIVER, end.sender.is_some())
    };
    assert_eq!(culprit, Culprit::Peer(peer), "{what}: {error}");
    assert!(!got, "{what}: it has an output");
    *error.downcast::<Error>().unwrap()
}

fn replaced(chunk: &mut Chunk, change: impl FnOnce(&mut Vec<u8>)) -> Fate {
    let mut body = chunk.body.to_vec();
    change(&mut body);
    chunk.body = Bytes::from(body);
    Fate::Deliver
}

#[test]
fn a_flipped_bit_of_any_chunk_is_refused() {
    // Two batches, so that the second's start is met too.
    let run = Run::new(65_600);
    let (.., passed) = run.honest();
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    assert_eq!(passed.len(), 8);
    for (place, (_, chunk)) in passed.iter().enumerate() {
        let bits = u32::try_from(8 * chunk.body.len()).unwrap();
        let drawn: Vec<u32> = (0..10).map(|_| rng.next_u32() % bits).collect();
        for bit in drawn.into_iter().chain([0, bits - 1]) {
            let end = with(&run, place, |chunk| {
                replaced(chunk, |body| body[bit as usize / 8] ^= 1 << (bit % 8))
            });
            let error = expect_refused(end, &format!("round {} bit {bit}", chunk.round));
            let expected = match chunk.round {
                1 => matches!(error, Error::NotAPoint { round: 1, .. } | Error::Columns { .. }),
                2 => matches!(error, Error::NotAPoint { round: 2, .. } | Error::Columns { .. }),
                3 | 4 => matches!(error, Error::Columns { from: RECEIVER }),
                _ => matches!(error, Error::Trees { from: SENDER }),
            };
            assert!(expected, "round {} bit {bit}: {error}", chunk.round);
        }
    }
}

#[test]
fn chunks_of_a_wrong_length_are_refused() {
    let run = Run::new(10);
    let (.., passed) = run.honest();
    for (place, (from, chunk)) in passed.iter().enumerate() {
        let length = chunk.body.len();
        for wrong in [0, 1, length - 1, length + 1, session::MAX_CHUNK] {
            let end = with(&run, place, |chunk| replaced(chunk, |body| body.resize(wrong, 9)));
            let (round, from) = (chunk.round, *from);
            assert_eq!(
                expect_refused(end, "length"),
                Error::Length { from, round, expected: length, found: wrong }
            );
        }
        let end = with(&run, place, |chunk| {
            replaced(chunk, |body| body.resize(session::MAX_CHUNK + 1, 0))
        });
        assert!(matches!(expect_refused(end, "oversized"), Error::Misplaced { .. }));
    }
}

#[test]
fn rounds_that_end_early_late_or_never_are_refused() {
    let run = Run::new(65_600);
    let (.., passed) = run.honest();
    for (place, (from, chunk)) in passed.iter().enumerate() {
        let (from, round, last) = (*from, chunk.round, chunk.last);
        let end = with(&run, place, |chunk| {
            chunk.last = !chunk.last;
            Fate::Deliver
        });
        assert_eq!(expect_refused(end, "last"), Error::Last { from, round, expected: last });
        for other in (0..9).chain([u32::MAX]).filter(|other| *other != round) {
            let end = with(&run, place, |chunk| {
                chunk.round = other;
                Fate::Deliver
            });
            assert!(matches!(expect_refused(end, "round"), Error::Misplaced { .. }));
        }
    }
}

#[test]
fn chunks_that_are_lost_or_come_twice_late_or_again_end_in_no_output() {
    let run = Run::new(65_600);
    let (.., passed) = run.honest();
    for (place, (from, chunk)) in passed.iter().enumerate() {
        let end = with(&run, place, |_| Fate::Drop);
        let got = if *from == RECEIVER { end.sender.is_some() } else { end.receiver.is_some() };
        assert!(end.result.is_err() && !got, "round {} lost", chunk.round);

        let end = with(&run, place, |chunk| Fate::Replace(vec![chunk.clone(), chunk.clone()]));
        expect_refused(end, &format!("round {} twice", chunk.round));

        let end = with(&run, place, |_| Fate::Delay);
        assert!(end.result.is_err(), "round {} late", chunk.round);

        for (_, earlier) in passed[..place].iter().filter(|(early, _)| early == from) {
            let end = with(&run, place, |_| Fate::Replace(vec![earlier.clone()]));
            expect_refused(end, "an earlier chunk again");
        }
    }
}

#[test]
fn batches_that_change_places_are_refused() {
    let run = Run::new(130_000);
    let (.., passed) = run.honest();
    let place = passed.iter().position(|(_, chunk)| chunk.round == 5).unwrap();
    let other = passed[place + 1].1.body.clone();
    let first = passed[place].1.body.clone();
    let end = run.tampered(|_, chunk| {
        if chunk.round == 5 {
            chunk.body = if chunk.last { first.clone() } else { other.clone() };
        }
        Fate::Deliver
    });
    assert_eq!(expect_refused(end, "swapped"), Error::Trees { from: SENDER });
}

#[test]
fn a_third_role_is_blamed_itself() {
    for from in [Role(2), RECEIVER] {
        let error = Run::new(1).receiver().receive(from, Chunk::whole(2, vec![0; 32])).unwrap_err();
        assert_eq!(error.blame(), Culprit::Peer(from));
    }
}
