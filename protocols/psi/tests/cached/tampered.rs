//! Each round tampered with, and out of order.

use bytes::Bytes;
use psi::cached::{ASKER, HOLDER};
use psi::{Error, POINTS_PER_CHUNK, TAGS_PER_CHUNK};
use session::{Blame, Chunk, Culprit, Fate, NetworkError, Role, Session, Turn};

use crate::{End, Run};

/// Runs it with chunk `place` of the honest run met by `fate`; nobody may end with a wrong output.
fn with(run: &Run, place: usize, mut fate: impl FnMut(&mut Chunk) -> Fate) -> End {
    let mut passed = 0;
    let end = run.tampered(|_, chunk| {
        passed += 1;
        if passed - 1 == place { fate(chunk) } else { Fate::Deliver }
    });
    assert!(end.answer.as_ref().is_none_or(|answer| answer.found == run.ideal()), "a wrong output");
    end
}

/// Expects that the run was refused, and the refused side's peer blamed.
fn expect_refused(end: End, what: &str) -> Error {
    let Err(NetworkError::Refused { role, culprit, error }) = end.result else {
        panic!("{what}: {:?}", end.result);
    };
    let peer = if role == ASKER { HOLDER } else { ASKER };
    assert_eq!(culprit, Culprit::Peer(peer), "{what}: {error}");
    assert!(end.answer.is_none(), "{what}");
    *error.downcast::<Error>().unwrap()
}

/// Runs that are tampered with, and their chunks: one of each round.
fn runs() -> [(Run, Vec<(Role, Chunk)>); 2] {
    let run = Run::new(4, 2, 3).padded(1, 1);
    [(run.clone(), vec![1, 2, 3, 4, 5]), (run.kept(), vec![1, 3, 4, 5])].map(|(run, rounds)| {
        let (answer, passed) = run.honest();
        assert_eq!(answer.found, run.ideal());
        let mut passing: Vec<_> = passed.iter().map(|(_, chunk)| chunk.round).collect();
        passing.sort_unstable();
        assert_eq!(passing, rounds);
        (run, passed)
    })
}

fn replaced(chunk: &mut Chunk, change: impl FnOnce(&mut Vec<u8>)) -> Fate {
    let mut body = chunk.body.to_vec();
    change(&mut body);
    chunk.body = Bytes::from(body);
    Fate::Deliver
}

#[test]
fn every_flipped_bit_of_every_chunk_is_refused() {
    for (run, passed) in runs() {
        for (place, (_, chunk)) in passed.iter().enumerate() {
            for bit in 0..8 * chunk.body.len() {
                let end = with(&run, place, |chunk| {
                    replaced(chunk, |body| body[bit / 8] ^= 1 << (bit % 8))
                });
                expect_refused(end, &format!("round {} bit {bit}", chunk.round));
            }
        }
    }
}

#[test]
fn chunks_of_a_wrong_length_are_refused() {
    for (run, passed) in runs() {
        for (place, (from, chunk)) in passed.iter().enumerate() {
            let length = chunk.body.len();
            for wrong in [0, 1, length - 1, length + 1, length + 32, 2 * length, 1 << 20] {
                let end = with(&run, place, |chunk| replaced(chunk, |body| body.resize(wrong, 9)));
                let (round, from) = (chunk.round, *from);
                assert_eq!(
                    expect_refused(end, "length"),
                    Error::Length { from, round, expected: length, found: wrong }
                );
            }
            let oversized = session::MAX_CHUNK + 1;
            let end = with(&run, place, |chunk| replaced(chunk, |body| body.resize(oversized, 0)));
            let error = expect_refused(end, "oversized");
            assert!(matches!(error, Error::Misplaced { .. }), "{error:?}");
        }
    }
}

