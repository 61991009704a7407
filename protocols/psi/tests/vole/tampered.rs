//! Each round tampered with, and out of order.

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use psi::vole::Security;
use psi::{Error, Output, RECEIVER, SENDER};
use rand_core::{Rng, SeedableRng};
use session::{Blame, Chunk, Culprit, Fate, NetworkError, Role, Session};

use crate::{End, KINDS, Run};

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

/// Expects that the run was refused, the refused side's peer blamed, and that it learnt nothing.
fn expect_refused(end: End, what: &str) -> Error {
    let Err(NetworkError::Refused { role, culprit, error }) = end.result else {
        panic!("{what}: {:?}", end.result);
    };
    let (peer, me) = if role == RECEIVER { (SENDER, 0) } else { (RECEIVER, 1) };
    assert_eq!(culprit, Culprit::Peer(peer), "{what}: {error}");
    assert_eq!(end.learned[me], None, "{what}: it has an output");
    *error.downcast::<Error>().unwrap()
}

/// Every kind of run, and its chunks.
fn runs() -> impl Iterator<Item = (Run, Vec<(Role, Chunk)>)> {
    KINDS.into_iter().map(|(output, security)| {
        let run = Run::new(output, security, 5, 2, 9).padded(1, 2);
        let (learned, passed) = run.honest();
        assert_eq!(learned, run.ideal());
        let two_sided = 2 * usize::from(output == Output::TwoSided);
        let checked = usize::from(security == Security::Checked);
        assert_eq!(passed.len(), 14 + two_sided + checked);
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
fn a_flipped_bit_of_any_chunk_is_refused() {
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    for (run, passed) in runs() {
        for (place, (_, chunk)) in passed.iter().enumerate() {
            let bits = u32::try_from(8 * chunk.body.len()).unwrap();
            let drawn: Vec<u32> = (0..6).map(|_| rng.next_u32() % bits).collect();
            for bit in drawn.into_iter().chain([0, bits - 1]) {
                let end = with(&run, place, |chunk| {
                    replaced(chunk, |body| body[bit as usize / 8] ^= 1 << (bit % 8))
                });
                let error = expect_refused(end, &format!("round {} bit {bit}", chunk.round));
                let expected = match chunk.round {
                    1 | 3 => matches!(error, Error::Opening { .. } | Error::Confirmation { .. }),
                    2 => matches!(error, Error::Confirmation { .. } | Error::Coin { .. }),
                    4..=10 => matches!(error, Error::Vole(_)),
                    13 => matches!(error, Error::Coin { .. }),
                    14 => matches!(error, Error::Unsorted { .. } | Error::Transcript { .. }),
                    16 => matches!(error, Error::NoValue { .. } | Error::Transcript { .. }),
                    _ => matches!(error, Error::Transcript { .. }),
                };
                assert!(expected, "round {} bit {bit}: {error}", chunk.round);
            }
        }
    }
}

#[test]
fn chunks_of_a_wrong_length_round_or_end_are_refused() {
    for (run, passed) in runs() {
        for (place, (from, chunk)) in passed.iter().enumerate() {
            let (from, round, length) = (*from, chunk.round, chunk.body.len());
            for wrong in [0, length - 1, length + 1] {
                let end = with(&run, place, |chunk| replaced(chunk, |body| body.resize(wrong, 9)));
                assert_eq!(
                    expect_refused(end, "length"),
                    Error::Length { from, round, expected: length, found: wrong }
                );
            }
            let end = with(&run, place, |chunk| {
                replaced(chunk, |body| body.resize(session::MAX_CHUNK + 1, 0))
            });
            assert!(matches!(expect_refused(end, "oversized"), Error::Misplaced { .. }));
            let end = with(&run, place, |chunk| {
                chunk.last = false;
                Fate::Deliver
            });
            assert_eq!(expect_refused(end, "last"), Error::Last { from, round, expected: true });
            for other in [0, 1, 7, 12, u32::MAX].into_iter().filter(|other| *other != round) {
                let end = with(&run, place, |chunk| {
                    chunk.round = other;
                    Fate::Deliver
                });
                let error = expect_refused(end, "round");
                let misplaced = session::Misplaced::Round { expected: round, found: other };
                assert_eq!(error, Error::Misplaced { from, misplaced });
            }
        }
    }
}

#[test]
fn chunks_that_are_lost_or_come_twice_late_or_again_end_in_no_output() {
    for (run, passed) in runs() {
        for (place, (from, chunk)) in passed.iter().enumerate() {
            let end = with(&run, place, |_| Fate::Drop);
            assert!(end.result.is_err());
            assert_eq!(end.learned[usize::from(*from == RECEIVER)], None);

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
}

#[test]
fn chunks_of_the_encoding_that_change_places_are_refused() {
    let run = Run::new(Output::OneSided, Security::SemiHonest, 120_000, 0, 10);
    let (_, passed) = run.honest();
    let place = passed.iter().position(|(_, chunk)| chunk.round == 12).unwrap();
    assert_eq!(passed[place].1.body.len(), passed[place + 1].1.body.len());
    let end = with(&run, place, |_| Fate::Delay);
    assert_eq!(expect_refused(end, "swapped"), Error::Transcript { from: SENDER });
}

#[test]
fn a_match_past_the_last_value_is_refused() {
    let run = Run::new(Output::TwoSided, Security::SemiHonest, 5, 0, 5);
    let (_, passed) = run.honest();
    let place = passed.iter().position(|(_, chunk)| chunk.round == 16).unwrap();
    for bit in 5..8 {
        let end = with(&run, place, |chunk| replaced(chunk, |body| body[0] |= 1 << bit));
        assert_eq!(expect_refused(end, "past the end"), Error::NoValue { from: RECEIVER });
    }
}

#[test]
fn a_third_role_is_blamed_itself() {
    let run = Run::new(Output::OneSided, Security::SemiHonest, 1, 0, 1);
    for from in [Role(2), RECEIVER] {
        let error = run.receiver().receive(from, Chunk::whole(2, vec![0; 32])).unwrap_err();
        assert_eq!(error.blame(), Culprit::Peer(from));
    }
}
