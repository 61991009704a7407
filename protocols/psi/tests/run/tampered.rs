//! Each round tampered with, and out of order.

use bytes::Bytes;
use psi::{Error, Output, RECEIVER, SENDER};
use session::{Chunk, Culprit, Fate, NetworkError, Role};

use crate::{End, OUTPUTS, Run};

/// Runs it with chunk `place` of the honest run met by `fate`; nobody may end with a wrong output.
fn with(run: &Run, place: usize, mut fate: impl FnMut(&mut Chunk) -> Fate) -> End {
    let mut passed = 0;
    let end = run.tampered(|_, chunk| {
        passed += 1;
        if passed - 1 == place { fate(chunk) } else { Fate::Deliver }
    });
    for (learned, ideal) in end.learned.iter().zip(run.ideal()) {
        assert!(learned.as_ref().is_none_or(|learned| *learned == ideal), "a wrong output");
    }
    end
}

/// Expects that the run was refused, and the refused side's peer blamed.
fn expect_refused(end: End, what: &str) -> Error {
    let Err(NetworkError::Refused { role, culprit, error }) = end.result else {
        panic!("{what}: {:?}", end.result);
    };
    let peer = if role == RECEIVER { SENDER } else { RECEIVER };
    assert_eq!(culprit, Culprit::Peer(peer), "{what}: {error}");
    *error.downcast::<Error>().unwrap()
}

/// Every run that is tampered with, and its chunks.
fn runs() -> impl Iterator<Item = (Run, Vec<(Role, Chunk)>)> {
    OUTPUTS.into_iter().map(|output| {
        let run = Run::new(output, 2, 1, 3).padded(1, 0);
        let (learned, passed) = run.honest();
        assert_eq!(learned, run.ideal());
        assert_eq!(passed.len(), if output == Output::TwoSided { 9 } else { 7 });
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
                if wrong == length {
                    continue;
                }
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
            let error = expect_refused(end, "oversized");
            assert!(matches!(error, Error::Misplaced { .. }), "{error:?}");
        }
    }
}

#[test]
fn rounds_that_end_early_late_or_never_are_refused() {
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
    let run = Run::new(Output::OneSided, 4_097, 0, 1);
    let end = with(&run, 3, |chunk| {
        chunk.last = true;
        Fate::Deliver
    });
    let error = expect_refused(end, "the last");
    assert_eq!(error, Error::Last { from: RECEIVER, round: 4, expected: false });
}