#[test]
fn rounds_that_end_early_or_late_are_refused() {
    for (run, passed) in runs() {
        for (place, (from, chunk)) in passed.iter().enumerate() {
            let (from, round) = (*from, chunk.round);
            let end = with(&run, place, |chunk| {
                chunk.last = false;
                Fate::Deliver
            });
            let error = expect_refused(end, "not the last");
            assert_eq!(error, Error::Last { from, round, expected: true });
        }
    }
    // The first chunk of two, said to be the last.
    let (tags, points) = (TAGS_PER_CHUNK as u64, POINTS_PER_CHUNK as u64);
    let run = Run::new(1, 1, 1).padded(tags, points);
    let (_, passed) = run.honest();
    for (round, from) in [(2, HOLDER), (3, ASKER), (4, HOLDER)] {
        let place = passed.iter().position(|(_, chunk)| chunk.round == round).unwrap();
        let end = with(&run, place, |chunk| {
            chunk.last = true;
            Fate::Deliver
        });
        let error = expect_refused(end, "the last");
        assert_eq!(error, Error::Last { from, round, expected: false });
    }
}

#[test]
fn chunks_of_another_round_are_refused() {
    for (run, passed) in runs() {
        for (place, (_, chunk)) in passed.iter().enumerate() {
            for round in (0..7).chain([u32::MAX]).filter(|round| *round != chunk.round) {
                let end = with(&run, place, |chunk| {
                    chunk.round = round;
                    Fate::Deliver
                });
                let error = expect_refused(end, "another round");
                assert!(matches!(error, Error::Misplaced { .. }), "{error:?}");
            }
        }
    }
}

#[test]
fn a_chunk_that_is_lost_ends_in_no_answer() {
    for (run, passed) in runs() {
        for place in 0..passed.len() {
            let end = with(&run, place, |_| Fate::Drop);
            assert!(end.answer.is_none());
            match end.result {
                Ok(()) => panic!("it went on without chunk {place}"),
                Err(NetworkError::Stalled) => {}
                result => drop(expect_refused(End { result, ..end }, "lost")),
            }
        }
    }
}

#[test]
fn chunks_that_come_twice_late_or_again_are_refused() {
    for (run, passed) in runs() {
        for (place, (from, chunk)) in passed.iter().enumerate() {
            let end = with(&run, place, |chunk| Fate::Replace(vec![chunk.clone(), chunk.clone()]));
            let Err(NetworkError::Refused { .. }) = end.result else {
                panic!("round {} twice: {:?}", chunk.round, end.result);
            };
            let end = with(&run, place, |_| Fate::Delay);
            match end.result {
                Ok(()) => panic!("a late chunk was taken"),
                Err(NetworkError::Stalled) => {}
                result => drop(expect_refused(End { result, ..end }, "late")),
            }
            for (_, earlier) in passed[..place].iter().filter(|(early, _)| early == from) {
                let end = with(&run, place, |_| Fate::Replace(vec![earlier.clone()]));
                expect_refused(end, "an earlier chunk again");
            }
        }
    }
}

#[test]
fn full_chunks_that_change_places_or_come_again_are_refused() {
    let run = Run::new(1, 0, 1).padded(0, 2 * POINTS_PER_CHUNK as u64).kept();
    let (_, passed) = run.honest();
    for round in [3, 4] {
        let places = (0..).zip(&passed).filter(|(_, (_, chunk))| chunk.round == round);
        let places: Vec<usize> = places.map(|(place, _)| place).collect();
        // Both have the same shape, and every element is one: only the accounts differ.
        let end = with(&run, places[0], |_| Fate::Delay);
        assert_eq!(expect_refused(end, "swapped"), Error::Transcript { from: HOLDER });
        let first = passed[places[0]].1.clone();
        let end = with(&run, places[1], |_| Fate::Replace(vec![first.clone()]));
        assert_eq!(expect_refused(end, "again"), Error::Transcript { from: HOLDER });
    }
}