#[test]
fn chunks_of_another_round_are_refused() {
    for (run, passed) in runs() {
        for (place, (_, chunk)) in passed.iter().enumerate() {
            for round in (0..12).chain([u32::MAX]).filter(|round| *round != chunk.round) {
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
fn a_chunk_that_is_lost_ends_in_no_output_for_who_missed_it() {
    for (run, passed) in runs() {
        for (place, (from, _)) in passed.iter().enumerate() {
            let end = with(&run, place, |_| Fate::Drop);
            let missed = usize::from(*from == RECEIVER);
            assert!(end.result.is_err());
            assert_eq!(end.learned[missed], None);
            match end.result {
                Err(NetworkError::Stalled) => {}
                result => {
                    expect_refused(End { result, ..end }, "lost");
                }
            }
        }
    }
}

#[test]
fn chunks_that_come_twice_late_or_again_are_refused() {
    for (run, passed) in runs() {
        for (place, (from, chunk)) in passed.iter().enumerate() {
            let end = with(&run, place, |chunk| Fate::Replace(vec![chunk.clone(), chunk.clone()]));
            expect_refused(end, &format!("round {} twice", chunk.round));

            let follows = passed[place + 1..].iter().any(|(later, _)| later == from);
            let end = with(&run, place, |_| Fate::Delay);
            match end.result {
                // Nothing follows, or nothing follows until it is answered: it is only late.
                Ok(()) => panic!("a late chunk was taken"),
                Err(NetworkError::Stalled) => {}
                result => {
                    assert!(follows);
                    expect_refused(End { result, ..end }, "late");
                }
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
    let run = Run::new(Output::OneSided, 8_193, 0, 1);
    let (_, passed) = run.honest();
    let place = passed.iter().position(|(_, chunk)| chunk.round == 4).unwrap();
    // Both have the same shape, and every point is a point: only the accounts differ.
    let end = with(&run, place, |_| Fate::Delay);
    assert_eq!(expect_refused(end, "swapped"), Error::Transcript { from: SENDER });
    // The first of them twice holds every point twice.
    let first = passed[place].1.clone();
    let end = with(&run, place + 1, |_| Fate::Replace(vec![first.clone()]));
    assert_eq!(expect_refused(end, "again"), Error::Repeated { from: RECEIVER, round: 4 });
}

#[test]
fn more_than_was_agreed_is_refused() {
    for (run, passed) in runs() {
        for (place, (_, chunk)) in passed.iter().enumerate().filter(|(_, (_, chunk))| chunk.last) {
            let more = Chunk { last: false, ..chunk.clone() };
            for more in [more, Chunk { body: Bytes::new(), ..chunk.clone() }] {
                let end =
                    with(&run, place, |chunk| Fate::Replace(vec![chunk.clone(), more.clone()]));
                expect_refused(end, &format!("round {} went on", chunk.round));
            }
        }
    }
}

#[test]
fn points_that_are_none_or_the_identity_or_repeated_are_refused() {
    for (run, passed) in runs() {
        for (place, (from, chunk)) in passed.iter().enumerate() {
            let (from, round) = (*from, chunk.round);
            if !(4..=5).contains(&round) {
                continue;
            }
            let points = chunk.body.len() / 32;
            for index in 0..points {
                let at = 32 * index..32 * index + 32;
                let index = index as u64;
                let put = |point: [u8; 32]| {
                    let end = with(&run, place, |chunk| {
                        replaced(chunk, |body| body[at.clone()].copy_from_slice(&point))
                    });
                    expect_refused(end, "a bad point")
                };
                assert_eq!(put([0; 32]), Error::Identity { from, round, index });
                assert_eq!(put([0xff; 32]), Error::NotAPoint { from, round, index });
                // p + 2, which is canonical nowhere though 2 might be a point.
                let mut large = [0xff; 32];
                (large[0], large[31]) = (0xef, 0x7f);
                assert_eq!(put(large), Error::NotAPoint { from, round, index });
                let other = 32 * ((at.start / 32 + 1) % points);
                let other = chunk.body[other..other + 32].try_into().unwrap();
                assert_eq!(put(other), Error::Repeated { from, round });
            }
        }
    }
}

#[test]
fn an_opening_of_another_salt_is_refused() {
    for (run, _) in runs() {
        let end = with(&run, 2, |chunk| replaced(chunk, |body| body[..32].fill(1)));
        assert_eq!(expect_refused(end, "opening"), Error::Opening { from: RECEIVER });
        // The sender's salt altered on its way: the receiver cannot confirm it.
        let end = with(&run, 1, |chunk| replaced(chunk, |body| body[0] ^= 1));
        assert_eq!(expect_refused(end, "salt"), Error::Confirmation { from: RECEIVER });
    }
}

#[test]
fn tags_out_of_order_are_refused_where_they_must_be_sorted() {
    let run = Run::new(Output::Cardinality, 3, 1, 3);
    let (_, passed) = run.honest();
    let place = passed.iter().position(|(_, chunk)| chunk.round == 6).unwrap();
    let length = run.terms.tag_length();
    let end = with(&run, place, |chunk| replaced(chunk, |body| body.rotate_left(length)));
    assert_eq!(
        expect_refused(end, "unsorted"),
        Error::Unsorted { from: SENDER, round: 6, index: 2 }
    );
}

#[test]
fn one_tag_returned_for_two_items_is_refused() {
    let run = Run::new(Output::OneSided, 3, 0, 3);
    let (_, passed) = run.honest();
    let place = passed.iter().position(|(_, chunk)| chunk.round == 6).unwrap();
    let length = run.terms.tag_length();
    let end =
        with(&run, place, |chunk| replaced(chunk, |body| body.copy_within(..length, 2 * length)));
    assert_eq!(expect_refused(end, "twice"), Error::Repeated { from: SENDER, round: 6 });
}

#[test]
fn a_third_role_is_blamed_itself() {
    use session::{Blame, Session};

    let run = Run::new(Output::OneSided, 1, 0, 1);
    for from in [Role(2), RECEIVER] {
        let error = run.receiver().receive(from, Chunk::whole(2, vec![0; 32])).unwrap_err();
        assert_eq!(error.blame(), Culprit::Peer(from));
    }
}