#[test]
fn elements_that_are_none_or_the_identity_are_refused() {
    for (run, passed) in runs() {
        for (place, (from, chunk)) in passed.iter().enumerate() {
            let (from, round) = (*from, chunk.round);
            if ![3, 4].contains(&round) {
                continue;
            }
            for (at, index) in (0..chunk.body.len()).step_by(32).zip(0_u64..) {
                let put = |element: [u8; 32]| {
                    let end = with(&run, place, |chunk| {
                        replaced(chunk, |body| body[at..at + 32].copy_from_slice(&element))
                    });
                    expect_refused(end, "a bad element")
                };
                assert_eq!(put([0; 32]), Error::Identity { from, round, index });
                assert_eq!(put([0xff; 32]), Error::NotAPoint { from, round, index });
            }
        }
    }
}

#[test]
fn lists_that_are_not_ascending_are_refused_at_the_first_such_tag() {
    // Within a chunk, and where two of them meet.
    let run = Run::new(2, 0, 1).padded(TAGS_PER_CHUNK as u64, 0);
    let (_, passed) = run.honest();
    let place = passed.iter().position(|(_, chunk)| chunk.round == 2).unwrap();
    let length = run.terms.period.tag_length();
    for index in [1, 2, TAGS_PER_CHUNK - 1] {
        let end = with(&run, place, |chunk| {
            replaced(chunk, |body| body[index * length..][..length].fill(0))
        });
        let index = index as u64;
        assert_eq!(
            expect_refused(end, "a small tag"),
            Error::Unsorted { from: HOLDER, round: 2, index }
        );
    }
    let end = with(&run, place, |chunk| {
        replaced(chunk, |body| {
            let last = body.len() - length;
            body[last..].fill(0xff);
        })
    });
    let index = TAGS_PER_CHUNK as u64;
    assert_eq!(
        expect_refused(end, "a large tag"),
        Error::Unsorted { from: HOLDER, round: 2, index }
    );
}

#[test]
fn answers_to_what_was_not_asked_are_refused() {
    for items in [0, 1, POINTS_PER_CHUNK as u64 + 1] {
        let run = Run::new(1, 0, 1.min(items)).padded(0, items.saturating_sub(1)).kept();
        let (_, passed) = run.honest();
        let answers: Vec<_> = passed.iter().filter(|(_, chunk)| chunk.round == 4).collect();
        // Before anything was asked; and the second chunk before the second question.
        for asked in 0..answers.len() {
            let mut asker = run.asker();
            for _ in 0..=asked {
                assert!(matches!(asker.advance(), Ok(Turn::Send(..))));
            }
            for answer in &answers[..asked] {
                asker.receive(HOLDER, answer.1.clone()).unwrap();
            }
            let error = asker.receive(HOLDER, answers[asked].1.clone()).unwrap_err();
            assert!(matches!(error, Error::Misplaced { .. }), "{error:?}");
            assert_eq!(error.blame(), Culprit::Peer(HOLDER));
            assert!(matches!(asker.advance(), Err(Error::Ended)));
        }
    }
}

#[test]
fn a_list_that_comes_before_the_agreement_has_left_is_refused() {
    let run = Run::new(1, 0, 1);
    let (_, passed) = run.honest();
    let (_, list) = passed.iter().find(|(_, chunk)| chunk.round == 2).unwrap();
    let error = run.asker().receive(HOLDER, list.clone()).unwrap_err();
    assert!(matches!(error, Error::Misplaced { .. }), "{error:?}");
}

#[test]
fn a_third_role_is_blamed_itself() {
    let run = Run::new(1, 0, 1);
    for from in [Role(2), ASKER] {
        let error = run.asker().receive(from, Chunk::whole(2, vec![0; 7])).unwrap_err();
        assert_eq!(error.blame(), Culprit::Peer(from));
    }
    for from in [Role(2), HOLDER] {
        let error = run.holder().receive(from, Chunk::whole(1, vec![0; 32])).unwrap_err();
        assert_eq!(error.blame(), Culprit::Peer(from));
    }
}
